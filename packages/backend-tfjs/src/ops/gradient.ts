import type { Operation } from '@tenon/graph';
import { sizeOf } from '@tenon/tensor';
import type { Tensor as TfTensor } from '@tensorflow/tfjs-core';
import { kernel } from '../engine.js';
import type { Op } from '../op.js';
import { add, binary, cast, divide, filled, multiply, require, scalar, subtract, transpose } from './arithmetic.js';
import { select, unlessZero } from './binary.js';
import { reduce, SUM } from './reduction.js';
import { fromChannelsLast, readWindow, spatialEntries, toChannelsLast, whyNotSpatial, type Window } from './spatial.js';

const SELU_SCALE = 1.0507009873554805;
const SELU_SCALE_ALPHA = 1.7580993408473768;

const one = (): TfTensor => scalar(1);
const square = (x: TfTensor): TfTensor => kernel('Square', { x });

/** Of two values of the same shape. */
const elementwise = (type: string, compute: (a: TfTensor, b: TfTensor, operation: Operation) => TfTensor): Op => ({
  type,
  prepare: (operation) => (call) => {
    const [a, b] = [call.tensor(0), call.tensor(1)];
    require(String(a.shape) === String(b.shape), `[${a.shape.join()}] and [${b.shape.join()}] differ.`);
    return compute(a, b, operation);
  },
});

const positive = (x: TfTensor): TfTensor => binary('Greater', x, scalar(0));
const negative = (x: TfTensor): TfTensor => binary('Less', x, scalar(0));
/** Multiplied, as TensorFlow does: NaN stays NaN. */
const masked = (dy: TfTensor, mask: TfTensor): TfTensor => multiply(dy, cast(mask, 'float32'));

const reciprocalGradient = (y: TfTensor, dy: TfTensor): TfTensor =>
  unlessZero(dy, multiply(kernel('Neg', { x: dy }), square(y)));

/** Of activations: of what came back (`dy`) and what they took (`x`) or gave (`y`). */
const activationGradients: readonly Op[] = [
  elementwise('ReluGrad', (dy, x) => masked(dy, positive(x))),
  elementwise('Relu6Grad', (dy, x) =>
    masked(dy, kernel('LogicalAnd', { a: positive(x), b: binary('Less', x, scalar(6)) })),
  ),
  elementwise('LeakyReluGrad', (dy, x, operation) =>
    select(positive(x), dy, multiply(dy, scalar(operation.float('alpha')))),
  ),
  elementwise('EluGrad', (dy, y) => select(negative(y), multiply(dy, add(y, one())), dy)),
  elementwise('SeluGrad', (dy, y) =>
    select(negative(y), multiply(dy, add(y, scalar(SELU_SCALE_ALPHA))), multiply(dy, scalar(SELU_SCALE))),
  ),
  elementwise('SoftplusGrad', (dy, x) => divide(dy, add(kernel('Exp', { x: kernel('Neg', { x }) }), one()))),
  elementwise('SoftsignGrad', (dy, x) => divide(dy, square(add(kernel('Abs', { x }), one())))),
  elementwise('SigmoidGrad', (y, dy) => multiply(dy, multiply(y, subtract(one(), y)))),
  elementwise('TanhGrad', (y, dy) => multiply(dy, subtract(one(), square(y)))),
  elementwise('SqrtGrad', (y, dy) => divide(multiply(dy, scalar(0.5)), y)),
  elementwise('RsqrtGrad', (y, dy) => unlessZero(dy, multiply(multiply(dy, scalar(-0.5)), multiply(y, square(y))))),
  elementwise('ReciprocalGrad', (y, dy) => reciprocalGradient(y, dy)),
  elementwise('InvGrad', (y, dy) => reciprocalGradient(y, dy)),
];

/** Sums along all axes but the last. */
function sumToChannels(x: TfTensor): TfTensor {
  const axes = x.shape.slice(0, -1).map((_, axis) => axis);
  return axes.length === 0 ? kernel('Identity', { x }) : reduce(x, axes, false, SUM);
}

const batchNormalizationGradient = (type: string): Op => ({
  type,
  problem: (operation) =>
    operation.string('data_format').startsWith('N') ? undefined : `data_format ${operation.string('data_format')}`,
  prepare(operation) {
    const hasChannelsFirst = operation.string('data_format').startsWith('NC');
    const isTraining = operation.bool('is_training');
    const epsilon = operation.float('epsilon');
    return (call) => {
      const [dy, x] = [0, 1].map((index) => toChannelsLast(call.tensor(index), hasChannelsFirst)) as [
        TfTensor,
        TfTensor,
      ];
      const [scale, mean, variance] = [call.tensor(2), call.tensor(3), call.tensor(4)];
      const inverse = kernel('Rsqrt', { x: add(variance, scalar(epsilon)) });
      const centered = multiply(subtract(x, mean), inverse);
      const offsetGradient = sumToChannels(dy);
      const scaleGradient = sumToChannels(multiply(dy, centered));
      const count = scalar(Math.max(sizeOf(x.shape.slice(0, -1)), 1));
      const through = isTraining
        ? subtract(dy, divide(add(offsetGradient, multiply(centered, scaleGradient)), count))
        : dy;
      return [
        fromChannelsLast(multiply(through, multiply(scale, inverse)), hasChannelsFirst),
        scaleGradient,
        offsetGradient,
        filled([0], 0, 'float32'),
        filled([0], 0, 'float32'),
      ];
    };
  },
});

