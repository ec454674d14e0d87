import type { SymbolicTensor } from '@tenon/graph';
import {
  apply,
  cast,
  nameScope,
  operation,
  placeholder,
  reshape,
  shapeOf,
  slice,
  sparsePlaceholder,
  squeeze,
} from '@tenon/layers';
import type { ModuleSpec, SymbolicSparseTensor } from '@tenon/module-spec';
import { StringArray, Tensor, type SparseTensor } from '@tenon/tensor';
import { FeatureColumnError, FeatureModuleError, type FeatureProblem } from '../errors.js';
import { callableTextModule, type TextModule } from './callable-text.js';
import type { FeatureColumn, FeatureRecord } from './feature-column.js';
import {
  instantiateOnce,
  nameOfColumn,
  openForColumn,
  outputProblems,
  widthOf,
  type TrainableColumnOptions,
} from './module-column.js';

/** How the vectors of the texts of one example become one: their mean, their sum, or that divided by the square root of how many there are. */
export type Combiner = keyof typeof COMBINERS;

const COMBINERS = {
  mean: 'SparseSegmentMeanWithNumSegments',
  sqrtn: 'SparseSegmentSqrtNWithNumSegments',
  sum: 'SparseSegmentSumWithNumSegments',
} as const;

export interface SparseTextEmbeddingOptions extends TrainableColumnOptions {
  readonly combiner: Combiner;
  /** The text that examples have which have none. Left out, each example must have one. */
  readonly defaultValue?: string | undefined;
}

export interface TextEmbeddingOptions extends TrainableColumnOptions {
  /** Of a TF2 SavedModel that gives several results by name, which. */
  readonly outputKey?: string | undefined;
}

/**
 * A column that makes a text of any length a vector: what a text module gives for it. Python's `hub.text_embedding_column`, and
 * `hub.text_embedding_column_v2` of TF2 SavedModels.
 *
 * In records the feature is a string, or bytes. In a batch it is a string tensor `[batch]` or `[batch, 1]`.
 *
 * @param handle A path or URL; or what `loadModuleSpec` gave. A TF1 Hub module whose `default` signature takes one string `[batch]` and gives
 *   float32 `[batch, width]`, or a TF2 SavedModel whose object does, when it is called.
 * @throws FeatureModuleError naming everything about the module that does not fit; and what reading modules throws.
 * @example
 * const comment = await textEmbeddingColumn('comment', 'path/to/nnlm', { trainable: true });
 */
export async function textEmbeddingColumn(
  key: string,
  handle: string | ModuleSpec,
  { trainable, outputKey, ...resolving }: TextEmbeddingOptions = {},
): Promise<FeatureColumn> {
  const spec = await openForColumn(handle, resolving);
  const { width, apply: embed } =
    spec.format === 'hub-module' ? signatureTextModule(spec, outputKey) : await callableTextModule(spec, outputKey);
  const name = nameOfColumn(key);
  return {
    key,
    name,
    spec,
    width,
    kind: 'dense',
    encode: (records, problems) => {
      const texts = records.map((record, index): string | Uint8Array => {
        const value = record[key];
        const text: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
        if (isText(text)) return text;
        problems.push({ key, record: index, problem: `must be a text; it is ${describe(value)}` });
        return '';
      });
      return new Tensor('string', [texts.length, 1], StringArray.from(texts));
    },
    placeholder: (graph) => placeholder(graph, { dtype: 'string', shape: [null, 1], name: 'feature' }),
    instantiate: instantiateOnce({ spec, name }, trainable, (module, feature) =>
      embed(module, reshape(feature as SymbolicTensor, [-1])),
    ),
  };
}

/**
 * A column that makes any number of texts a vector, words say: what a text module gives for each, put together as a bag. Python's
 * `hub.sparse_text_embedding_column`.
 *
 * In records the feature is an array of strings. In a batch it is a sparse string tensor whose rows are the examples. Examples that have no
 * texts get that of `defaultValue`; without one, records must have texts, and rows that have none become zeros.
 *
 * @param handle As of `textEmbeddingColumn`.
 * @throws FeatureModuleError; FeatureColumnError for another combiner; and what reading modules throws.
 */
