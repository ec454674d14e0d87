import { isFullyKnown, sizeOf, Tensor } from '@tenon/tensor';
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

/** What batches are normalized over: all but the channels, which come second. */
function perChannel(context: ConversionContext, rank: number) {
  const { builder } = context;
  const one = context.one.bind(context);
  const axes = builder.int64s([0, ...Array.from({ length: rank - 2 }, (_, axis) => axis + 2)]);
  const spatial = Array.from({ length: rank - 2 }, (_, axis) => axis + 1);
  const broadcast = (vector: Value) => context.unsqueeze(vector, spatial);
  return {
    broadcast,
    mean: (value: Value) => one('ReduceMean', [value, axes], { keepdims: 0 }),
    sum: (value: Value) => one('ReduceSum', [value, axes], { keepdims: 0 }),
    /** Forward and gradient need the same; ONNX Runtime computes it once. */
    center: (value: Value, mean: Value) => one('Sub', [value, broadcast(mean)]),
    /** How many elements each channel of input `index` has; `value` is that input, or one of its size. */
    count: (index: number, value: Value, vector: Value) => {
      const { channelAxis } = imageFormat(context);
      const rest = context.shape(index)!.filter((_, axis) => axis !== channelAxis);
      if (isFullyKnown(rest)) return builder.scalar(sizeOf(rest), 'float32');
      const size = (counted: Value) => builder.cast(one('Size', [counted]), 'float32');
      return one('Div', [size(value), size(vector)]);
    },
    inverseDeviation: (variance: Value) => {
      const epsilon = builder.scalar(context.operation.float('epsilon'), 'float32');
      return one('Reciprocal', [one('Sqrt', [one('Add', [variance, epsilon])])]);
    },
    /** `value * factor + offset`: as a convolution it is one pass, into which ONNX Runtime fuses the activation behind it. */
    scale: (value: Value, factor: Value, offset: Value, channels: number | null) => {
      if (channels === null) return one('Add', [one('Mul', [value, broadcast(factor)]), broadcast(offset)]);
      const weight = context.unsqueeze(factor, [1, ...spatial.map((axis) => axis + 1)]);
      return one('Conv', [value, weight, offset], { group: channels, kernel_shape: spatial.map(() => 1) });
    },
  };
}

/** Normalization by the mean and the variance of this batch. */
function normalizeByBatch(context: ConversionContext, input: Value, rank: number, channels: number | null) {
  const { builder, operation } = context;
  const one = context.one.bind(context);
  const scalar = (value: number) => builder.scalar(value, 'float32');
  const channel = perChannel(context, rank);

  const mean = channel.mean(input);
  const centered = channel.center(input, mean);
  const variance = channel.mean(one('Mul', [centered, centered]));
  const factor = one('Mul', [context.plain(SCALE), channel.inverseDeviation(variance)]);
  const normalized = channel.scale(centered, factor, context.plain(OFFSET), channels);

  const count = channel.count(0, centered, mean);
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
    statistics: [estimate(mean, MEAN), estimate(unbiased, VARIANCE)],
    reserved: [mean, variance],
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
      const { normalized, statistics, reserved } = normalizeByBatch(
        context,
        input,
        context.rank(0),
        context.shape(0)![format.channelAxis] ?? null,
      );
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

/** Inputs and outputs of the gradient. */
const BACKWARD = { dy: 0, x: 1, scale: 2, mean: 3, variance: 4 } as const;

const batchNormalizationGradient = (type: string): Converter => ({
  type,
  convert(context) {
    const format = imageFormat(context);
    const { operation, builder } = context;
    const one = context.one.bind(context);
    const [dy, x] = [BACKWARD.dy, BACKWARD.x].map((index) =>
      builder.cast(images(context, index, format), 'float32'),
    ) as [Value, Value];
    const [gamma, mean, variance] = [BACKWARD.scale, BACKWARD.mean, BACKWARD.variance].map((index) =>
      context.plain(index),
    ) as [Value, Value, Value];
    const channel = perChannel(context, context.rank(BACKWARD.x));
    const centered = channel.center(x, mean);
    const inverse = channel.inverseDeviation(variance);
    const offsetGradient = channel.sum(dy);
    const scaleGradient = one('Mul', [channel.sum(one('Mul', [dy, centered])), inverse]);
    const factor = one('Mul', [gamma, inverse]);
    let dx: Value;
    if (operation.bool('is_training')) {
      // What the batch's own mean and variance take away.
      const share = one('Neg', [one('Div', [factor, channel.count(BACKWARD.dy, dy, offsetGradient)])]);
      const slope = one('Mul', [one('Mul', [share, scaleGradient]), inverse]);
      const bent = one('Mul', [centered, channel.broadcast(slope)]);
      const channels = context.shape(BACKWARD.x)![format.channelAxis] ?? null;
      dx = one('Add', [channel.scale(dy, factor, one('Mul', [share, offsetGradient]), channels), bent]);
    } else {
      dx = one('Mul', [dy, channel.broadcast(factor)]);
    }
    context.set(builder.cast(dx, context.dtype(BACKWARD.dy)), format.layout);
    context.set(scaleGradient, 'plain', 1);
    context.set(offsetGradient, 'plain', 2);
    const nothing = builder.constant(new Tensor('float32', [0], new Float32Array(0)));
    for (const index of [3, 4]) context.set(nothing, 'plain', index);
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
  batchNormalizationGradient('FusedBatchNormGrad'),
  batchNormalizationGradient('FusedBatchNormGradV2'),
  batchNormalizationGradient('FusedBatchNormGradV3'),
  {
    type: 'BiasAddGrad',
    convert(context) {
      const rank = context.rank(0);
      const isLast = !context.operation.string('data_format').startsWith('NC');
      const layout = isLast ? context.layout(0) : 'plain';
      const channelAxis = isLast && layout === 'plain' ? rank - 1 : 1;
      const axes = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== channelAxis);
      const inputs = [context.inLayout(0, layout), context.builder.int64s(axes)];
      context.set(context.one('ReduceSum', inputs, { keepdims: 0 }));
    },
  },
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
