import { allocate, Tensor, type DType, type NumericDType, type Shape } from '@tenon/tensor';
import { isHalf, isInteger64 } from './definition.js';
import { decodeHalf, encodeHalf, type HalfDType } from './half-precision.js';
import { storeSafeNumbers, toSafeNumbers, type Int64Array } from './int64.js';

/** Typed arrays whose elements are JavaScript numbers. */
export type NumberArray =
  Float32Array | Float64Array | Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array | Uint32Array;

/**
 * The elements of a real tensor as numbers; float16 and bfloat16 become float32.
 *
 * 64-bit integers beyond 2 ** 53 are rounded: where that matters, kernels ask `toSafeNumbers` first.
 */
export function numbersOf(tensor: Tensor): NumberArray {
  const { dtype } = tensor;
  if (isHalf(dtype)) return decodeHalf(dtype as HalfDType, tensor.data as Uint16Array);
  if (isInteger64(dtype)) {
    const data = tensor.data as Int64Array;
    return toSafeNumbers(data) ?? Float64Array.from(data, Number);
  }
  return tensor.data as NumberArray;
}

/** Room for the elements of a real tensor while a kernel computes them; `fromNumbers` makes the tensor. */
export function makeNumbers(dtype: DType, size: number): NumberArray {
  if (isHalf(dtype)) return new Float32Array(size);
  if (isInteger64(dtype)) return new Float64Array(size);
  return allocate(dtype as NumericDType, size) as NumberArray;
}

/** A real tensor of elements that are in the array which `makeNumbers` made for its data type. Halves round here. */
export function fromNumbers(dtype: DType, shape: Shape, values: NumberArray): Tensor {
  if (isHalf(dtype)) return new Tensor(dtype as HalfDType, shape, encodeHalf(dtype as HalfDType, values));
  if (isInteger64(dtype)) {
    const data = allocate(dtype as 'int64', values.length);
    storeSafeNumbers(values, data);
    return new Tensor(dtype as 'int64', shape, data);
  }
  return new Tensor(dtype as NumericDType, shape, values);
}
