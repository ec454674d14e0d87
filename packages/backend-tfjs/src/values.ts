import { allocate, Tensor, type DType, type NumericDType, type Shape, type TypedArray } from '@tenon/tensor';
import { tensor as tfTensor, type DataType, type Tensor as TfTensor } from '@tensorflow/tfjs-core';

/** Puts a value on the device of the backend that is in use. int64 must fit into int32: only what was counted there comes back. */
export function toDevice({ data, shape, dtype }: Tensor): TfTensor {
  return tfTensor(data as Float32Array, shape as number[], dtype as DataType);
}

/** Sees what the device gave as a tensor; nothing is copied but what has another type there. */
export function toHost(data: ArrayLike<number>, shape: Shape, dtype: DType): Tensor {
  if (isOfType(data, dtype)) return new Tensor(dtype as NumericDType, shape.slice(), data);
  const elements = allocate(dtype as NumericDType, data.length);
  if (elements instanceof BigInt64Array) for (let i = 0; i < data.length; i++) elements[i] = BigInt(data[i]!);
  else for (let i = 0; i < data.length; i++) (elements as Float32Array)[i] = data[i]!;
  return new Tensor(dtype as NumericDType, shape.slice(), elements);
}

function isOfType(data: ArrayLike<number>, dtype: DType): data is ArrayLike<number> & TypedArray {
  switch (dtype) {
    case 'float32':
      return data instanceof Float32Array;
    case 'int32':
      return data instanceof Int32Array;
    default:
      return dtype === 'bool' && data instanceof Uint8Array;
  }
}
