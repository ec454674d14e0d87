import { Tensor, type DType, type NumericDType, type TypedArray } from '@tenon/tensor';
import type * as Ort from 'onnxruntime-node';

/** The binding has no bfloat16: such tensors are float32 at the borders of a session. */
export function toOrt(ort: typeof Ort, tensor: Tensor): Ort.Tensor {
  if (tensor.is('bfloat16')) return new ort.Tensor('float32', widen(tensor.data), tensor.shape);
  const value = new ort.Tensor(tensor.dtype as 'float32', tensor.data as Float32Array, tensor.shape);
  // Where the engine has a Float16Array, ONNX Runtime's JavaScript makes one of the bits, which its native part does not understand.
  if (tensor.dtype === 'float16') Object.defineProperty(value, 'data', { value: tensor.data });
  return value;
}

/** Sees what ONNX Runtime returned as a tensor; copies only bfloat16. */
export function fromOrt(value: Ort.Tensor, dtype: DType): Tensor {
  if (dtype === 'bfloat16') return new Tensor(dtype, value.dims, narrow(value.data as Float32Array));
  if (dtype === 'float16') {
    // A Float16Array where the engine has one.
    const { buffer, byteOffset, length } = value.data as Uint16Array;
    return new Tensor(dtype, value.dims, new Uint16Array(buffer, byteOffset, length));
  }
  return new Tensor(dtype as NumericDType, value.dims, value.data as TypedArray);
}

function widen(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  for (let index = 0; index < halves.length; index++) bits[index] = halves[index]! << 16;
  return new Float32Array(bits.buffer);
}

/** Exact: the model made these floats of bfloat16. */
function narrow(floats: Float32Array): Uint16Array {
  const bits = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  return Uint16Array.from(bits, (word) => word >>> 16);
}
