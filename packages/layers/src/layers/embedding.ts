import type { SymbolicTensor } from '@tenon/graph';
import { getVariable } from '../get-variable.js';
import { randomUniform, type VariableInitializer } from '../initializers.js';
import { apply, operation } from '../operation.js';
import { cast, gather, slice, squeeze } from '../ops/array.js';
import type { Regularizer } from '../regularizers.js';
import { layerScope, nameScope } from '../scopes.js';
import type { SparsePlaceholder } from '../sources.js';
import type { Variable } from '../variable.js';

/** The rows of a table that `ids` name. Their gradient is that of those rows alone. */
export function embeddingLookup(table: Variable, ids: SymbolicTensor): SymbolicTensor {
  const name = 'embedding_lookup';
  if (table.handle.isReference) return gather(table, ids, { name });
  return apply('ResourceGather', [table, ids], { dtype: table.dtype }, { name });
}

export interface SparseLookupOptions {
  /** How the rows of one example become one: their mean by default. */
  readonly combiner?: 'mean' | 'sum' | 'sqrtn';
}

/**
 * For each row of a sparse tensor of ids, the mean (or sum) of the rows of a table that they name: for texts of which each has another number of
 * words. Examples without ids become zeros.
 *
 * @param ids int64 or int32 values; its rows are the examples.
 * @returns `[batch, dimension]`
 */
export function embeddingLookupSparse(
  table: Variable,
  ids: SparsePlaceholder,
  { combiner = 'mean' }: SparseLookupOptions = {},
): SymbolicTensor {
  const { graph } = table;
  return nameScope(graph, 'embedding_lookup_sparse', () => {
    // Each row that is needed is read once, however often it is named.
    const [unique, positions] = operation(graph, 'Unique', [ids.values]).outputs;
    const rows = embeddingLookup(table, unique!);
    const examples = cast(squeeze(slice(ids.indices, [0, 0], [-1, 1]), [1]), 'int32');
    const count = cast(squeeze(slice(ids.denseShape, [0], [1]), [0]), 'int32');
    return apply(COMBINERS[combiner], [rows, positions!, examples, count]);
  });
}

const COMBINERS = {
  mean: 'SparseSegmentMeanWithNumSegments',
  sum: 'SparseSegmentSumWithNumSegments',
  sqrtn: 'SparseSegmentSqrtNWithNumSegments',
} as const;

export interface EmbeddingOptions {
  readonly name?: string | undefined;
  /** How many rows there are: ids are below it. */
  readonly vocabularySize: number;
  /** How long rows are. */
  readonly dimension: number;
  /** `randomUniform()` by default. */
  readonly initializer?: VariableInitializer | undefined;
  readonly regularizer?: Regularizer | undefined;
  readonly trainable?: boolean | undefined;
}

/**
 * A row of numbers for each id; variable `embeddings` `[vocabularySize, dimension]`.
 *
 * @param ids int32 or int64, of any shape.
 * @returns float32, of the shape of `ids` and `dimension`.
 */
export function embedding(ids: SymbolicTensor, options: EmbeddingOptions): SymbolicTensor {
  const { name, vocabularySize, dimension, initializer = randomUniform(), regularizer, trainable = true } = options;
  const { graph } = ids;
  return layerScope(graph, name, 'embedding', () => {
    const shape = [vocabularySize, dimension];
    return embeddingLookup(getVariable(graph, { name: 'embeddings', shape, initializer, regularizer, trainable }), ids);
  });
}
