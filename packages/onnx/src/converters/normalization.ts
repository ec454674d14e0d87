import type { ConversionContext } from '../conversion-context.js';
import type { Converter } from '../converter.js';
import type { Value } from '../model-builder.js';
import type { Operator } from '../operators.js';
import { imageFormat, images } from './spatial.js';

const SCALE = 1;
const OFFSET = 2;
const MEAN = 3;
const VARIANCE = 4;

/** Outputs that forward and gradient share: here, as on TensorFlow's CPU, the mean and the variance that were used to normalize. */
const FIRST_RESERVED = 3;

/** Normalization by the mean and the variance of this batch. */
function normalizeByBatch(context: ConversionContext, input: Value, rank: number) {
  const { builder, operation } = context;
  const one = context.one.bind(context);
  const axes = builder.int64s([0, ...Array.from({ length: rank - 2 }, (_, axis) => axis + 2)]);
  const spatial = Array.from({ length: rank - 2 }, (_, axis) => axis + 1);
  const average = (value: Value) => one('ReduceMean', [value, axes], { keepdims: 1 });
  const flat = (value: Value) => context.reshape(value, [-1]);
  const scalar = (value: number) => builder.scalar(value, 'float32');

  const mean = average(input);
  const centered = one('Sub', [input, mean]);
  const variance = average(one('Mul', [centered, centered]));
  const deviation = one('Sqrt', [one('Add', [variance, scalar(operation.float('epsilon'))])]);
  const factor = one('Div', [context.unsqueeze(context.plain(SCALE), spatial), deviation]);
  const normalized = one('Add', [one('Mul', [centered, factor]), context.unsqueeze(context.plain(OFFSET), spatial)]);

  const size = (value: Value) => builder.cast(one('Size', [value]), 'float32');
  const count = one('Div', [size(input), size(mean)]);
  // The running estimate is of the population that the batch is a sample of.
  const correction = one('Div', [count, one('Max', [one('Sub', [count, scalar(1)]), scalar(1)])]);
  const unbiased = one('Mul', [variance, correction]);
  const share = operation.find('exponential_avg_factor') ? operation.float('exponential_avg_factor') : 1;
  const estimate = (batch: Value, previous: number) =>
    share === 1
      ? batch
      : one('Add', [one('Mul', [batch, scalar(share)]), one('Mul', [context.plain(previous), scalar(1 - share)])]);
  return {
    normalized,
    statistics: [estimate(flat(mean), MEAN), estimate(flat(unbiased), VARIANCE)],
    reserved: [flat(mean), flat(variance)],
  };
}

const batchNormalization = (type: string): Converter => ({
  type,
  convert(context) {
    const format = imageFormat(context);
    const { operation, builder } = context;
    const dtype = context.dtype(0);
    const input = builder.cast(images(context, 0, format), 'float32');
    const bind = (value: Value) => context.set(builder.cast(value, dtype), format.layout);
    if (operation.bool('is_training')) {
      const { normalized, statistics, reserved } = normalizeByBatch(context, input, context.rank(0));
      bind(normalized);
      [...statistics, ...reserved].forEach((value, index) => context.set(value, 'plain', index + 1));
    } else {
      const parameters = [SCALE, OFFSET, MEAN, VARIANCE].map((index) => context.plain(index));
      bind(
        context.one('BatchNormalization', [input, ...parameters], { epsilon: { float: operation.float('epsilon') } }),
      );
      [MEAN, VARIANCE, MEAN, VARIANCE].forEach((input, index) => context.alias(input, index + 1));
    }
    if (operation.outputs.length > FIRST_RESERVED + 2)
      context.set(builder.scalar(0, 'float32'), 'plain', FIRST_RESERVED + 2);
  },
});

const softmax = (type: string): Converter => ({
  type,
  convert(context) {
    const layout = context.layout(0);
    const axis = layout === 'plain' ? -1 : 1;
    context.set(context.one(type as Operator, [context.inLayout(0, layout)], { axis }), layout);
  },
});

export const normalizationConverters: readonly Converter[] = [
  batchNormalization('FusedBatchNorm'),
  batchNormalization('FusedBatchNormV2'),
  batchNormalization('FusedBatchNormV3'),
  {
    type: 'BiasAdd',
    convert(context) {
      if (!context.operation.string('data_format').startsWith('NC')) {
        const { values, layout } = context.aligned([0, 1]);
        return context.set(context.one('Add', values), layout);
      }
      const trailing = Array.from({ length: context.rank(0) - 2 }, (_, axis) => axis + 1);
      const bias =
        context.shape(1)?.[0] == null
          ? context.unsqueeze(context.plain(1), trailing)
          : context.reshapedInput(1, [context.shape(1)![0]!, ...trailing.map(() => 1)]);
      context.set(context.one('Add', [context.plain(0), bias]));
    },
  },
  {
    type: 'BiasAddV1',
    convert(context) {
      const { values, layout } = context.aligned([0, 1]);
      context.set(context.one('Add', values), layout);
    },
  },
  softmax('Softmax'),
  softmax('LogSoftmax'),
  {
    type: 'LRN',
    convert(context) {
      const { operation } = context;
      const size = 2 * operation.int('depth_radius') + 1;
      const attributes = {
        size,
        bias: { float: operation.float('bias') },
        // ONNX divides it by the size.
        alpha: { float: operation.float('alpha') * size },
        beta: { float: operation.float('beta') },
      };
      context.set(context.one('LRN', [context.channelsFirst(0)], attributes), 'channelsFirst');
    },
  },
];
