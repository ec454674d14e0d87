import type { Operation } from '@tenon/graph';
import { sizeOf, type Tensor } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define } from './definition.js';
import { fromNumbers, makeNumbers, numbersOf, type NumberArray } from './elements.js';
import { InvalidArgumentError } from './errors.js';
import { checkedSize, integerOf, integersOf } from './integers.js';

/** What a segment's sum is divided by. */
type Divisor = (rows: number) => number;

const DIVISORS: Readonly<Record<string, Divisor | undefined>> = {
  SparseSegmentSum: undefined,
  SparseSegmentMean: (rows) => rows,
  SparseSegmentSqrtN: Math.sqrt,
};

/**
 * Adds up `count` rows of `data`, which begin at `starts`, to the row of `target` that begins at `to`.
 *
 * In TensorFlow's order, so that sums round as they do there: the first 2 to 9 one by one, then the sums of eights.
 */
type RowSum = (
  data: NumberArray,
  starts: Int32Array,
  count: number,
  target: NumberArray,
  to: number,
  width: number,
) => void;

const sumRows: RowSum = (data, starts, count, target, to, width) => {
  // A place of the target's own kind: every sum is rounded by storing it.
  const eight = target.slice(0, 1);
  const first = firstGroup(count);
  for (let i = 0; i < width; i++) {
    target[to + i] = data[starts[0]! + i]!;
    for (let row = 1; row < first; row++) target[to + i]! += data[starts[row]! + i]!;
    for (let row = first; row < count; row += 8) {
      eight[0] = data[starts[row]! + i]!;
      for (let k = row + 1; k < row + 8; k++) eight[0] += data[starts[k]! + i]!;
      target[to + i]! += eight[0];
    }
  }
};

/** As `sumRows`, four columns at a time, whose sums stay in registers: embeddings are float32, and this is most of a text module's time. */
const sumFloat32Rows: RowSum = (data, starts, count, target, to, width) => {
  const first = firstGroup(count);
  let i = 0;
  for (; i + 4 <= width; i += 4) {
    // Told that places are 32-bit integers, the engine indexes in half the time.
    let at = (starts[0]! + i) | 0;
    let a = data[at]!;
    let b = data[at + 1]!;
    let c = data[at + 2]!;
    let d = data[at + 3]!;
    for (let row = 1; row < first; row++) {
      at = (starts[row]! + i) | 0;
      a = Math.fround(a + data[at]!);
      b = Math.fround(b + data[at + 1]!);
      c = Math.fround(c + data[at + 2]!);
      d = Math.fround(d + data[at + 3]!);
    }
    for (let row = first; row < count; row += 8) {
      at = (starts[row]! + i) | 0;
      let e = data[at]!;
      let f = data[at + 1]!;
      let g = data[at + 2]!;
      let h = data[at + 3]!;
      for (let k = row + 1; k < row + 8; k++) {
        at = (starts[k]! + i) | 0;
        e = Math.fround(e + data[at]!);
        f = Math.fround(f + data[at + 1]!);
        g = Math.fround(g + data[at + 2]!);
        h = Math.fround(h + data[at + 3]!);
      }
      a = Math.fround(a + e);
      b = Math.fround(b + f);
      c = Math.fround(c + g);
      d = Math.fround(d + h);
    }
    const place = (to + i) | 0;
    target[place] = a;
    target[place + 1] = b;
    target[place + 2] = c;
    target[place + 3] = d;
  }
  if (i < width) {
    const rest = starts.map((start) => start + i);
    sumRows(data, rest, count, target, to + i, width - i);
  }
};

/** Rows of `data` picked by `indices` and summed by segment. */
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
  checkedSize([count, width]);
  const source = numbersOf(data);
  const target = makeNumbers(data.dtype, count * width);
  if (source.length > MOST_ELEMENTS || target.length > MOST_ELEMENTS) {
    throw new InvalidArgumentError(`More than ${MOST_ELEMENTS} elements cannot be summed by segment.`);
  }
  const sum = source instanceof Float32Array && target instanceof Float32Array ? sumFloat32Rows : sumRows;
  let starts = new Int32Array(64);
  for (let first = 0; first < ids.length;) {
    const id = ids[first]!;
    let end = first + 1;
    while (end < ids.length && ids[end] === id) end++;
    if (!(id >= 0 && id < count) || (end < ids.length && ids[end]! < id)) {
      throw new InvalidArgumentError(
        `Segment ids must rise from 0 and stay below ${count}; ${id} is followed by ${ids[end] ?? 'nothing'}.`,
      );
    }
    if (end - first > starts.length) starts = new Int32Array(2 * (end - first));
    for (let i = first; i < end; i++) {
      const row = rows[i]!;
      if (!(row >= 0 && row < limit)) throw new InvalidArgumentError(`Index ${row} is outside [0, ${limit}).`);
      starts[i - first] = row * width;
    }
    const to = id * width;
    sum(source, starts, end - first, target, to, width);
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

/** Places of elements are 32-bit integers here. */
const MOST_ELEMENTS = 2 ** 31 - 1;

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
