import { slotsPerElement, type DType, type NumericDType, type StringArray, type Tensor } from '@tenon/tensor';
import { fromBfloat16, fromFloat16 } from '../kernels/half-precision.js';

/** How far a result may be from TensorFlow's, relative to it, by data type; all others are exact. */
const RELATIVE: Partial<Record<DType, number>> = {
  float32: 1e-6,
  complex64: 2e-6,
  float64: 1e-14,
  complex128: 1e-14,
  // One unit in the last place.
  float16: 2 ** -10,
  bfloat16: 2 ** -7,
};

function numberAt(tensor: Tensor, index: number): number | bigint | string {
  if (tensor.dtype === 'string') return Buffer.from((tensor.data as StringArray).at(index)).toString('latin1');
  const value = (tensor.data as Float32Array)[index]!;
  if (tensor.dtype === 'float16') return fromFloat16(value);
  return tensor.dtype === 'bfloat16' ? fromBfloat16(value) : value;
}

/** Where `actual` differs from `expected` by more than the tolerance, in words; `undefined` if nowhere. */
export function difference(
  actual: Tensor,
  expected: Tensor,
  tolerance?: readonly [number, number],
): string | undefined {
  if (actual.dtype !== expected.dtype) return `dtype ${actual.dtype}, not ${expected.dtype}`;
  if (actual.shape.join() !== expected.shape.join())
    return `shape [${actual.shape.join()}], not [${expected.shape.join()}]`;
  const relative = tolerance?.[0] ?? RELATIVE[expected.dtype] ?? 0;
  const absolute = tolerance?.[1] ?? (expected.dtype === 'float16' ? 2 ** -24 : 0);
  const slots = expected.dtype === 'string' ? 1 : slotsPerElement(expected.dtype as NumericDType);
  for (let i = 0; i < expected.size * slots; i++) {
    const a = numberAt(actual, i);
    const b = numberAt(expected, i);
    if (a === b || (a !== a && b !== b)) continue;
    const allowed = absolute + relative * (slots === 2 ? modulus(expected, i) : Math.abs(Number(b)));
    if (typeof a === 'number' && typeof b === 'number' && Math.abs(a - b) <= allowed && Number.isFinite(b)) continue;
    return `element ${i} is ${a}, not ${b}`;
  }
  return undefined;
}

/** Of a complex number: its parts are as exact as its size allows. */
function modulus(tensor: Tensor, slot: number): number {
  const data = tensor.data as Float32Array;
  const start = slot - (slot % 2);
  return Math.hypot(data[start]!, data[start + 1]!);
}
