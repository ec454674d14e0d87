import type { SymbolicTensor } from '@tenon/graph';
import { getVariable } from '../get-variable.js';
import { randomUniform, type VariableInitializer } from '../initializers.js';
import { apply } from '../operation.js';
import type { Regularizer } from '../regularizers.js';
import { layerScope } from '../scopes.js';
import type { Variable } from '../variable.js';

/** The rows of a table that `ids` name. Their gradient is that of those rows alone. */
export function embeddingLookup(table: Variable, ids: SymbolicTensor): SymbolicTensor {
  return apply('ResourceGather', [table, ids], { dtype: table.dtype }, { name: 'embedding_lookup' });
}

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
