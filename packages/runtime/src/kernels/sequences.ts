import type { Operation } from '@tenon/graph';
import { allocate, isFloating, sizeOf, Tensor, type DType } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define, isInteger64, isNumber, isReal } from './definition.js';
import { fromNumbers, makeNumbers, numbersOf } from './elements.js';
import { InvalidArgumentError } from './errors.js';
import { checkedSize, integerOf, normalizeAxis } from './integers.js';
import type { Int64Array } from './int64.js';
import { addTensors } from './sums.js';
import { addLists } from './tensor-list.js';

function rangeLength(start: number, limit: number, delta: number, isFloat: boolean): number {
  if (delta === 0) throw new InvalidArgumentError('A range with steps of zero does not end.');
  if ((limit - start) * delta < 0)
    throw new InvalidArgumentError(`Steps of ${delta} do not lead from ${start} to ${limit}.`);
  const steps = isFloat ? Math.abs((limit - start) / delta) : Math.abs(limit - start) / Math.abs(delta);
  return checkedSize([Math.ceil(steps)]);
}

function prepareRange(operation: Operation): Kernel {
  const { dtype } = operation.output();
  if (isInteger64(dtype)) return int64Range(dtype as 'int64');
  const isFloat = isFloating(dtype);
  return (inputs) => {
    const [start, limit, delta] = inputs.map((tensor) => numbersOf(tensor)[0]!) as [number, number, number];
    const length = rangeLength(start, limit, delta, isFloat);
    const values = makeNumbers(dtype, length);
    for (let i = 0; i < length; i++) values[i] = start + i * delta;
    return [fromNumbers(dtype, [length], values)];
  };
}

const int64Range =
  (dtype: 'int64'): Kernel =>
  (inputs) => {
    const [start, limit, delta] = inputs.map((tensor) => (tensor.data as Int64Array)[0]!) as [bigint, bigint, bigint];
    if (delta === 0n || (limit - start) * delta < 0n) rangeLength(Number(start), Number(limit), Number(delta), false);
    const size = delta > 0n ? delta : -delta;
    const distance = limit > start ? limit - start : start - limit;
    const length = checkedSize([Number((distance + size - 1n) / size)]);
    const values = allocate(dtype, length);
    for (let i = 0, value = start; i < length; i++, value += delta) values[i] = value;
    return [new Tensor(dtype, [length], values)];
  };

const linSpace: Kernel = ([startTensor, stopTensor, count]) => {
  const { dtype } = startTensor!;
  const start = numbersOf(startTensor!)[0]!;
  const stop = numbersOf(stopTensor!)[0]!;
  const length = checkedSize([integerOf(count!)]);
  if (length === 0) throw new InvalidArgumentError('At least one number is wanted.');
  const values = makeNumbers(dtype, length);
  const step = (stop - start) / (length - 1);
  for (let i = 0; i < length; i++) values[i] = start + step * i;
  if (length > 1) values[length - 1] = stop;
  else values[0] = start;
  return [fromNumbers(dtype, [length], values)];
};

const addN: Kernel = (inputs) => [inputs[0]!.dtype === 'variant' ? addLists(inputs) : addTensors(inputs)];

/** How a running result takes in the next element. */
interface Scan {
  readonly start: number;
  readonly number: (running: number, value: number) => number;
  readonly int32?: (running: number, value: number) => number;
  readonly bigint?: (running: bigint, value: bigint) => bigint;
}

const RUNNING_SUM: Scan = { start: 0, number: (a, b) => a + b, int32: (a, b) => (a + b) | 0, bigint: (a, b) => a + b };
const RUNNING_PRODUCT: Scan = {
  start: 1,
  number: (a, b) => a * b,
  int32: Math.imul,
  bigint: (a, b) => BigInt.asIntN(64, a * b),
};
const RUNNING_LOG_SUM_EXP: Scan = {
  start: -Infinity,
  number: (a, b) => {
    const most = Math.max(a, b);
    return most === -Infinity ? most : most + Math.log(Math.exp(a - most) + Math.exp(b - most));
  },
};

/** Runs along an axis and keeps what it has so far: `step(from, to)` is called for each element, in order, from a fresh start per row. */
function scanRows(
  shape: readonly number[],
  axis: number,
  isReversed: boolean,
  begin: () => void,
  step: (at: number) => void,
): void {
  const length = shape[axis]!;
  const inner = sizeOf(shape.slice(axis + 1));
  const outer = sizeOf(shape.slice(0, axis));
  for (let block = 0; block < outer; block++) {
    for (let i = 0; i < inner; i++) {
      begin();
      const start = block * length * inner + i;
      for (let k = 0; k < length; k++) step(start + (isReversed ? length - 1 - k : k) * inner);
    }
  }
}

function prepareScan(scan: Scan): (operation: Operation) => Kernel {
  return (operation) => {
    const isExclusive = operation.bool('exclusive');
    const isReversed = operation.bool('reverse');
    const { dtype } = operation.output();
    const combine = isFloating(dtype) ? scan.number : (scan.int32 ?? scan.number);
    return ([tensor, axisTensor]) => {
      const { shape, rank } = tensor!;
      const axis = normalizeAxis(integerOf(axisTensor!), rank);
      if (isInteger64(dtype)) {
        const input = tensor!.data as Int64Array;
        const output = allocate(dtype as 'int64', input.length);
        let running = 0n;
        scanRows(
          shape,
          axis,
          isReversed,
          () => (running = BigInt(scan.start)),
          (at) => {
            const next = scan.bigint!(running, input[at]!);
            output[at] = isExclusive ? running : next;
            running = next;
          },
        );
        return [new Tensor(dtype as 'int64', shape, output)];
      }
      const input = numbersOf(tensor!);
      const output = makeNumbers(dtype, input.length);
      let running = 0;
      scanRows(
        shape,
        axis,
        isReversed,
        () => (running = scan.start),
        (at) => {
          const next = combine(running, input[at]!);
          output[at] = isExclusive ? running : next;
          running = next;
        },
      );
      return [fromNumbers(dtype, shape, output)];
    };
  };
}

const isFloat = (dtype: DType): boolean => isFloating(dtype) || dtype === 'int32' || dtype === 'int64';

export const sequenceKernels: readonly KernelDefinition[] = [
  define('Range', prepareRange, isReal),
  define('LinSpace', () => linSpace, isFloat),
  define(
    'AddN',
    () => addN,
    (dtype) => isNumber(dtype) || dtype === 'variant',
  ),
  define('AccumulateNV2', () => addN, isNumber),
  define('Cumsum', prepareScan(RUNNING_SUM), isReal),
  define('Cumprod', prepareScan(RUNNING_PRODUCT), isReal),
  define('CumulativeLogsumexp', prepareScan(RUNNING_LOG_SUM_EXP), isFloat),
];
