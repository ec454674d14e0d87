import type { Component, Frame } from './jpeg-file.js';
import type { BlockTransform } from './jpeg-transform.js';

/** Samples of one channel. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  /** Samples in each row that is kept. */
  readonly stride: number;
  readonly data: Uint8Array;
}

/** Turns the coefficients of a component into samples. `makeTransform` says how, for a quantisation table. */
export function transformComponent(
  { coefficients, table, stride, blockRows, width, height }: Component,
  makeTransform: (table: Uint16Array) => BlockTransform,
): Plane {
  const transform = makeTransform(table!);
  const planeStride = stride * 8;
  const data = new Uint8ClampedArray(planeStride * blockRows * 8);
  const block = new Int32Array(64);
  for (let row = 0, from = 0; row < blockRows; row++) {
    for (let column = 0; column < stride; column++, from += 64) {
      transform(coefficients, from, block);
      const to = row * 8 * planeStride + column * 8;
      for (let i = 0; i < 64; i++) data[to + (i >> 3) * planeStride + (i & 7)] = block[i]! + 128;
    }
  }
  return { width, height, stride: planeStride, data: new Uint8Array(data.buffer) };
}

/** Repeats samples. */
function repeat(plane: Plane, across: number, down: number, width: number, height: number): Plane {
  const data = new Uint8Array(width * height);
  for (let y = 0, to = 0; y < height; y++) {
    const row = Math.floor(y / down) * plane.stride;
    for (let x = 0; x < width; x++) data[to++] = plane.data[row + Math.floor(x / across)]!;
  }
  return { width, height, stride: width, data };
}

/** Doubles the columns: each new sample is three quarters of the nearer one and one quarter of the further one. */
function smoothColumns(plane: Plane, width: number): Plane {
  const { height, data: input } = plane;
  const data = new Uint8Array(width * height);
  const last = plane.width - 1;
  for (let y = 0; y < height; y++) {
    const row = y * plane.stride;
    for (let x = 0; x < width; x++) {
      const column = x >> 1;
      const near = input[row + column]!;
      const isEdge = x === 0 || x === 2 * last + 1;
      const far = input[row + Math.min(last, column + (x & 1 ? 1 : -1))]!;
      data[y * width + x] = isEdge ? near : (near * 3 + far + (x & 1 ? 2 : 1)) >> 2;
    }
  }
  return { width, height, stride: width, data };
}

/** Doubles the rows, by the same weights. */
function smoothRows(plane: Plane, height: number): Plane {
  const { width, stride, data: input } = plane;
  const data = new Uint8Array(width * height);
  for (let y = 0, to = 0; y < height; y++) {
    const row = y >> 1;
    const other = Math.max(0, Math.min(plane.height - 1, row + (y & 1 ? 1 : -1)));
    for (let x = 0; x < width; x++)
      data[to++] = (input[row * stride + x]! * 3 + input[other * stride + x]! + (y & 1 ? 2 : 1)) >> 2;
  }
  return { width, height, stride: width, data };
}

/** Doubles both, rounding once. */
function smoothBoth(plane: Plane, width: number, height: number): Plane {
  const { stride, data: input } = plane;
  const data = new Uint8Array(width * height);
  const last = plane.width - 1;
  const sums = new Int32Array(plane.width);
  for (let y = 0, to = 0; y < height; y++) {
    const row = y >> 1;
    const other = Math.max(0, Math.min(plane.height - 1, row + (y & 1 ? 1 : -1)));
    for (let x = 0; x <= last; x++) sums[x] = input[row * stride + x]! * 3 + input[other * stride + x]!;
    for (let x = 0; x < width; x++) {
      const column = x >> 1;
      const far = Math.max(0, Math.min(last, column + (x & 1 ? 1 : -1)));
      data[to++] = (sums[column]! * 3 + sums[far]! + (x & 1 ? 7 : 8)) >> 4;
    }
  }
  return { width, height, stride: width, data };
}

/**
 * Brings a component to the resolution of the image, as libjpeg does.
 *
 * @param isSmooth Whether samples are interpolated where there is one for two columns or rows; repeated otherwise.
 * @returns `undefined` if its resolution is no whole part of the image's.
 */
export function upsample(plane: Plane, component: Component, frame: Frame, isSmooth: boolean): Plane | undefined {
  const { width, height } = frame;
  const across = frame.mostAcross / component.across;
  const down = frame.mostDown / component.down;
  if (across === 1 && down === 1) return plane;
  if (!Number.isInteger(across) || !Number.isInteger(down)) return undefined;
  // Of two columns libjpeg finds nothing to interpolate.
  const isWide = component.width > 2;
  if (isSmooth && across === 2 && down === 1 && isWide) return smoothColumns(plane, width);
  if (isSmooth && across === 2 && down === 2 && isWide) return smoothBoth(plane, width, height);
  if (isSmooth && across === 1 && down === 2) return smoothRows(plane, height);
  return repeat(plane, across, down, width, height);
}
