import { stridesOf } from '@tenon/tensor';
import type { TensorSlice } from './tensor-slice.js';

/** Elements of a piece of a tensor, row-major. */
export interface Piece {
  readonly slice: TensorSlice;
  readonly bytes: Uint8Array;
}

/**
 * Copies what `region` (in the coordinates of the tensor) holds from one piece of the tensor to another; both have all
 * of it.
 *
 * @param width Bytes of one element.
 */
export function copyRegion(region: TensorSlice, from: Piece, to: Piece, width: number): void {
  const rank = region.shape.length;
  const fromStrides = stridesOf(from.slice.shape);
  const toStrides = stridesOf(to.slice.shape);
  const copy = (axis: number, source: number, target: number): void => {
    if (axis >= rank - 1) {
      const run = (rank === 0 ? 1 : region.shape[axis]!) * width;
      to.bytes.set(from.bytes.subarray(source, source + run), target);
      return;
    }
    for (let index = 0; index < region.shape[axis]!; index++) {
      copy(axis + 1, source + index * fromStrides[axis]! * width, target + index * toStrides[axis]! * width);
    }
  };
  copy(0, start(region, from.slice, fromStrides) * width, start(region, to.slice, toStrides) * width);
}

/** Of the region's first element, in elements of the piece. */
function start(region: TensorSlice, piece: TensorSlice, strides: readonly number[]): number {
  return region.offset.reduce((sum, offset, axis) => sum + (offset - piece.offset[axis]!) * strides[axis]!, 0);
}