export async function sparseTextEmbeddingColumn(
  key: string,
  handle: string | ModuleSpec,
  { combiner, defaultValue, trainable, ...resolving }: SparseTextEmbeddingOptions,
): Promise<FeatureColumn> {
  const spec = await openForColumn(handle, resolving);
  checkTextModule(spec);
  if (!Object.hasOwn(COMBINERS, combiner))
    throw new FeatureColumnError([`combiner must be "mean", "sqrtn" or "sum": ${JSON.stringify(combiner)}.`]);
  const name = nameOfColumn(key);
  return {
    key,
    name,
    spec,
    width: widthOf(spec),
    kind: 'sparse',
    encode: (records, problems) => encodeTexts(key, records, defaultValue === undefined, problems),
    placeholder: (graph) => sparsePlaceholder(graph, { dtype: 'string', shape: [null, null], name: 'feature' }),
    instantiate: instantiateOnce({ spec, name }, trainable, (module, feature) => {
      const texts = fillEmptyRows(feature as SymbolicSparseTensor, defaultValue);
      return combine(module(texts.values), texts, combiner);
    }),
  };
}

function signatureTextModule(spec: ModuleSpec, outputKey: string | undefined): TextModule {
  checkTextModule(spec);
  if (outputKey !== undefined)
    throw new FeatureColumnError([`outputKey is for TF2 SavedModels; the output of a TF1 Hub module is "default".`]);
  return { width: widthOf(spec), apply: (module, texts) => module(texts) };
}

/** @throws FeatureModuleError (TF1 Hub contract, `text_embedding_column`). */
function checkTextModule(spec: ModuleSpec): void {
  const signature = spec.variant().signature();
  const problems: string[] = [];
  const [input, ...others] = signature.inputs.values();
  if (!input || others.length > 0) problems.push('Module default signature must require only one input.');
  else if (input.kind !== 'dense' || input.dtype !== 'string' || input.shape?.length !== 1 || input.shape[0] !== null)
    problems.push('Module default signature must have only one input of string [?].');
  problems.push(...outputProblems(signature.outputs.get('default'), 'float32 [?, K]', false));
  if (problems.length > 0) throw new FeatureModuleError('a text-embedding', problems);
}

function encodeTexts(
  key: string,
  records: readonly FeatureRecord[],
  isNeeded: boolean,
  problems: FeatureProblem[],
): SparseTensor {
  const indices: bigint[] = [];
  const values: (string | Uint8Array)[] = [];
  let most = 0;
  records.forEach((record, index) => {
    const value = record[key] ?? [];
    const texts: readonly unknown[] = Array.isArray(value) ? value : [value];
    most = Math.max(most, texts.length);
    if (texts.length === 0 && isNeeded)
      problems.push({ key, record: index, problem: 'has no texts, and the column no defaultValue' });
    texts.forEach((text, position) => {
      if (!isText(text)) {
        problems.push({ key, record: index, problem: `must hold texts; one is ${describe(text)}` });
        return;
      }
      indices.push(BigInt(index), BigInt(position));
      values.push(text);
    });
  });
  return {
    indices: new Tensor('int64', [values.length, 2], BigInt64Array.from(indices)),
    values: new Tensor('string', [values.length], StringArray.from(values)),
    denseShape: new Tensor('int64', [2], BigInt64Array.of(BigInt(records.length), BigInt(most))),
  };
}

function fillEmptyRows(texts: SymbolicSparseTensor, defaultValue: string | undefined): SymbolicSparseTensor {
  if (defaultValue === undefined) return texts;
  const { indices, values, denseShape } = texts;
  const filled = operation(indices.graph, 'SparseFillEmptyRows', [indices, values, denseShape, defaultValue]);
  return { indices: filled.output(0), values: filled.output(1), denseShape };
}

/** One row for each example, of those of its texts. */
function combine(
  rows: SymbolicTensor,
  { indices, denseShape }: SymbolicSparseTensor,
  combiner: Combiner,
): SymbolicTensor {
  return nameScope(rows.graph, 'embedding_lookup_sparse', () => {
    const examples = cast(squeeze(slice(indices, [0, 0], [-1, 1]), [1]), 'int32');
    const count = cast(squeeze(slice(denseShape, [0], [1]), [0]), 'int32');
    const every = apply('Range', [0, squeeze(slice(shapeOf(indices), [0], [1]), [0]), 1], { Tidx: 'int32' });
    return apply(COMBINERS[combiner], [rows, every, examples, count]);
  });
}

function isText(value: unknown): value is string | Uint8Array {
  return typeof value === 'string' || value instanceof Uint8Array;
}

/** What was given where something else is wanted. */
export function describe(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  return Array.isArray(value) ? `an array of ${value.length}` : `a ${typeof value}`;
}
