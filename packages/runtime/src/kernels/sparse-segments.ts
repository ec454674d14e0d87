import type { Operation } from '@tenon/graph';
import { sizeOf, type Tensor } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define } from './definition.js';
import { fromNumbers, makeNumbers, numbersOf, type NumberArray } from './elements.js';
import { InvalidArgumentError } from './errors.js';
import { integerOf, integersOf } from './integers.js';

/** What a segment's sum is divided by. */
type Divisor = (rows: number) => number;

const DIVISORS: Readonly<Record<string, Divisor | undefined>> = {
  SparseSegmentSum: undefined,
  SparseSegmentMean: (rows) => rows,
  SparseSegmentSqrtN: Math.sqrt,
};

/** Adds the rows of `data` that `rows[first, end)` name to the row of `target` that starts at `to`, in that order. */
function addRows(
  data: NumberArray,
  rows: ArrayLike<number>,
  first: number,
  end: number,
  target: NumberArray,
  to: number,
  width: number,
): void {
  let next = first;
  if (
    data instanceof Float32Array &&
    target instanceof Float32Array &&
    data.length < 2 ** 31 &&
    target.length < 2 ** 31
  ) {
    next = addFloat32Rows(data, rows, first, end, target, to, width);
  }
  for (; next < end; next++) {
    const from = rows[next]! * width;
    for (let i = 0; i < width; i++) target[to + i]! += data[from + i]!;
  }
}

/** As `addRows`, four rows at a time, which halves the time; the last up to three are left. Returns the first of those. */
function addFloat32Rows(
  data: Float32Array,
  rows: ArrayLike<number>,
  first: number,
  end: number,
  target: Float32Array,
  to: number,
  width: number,
): number {
  let next = first;
  for (; next + 4 <= end; next += 4) {
    // Told that these are 32-bit integers, the engine indexes in half the time.
    let a = (rows[next]! * width) | 0;
    let b = (rows[next + 1]! * width) | 0;
    let c = (rows[next + 2]! * width) | 0;
    let d = (rows[next + 3]! * width) | 0;
    for (let i = to | 0, last = (to + width) | 0; i < last; i++) {
      const two = Math.fround(Math.fround(target[i]! + data[a++]!) + data[b++]!);
      target[i] = Math.fround(Math.fround(two + data[c++]!) + data[d++]!);
    }
  }
  return next;
}

function copyRow(data: NumberArray, from: number, target: NumberArray, to: number, width: number): void {
  for (let i = 0; i < width; i++) target[to + i] = data[from + i]!;
}

/**
 * Rows of `data` picked by `indices` and summed by segment.
 *
 * Rows are added in TensorFlow's order (the first 2 to 9, then eights), so that sums round as they do there.
 */
function sumSegments(
  data: Tensor,
  indices: Tensor,
  segmentIds: Tensor,
  segments: number | undefined,
  divisor: Divisor | undefined,
): Tensor {
  const width = sizeOf(data.shape.slice(1));
  const limit = data.shape[0] ?? 0;
  const rows = integersOf(indices);
  const ids = integersOf(segmentIds);
  if (data.rank === 0) throw new InvalidArgumentError('What is summed by segment must have rows; a scalar was given.');
  if (rows.length !== ids.length)
    throw new InvalidArgumentError(`There are ${rows.length} indices, but ${ids.length} segment ids.`);
  const count = segments ?? (ids.length === 0 ? 0 : ids[ids.length - 1]! + 1);
  if (!(count >= 0 && count <= MOST_SEGMENTS)) throw new InvalidArgumentError(`There cannot be ${count} segments.`);
  const source = numbersOf(data);
  const target = makeNumbers(data.dtype, count * width);
  const eight = makeNumbers(data.dtype, width);
  for (let first = 0; first < ids.length;) {
    const id = ids[first]!;
    let end = first + 1;
    while (end < ids.length && ids[end] === id) end++;
    if (!(id >= 0 && id < count) || (end < ids.length && ids[end]! < id)) {
      throw new InvalidArgumentError(
        `Segment ids must rise from 0 and stay below ${count}; ${id} is followed by ${ids[end] ?? 'nothing'}.`,
      );
    }
    for (let i = first; i < end; i++) {
      if (!(rows[i]! >= 0 && rows[i]! < limit))
        throw new InvalidArgumentError(`Index ${rows[i]} is outside [0, ${limit}).`);
    }
    const to = id * width;
    copyRow(source, rows[first]! * width, target, to, width);
    let next = first + firstGroup(end - first);
    addRows(source, rows, first + 1, next, target, to, width);
    for (; next < end; next += 8) {
      copyRow(source, rows[next]! * width, eight, 0, width);
      addRows(source, rows, next + 1, next + 8, eight, 0, width);
      for (let i = 0; i < width; i++) target[to + i]! += eight[i]!;
    }
    if (divisor && end > first + 1) {
      const round = data.dtype === 'float64' ? Number : Math.fround;
      const by = round(divisor(end - first));
      // As TensorFlow does: short segments are multiplied by the reciprocal, which rounds differently.
      if (end - first < 10) for (let i = to; i < to + width; i++) target[i]! *= round(1 / by);
      else for (let i = to; i < to + width; i++) target[i]! /= by;
    }
    first = end;
  }
  return fromNumbers(data.dtype, [count, ...data.shape.slice(1)], target);
}

/** Beyond it, an id is broken or hostile, not a segment's. */
const MOST_SEGMENTS = 2 ** 31;

/** How many of a segment's rows are added first; the others come in eights. */
function firstGroup(rows: number): number {
  if (rows < 8) return rows;
  return rows % 8 === 0 ? 8 : rows % 8 === 1 ? 9 : rows % 8;
}

function segmentKernel(divisor: Divisor | undefined, hasCount: boolean): (operation: Operation) => Kernel {
  return () => (inputs) => {
    const segments = hasCount ? integerOf(inputs[3]!) : undefined;
    return [sumSegments(inputs[0]!, inputs[1]!, inputs[2]!, segments, divisor)];
  };
}

export const sparseSegmentKernels: readonly KernelDefinition[] = Object.entries(DIVISORS).flatMap(([type, divisor]) => [
  define(type, segmentKernel(divisor, false)),
  define(`${type}WithNumSegments`, segmentKernel(divisor, true)),
]);
