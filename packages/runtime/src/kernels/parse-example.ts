import type { Operation } from '@tenon/graph';
import { sizeOf, StringArray, Tensor, type DType, type PartialShape, type Shape } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define } from './definition.js';
import { InvalidArgumentError } from './errors.js';
import {
  FloatColumn,
  IntegerColumn,
  readExample,
  StringColumn,
  type FeatureColumn,
  type FeatureDType,
  type WantedFeature,
} from './example-reader.js';
import { halvesOf } from './int64-halves.js';
import { int64From } from './int64.js';
import { integers } from './integers.js';
import { makeTensor, wordsOf, wordsPerElement } from './movement.js';
import { StringArrayBuilder } from './string-array-builder.js';

/** A feature, and what becomes of its values. */
export interface Feature extends WantedFeature {
  readonly name: string;
  /** Values up to and including each example. */
  readonly ends: number[];
}

function makeColumn(dtype: FeatureDType): FeatureColumn {
  return dtype === 'float32' ? new FloatColumn() : dtype === 'int64' ? new IntegerColumn() : new StringColumn();
}

export function makeFeature(key: Uint8Array, dtype: DType): Feature {
  if (dtype !== 'float32' && dtype !== 'int64' && dtype !== 'string') {
    throw new InvalidArgumentError(`Examples hold float32, int64 and strings, no ${dtype}.`);
  }
  return { key, dtype, column: makeColumn(dtype), name: new TextDecoder().decode(key), ends: [] };
}

export function valuesOf({ dtype, column }: Feature): Tensor {
  if (column instanceof FloatColumn) return new Tensor('float32', [column.length], Float32Array.from(column.values));
  if (column instanceof StringColumn) {
    const strings = column.builder.build();
    return new Tensor('string', [strings.length], strings);
  }
  const data = new BigInt64Array(column.length);
  halvesOf(data).set((column as IntegerColumn).halves);
  return new Tensor(dtype as 'int64', [data.length], data);
}

const startOf = ({ ends }: Feature, example: number): number => (example === 0 ? 0 : ends[example - 1]!);

/** `[indices, values, denseShape]` of a feature with any number of values. A single example has no axis of its own. */
function sparseOutputs(feature: Feature, examples: number, isSingle: boolean): readonly [Tensor, Tensor, Tensor] {
  const values = valuesOf(feature);
  const rank = isSingle ? 1 : 2;
  const indices = new Float64Array(values.data.length * rank);
  let longest = 0;
  for (let example = 0; example < examples; example++) {
    const start = startOf(feature, example);
    const count = feature.ends[example]! - start;
    longest = Math.max(longest, count);
    for (let i = 0; i < count; i++) {
      if (!isSingle) indices[2 * (start + i)] = example;
      indices[rank * (start + i) + rank - 1] = i;
    }
  }
  const shape = isSingle ? [longest] : [examples, longest];
  return [
    new Tensor('int64', [values.data.length, rank], int64From(indices)),
    values,
    new Tensor('int64', [rank], int64From(shape)),
  ];
}

/** A feature with as many values in each example, or, where the first size is unknown, padded to as many. */
function denseOutput(
  feature: Feature,
  wanted: PartialShape,
  missing: Tensor,
  examples: number,
  isSingle: boolean,
): Tensor {
  if (wanted === null || wanted.some((size, axis) => size === null && axis > 0)) {
    throw new InvalidArgumentError(
      `Feature "${feature.name}" must have a shape that is known but for its first dimension.`,
    );
  }
  const isPadded = wanted[0] === null;
  const row = sizeOf(wanted.filter((size) => size !== null));
  let most = isPadded ? 0 : row;
  for (let example = 0; example < examples; example++) {
    const count = feature.ends[example]! - startOf(feature, example);
    if (isPadded ? count % row === 0 : count === row) most = Math.max(most, count);
    else if (count > 0 || missing.size === 0 || isPadded) {
      throw new InvalidArgumentError(
        `Feature "${feature.name}" of example ${example} has ${count} values; ${isPadded ? 'a multiple of ' : ''}${row} are needed.`,
      );
    }
  }
  const shape: Shape = [
    ...(isSingle ? [] : [examples]),
    ...(isPadded ? [row === 0 ? 0 : most / row, ...(wanted.slice(1) as number[])] : (wanted as Shape)),
  ];
  return fillRows(feature, missing, examples, most, shape);
}

/** Rows of `width` values each: the feature's, and then, or instead, the default's. */
function fillRows(feature: Feature, missing: Tensor, examples: number, width: number, shape: Shape): Tensor {
  const values = valuesOf(feature);
  const at = (i: number): number => (missing.size === 1 ? 0 : i);
  if (values.is('string')) {
    const strings = values.data;
    const fillers = missing.data as StringArray;
    const builder = new StringArrayBuilder(strings.bytes.length, examples * width);
    const append = (source: StringArray, index: number): void => {
      builder.append(source.bytes, source.offsets[index]!, source.offsets[index + 1]!);
      builder.end();
    };
    for (let example = 0; example < examples; example++) {
      const start = startOf(feature, example);
      const count = feature.ends[example]! - start;
      for (let i = 0; i < width; i++) {
        if (i < count) append(strings, start + i);
        else if (missing.size > 0) append(fillers, at(i));
        else builder.end();
      }
    }
    return new Tensor('string', shape, builder.build());
  }
  const output = makeTensor(values.dtype, shape);
  const words = wordsPerElement(values.dtype);
  const target = wordsOf(output);
  const source = wordsOf(values);
  const filler = wordsOf(missing);
  for (let example = 0; example < examples; example++) {
    const start = startOf(feature, example);
    const count = feature.ends[example]! - start;
    const base = example * width * words;
    target.set(source.subarray(start * words, (start + count) * words), base);
    for (let i = count; i < width && missing.size > 0; i++) {
      for (let word = 0; word < words; word++) target[base + i * words + word] = filler[at(i) * words + word]!;
    }
  }
  return output;
}

