import { decodeBfloat16, decodeFloat16, Tensor, type DType, type StringArray } from '@tenon/tensor';

/** How far a result may be from TensorFlow's: so much of the number, and so much of 1. All other data types are exact. */
const TOLERANCES: Partial<Record<DType, number>> = {
  float64: 1e-9,
  complex128: 1e-9,
  float32: 2e-5,
  complex64: 2e-5,
  float16: 4e-3,
  bfloat16: 3e-2,
};

/** Where two tensors differ by more than rounding, in words; `undefined` if they do not. */
export function difference(
  actual: Tensor | undefined,
  expected: Tensor,
  [relative, absolute]: readonly [number, number] = [0, 0],
): string | undefined {
  if (!Tensor.isTensor(actual)) return 'no tensor came back';
  if (actual.dtype !== expected.dtype) return `type ${actual.dtype}, expected ${expected.dtype}`;
  if (String(actual.shape) !== String(expected.shape))
    return `shape [${actual.shape.join()}], expected [${expected.shape.join()}]`;
  if (expected.is('string')) return differentString(actual as Tensor<'string'>, expected);
  const usual = TOLERANCES[expected.dtype] ?? 0;
  const [got, wanted] = [actual, expected].map(elements) as [(number | bigint)[], (number | bigint)[]];
  for (let index = 0; index < wanted.length; index++) {
    const [a, b] = [got[index]!, wanted[index]!];
    if (Object.is(a, b) || a === b) continue;
    const size = Math.abs(Number(b));
    const allowed = Math.max(absolute, usual) + Math.max(relative, usual) * size;
    if (usual > 0 && Number.isFinite(size) && Math.abs(Number(a) - Number(b)) <= allowed) continue;
    return `element ${index} is ${a}, expected ${b}`;
  }
  return undefined;
}

/** All that is wrong with what came back. */
export function differences(
  actual: readonly Tensor[],
  expected: readonly Tensor[],
  names: readonly string[],
  tolerance?: readonly [number, number],
): string[] {
  if (actual.length !== expected.length) return [`${actual.length} tensors came back, not ${expected.length}`];
  return expected.flatMap((tensor, index) => {
    const wrong = difference(actual[index], tensor, tolerance);
    return wrong === undefined ? [] : [`${names[index]}: ${wrong}`];
  });
}

function differentString({ data: actual }: Tensor<'string'>, { data: expected }: Tensor<'string'>): string | undefined {
  const text = (array: StringArray, index: number) => JSON.stringify(new TextDecoder().decode(array.at(index)));
  for (let index = 0; index < expected.length; index++) {
    const [a, b] = [actual.at(index), expected.at(index)];
    if (a.length !== b.length || a.some((byte, at) => byte !== b[at]))
      return `element ${index} is ${text(actual, index)}, expected ${text(expected, index)}`;
  }
  return undefined;
}

function elements({ dtype, data }: Tensor): (number | bigint)[] {
  const list = Array.from(data as ArrayLike<number | bigint>);
  if (dtype === 'float16') return list.map((bits) => decodeFloat16(Number(bits)));
  if (dtype === 'bfloat16') return list.map((bits) => decodeBfloat16(Number(bits)));
  return list;
}
