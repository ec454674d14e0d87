import { Tensor, type DType, type Shape } from '@tenon/tensor';
import { InvalidArgumentError } from './errors.js';
import { int64From, type Int64Array } from './int64.js';

/**
 * The elements of an integer tensor as numbers: indices, sizes, axes. What is beyond 2 ** 53 is rounded, and stays far out of any bounds.
 */
export function integersOf(tensor: Tensor): ArrayLike<number> {
  if (tensor.dtype !== 'int64' && tensor.dtype !== 'uint64') return tensor.data as Int32Array;
  const data = tensor.data as Int64Array;
  if (data.length <= 8) return Float64Array.from(data, Number);
  const halves = new Int32Array(data.buffer, data.byteOffset, data.length * 2);
  const unsigned = tensor.dtype === 'uint64';
  const values = new Float64Array(data.length);
  for (let i = 0; i < values.length; i++) {
    const high = halves[2 * i + 1]!;
    values[i] = (unsigned ? high >>> 0 : high) * 4294967296 + (halves[2 * i]! >>> 0);
  }
  return values;
}

/** The one integer of a scalar, or of a tensor with one element. */
export function integerOf(tensor: Tensor): number {
  const values = integersOf(tensor);
  if (values.length !== 1) throw new InvalidArgumentError(`One integer is wanted; ${values.length} were given.`);
  return values[0]!;
}

/** A tensor of `dtype` int32 or int64 with these elements. */
export function integers(dtype: DType, shape: Shape, values: ArrayLike<number>): Tensor {
  return dtype === 'int64'
    ? new Tensor('int64', shape, int64From(values))
    : new Tensor('int32', shape, values instanceof Int32Array ? values : Int32Array.from(values));
}

/** The shape that an integer vector holds. @throws InvalidArgumentError if a dimension is negative. */
export function shapeFrom(tensor: Tensor): number[] {
  const shape = Array.from(integersOf(tensor));
  checkedSize(shape);
  return shape;
}

/** Elements that a tensor may have whose size comes out of data: 2 GiB of float32. A few bytes of a file can ask for any number. */
const MOST_ELEMENTS = 2 ** 29;

/** The number of elements of a shape that came out of data. @throws InvalidArgumentError if it cannot be a tensor's. */
export function checkedSize(shape: Shape): number {
  let size = 1;
  // Without elements, the other dimensions still say how often loops go round.
  let others = 1;
  for (const dimension of shape) {
    if (!(dimension >= 0)) throw new InvalidArgumentError(`A shape of [${shape.join(', ')}] has a negative dimension.`);
    size *= dimension;
    if (dimension > 0) others *= dimension;
  }
  if (others > MOST_ELEMENTS)
    throw new InvalidArgumentError(`A tensor of shape [${shape.join(', ')}] would have ${size || 'no'} elements.`);
  return size;
}

/** An axis between `-rank` and `rank - 1` as one between 0 and `rank - 1`. @throws InvalidArgumentError if it is outside. */
export function normalizeAxis(axis: number, rank: number): number {
  if (!(axis >= -rank && axis < rank)) {
    throw new InvalidArgumentError(`Axis ${axis} is outside [${-rank}, ${rank}) for a tensor of rank ${rank}.`);
  }
  return axis < 0 ? axis + rank : axis;
}