/** How much is added before and after each spatial axis. */
function paddingsOf(
  { pad, strides, dilations }: Window,
  input: readonly number[],
  filter: readonly number[],
): number[][] {
  if (typeof pad !== 'string') return pad.slice(1, -1).map((pair) => [...pair]);
  return strides.map((stride, axis) => {
    if (pad === 'valid') return [0, 0];
    const reach = (filter[axis]! - 1) * dilations[axis]! + 1;
    const total = Math.max(0, (Math.ceil(input[axis]! / stride) - 1) * stride + reach - input[axis]!);
    return [total >> 1, total - (total >> 1)];
  });
}

const convolutionGradients: readonly Op[] = [
  {
    type: 'Conv2DBackpropFilter',
    host: [1],
    problem: (operation) => whyNotSpatial(operation, ['strides', 'dilations'], true),
    prepare(operation) {
      const window = readWindow(operation);
      return (call) => {
        const x = toChannelsLast(call.tensor(0), window.hasChannelsFirst);
        const dy = toChannelsLast(call.tensor(2), window.hasChannelsFirst);
        const shape = call.numbers(1);
        require(shape.length === 4 &&
          x.rank === 4 &&
          dy.rank === 4 &&
          x.shape[3] === shape[2] &&
          dy.shape[3] ===
            shape[3], `A filter [${shape.join()}] does not fit [${x.shape.join()}] and [${dy.shape.join()}].`);
        if (x.size === 0) return filled(shape, 0, 'float32');
        // A convolution itself: of the images by what came back, where batch and channels change places, and strides and dilations.
        const pad = [[0, 0], ...paddingsOf(window, x.shape.slice(1, 3), shape), [0, 0]];
        const attributes = { strides: [1, 1], dilations: window.strides, pad, dataFormat: 'NHWC' };
        const inputs = { x: transpose(x, [3, 1, 2, 0]), filter: transpose(dy, [1, 2, 0, 3]) };
        const all = transpose(kernel('Conv2D', inputs, attributes), [1, 2, 0, 3]);
        return kernel('Slice', { x: all }, { begin: [0, 0, 0, 0], size: shape });
      };
    },
  },
];

/** A convolution that is differentiated, on images that are padded first where kernels do not pad them themselves. */
interface Padded {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pad: 'same' | 'valid';
  /** Of the images, padded. */
  readonly shape: number[];
  /** What was added before and after each axis; undefined where nothing was. */
  readonly added: number[][] | undefined;
}

/** @throws if what came back is not of the shape that the convolution gives. */
function padDepthwise(
  window: Window,
  images: readonly number[],
  filter: readonly number[],
  dy: readonly number[],
): Padded {
  const { strides, dilations, pad } = window;
  require(images.length === 4 &&
    filter.length === 4 &&
    dy.length === 4 &&
    images[0] === dy[0] &&
    images[3] === filter[2] &&
    filter[2]! * filter[3]! ===
      dy[3], `A filter [${filter.join()}] does not fit [${images.join()}] and [${dy.join()}].`);
  const added = [[0, 0], ...paddingsOf(window, images.slice(1, 3), filter), [0, 0]];
  const shape = images.map((size, axis) => size + added[axis]![0]! + added[axis]![1]!);
  strides.forEach((stride, axis) => {
    const size = Math.floor((shape[axis + 1]! - filter[axis]!) / stride) + 1;
    require(dy[axis + 1] ===
      Math.max(size, 0), `[${dy.join()}] is not what the convolution of [${images.join()}] gave.`);
  });
  // Where strides skip pixels, kernels pad by less than nothing.
  const isDirect = typeof pad === 'string' && strides.every((stride, axis) => filter[axis]! >= stride);
  return isDirect
    ? { strides, dilations, pad, shape: [...images], added: undefined }
    : { strides, dilations, pad: 'valid', shape, added };
}

