import { decodeBfloat16, decodeFloat16, isFloating, Tensor } from '@tenon/tensor';

const TOLERANCES: Readonly<Record<string, number>> = { float64: 1e-9, float32: 2e-5, float16: 4e-3, bfloat16: 3e-2 };

/** Where two tensors differ by more than rounding; `undefined` if they do not. */
export function difference(
  actual: Tensor,
  expected: Tensor,
  tolerance = TOLERANCES[expected.dtype] ?? 0,
): string | undefined {
  if (actual.dtype !== expected.dtype) return `type ${actual.dtype}, expected ${expected.dtype}`;
  if (String(actual.shape) !== String(expected.shape))
    return `shape [${actual.shape.join()}], expected [${expected.shape.join()}]`;
  const [got, wanted] = [actual, expected].map(elements) as [(number | bigint)[], (number | bigint)[]];
  for (let index = 0; index < wanted.length; index++) {
    const [a, b] = [got[index]!, wanted[index]!];
    if (Object.is(a, b) || a === b) continue;
    if (isFloating(expected.dtype) && Math.abs(Number(a) - Number(b)) <= tolerance * Math.max(1, Math.abs(Number(b))))
      continue;
    return `element ${index} is ${a}, expected ${b}`;
  }
  return undefined;
}

function elements({ dtype, data }: Tensor): (number | bigint)[] {
  const list = Array.from(data as ArrayLike<number | bigint>);
  if (dtype === 'float16') return list.map((bits) => decodeFloat16(Number(bits)));
  if (dtype === 'bfloat16') return list.map((bits) => decodeBfloat16(Number(bits)));
  return list;
}
