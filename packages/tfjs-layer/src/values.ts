import type { DeviceTensor } from '@tenon/backend';
import { TfjsTensor } from '@tenon/backend-tfjs';
import { decodeBfloat16, decodeFloat16, isFloating, StringArray, Tensor, tensorFrom, type DType } from '@tenon/tensor';
import { engine, tensor, type DataType, type Tensor as TfTensor } from '@tensorflow/tfjs-core';
import { UnrepresentableValueError } from './errors.js';

/** Data types that mean the same to TensorFlow.js. */
const SHARED: readonly DType[] = ['float32', 'int32', 'bool'];

/** What TensorFlow.js has for a data type: what fits into it, at that. */
export function tfDType(dtype: DType): 'float32' | 'int32' | 'bool' | 'string' | undefined {
  if (isFloating(dtype)) return 'float32';
  switch (dtype) {
    case 'bool':
    case 'string':
      return dtype;
    case 'int64':
    case 'int32':
    case 'int16':
    case 'int8':
    case 'uint32':
    case 'uint16':
    case 'uint8':
      return 'int32';
    default:
      return undefined;
  }
}

/** A tensor of TensorFlow.js as a program takes it that wants this data type: as it is, where that is the same. */
export function toProgram(value: TfTensor, dtype: DType): Tensor | DeviceTensor {
  if (value.dtype === dtype && SHARED.includes(dtype)) return new TfjsTensor(value);
  if (dtype === 'string') return new Tensor('string', value.shape.slice(), StringArray.from(bytesOf(value)));
  return tensorFrom(value.dataSync(), dtype, value.shape.slice());
}

function bytesOf(value: TfTensor): Uint8Array[] {
  return engine().readSync(value.dataId) as unknown as Uint8Array[];
}

/**
 * A value of a program as a tensor of TensorFlow.js.
 *
 * @param name For the error.
 * @param isForeign Whether a tensor belongs to others, and must be copied to be given away.
 * @throws UnrepresentableValueError
 */
export function toTfjs(value: Tensor | DeviceTensor, name: string, isForeign: (tensor: TfTensor) => boolean): TfTensor {
  const dtype = tfDType(value.dtype);
  if (!dtype) throw new UnrepresentableValueError(name, `it has no data type for ${value.dtype}`);
  if (value instanceof TfjsTensor) return isForeign(value.tensor) ? value.tensor.clone() : value.tensor;
  const host = value as Tensor;
  const shape = host.shape.slice();
  if (host.is('string'))
    return tensor(
      Array.from({ length: host.size }, (_, index) => host.data.at(index).slice()),
      shape,
      'string',
    );
  return tensor(elementsFor(host, name), shape, dtype as DataType);
}

function elementsFor(host: Tensor, name: string): Float32Array | Int32Array | Uint8Array {
  const { data, dtype } = host;
  // TensorFlow.js keeps what it is given, and the session keeps what it gave.
  if (data instanceof Float32Array || data instanceof Int32Array || (dtype === 'bool' && data instanceof Uint8Array))
    return data.slice();
  if (dtype === 'float16') return Float32Array.from(data as Uint16Array, decodeFloat16);
  if (dtype === 'bfloat16') return Float32Array.from(data as Uint16Array, decodeBfloat16);
  const numbers = Array.from(data as ArrayLike<number | bigint>, Number);
  if (isFloating(dtype)) return Float32Array.from(numbers);
  const outside = numbers.find((number) => number !== (number | 0));
  if (outside !== undefined) throw new UnrepresentableValueError(name, `${outside} is no int32`);
  return Int32Array.from(numbers);
}