const depthwiseGradients: readonly Op[] = [
  {
    type: 'DepthwiseConv2dNativeBackpropInput',
    host: [0],
    // It has no such kernel, nor the next.
    except: ['wasm'],
    problem: (operation) => whyNotSpatial(operation, ['strides', 'dilations'], true),
    prepare(operation) {
      const window = readWindow(operation);
      return (call) => {
        const filter = call.tensor(1);
        const dy = toChannelsLast(call.tensor(2), window.hasChannelsFirst);
        const sizes = call.numbers(0);
        const images = window.hasChannelsFirst ? [0, 2, 3, 1].map((axis) => sizes[axis]!) : sizes;
        const { shape, added, ...attributes } = padDepthwise(window, images, filter.shape, dy.shape);
        if (dy.size === 0 || filter.size === 0) return filled(sizes, 0, 'float32');
        const padded = kernel(
          'DepthwiseConv2dNativeBackpropInput',
          { dy, filter },
          { ...attributes, inputShape: shape },
        );
        const begin = added?.map(([before]) => before!);
        const dx = begin ? kernel('Slice', { x: padded }, { begin, size: images }) : padded;
        return fromChannelsLast(dx, window.hasChannelsFirst);
      };
    },
  },
  {
    type: 'DepthwiseConv2dNativeBackpropFilter',
    host: [1],
    except: ['wasm'],
    problem: (operation) => whyNotSpatial(operation, ['strides', 'dilations'], true),
    prepare(operation) {
      const window = readWindow(operation);
      return (call) => {
        const x = toChannelsLast(call.tensor(0), window.hasChannelsFirst);
        const dy = toChannelsLast(call.tensor(2), window.hasChannelsFirst);
        const filterShape = call.numbers(1);
        const { added, pad, strides, dilations } = padDepthwise(window, x.shape, filterShape, dy.shape);
        if (dy.size === 0 || x.size === 0) return filled(filterShape, 0, 'float32');
        const padded = added ? kernel('PadV2', { x }, { paddings: added, constantValue: 0 }) : x;
        return kernel(
          'DepthwiseConv2dNativeBackpropFilter',
          { x: padded, dy },
          { strides, dilations, pad, filterShape },
        );
      };
    },
  },
];

const poolingGradients: readonly Op[] = [
  {
    type: 'MaxPoolGrad',
    // The kernel there takes other pixels for the greatest.
    except: ['wasm'],
    problem: (operation) => whyNotSpatial(operation, ['ksize', 'strides']),
    prepare(operation) {
      const { hasChannelsFirst, strides, pad } = readWindow(operation);
      const attributes = { filterSize: spatialEntries(operation, operation.ints('ksize')), strides, pad };
      return (call) => {
        const [input, output, dy] = [0, 1, 2].map((index) => toChannelsLast(call.tensor(index), hasChannelsFirst));
        require(String(output!.shape) === String(dy!.shape), `[${dy!.shape.join()}] is not what the pooling gave.`);
        const inputs = { dy: dy!, input: input!, output: output! };
        return fromChannelsLast(kernel('MaxPoolGrad', inputs, attributes), hasChannelsFirst);
      };
    },
  },
  {
    type: 'AvgPoolGrad',
    host: [0],
    // The kernel counts the pixels of the padding, too.
    problem: (operation) =>
      operation.string('padding') === 'VALID'
        ? whyNotSpatial(operation, ['ksize', 'strides'])
        : `padding ${operation.string('padding')}`,
    prepare(operation) {
      const { hasChannelsFirst, strides, pad } = readWindow(operation);
      const attributes = { filterSize: spatialEntries(operation, operation.ints('ksize')), strides, pad };
      return (call) => {
        // The kernel wants to know the shape alone.
        const input = toChannelsLast(filled(call.numbers(0), 0, 'float32'), hasChannelsFirst);
        const dy = toChannelsLast(call.tensor(1), hasChannelsFirst);
        return fromChannelsLast(kernel('AvgPoolGrad', { dy, input }, attributes), hasChannelsFirst);
      };
    },
  },
];

export const gradientOps: readonly Op[] = [
  ...activationGradients,
  ...convolutionGradients,
  ...depthwiseGradients,
  ...poolingGradients,
  batchNormalizationGradient('FusedBatchNormGrad'),
  batchNormalizationGradient('FusedBatchNormGradV2'),
  batchNormalizationGradient('FusedBatchNormGradV3'),
  {
    type: 'BiasAddGrad',
    prepare(operation) {
      const hasChannelsFirst = operation.string('data_format').startsWith('NC');
      return (call) => sumToChannels(toChannelsLast(call.tensor(0), hasChannelsFirst));
    },
  },
  {
    type: 'SoftmaxCrossEntropyWithLogits',
    prepare: () => (call) => {
      const [features, labels] = [call.tensor(0), call.tensor(1)];
      require(features.rank === 2 && labels.rank === 2, 'They are no rows of classes.');
      if (features.size === 0) return [filled([features.shape[0]], 0, 'float32'), filled(features.shape, 0, 'float32')];
      const shifted = subtract(features, kernel('Max', { x: features }, { reductionIndices: [1], keepDims: true }));
      const exponentials = kernel('Exp', { x: shifted });
      const sums = reduce(exponentials, [1], true, SUM);
      const losses = multiply(labels, subtract(kernel('Log', { x: sums }), shifted));
      return [reduce(losses, [1], false, SUM), subtract(divide(exponentials, sums), labels)];
    },
  },
];
