import type { SymbolicTensor } from '@tenon/graph';

/**
 * A gradient that is zero but for some rows: that of the table of an embedding lookup. Rows that are named more than once count as
 * often. TensorFlow's `tf.IndexedSlices`.
 */
export interface IndexedSlices {
  /** `[n, …]`: the rows. */
  readonly values: SymbolicTensor;
  /** int32 or int64 `[n]`: which rows they are. */
  readonly indices: SymbolicTensor;
  /** `[rank]`, of the data type of `indices` or int32: the shape of the whole. */
  readonly denseShape: SymbolicTensor;
}

/** The gradient of one tensor. */
export type Gradient = SymbolicTensor | IndexedSlices;

export function isIndexedSlices(gradient: Gradient): gradient is IndexedSlices {
  return 'denseShape' in gradient;
}
