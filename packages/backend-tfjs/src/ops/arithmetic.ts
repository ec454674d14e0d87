import { sizeOf, type Shape } from '@tenon/tensor';
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
  // Of nothing, one kernel divides by zero.
  if (x.size === 0) return filled(perm.map((axis) => x.shape[axis]!), 0, x.dtype); // prettier-ignore
  return kernel('Transpose', { x }, { perm });
}

/** Kernels of elements that broadcast know no more dimensions; one backend then gives rubbish, and says so on the terminal alone. */
const MOST_DIMENSIONS = 6;

/** Runs a kernel of two inputs that broadcast. */
export function binary(name: string, a: TfTensor, b: TfTensor): TfTensor {
  if (Math.max(a.rank, b.rank) <= MOST_DIMENSIONS) return kernel(name, { a, b });
  const shape = broadcastShape(a.shape, b.shape);
  const merged = mergeAxes(a.shape, b.shape);
  const [left, right] =
    merged.length <= MOST_DIMENSIONS
      ? [reshape(a, merged.map(([size]) => size)), reshape(b, merged.map(([, size]) => size))] // prettier-ignore
      : [a, b].map((x) => reshape(broadcastTo(x, shape), [sizeOf(shape)]));
  return reshape(kernel(name, { a: left!, b: right! }), shape);
}

/** The same broadcast in fewer axes: neighbours that do the same are one. */
function mergeAxes(a: Shape, b: Shape): (readonly [number, number])[] {
  const rank = Math.max(a.length, b.length);
  const merged: [number, number][] = [];
  let last = '';
  for (let axis = -rank; axis < 0; axis++) {
    const [left, right] = [a.at(axis) ?? 1, b.at(axis) ?? 1];
    if (left === 1 && right === 1) continue;
    const kind = left === right ? 'same' : left === 1 ? 'left' : 'right';
    if (kind === last) {
      merged.at(-1)![0] *= left;
      merged.at(-1)![1] *= right;
    } else merged.push([left, right]);
    last = kind;
  }
  return merged;
}

export const add = (a: TfTensor, b: TfTensor): TfTensor => binary('Add', a, b);
export const subtract = (a: TfTensor, b: TfTensor): TfTensor => binary('Sub', a, b);
export const multiply = (a: TfTensor, b: TfTensor): TfTensor => binary('Multiply', a, b);
export const divide = (a: TfTensor, b: TfTensor): TfTensor => binary('RealDiv', a, b);

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
