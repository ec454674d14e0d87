import type { Operation } from '@tenon/graph';
import { sizeOf, Tensor, type DType, type PartialShape, type StringArray } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define } from './definition.js';
import { InvalidArgumentError } from './errors.js';
import { readFeatureLists } from './example-reader.js';
import { int64From } from './int64.js';
import { checkedSize, integers } from './integers.js';
import { makeTensor, wordsOf, wordsPerElement } from './movement.js';
import { makeFeature, parse, stringsOf, valuesOf, type Feature, type Keys, type Layout } from './parse-example.js';
import { StringArrayBuilder } from './string-array-builder.js';

/** A feature that has values for each step of a sequence. */
interface FeatureList extends Feature {
  /** Values up to and including each step, of one example after the other. */
  readonly stepEnds: number[];
  /** Steps up to and including each example. */
  readonly steps: number[];
}

const makeFeatureList = (key: Uint8Array, dtype: DType | undefined): FeatureList => ({
  ...makeFeature(key, dtype!),
  stepEnds: [],
  steps: [],
});

const before = (ends: readonly number[], at: number): number => (at === 0 ? 0 : ends[at - 1]!);

/** `[indices, values, denseShape]`; a single example has no axis of its own. */
function sparseOutputs(list: FeatureList, isSingle: boolean): readonly [Tensor, Tensor, Tensor] {
  const values = valuesOf(list);
  const indices: number[] = [];
  let [mostSteps, mostValues] = [0, 0];
  list.steps.forEach((end, example) => {
    const first = before(list.steps, example);
    mostSteps = Math.max(mostSteps, end - first);
    for (let step = first; step < end; step++) {
      const count = list.stepEnds[step]! - before(list.stepEnds, step);
      mostValues = Math.max(mostValues, count);
      for (let i = 0; i < count; i++) indices.push(...(isSingle ? [] : [example]), step - first, i);
    }
  });
  const rank = isSingle ? 2 : 3;
  const shape = [...(isSingle ? [] : [list.steps.length]), mostSteps, mostValues];
  return [
    new Tensor('int64', [values.size, rank], int64From(indices)),
    values,
    new Tensor('int64', [rank], int64From(shape)),
  ];
}

/** The values of all steps, padded with zeros to as many steps, and how many steps there were. */
function denseOutputs(
  list: FeatureList,
  wanted: PartialShape | undefined,
  isSingle: boolean,
): readonly [Tensor, Tensor] {
  if (!wanted || wanted.some((size) => size === null))
    throw new InvalidArgumentError(`Feature list "${list.name}" must have a shape that is known.`);
  const shape = wanted as readonly number[];
  const row = sizeOf(shape);
  const counts = list.steps.map((end, example) => end - before(list.steps, example));
  const most = counts.reduce((longest, count) => Math.max(longest, count), 0);
  list.stepEnds.forEach((end, step) => {
    const count = end - before(list.stepEnds, step);
    if (count !== row)
      throw new InvalidArgumentError(`Feature list "${list.name}" has ${count} values in a step; ${row} are needed.`);
  });
  const full = [...(isSingle ? [] : [counts.length]), most, ...shape];
  checkedSize(full);
  const lengths = new Tensor('int64', isSingle ? [] : [counts.length], int64From(counts));
  return [padded(valuesOf(list), counts, most, row, full), lengths];
}

function padded(
  values: Tensor,
  counts: readonly number[],
  most: number,
  row: number,
  shape: readonly number[],
): Tensor {
  if (values.is('string')) {
    const { bytes, offsets } = values.data;
    const builder = new StringArrayBuilder(bytes.length, counts.length * most * row);
    let from = 0;
    for (const count of counts) {
      for (let i = 0; i < most * row; i++) {
        if (i < count * row) builder.append(bytes, offsets[from]!, offsets[++from]!);
        builder.end();
      }
    }
    return new Tensor('string', shape, builder.build());
  }
  const output = makeTensor(values.dtype, shape);
  const width = row * wordsPerElement(values.dtype);
  const [source, target] = [wordsOf(values), wordsOf(output)];
  let from = 0;
  counts.forEach((count, example) => {
    target.set(source.subarray(from, from + count * width), example * most * width);
    from += count * width;
  });
  return output;
}

/** What an op says of feature lists. */
interface ListLayout extends Layout {
  readonly keys: Keys;
  /** Whether a dense feature list that an example lacks is taken for one without steps. */
  readonly mayLack: (index: number) => boolean;
  /** Whether the op says how many steps there were. */
  readonly hasLengths: boolean;
}

