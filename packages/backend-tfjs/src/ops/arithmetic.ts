import type { Shape } from '@tenon/tensor';
import { tensor as tfTensor, type DataType, type Tensor as TfTensor } from '@tensorflow/tfjs-core';
import { kernel } from '../engine.js';

/** The same value as a new tensor: what an op gives is never what it was given. */
export function same(x: TfTensor): TfTensor {
  return kernel('Identity', { x });
}

export function scalar(value: number, dtype: 'float32' | 'int32' = 'float32'): TfTensor {
  return tfTensor(dtype === 'float32' ? Float32Array.of(value) : Int32Array.of(value), [], dtype);
}

export function filled(shape: Shape, value: number, dtype: DataType): TfTensor {
  return kernel('Fill', {}, { shape, value, dtype });
}

export function cast(x: TfTensor, dtype: DataType): TfTensor {
  return kernel('Cast', { x }, { dtype });
}

export function reshape(x: TfTensor, shape: Shape): TfTensor {
  return kernel('Reshape', { x }, { shape });
}

export function transpose(x: TfTensor, perm: readonly number[]): TfTensor {
  return kernel('Transpose', { x }, { perm });
}

export const add = (a: TfTensor, b: TfTensor): TfTensor => kernel('Add', { a, b });
export const subtract = (a: TfTensor, b: TfTensor): TfTensor => kernel('Sub', { a, b });
export const multiply = (a: TfTensor, b: TfTensor): TfTensor => kernel('Multiply', { a, b });
export const divide = (a: TfTensor, b: TfTensor): TfTensor => kernel('RealDiv', { a, b });

/** @throws RangeError in TensorFlow's stead: some kernels do not look, and read what is beyond the end. */
export function require(condition: boolean, problem: string): void {
  if (!condition) throw new RangeError(problem);
}

/** An axis counted from the front. */
export function normalizeAxis(axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis;
  require(normal >= 0 && normal < rank, `There is no axis ${axis} in ${rank} dimensions.`);
  return normal;
}

/** The shape that two shapes broadcast to. */
export function broadcastShape(a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const [left, right] = [a[axis - rank + a.length] ?? 1, b[axis - rank + b.length] ?? 1];
    require(left === right || left === 1 || right === 1, `[${a.join()}] and [${b.join()}] do not broadcast.`);
    return left === 1 ? right : left;
  });
}

/** The value repeated along its dimensions of one element until it has that shape. */
export function broadcastTo(x: TfTensor, shape: Shape): TfTensor {
  const own = [...new Array<number>(shape.length - x.rank).fill(1), ...x.shape];
  if (String(own) === String(shape)) return reshape(x, shape);
  require(own.every(
    (size, axis) => size === shape[axis] || size === 1,
  ), `[${x.shape.join()}] does not broadcast to [${shape.join()}].`);
  if (shape.includes(0)) return filled(shape, 0, x.dtype);
  const reps = shape.map((size, axis) => (own[axis] === size ? 1 : size));
  return kernel('Tile', { x: reshape(x, own) }, { reps });
}
