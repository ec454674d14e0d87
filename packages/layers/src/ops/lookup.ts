import type { Graph, Operation, SymbolicTensor } from '@tenon/graph';
import { Tensor, tensorFrom, type DType, type TensorLike } from '@tenon/tensor';
import { addToCollection, Collections } from '../collections.js';
import { apply, operation, type NameOptions, type TensorInput } from '../operation.js';
import { joinScopes, nameScope } from '../scopes.js';
import { constant } from '../sources.js';
import { cast } from './array.js';
import { add, notEqual, where } from './math.js';

/** A table of a graph that finds values for keys: filled once, when a session first needs it. */
export interface LookupTable {
  readonly handle: SymbolicTensor;
  readonly keyDType: DType;
  readonly valueDType: DType;
  /** What is found for keys that are not in the table. */
  readonly defaultValue: Tensor;
}

export interface TableOptions extends NameOptions {
  readonly keys: Tensor | TensorLike;
  /** One per key. */
  readonly values: Tensor | TensorLike;
  /** What is found for keys that are not in the table. */
  readonly defaultValue: Tensor | TensorLike;
  /** By default what the keys are: strings are `string`, numbers `int64`. */
  readonly keyDType?: DType;
  /** By default what the values are: strings are `string`, numbers `float32`. */
  readonly valueDType?: DType;
}

/**
 * A table of keys and values that are kept in the graph.
 *
 * @example
 * const ids = lookup(lookupTable(graph, { keys: ['a', 'b'], values: [0n, 1n], defaultValue: -1n }), words);
 */
export function lookupTable(
  graph: Graph,
  { keys, values, defaultValue, keyDType, valueDType, name = 'hash_table' }: TableOptions,
): LookupTable {
  const keyTensor = Tensor.isTensor(keys) ? keys : tensorFrom(keys, keyDType ?? (isText(keys) ? 'string' : 'int64'));
  const valueTensor = Tensor.isTensor(values) ? values : tensorFrom(values, valueDType);
  return nameScope(graph, name, (scope) => {
    const handle = makeTable(graph, scope, keyTensor.dtype, valueTensor.dtype);
    const initializer = operation(
      graph,
      'InitializeTableV2',
      [handle, constant(graph, keyTensor, { name: 'keys' }), constant(graph, valueTensor, { name: 'values' })],
      {},
      { name: 'table_init' },
    );
    return finish(handle, initializer, keyTensor.dtype, valueTensor.dtype, defaultValue);
  });
}

function isText(keys: TensorLike): boolean {
  return Array.isArray(keys) && typeof keys[0] === 'string';
}

export interface VocabularyOptions extends NameOptions {
  /** The path of a text file with one word per line. A module that is exported takes it along. */
  readonly file: string;
  /** The number of words; all lines of the file if it is left out. */
  readonly size?: number;
}

/**
 * A table that finds for words the numbers of the lines that they stand on, from 0 on: int64, -1 for words that are not in the file.
 *
 * @see lookup for words that are not in the file and are to have numbers of their own.
 */
export function vocabularyTable(
  graph: Graph,
  { file, size, name = 'string_to_index' }: VocabularyOptions,
): LookupTable {
  return tableFromFile(graph, { file, size, name, key: WHOLE_LINE, value: LINE_NUMBER }, 'string', 'int64', -1n);
}

/** A table that finds for numbers of lines, int64 and from 0 on, the words that stand on them; `UNK` for other numbers. */
export function reverseVocabularyTable(
  graph: Graph,
  { file, size, name = 'index_to_string', unknown = 'UNK' }: VocabularyOptions & { readonly unknown?: string },
): LookupTable {
  return tableFromFile(graph, { file, size, name, key: LINE_NUMBER, value: WHOLE_LINE }, 'int64', 'string', unknown);
}

/** What TensorFlow writes in place of the number of a column. */
const WHOLE_LINE = -2;
const LINE_NUMBER = -1;

interface FileTable {
  readonly file: string;
  readonly size: number | undefined;
  readonly name: string;
  readonly key: number;
  readonly value: number;
}

function tableFromFile(
  graph: Graph,
  { file, size = -1, name, key, value }: FileTable,
  keyDType: DType,
  valueDType: DType,
  defaultValue: TensorLike,
): LookupTable {
  return nameScope(graph, name, (scope) => {
    const path = constant(graph, file, { dtype: 'string', name: 'asset_filepath' });
    addToCollection(graph, Collections.assetPaths, path);
    const handle = makeTable(graph, scope, keyDType, valueDType);
    const attributes = { key_index: key, value_index: value, vocab_size: size };
    const options = { name: 'table_init' };
    const initializer = operation(graph, 'InitializeTableFromTextFileV2', [handle, path], attributes, options);
    return finish(handle, initializer, keyDType, valueDType, defaultValue);
  });
}

function makeTable(graph: Graph, scope: string, keyDType: DType, valueDType: DType): SymbolicTensor {
  // Under a name of its own in the session, whatever else is called like it.
  const attributes = { key_dtype: keyDType, value_dtype: valueDType, shared_name: joinScopes(scope, 'table') };
  return operation(graph, 'HashTableV2', [], attributes, { name: 'table' }).output();
}

function finish(
  handle: SymbolicTensor,
  initializer: Operation,
  keyDType: DType,
  valueDType: DType,
  defaultValue: Tensor | TensorLike,
): LookupTable {
  const { graph } = handle;
  graph.initializers.set(handle.operation, [{ operation: initializer }]);
  addToCollection(graph, Collections.tableInitializers, initializer);
  const value = Tensor.isTensor(defaultValue) ? defaultValue : tensorFrom(defaultValue, valueDType);
  return { handle, keyDType, valueDType, defaultValue: value };
}

export interface LookupOptions extends NameOptions {
  /**
   * So many numbers after those of the table, shared out by a hash, for strings that are not in it: 0 by default. For tables with int64
   * values that are 0, 1, … and a default of -1.
   */
  readonly oovBuckets?: number;
}

/** Finds values for keys; the table's default value for those that it does not have. */
export function lookup(
  { handle, keyDType, valueDType, defaultValue }: LookupTable,
  keys: TensorInput,
  { oovBuckets = 0, name = 'lookup' }: LookupOptions = {},
): SymbolicTensor {
  const { graph } = handle;
  return nameScope(graph, name, () => {
    const types = { Tin: keyDType, Tout: valueDType };
    const found = operation(graph, 'LookupTableFindV2', [handle, keys, defaultValue], types).output();
    if (oovBuckets === 0) return found;
    const buckets = operation(graph, 'StringToHashBucketFast', [keys], { num_buckets: oovBuckets }).output();
    const size = apply('LookupTableSizeV2', [handle]);
    return where(notEqual(found, defaultValue), found, add(buckets, cast(size, 'int64')));
  });
}
