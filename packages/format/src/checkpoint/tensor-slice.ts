import type { Shape } from '@tenon/tensor';

/** A rectangular piece of a tensor. */
export interface TensorSlice {
  /** Where it begins in the tensor, per dimension. */
  readonly offset: readonly number[];
  /** Its own shape. */
  readonly shape: Shape;
}

export function wholeOf(shape: Shape): TensorSlice {
  return { offset: shape.map(() => 0), shape };
}

export function isSameSlice(a: TensorSlice, b: TensorSlice): boolean {
  return (
    a.shape.length === b.shape.length &&
    a.shape.every((size, axis) => size === b.shape[axis] && a.offset[axis] === b.offset[axis])
  );
}

/** Whether `slice` is a piece of a tensor of shape `shape`. */
export function liesIn(slice: TensorSlice, shape: Shape): boolean {
  return (
    slice.offset.length === shape.length &&
    slice.shape.length === shape.length &&
    shape.every((size, axis) => {
      const start = slice.offset[axis]!;
      const length = slice.shape[axis]!;
      return isCount(start) && isCount(length) && start + length <= size;
    })
  );
}

/** What two slices have in common; `undefined` if nothing. */
export function intersect(a: TensorSlice, b: TensorSlice): TensorSlice | undefined {
  const offset: number[] = [];
  const shape: number[] = [];
  for (let axis = 0; axis < a.shape.length; axis++) {
    const start = Math.max(a.offset[axis]!, b.offset[axis]!);
    const end = Math.min(a.offset[axis]! + a.shape[axis]!, b.offset[axis]! + b.shape[axis]!);
    if (end <= start) return undefined;
    offset.push(start);
    shape.push(end - start);
  }
  return { offset, shape };
}

/** `[2:4, 0:10]` */
export function formatSlice({ offset, shape }: TensorSlice): string {
  return `[${shape.map((size, axis) => `${offset[axis]}:${offset[axis]! + size}`).join(', ')}]`;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