export interface Layout {
  readonly sparseTypes: readonly DType[];
  readonly denseTypes: readonly DType[];
  readonly denseShapes: readonly PartialShape[];
  readonly raggedTypes: readonly DType[];
  readonly splitTypes: readonly DType[];
}

export interface Keys {
  readonly sparse: readonly Uint8Array[];
  readonly dense: readonly Uint8Array[];
  readonly ragged: readonly Uint8Array[];
}

/** Parses every example; outputs in the order of the op: sparse, dense, ragged features. */
export function parse(serialized: Tensor, keys: Keys, defaults: readonly Tensor[], layout: Layout): readonly Tensor[] {
  const { bytes, offsets, length: examples } = serialized.data as StringArray;
  const isSingle = serialized.rank === 0;
  const sparse = keys.sparse.map((key, i) => makeFeature(key, layout.sparseTypes[i]!));
  const dense = keys.dense.map((key, i) => makeFeature(key, layout.denseTypes[i]!));
  const ragged = keys.ragged.map((key, i) => makeFeature(key, layout.raggedTypes[i]!));
  const all = [...sparse, ...dense, ...ragged];
  for (let example = 0; example < examples; example++) {
    const isThere = readExample(bytes, offsets[example]!, offsets[example + 1]!, all, example);
    all.forEach((feature, i) => {
      feature.ends.push(feature.column.length);
      const needed = i >= sparse.length && i < sparse.length + dense.length;
      const column = i - sparse.length;
      if (needed && !isThere[i] && defaults[column]!.size === 0 && layout.denseShapes[column]?.[0] !== null) {
        throw new InvalidArgumentError(
          `Example ${example} has no feature "${feature.name}", and there is no default for it.`,
        );
      }
    });
  }
  const triples = sparse.map((feature) => sparseOutputs(feature, examples, isSingle));
  const splits = ragged.map((feature, i) => {
    const ends = isSingle ? [] : [0, ...feature.ends];
    return integers(layout.splitTypes[i]!, [ends.length], ends);
  });
  return [
    ...triples.map(([indices]) => indices),
    ...triples.map(([, values]) => values),
    ...triples.map(([, , shape]) => shape),
    ...dense.map((feature, i) => denseOutput(feature, layout.denseShapes[i]!, defaults[i]!, examples, isSingle)),
    ...ragged.map(valuesOf),
    ...splits,
  ];
}

function layoutOf(operation: Operation): Layout {
  const types = (name: string): DType[] => (operation.find(name) === undefined ? [] : operation.list(name, 'dtype'));
  return {
    sparseTypes: types('sparse_types'),
    denseTypes: types('Tdense'),
    denseShapes: operation.list('dense_shapes', 'shape'),
    raggedTypes: types('ragged_value_types'),
    splitTypes: types('ragged_split_types'),
  };
}

export const stringsOf = (tensor: Tensor): Uint8Array[] => {
  const strings = tensor.data as StringArray;
  return Array.from({ length: strings.length }, (_, i) => strings.at(i));
};

function prepareParseExample(operation: Operation): Kernel {
  const layout = layoutOf(operation);
  const sparseCount = operation.int('Nsparse');
  const denseCount = operation.int('Ndense');
  return ([serialized, , ...rest]) => {
    if (serialized!.rank !== 1)
      throw new InvalidArgumentError(`Examples must be a vector; these have ${serialized!.rank} dimensions.`);
    const keyOf = (tensor: Tensor): Uint8Array => (tensor.data as StringArray).at(0);
    const keys: Keys = {
      sparse: rest.slice(0, sparseCount).map(keyOf),
      dense: rest.slice(sparseCount, sparseCount + denseCount).map(keyOf),
      ragged: [],
    };
    return parse(serialized!, keys, rest.slice(sparseCount + denseCount), layout);
  };
}

function prepareParseExampleV2(operation: Operation): Kernel {
  const layout = layoutOf(operation);
  return ([serialized, , sparseKeys, denseKeys, raggedKeys, ...defaults]) => {
    if (serialized!.rank > 1)
      throw new InvalidArgumentError(
        `Examples must be a scalar or a vector; these have ${serialized!.rank} dimensions.`,
      );
    const keys: Keys = { sparse: stringsOf(sparseKeys!), dense: stringsOf(denseKeys!), ragged: stringsOf(raggedKeys!) };
    return parse(serialized!, keys, defaults, layout);
  };
}

function prepareParseSingleExample(operation: Operation): Kernel {
  const layout = layoutOf(operation);
  const keys: Keys = {
    sparse: operation.list('sparse_keys', 'bytes'),
    dense: operation.list('dense_keys', 'bytes'),
    ragged: [],
  };
  return ([serialized, ...defaults]) => {
    if (serialized!.rank !== 0) throw new InvalidArgumentError('The example must be a scalar.');
    return parse(serialized!, keys, defaults, layout);
  };
}

export const exampleKernels: readonly KernelDefinition[] = [
  define('ParseExample', prepareParseExample),
  define('ParseExampleV2', prepareParseExampleV2),
  define('ParseSingleExample', prepareParseSingleExample),
];
