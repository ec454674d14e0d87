import type { Operation } from '@tenon/graph';
import { sizeOf } from '@tenon/tensor';
import type { Tensor as TfTensor } from '@tensorflow/tfjs-core';
import { currentBackend, kernel } from '../engine.js';
import type { Call, Op } from '../op.js';
import { add, filled, multiply, require, reshape, same, scalar, subtract } from './arithmetic.js';
import { AVERAGE, reduce, SUM } from './reduction.js';
import { fromChannelsLast, toChannelsLast } from './spatial.js';

const SCALE = 1;
const OFFSET = 2;
const MEAN = 3;
const VARIANCE = 4;

interface Statistics {
  readonly mean: TfTensor;
  readonly variance: TfTensor;
}

function normalize(x: TfTensor, call: Call, { mean, variance }: Statistics, varianceEpsilon: number): TfTensor {
  const [scale, offset] = [call.tensor(SCALE), call.tensor(OFFSET)];
  const channels = x.shape.at(-1);
  require([scale, offset, mean, variance].every(
    ({ shape }) => shape.length === 1 && shape[0] === channels,
  ), `Statistics of ${mean.size} channels do not fit [${x.shape.join()}].`);
  if (currentBackend() !== 'wasm')
    return kernel('FusedBatchNorm', { x, scale, offset, mean, variance }, { varianceEpsilon });
  // The kernel there takes three times as long as all convolutions of a network. A convolution of single pixels would take half as long as this, and makes -Infinity of NaN.
  const factor = multiply(scale, kernel('Rsqrt', { x: add(variance, scalar(varianceEpsilon)) }));
  return add(multiply(x, factor), subtract(offset, multiply(mean, factor)));
}

/** The statistics of this batch. */
function statisticsOf(x: TfTensor): Statistics {
  const axes = x.shape.slice(0, -1).map((_, axis) => axis);
  const average = (value: TfTensor): TfTensor => reduce(value, axes, false, AVERAGE);
  const mean = average(x);
  return { mean, variance: average(kernel('Square', { x: subtract(x, mean) })) };
}

/** What is kept of the statistics of batches: an estimate of the population that they are samples of. */
function estimate(batch: TfTensor, previous: TfTensor, share: number): TfTensor {
  if (share === 1) return same(batch);
  return add(multiply(batch, scalar(share)), multiply(previous, scalar(1 - share)));
}

const batchNormalization = (type: string): Op => ({
  type,
  problem(operation) {
    const format = operation.string('data_format');
    return /^N(C(D?HW)|(D?HW)C)$/.test(format) ? undefined : `data_format ${format}`;
  },
  prepare(operation: Operation) {
    const hasChannelsFirst = operation.string('data_format').startsWith('NC');
    const epsilon = operation.float('epsilon');
    const share = operation.find('exponential_avg_factor') ? operation.float('exponential_avg_factor') : 1;
    const isTraining = operation.bool('is_training');
    const extra = operation.outputs.slice(5);
    return (call) => {
      const x = toChannelsLast(call.tensor(0), hasChannelsFirst);
      const rest = extra.map(() => filled([0], 0, 'float32'));
      if (x.size === 0) {
        const unknown = Array.from({ length: 2 }, () => filled([x.shape.at(-1)!], NaN, 'float32'));
        const reserved = Array.from({ length: 2 }, () => filled([x.shape.at(-1)!], 0, 'float32'));
        return [same(call.tensor(0)), ...unknown, ...reserved, ...rest];
      }
      if (!isTraining) {
        const given = { mean: call.tensor(MEAN), variance: call.tensor(VARIANCE) };
        const y = fromChannelsLast(normalize(x, call, given, epsilon), hasChannelsFirst);
        return [y, same(given.mean), same(given.variance), same(given.mean), same(given.variance), ...rest];
      }
      const batch = statisticsOf(x);
      const y = fromChannelsLast(normalize(x, call, batch, epsilon), hasChannelsFirst);
      const count = sizeOf(x.shape.slice(0, -1));
      const unbiased = multiply(batch.variance, scalar(count / Math.max(count - 1, 1)));
      return [
        y,
        estimate(batch.mean, call.tensor(MEAN), share),
        estimate(unbiased, call.tensor(VARIANCE), share),
        batch.mean,
        batch.variance,
        ...rest,
      ];
    };
  },
});

export const normalizationOps: readonly Op[] = [
  batchNormalization('FusedBatchNorm'),
  batchNormalization('FusedBatchNormV2'),
  batchNormalization('FusedBatchNormV3'),
  {
    type: 'BiasAdd',
    prepare(operation) {
      const hasChannelsFirst = operation.string('data_format').startsWith('NC');
      return (call) => {
        const [x, bias] = [call.tensor(0), call.tensor(1)];
        const axis = hasChannelsFirst ? 1 : x.rank - 1;
        require(bias.rank === 1 && bias.shape[0] === x.shape[axis], `[${bias.shape.join()}] does not fit.`);
        const trailing = x.shape.slice(axis + 1).map(() => 1);
        return add(x, trailing.length === 0 ? bias : reshape(bias, [...bias.shape, ...trailing]));
      };
    },
  },
  { type: 'BiasAddV1', prepare: () => (call) => add(call.tensor(0), call.tensor(1)) },
  {
    type: 'Softmax',
    prepare: () => (call) => {
      const logits = call.tensor(0);
      return logits.size === 0 ? same(logits) : kernel('Softmax', { logits }, { dim: logits.rank - 1 });
    },
  },
  {
    type: 'LogSoftmax',
    prepare: () => (call) => {
      const x = call.tensor(0);
      if (x.size === 0) return same(x);
      const axis = [x.rank - 1];
      const shifted = subtract(x, kernel('Max', { x }, { reductionIndices: axis, keepDims: true }));
      const sums = reduce(kernel('Exp', { x: shifted }), axis, true, SUM);
      return subtract(shifted, kernel('Log', { x: sums }));
    },
  },
  {
    type: 'LRN',
    prepare(operation) {
      const attributes = {
        depthRadius: operation.int('depth_radius'),
        bias: operation.float('bias'),
        alpha: operation.float('alpha'),
        beta: operation.float('beta'),
      };
      return (call) => {
        const x = call.tensor(0);
        require(x.rank === 4, `[${x.shape.join()}] are no images.`);
        return x.size === 0 ? same(x) : kernel('LRN', { x }, attributes);
      };
    },
  },
];
