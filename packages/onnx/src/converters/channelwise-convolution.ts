import type { Shape } from '@tenon/tensor';
import type { ConversionContext } from '../conversion-context.js';
import type { Value } from '../model-builder.js';
import type { Attributes } from '../operators.js';

/** A processor's blocks have at most so many channels, and as many as divide this. */
const CHANNELS_OF_BLOCKS = 16;

/** What to convolve, channels first. */
export interface ChannelwiseConvolution {
  /** `[batch, channels, …spatial]` */
  readonly input: Value;
  /** `[outputs, 1, …spatial]`: as many filters for each channel, one channel's after another's. */
  readonly filters: Value;
  /** The shape of `filters`. */
  readonly filtersShape: Shape;
  /** How many channels the input has. */
  readonly channels: number;
  /** Strides, dilations and padding. */
  readonly attributes: Attributes;
}

/**
 * Convolves each channel apart.
 *
 * ONNX Runtime arranges channels in blocks, which it convolves several times as fast, by itself only where filters are constants. Where the
 * filters are trained, or are images themselves, its operators for that are asked to.
 */
export function convolveChannelwise(context: ConversionContext, convolution: ChannelwiseConvolution): Value {
  const { input, filters, filtersShape, channels } = convolution;
  const [outputs, , ...kernel] = filtersShape as readonly [number, number, ...number[]];
  const attributes = { ...convolution.attributes, group: channels, kernel_shape: kernel };
  const isBlocked =
    context.builder.hasBlockedConvolutions &&
    kernel.length === 2 &&
    outputs === channels &&
    channels % CHANNELS_OF_BLOCKS === 0 &&
    input.dtype === 'float32' &&
    convolution.attributes['auto_pad'] === undefined;
  if (!isBlocked) return context.one('Conv', [input, filters], attributes);
  // Filters of one channel each lie in their blocks as the channels of an image do.
  const image = context.one('ReorderInput', [context.reshape(filters, [1, channels, ...kernel])]);
  const blocks = [context.one('ReorderInput', [input]), context.reshape(image, filtersShape)];
  return context.one('ReorderOutput', [context.one('BlockedConv', blocks, attributes)], { channels });
}
