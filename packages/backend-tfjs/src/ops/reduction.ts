import { sizeOf } from '@tenon/tensor';
import type { Tensor as TfTensor } from '@tensorflow/tfjs-core';
import { kernel, kernels } from '../engine.js';
import { NUMBERS, type Op } from '../op.js';
import { filled, normalizeAxis, require, same } from './arithmetic.js';

type Options = Omit<Op, 'type' | 'prepare' | 'host'>;

/** Reduces over the axes; `ofNothing` is what there is of no elements, which kernels leave unset. */
export function reduce(
  x: TfTensor,
  given: readonly number[],
  keepDims: boolean,
  { kernelName, ofNothing, addsUp = false, axisName = 'axis' }: Reduction,
): TfTensor {
  const axes = [...new Set(given.map((axis) => normalizeAxis(axis, x.rank)))].sort((a, b) => a - b);
  if (axes.length === 0) return same(x);
  const shape = x.shape.flatMap((size, axis) => (axes.includes(axis) ? (keepDims ? [1] : []) : [size]));
  if (x.size === 0) return filled(shape, ofNothing, x.dtype);
  if (!addsUp) return kernel(kernelName, { x }, { [axisName]: axes, keepDims });
  return axes.reduceRight((rest, axis) => kernel(kernelName, { x: rest }, { axis: [axis], keepDims }), x);
}

interface Reduction {
  readonly kernelName: string;
  readonly ofNothing: number;
  /** Reduced along one axis after the other: sums of float32, of all pixels of an image at once, would not be exact enough. */
  readonly addsUp?: boolean;
  /** What the kernel calls the axes. */
  readonly axisName?: string;
}

export const SUM: Reduction = { kernelName: 'Sum', ofNothing: 0, addsUp: true };
export const AVERAGE: Reduction = { kernelName: 'Mean', ofNothing: NaN, addsUp: true };

const reduction = (type: string, how: Reduction, options: Options = {}): Op => ({
  type,
  ...options,
  host: [1],
  prepare(operation) {
    const keepDims = operation.bool('keep_dims');
    return (call) => reduce(call.tensor(0), call.numbers(1), keepDims, how);
  },
});

const extremeIndex = (type: string): Op => ({
  type,
  host: [1],
  int64Outputs: [0],
  prepare: () => (call) => {
    const x = call.tensor(0);
    const axis = normalizeAxis(call.numbers(1)[0]!, x.rank);
    require(x.shape[axis]! > 0, `Axis ${axis} of [${x.shape.join()}] has no elements.`);
    const shape = x.shape.filter((_, index) => index !== axis);
    return sizeOf(shape) === 0 ? filled(shape, 0, 'int32') : kernel(type, { x }, { axis });
  },
});

const running = (type: string): Op => ({
  type,
  host: [1],
  prepare(operation) {
    const attributes = { exclusive: operation.bool('exclusive'), reverse: operation.bool('reverse') };
    return (call) => {
      const x = call.tensor(0);
      if (x.size === 0) return same(x);
      return kernel(type, { x }, { ...attributes, axis: normalizeAxis(call.numbers(1)[0]!, x.rank) });
    };
  },
});

export const reductionOps: readonly Op[] = [
  reduction('Sum', SUM),
  reduction('Mean', AVERAGE),
  reduction('Max', { kernelName: 'Max', ofNothing: -Infinity, axisName: 'reductionIndices' }),
  reduction('Min', { kernelName: 'Min', ofNothing: Infinity }),
  reduction('Prod', { kernelName: 'Prod', ofNothing: 1 }),
  reduction('All', { kernelName: 'All', ofNothing: 1 }, { types: ['bool'] }),
  reduction('Any', { kernelName: 'Any', ofNothing: 0 }, { types: ['bool'] }),
  {
    type: 'EuclideanNorm',
    host: [1],
    prepare(operation) {
      const keepDims = operation.bool('keep_dims');
      return (call) => {
        const squares = kernel('Square', { x: call.tensor(0) });
        return kernel('Sqrt', { x: reduce(squares, call.numbers(1), keepDims, SUM) });
      };
    },
  },
  extremeIndex('ArgMax'),
  extremeIndex('ArgMin'),
  running('Cumsum'),
  running('Cumprod'),
  {
    type: 'TopKV2',
    types: NUMBERS,
    host: [1],
    prepare: () => (call) => {
      const x = call.tensor(0);
      const k = call.numbers(1)[0]!;
      require(x.rank > 0 &&
        k >= 0 &&
        k <= x.shape.at(-1)!, `There are no ${k} elements in a row of [${x.shape.join()}].`);
      const shape = [...x.shape.slice(0, -1), k];
      if (sizeOf(shape) === 0) return [filled(shape, 0, x.dtype), filled(shape, 0, 'int32')];
      return kernels('TopK', { x }, { k, sorted: true });
    },
  },
];
