import type { Operation } from '@tenon/graph';
import { allocate, isFloating, Tensor, type DType, type NumericDType } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { isComplex, isHalf, isInteger64, isNumber, passThrough } from './definition.js';
import { fromNumbers, numbersOf, type NumberArray } from './elements.js';
import { decodeHalf, encodeHalf, type HalfDType } from './half-precision.js';
import type { Int64Array } from './int64.js';

const TWO_31 = 2147483648;
const TWO_32 = 4294967296;
const TWO_63 = 9223372036854775808;
const INT64_MIN = -(2n ** 63n);

/** Floats as int32, cut towards zero; what does not fit is the least one, as x86 has it. */
function truncateToInt32(values: NumberArray): Float64Array {
  const result = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = Math.trunc(values[i]!);
    result[i] = value >= -TWO_31 && value < TWO_31 ? value : -TWO_31;
  }
  return result;
}

/** Floats as uint32, cut towards zero; negative ones wrap, and what does not fit is 2 ** 31. */
function truncateToUint32(values: NumberArray): Float64Array {
  const result = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = Math.trunc(values[i]!);
    result[i] = value >= -TWO_31 && value < TWO_32 ? value : TWO_31;
  }
  return result;
}

function castFloatTo64(values: NumberArray, to: 'int64' | 'uint64'): Int64Array {
  const result = allocate(to as 'int64', values.length);
  const halves = new Int32Array(result.buffer);
  for (let i = 0; i < values.length; i++) {
    const value = Math.trunc(values[i]!);
    if (value > -TWO_63 && value < (to === 'int64' ? TWO_63 : 2 * TWO_63)) {
      const high = Math.floor(value / TWO_32);
      halves[2 * i] = value - high * TWO_32;
      halves[2 * i + 1] = high;
    } else result[i] = INT64_MIN;
  }
  return result;
}

/** 64-bit integers as float32, rounded once: through float64 some would be rounded twice. */
function castInt64ToFloat32(values: Int64Array): Float32Array {
  const result = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const near = Number(value);
    if (near <= 2 ** 53 && near >= -(2 ** 53)) result[i] = near;
    else {
      // The low bits only matter as "there was something": a sticky bit keeps that, and what remains is exact.
      const sticky = value & 0x7ffn ? 0x800n : 0n;
      result[i] = Number(((value >> 11n) << 11n) | sticky);
    }
  }
  return result;
}

/** Real elements in another real data type, as TensorFlow casts them on x86. */
function castReal(tensor: Tensor, to: DType): Tensor {
  const { dtype: from, shape } = tensor;
  if (to === 'bool') {
    const values = isInteger64(from) ? (tensor.data as Int64Array) : numbersOf(tensor);
    const result = new Uint8Array(values.length);
    for (let i = 0; i < result.length; i++) result[i] = Number(values[i]) !== 0 ? 1 : 0;
    return new Tensor('bool', shape, result);
  }
  if (isInteger64(from)) {
    const data = tensor.data as Int64Array;
    if (isInteger64(to)) {
      const result = allocate(to as 'int64', data.length);
      new Int32Array(result.buffer).set(new Int32Array(data.buffer, data.byteOffset, data.length * 2));
      return new Tensor(to as 'int64', shape, result);
    }
    if (isFloating(to)) {
      const values = to === 'float64' ? Float64Array.from(data, Number) : castInt64ToFloat32(data);
      return fromNumbers(to, shape, values);
    }
    const halves = new Int32Array(data.buffer, data.byteOffset, data.length * 2);
    const result = allocate(to as 'int32', data.length);
    for (let i = 0; i < result.length; i++) result[i] = halves[2 * i]!;
    return new Tensor(to as 'int32', shape, result);
  }
  const values = numbersOf(tensor);
  if (isHalf(to)) return new Tensor(to as HalfDType, shape, encodeHalf(to as HalfDType, values));
  if (isInteger64(to)) {
    return new Tensor(to as 'int64', shape, castFloatTo64(values, to as 'int64') as BigInt64Array<ArrayBuffer>);
  }
  const result = allocate(to as NumericDType, values.length) as NumberArray;
  if (isFloating(from) && !isFloating(to)) {
    result.set(to === 'uint32' ? truncateToUint32(values) : truncateToInt32(values));
  } else if (isHalf(from)) result.set(decodeHalf(from as HalfDType, tensor.data as Uint16Array));
  else result.set(values);
  return new Tensor(to as 'int32', shape, result as Int32Array<ArrayBuffer>);
}

/** @throws nothing: every number is some number in every type. Of a complex number, real types keep the real part. */
export function cast(tensor: Tensor, to: DType): Tensor {
  if (tensor.dtype === to) return tensor;
  if (isComplex(tensor.dtype)) {
    const data = tensor.data as Float64Array;
    if (isComplex(to)) {
      const result = allocate(to as 'complex128', tensor.size);
      result.set(data);
      return new Tensor(to as 'complex128', tensor.shape, result);
    }
    const dtype = tensor.dtype === 'complex64' ? 'float32' : 'float64';
    const parts = allocate(dtype as 'float64', tensor.size);
    for (let i = 0; i < parts.length; i++) parts[i] = data[2 * i]!;
    return cast(new Tensor(dtype as 'float64', tensor.shape, parts), to);
  }
  if (isComplex(to)) {
    const parts = castReal(tensor, to === 'complex64' ? 'float32' : 'float64').data as Float64Array;
    const result = allocate(to as 'complex128', tensor.size);
    for (let i = 0; i < parts.length; i++) result[2 * i] = parts[i]!;
    return new Tensor(to as 'complex128', tensor.shape, result);
  }
  return castReal(tensor, to);
}

function prepareCast(operation: Operation): Kernel {
  const to = operation.dtype('DstT');
  return operation.dtype('SrcT') === to ? passThrough : ([tensor]) => [cast(tensor!, to)];
}

export const castKernels: readonly KernelDefinition[] = [
  {
    type: 'Cast',
    prepare: prepareCast,
    unsupported: (operation) => {
      const from = operation.dtype('SrcT');
      const to = operation.dtype('DstT');
      if (from === to) return undefined;
      if (operation.bool('Truncate') && isFloating(from) && (isHalf(to) || to === 'float32')) return 'Truncate';
      return [from, to].every(isNumber) ? undefined : `${from} to ${to}`;
    },
  },
];
