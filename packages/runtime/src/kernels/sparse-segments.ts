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

/** Adds row `from` of `data` to the row that starts at `to`. */
function addRow(data: NumberArray, from: number, target: NumberArray, to: number, width: number): void {
  for (let i = 0; i < width; i++) target[to + i]! += data[from + i]!;
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
    for (let i = first + 1; i < next; i++) addRow(source, rows[i]! * width, target, to, width);
    for (; next < end; next += 8) {
      copyRow(source, rows[next]! * width, eight, 0, width);
      for (let i = next + 1; i < next + 8; i++) addRow(source, rows[i]! * width, eight, 0, width);
      addRow(eight, 0, target, to, width);
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
