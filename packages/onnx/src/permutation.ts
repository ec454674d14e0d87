import { isNumeric, stridesOf, Tensor, type Shape, type TypedArray } from '@tenon/tensor';

/** How a channels-last value of that rank becomes channels-first: `[0, 3, 1, 2]`. */
export function toChannelsFirst(rank: number): number[] {
  return [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, index) => index + 1)];
}

/** How a channels-first value of that rank becomes channels-last: `[0, 2, 3, 1]`. */
export function toChannelsLast(rank: number): number[] {
  return [0, ...Array.from({ length: rank - 2 }, (_, index) => index + 2), 1];
}

/** Where the axis of a channels-last value is in its channels-first form. */
export function channelsFirstAxis(axis: number, rank: number): number {
  return axis === 0 ? 0 : axis === rank - 1 ? 1 : axis + 1;
}

/** Whether the permutation moves no element: the axes that change places have one element, but for the rest in order. */
export function movesNothing(shape: Shape, permutation: readonly number[]): boolean {
  const large = permutation.filter((axis) => shape[axis] !== 1);
  return large.every((axis, index) => index === 0 || axis > large[index - 1]!);
}

/** The tensor with its axes in another order: axis `i` of the result is axis `permutation[i]`. */
export function permute(tensor: Tensor, permutation: readonly number[]): Tensor {
  const shape = permutation.map((axis) => tensor.shape[axis]!);
  if (!isNumeric(tensor.dtype)) throw new TypeError(`A ${tensor.dtype} tensor has no axes to permute.`);
  if (movesNothing(tensor.shape, permutation)) return tensor.reshape(shape);
  const source = tensor.data as TypedArray;
  const target = source.slice() as TypedArray;
  const strides = stridesOf(tensor.shape);
  const steps = permutation.map((axis) => strides[axis]!);
  const index = new Array<number>(shape.length).fill(0);
  const last = shape.length - 1;
  const width = shape[last]!;
  const step = steps[last]!;
  for (let done = 0, from = 0; done < target.length; done += width) {
    for (let column = 0; column < width; column++) target[done + column] = source[from + column * step]!;
    for (let axis = last - 1; axis >= 0; axis--) {
      from += steps[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= steps[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return new Tensor(tensor.dtype, shape, target);
}