/** Outputs in the order of the op: sparse, dense, ragged feature lists. */
function parseLists(serialized: Tensor, layout: ListLayout): readonly Tensor[] {
  const { bytes, offsets, length } = serialized.data as StringArray;
  const isSingle = serialized.rank === 0;
  const sparse = layout.keys.sparse.map((key, i) => makeFeatureList(key, layout.sparseTypes[i]));
  const dense = layout.keys.dense.map((key, i) => makeFeatureList(key, layout.denseTypes[i]));
  const ragged = layout.keys.ragged.map((key, i) => makeFeatureList(key, layout.raggedTypes[i]));
  const all = [...sparse, ...dense, ...ragged];
  for (let example = 0; example < length; example++) {
    const isThere = readFeatureLists(bytes, offsets[example]!, offsets[example + 1]!, all, example, (which) => {
      all[which]!.stepEnds.push(all[which]!.column.length);
    });
    all.forEach((list, i) => {
      list.steps.push(list.stepEnds.length);
      const column = i - sparse.length;
      if (isThere[i] || column < 0 || column >= dense.length || layout.mayLack(column)) return;
      throw new InvalidArgumentError(`Example ${example} has no feature list "${list.name}".`);
    });
  }
  const triples = sparse.map((list) => sparseOutputs(list, isSingle));
  const pairs = dense.map((list, i) => denseOutputs(list, layout.denseShapes[i], isSingle));
  const splits = (i: number, ends: readonly number[]): Tensor =>
    integers(layout.splitTypes[i]!, [ends.length + 1], [0, ...ends]);
  const none = (i: number): Tensor => integers(layout.splitTypes[i]!, [0], []);
  return [
    ...triples.map(([indices]) => indices),
    ...triples.map(([, values]) => values),
    ...triples.map(([, , shape]) => shape),
    ...pairs.map(([values]) => values),
    ...(layout.hasLengths ? pairs.map(([, lengths]) => lengths) : []),
    ...ragged.map(valuesOf),
    ...ragged.map((list, i) => (isSingle ? none(i) : splits(i, list.steps))),
    ...ragged.map((list, i) => splits(i, list.stepEnds)),
  ];
}

function layoutOf(operation: Operation, part: 'context' | 'feature_list'): Layout {
  const types = (name: string): DType[] => (operation.find(name) === undefined ? [] : operation.list(name, 'dtype'));
  return {
    sparseTypes: types(`${part}_sparse_types`),
    denseTypes: types(part === 'context' ? 'Tcontext_dense' : 'feature_list_dense_types'),
    denseShapes: operation.list(`${part}_dense_shapes`, 'shape'),
    raggedTypes: types(`${part}_ragged_value_types`),
    splitTypes: types(`${part}_ragged_split_types`),
  };
}

function prepareV2(operation: Operation): Kernel {
  const context = layoutOf(operation, 'context');
  const lists = layoutOf(operation, 'feature_list');
  return ([serialized, , ...rest]) => {
    if (serialized!.rank > 1)
      throw new InvalidArgumentError(
        `Examples must be a scalar or a vector; these have ${serialized!.rank} dimensions.`,
      );
    const [sparse, dense, ragged, sparseLists, denseLists, raggedLists] = rest.slice(0, 6).map(stringsOf) as [
      Uint8Array[],
      Uint8Array[],
      Uint8Array[],
      Uint8Array[],
      Uint8Array[],
      Uint8Array[],
    ];
    const lacking = rest[6]!.data as Uint8Array;
    return [
      ...parse(serialized!, { sparse, dense, ragged }, rest.slice(7), context),
      ...parseLists(serialized!, {
        ...lists,
        keys: { sparse: sparseLists, dense: denseLists, ragged: raggedLists },
        mayLack: (index) => lacking[index] === 1,
        hasLengths: true,
      }),
    ];
  };
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function prepareV1(operation: Operation): Kernel {
  const context = layoutOf(operation, 'context');
  const lists = layoutOf(operation, 'feature_list');
  const keysOf = (name: string): Uint8Array[] => operation.list(name, 'bytes');
  const lacking = new Set(keysOf('feature_list_dense_missing_assumed_empty').map(textOf));
  const contextKeys: Keys = { sparse: keysOf('context_sparse_keys'), dense: keysOf('context_dense_keys'), ragged: [] };
  const keys: Keys = {
    sparse: keysOf('feature_list_sparse_keys'),
    dense: keysOf('feature_list_dense_keys'),
    ragged: [],
  };
  const mayLack = (index: number): boolean => lacking.has(textOf(keys.dense[index]!));
  return ([serialized, , ...defaults]) => [
    ...parse(serialized!, contextKeys, defaults, context),
    ...parseLists(serialized!, { ...lists, keys, mayLack, hasLengths: true }),
  ];
}

function prepareSingle(operation: Operation): Kernel {
  const context = layoutOf(operation, 'context');
  const lists = layoutOf(operation, 'feature_list');
  const counts = ['Ncontext_sparse', 'Ncontext_dense', 'Nfeature_list_sparse', 'Nfeature_list_dense'].map((name) =>
    operation.int(name),
  );
  return ([serialized, lacking, ...rest]) => {
    if (serialized!.rank !== 0) throw new InvalidArgumentError('The example must be a scalar.');
    let next = 0;
    const [sparse, dense, sparseLists, denseLists] = counts.map((count) =>
      rest.slice(next, (next += count)).map((tensor) => (tensor.data as StringArray).at(0)),
    ) as [Uint8Array[], Uint8Array[], Uint8Array[], Uint8Array[]];
    const mayBeMissing = new Set(stringsOf(lacking!).map(textOf));
    return [
      ...parse(serialized!, { sparse, dense, ragged: [] }, rest.slice(next, -1), context),
      ...parseLists(serialized!, {
        ...lists,
        keys: { sparse: sparseLists, dense: denseLists, ragged: [] },
        mayLack: (index) => mayBeMissing.has(textOf(denseLists[index]!)),
        hasLengths: false,
      }),
    ];
  };
}

/** Ops that parse `tf.train.SequenceExample`: what holds for a whole sequence, and what holds for each of its steps. */
export const sequenceExampleKernels: readonly KernelDefinition[] = [
  define('ParseSequenceExample', prepareV1),
  define('ParseSequenceExampleV2', prepareV2),
  define('ParseSingleSequenceExample', prepareSingle),
];
