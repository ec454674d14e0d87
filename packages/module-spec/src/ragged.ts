import { ConversionError, Tensor, tensorFrom, type DType, type RaggedTensor, type TensorLike } from '@tenon/tensor';

/**
 * Makes a ragged tensor of nested arrays whose lengths differ.
 *
 * @param raggedRank How many levels of arrays, under the outermost, may differ in length.
 * @throws ConversionError
 */
export function raggedFrom(
  value: readonly unknown[],
  dtype: DType,
  { raggedRank = 1, splits = 'int64' }: { readonly raggedRank?: number; readonly splits?: 'int64' | 'int32' } = {},
): RaggedTensor {
  let level: readonly unknown[] = value;
  const rowSplits: RaggedTensor['rowSplits'][number][] = [];
  for (let axis = 0; axis < raggedRank; axis++) {
    const ends = [0];
    const next: unknown[] = [];
    for (const row of level) {
      if (!Array.isArray(row))
        throw new ConversionError(
          `A ragged tensor wants arrays ${raggedRank + 1} deep; ${String(row)} stands at depth ${axis + 1}.`,
        );
      for (const item of row) next.push(item);
      ends.push(next.length);
    }
    rowSplits.push(tensorFrom(ends, splits) as RaggedTensor['rowSplits'][number]);
    level = next;
  }
  const values: Tensor = tensorFrom(level as TensorLike, dtype);
  return { values, rowSplits };
}
