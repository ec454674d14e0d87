/** TensorFlow's own limit. */
const MAX_RANK = 254;

/** What one dimension of a tensor without elements may be. */
const MAX_EMPTY_DIMENSION = 2 ** 24;

/**
 * How many elements a shape from a file has, exactly; `undefined` where it has a negative or fractional dimension,
 * more dimensions than a tensor can have, or more elements than a number can count.
 */
export function elementCount(shape: readonly number[]): number | undefined {
  if (shape.length > MAX_RANK) return undefined;
  let count = 1n;
  for (const dimension of shape) {
    if (!Number.isSafeInteger(dimension) || dimension < 0) return undefined;
    count *= BigInt(dimension);
    // Without elements, the dimensions still say how often programs loop.
    if (dimension > MAX_EMPTY_DIMENSION && shape.includes(0)) return undefined;
  }
  return count <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(count) : undefined;
}
