import type { Operation } from '@tenon/graph';
import { isFloating, sizeOf, Tensor } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { channelAxis } from './activation.js';
import { define } from './definition.js';
import { fromNumbers, makeNumbers, numbersOf, type NumberArray } from './elements.js';

/** How the elements of a tensor belong to channels: element `i` to channel `⌊i / inner⌋ mod channels`. */
interface Channels {
  readonly channels: number;
  readonly inner: number;
  /** Elements of one channel. */
  readonly count: number;
}

function channelsOf(tensor: Tensor, format: string): Channels {
  const axis = channelAxis(format, tensor.rank);
  const channels = tensor.shape[axis]!;
  return { channels, inner: sizeOf(tensor.shape.slice(axis + 1)), count: channels === 0 ? 0 : tensor.size / channels };
}

function meansOf(values: NumberArray, { channels, inner, count }: Channels): Float64Array {
  const sums = new Float64Array(channels);
  for (let i = 0; i < values.length; i++) sums[Math.floor(i / inner) % channels]! += values[i]!;
  return sums.map((sum) => sum / count);
}

function variancesOf(values: NumberArray, means: Float64Array, { channels, inner, count }: Channels): Float64Array {
  const sums = new Float64Array(channels);
  for (let i = 0; i < values.length; i++) {
    const channel = Math.floor(i / inner) % channels;
    sums[channel]! += (values[i]! - means[channel]!) ** 2;
  }
  return sums.map((sum) => sum / count);
}

const vector = (values: ArrayLike<number>): Tensor => new Tensor('float32', [values.length], Float32Array.from(values));

/**
 * Normalises each channel by its mean and variance: those of the batch in training, else those given.
 *
 * The reserved outputs, which only the gradient reads, are the mean and the variance (not corrected for bias) that were used.
 */
function prepareForward(operation: Operation): Kernel {
  const epsilon = operation.float('epsilon');
  const isTraining = operation.bool('is_training');
  const factor = operation.float('exponential_avg_factor');
  const format = operation.string('data_format');
  const hasThirdReserve = operation.outputs.length > 5;
  return ([x, scale, offset, meanTensor, varianceTensor]) => {
    const input = numbersOf(x!);
    const layout = channelsOf(x!, format);
    const { channels, inner, count } = layout;
    const givenMean = numbersOf(meanTensor!);
    const givenVariance = numbersOf(varianceTensor!);
    const mean = isTraining ? meansOf(input, layout) : givenMean;
    const variance = isTraining ? variancesOf(input, mean as Float64Array, layout) : givenVariance;
    const gamma = numbersOf(scale!);
    const beta = numbersOf(offset!);
    const factors = Float64Array.from(variance, (value, channel) => gamma[channel]! / Math.sqrt(value + epsilon));
    const output = makeNumbers(x!.dtype, input.length);
    for (let i = 0; i < output.length; i++) {
      const channel = Math.floor(i / inner) % channels;
      output[i] = (input[i]! - mean[channel]!) * factors[channel]! + beta[channel]!;
    }
    let runningMean: ArrayLike<number> = mean;
    let runningVariance: ArrayLike<number> = variance;
    if (isTraining) {
      // What is kept for inference is corrected for the bias of a sample, and mixed with what was there.
      const corrected = Float64Array.from(variance, (value) => (value * count) / Math.max(1, count - 1));
      const mix = (fresh: ArrayLike<number>, old: NumberArray): ArrayLike<number> =>
        factor === 1 ? fresh : Float64Array.from(fresh, (value, i) => (1 - factor) * (old[i] ?? 0) + factor * value);
      runningMean = mix(mean, givenMean);
      runningVariance = mix(corrected, givenVariance);
    }
    const outputs = [
      fromNumbers(x!.dtype, x!.shape, output),
      vector(runningMean),
      vector(runningVariance),
      vector(mean),
      vector(variance),
    ];
    return hasThirdReserve ? [...outputs, new Tensor('float32', [0], new Float32Array(0))] : outputs;
  };
}

/** The gradients with respect to the tensor, scale and offset. */
function prepareBackward(operation: Operation): Kernel {
  const epsilon = operation.float('epsilon');
  const isTraining = operation.bool('is_training');
  const format = operation.string('data_format');
  return ([gradient, x, scale, meanTensor, varianceTensor]) => {
    const upstream = numbersOf(gradient!);
    const input = numbersOf(x!);
    const { channels, inner, count } = channelsOf(x!, format);
    const mean = numbersOf(meanTensor!);
    const gamma = numbersOf(scale!);
    const inverse = Float64Array.from(numbersOf(varianceTensor!), (value) => 1 / Math.sqrt(value + epsilon));
    const offsetGradient = new Float64Array(channels);
    const scaleGradient = new Float64Array(channels);
    for (let i = 0; i < input.length; i++) {
      const channel = Math.floor(i / inner) % channels;
      offsetGradient[channel]! += upstream[i]!;
      scaleGradient[channel]! += upstream[i]! * (input[i]! - mean[channel]!) * inverse[channel]!;
    }
    const output = makeNumbers(x!.dtype, input.length);
    for (let i = 0; i < output.length; i++) {
      const channel = Math.floor(i / inner) % channels;
      const centred = (input[i]! - mean[channel]!) * inverse[channel]!;
      const through = isTraining
        ? upstream[i]! - (offsetGradient[channel]! + centred * scaleGradient[channel]!) / count
        : upstream[i]!;
      output[i] = gamma[channel]! * inverse[channel]! * through;
    }
    const empty = new Tensor('float32', [0], new Float32Array(0));
    return [fromNumbers(x!.dtype, x!.shape, output), vector(scaleGradient), vector(offsetGradient), empty, empty];
  };
}

export const batchNormalizationKernels: readonly KernelDefinition[] = [
  define('FusedBatchNorm', prepareForward, isFloating),
  define('FusedBatchNormV2', prepareForward, isFloating),
  define('FusedBatchNormV3', prepareForward, isFloating),
  define('FusedBatchNormGrad', prepareBackward, isFloating),
  define('FusedBatchNormGradV2', prepareBackward, isFloating),
  define('FusedBatchNormGradV3', prepareBackward, isFloating),
];
