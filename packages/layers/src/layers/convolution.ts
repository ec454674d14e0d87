import type { SymbolicTensor } from '@tenon/graph';
import { BuildArgumentError } from '../errors.js';
import { getVariable } from '../get-variable.js';
import { zeros, type VariableInitializer } from '../initializers.js';
import { biasAdd, conv2d, depthwiseConv2d, type Padding, type Size2d } from '../ops/nn.js';
import type { Regularizer } from '../regularizers.js';
import { layerScope } from '../scopes.js';
import type { WeightsOptions } from './weights.js';

interface WindowLayerOptions extends WeightsOptions {
  /** Of a filter. */
  readonly kernelSize: Size2d;
  /** 1 by default. */
  readonly strides?: Size2d;
  /** `valid` by default. */
  readonly padding?: Padding;
  /** 1 by default. */
  readonly dilations?: Size2d;
}

export interface Convolution2dOptions extends WindowLayerOptions {
  /** How many outputs there are. */
  readonly filters: number;
}

/**
 * A convolution of images; variables `kernel` `[height, width, inputs, filters]` and `bias` `[filters]`.
 *
 * @param images `[batch, height, width, inputs]`: the last dimension must be known.
 * @returns `[batch, height, width, filters]`
 */
export function convolution2d(
  images: SymbolicTensor,
  { kernelSize, filters, strides = 1, padding = 'valid', dilations = 1, ...weights }: Convolution2dOptions,
): SymbolicTensor {
  const inputs = channelsOf('convolution2d', images);
  const shape = [...pair(kernelSize), inputs, filters];
  return layerScope(images.graph, weights.name, 'conv2d', () => {
    const kernel = makeKernel(images, 'kernel', shape, weights);
    return finish(conv2d(images, kernel, { strides, padding, dilations }), filters, weights);
  });
}

export interface DepthwiseConvolution2dOptions extends WindowLayerOptions {
  /** How many outputs there are per channel: 1 by default. */
  readonly depthMultiplier?: number;
}

/**
 * A convolution of each channel of images by filters of its own; variables `depthwise_kernel`
 * `[height, width, channels, depthMultiplier]` and `bias` `[channels * depthMultiplier]`.
 *
 * @param images `[batch, height, width, channels]`: the last dimension must be known.
 */
export function depthwiseConvolution2d(images: SymbolicTensor, options: DepthwiseConvolution2dOptions): SymbolicTensor {
  const { kernelSize, depthMultiplier = 1, strides = 1, padding = 'valid', dilations = 1, ...weights } = options;
  const channels = channelsOf('depthwiseConvolution2d', images);
  const shape = [...pair(kernelSize), channels, depthMultiplier];
  return layerScope(images.graph, weights.name, 'depthwise_conv2d', () => {
    const kernel = makeKernel(images, 'depthwise_kernel', shape, weights);
    return finish(
      depthwiseConv2d(images, kernel, { strides, padding, dilations }),
      channels * depthMultiplier,
      weights,
    );
  });
}

export interface SeparableConvolution2dOptions extends Convolution2dOptions {
  /** 1 by default. */
  readonly depthMultiplier?: number;
  /** Of the convolution over channels: `glorotUniform()` by default. */
  readonly pointwiseInitializer?: VariableInitializer | undefined;
  readonly pointwiseRegularizer?: Regularizer | undefined;
}

/**
 * A depthwise convolution, and then one over channels alone; variables `depthwise_kernel`
 * `[height, width, inputs, depthMultiplier]`, `pointwise_kernel` `[1, 1, inputs * depthMultiplier, filters]` and `bias` `[filters]`.
 *
 * @param images `[batch, height, width, inputs]`: the last dimension must be known.
 */
export function separableConvolution2d(images: SymbolicTensor, options: SeparableConvolution2dOptions): SymbolicTensor {
  const { kernelSize, filters, depthMultiplier = 1, strides = 1, padding = 'valid', dilations = 1 } = options;
  const { pointwiseInitializer, pointwiseRegularizer, ...weights } = options;
  const inputs = channelsOf('separableConvolution2d', images);
  return layerScope(images.graph, options.name, 'separable_conv2d', () => {
    const depthwise = makeKernel(images, 'depthwise_kernel', [...pair(kernelSize), inputs, depthMultiplier], weights);
    const pointwise = makeKernel(images, 'pointwise_kernel', [1, 1, inputs * depthMultiplier, filters], {
      ...weights,
      kernelInitializer: pointwiseInitializer,
      kernelRegularizer: pointwiseRegularizer,
    });
    const separate = depthwiseConv2d(images, depthwise, { strides, padding, dilations });
    return finish(conv2d(separate, pointwise), filters, weights);
  });
}

function pair(size: Size2d): [number, number] {
  return typeof size === 'number' ? [size, size] : [...size];
}

function channelsOf(layer: string, images: SymbolicTensor): number {
  const channels = images.shape?.at(-1);
  if (images.shape?.length !== 4 || channels == null)
    throw new BuildArgumentError(layer, 'its images must be [batch, height, width, channels], the last one known.');
  return channels;
}

function makeKernel(
  { graph, dtype }: SymbolicTensor,
  name: string,
  shape: readonly number[],
  { kernelInitializer: initializer, kernelRegularizer: regularizer, trainable = true }: WeightsOptions,
) {
  return getVariable(graph, { name, shape, dtype, initializer, regularizer, trainable });
}

function finish(
  y: SymbolicTensor,
  filters: number,
  { useBias = true, biasInitializer = zeros(), biasRegularizer, trainable = true, activation }: WeightsOptions,
): SymbolicTensor {
  const { graph, dtype } = y;
  const variable = { name: 'bias', shape: [filters], dtype, trainable };
  const biased = useBias
    ? biasAdd(y, getVariable(graph, { ...variable, initializer: biasInitializer, regularizer: biasRegularizer }))
    : y;
  return activation ? activation(biased) : biased;
}
