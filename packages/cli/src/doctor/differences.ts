import { isFloating, Tensor, type StringArray, type TypedArray } from '@tenon/tensor';

/**
 * How far values are from those expected: the largest `|actual - expected| / (1 + |expected|)` of floating-point numbers, 0 for all else that
 * is equal, and infinity for what is not.
 */
export function differenceOf(actual: unknown, expected: Tensor): number {
  const { dtype, shape, data }: Partial<Tensor> = Tensor.isTensor(actual) ? actual : {};
  if (dtype !== expected.dtype || shape?.join() !== expected.shape.join()) return Infinity;
  if (expected.dtype === 'string') {
    const texts = data as StringArray;
    const wanted = expected.data as StringArray;
    return Array.from({ length: expected.size }, (_, index) => index).every((index) =>
      Buffer.from(texts.at(index)).equals(wanted.at(index)),
    )
      ? 0
      : Infinity;
  }
  const numbers = data as TypedArray;
  const wanted = expected.data as TypedArray;
  let largest = 0;
  for (let index = 0; index < wanted.length; index++) {
    const [a, b] = [numbers[index]!, wanted[index]!];
    if (Object.is(a, b) || a === b) continue;
    if (!isFloating(expected.dtype)) return Infinity;
    const difference = Math.abs(Number(a) - Number(b)) / (1 + Math.abs(Number(b)));
    // What is no number is as far off as can be.
    largest = Math.max(largest, Number.isNaN(difference) ? Infinity : difference);
  }
  return largest;
}
