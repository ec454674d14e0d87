import { isFullyKnown, sizeOf, type PartialShape, type Shape } from '@tenon/tensor';
import type { ConversionContext } from '../conversion-context.js';
import type { Converter } from '../converter.js';
import type { Value } from '../model-builder.js';
import type { Attributes } from '../operators.js';
import { convolveChannelwise } from './channelwise-convolution.js';
import { imageFormat, images, padding, windowSteps, type ImageFormat } from './spatial.js';

/** What the gradient of a filter is computed from: shapes with their channels first. */
interface FilterGradient {
  readonly format: ImageFormat;
  /** The filter's shape as TensorFlow has it. */
  readonly filter: Shape;
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** `pads`, or nothing. */
  readonly padding: Attributes;
  readonly channels: number;
  readonly outputs: number;
  /** Of the images, and of what came of them. */
  readonly sizes: Shape;
  readonly outputSizes: Shape;
}

function readFilterGradient(context: ConversionContext): FilterGradient {
  const format = imageFormat(context);
  const filter = context.operation.output().shape;
  if (!filter || !isFullyKnown(filter)) return context.unsupported('the shape of its filter is unknown');
  const known = (index: number, axes: readonly number[]): number[] => {
    const shape: PartialShape = axes.map((axis) => context.shape(index)?.[axis] ?? null);
    return isFullyKnown(shape) ? [...shape] : context.unsupported(`the size of input ${index} is unknown`);
  };
  const steps = windowSteps(context, format);
  return {
    format,
    filter,
    ...steps,
    padding: padding(context, format, { kernel: filter.slice(0, -2), ...steps }),
    channels: known(0, [format.channelAxis])[0]!,
    outputs: known(2, [format.channelAxis])[0]!,
    sizes: known(0, format.spatialAxes),
    outputSizes: known(2, format.spatialAxes),
  };
}

/**
 * The gradient of a convolution by its filter: for each place in the filter, a product of matrices over all images and all places in them
 * that it has been over.
 */
function convertDense(context: ConversionContext): void {
  const gradient = readFilterGradient(context);
  const { filter, channels, outputs, outputSizes, format } = gradient;
  if (filter.at(-2) !== channels) context.unsupported('channels are convolved in groups');
  const product = productOverImages(context, gradient, images(context, 2, format));
  const padded = pad(context, images(context, 0, format), gradient);
  const places = placesOf(filter.slice(0, -2));
  const products = places.map((place) => product(seenFrom(context, padded, place, gradient)));
  const rows = products.map((value) => (places.length === 1 ? value : context.reshape(value, [1, channels, outputs])));
  if (sizeOf(outputSizes) === 0) context.unsupported('there is nothing in its images');
  context.set(context.reshape(context.concat(rows, 0), filter));
}

/** `[channels, outputs]` of images `[batch, channels, …]` and the gradient `[batch, outputs, …]`. */
function productOverImages(
  context: ConversionContext,
  { channels, outputs, outputSizes }: FilterGradient,
  dy: Value,
): (images: Value) => Value {
  const pixels = sizeOf(outputSizes);
  const isManyPixels = channels * outputs <= (channels + outputs) * pixels;
  if (isManyPixels) {
    // One product per image, without moving a pixel; their sum is small.
    const right = context.transpose(context.reshape(dy, [-1, outputs, pixels]), [0, 2, 1]);
    return (value) => {
      const product = context.one('MatMul', [context.reshape(value, [-1, channels, pixels]), right]);
      return context.one('ReduceSum', [product, context.builder.int64s([0])], { keepdims: 0 });
    };
  }
  const flat = (value: Value, rows: number) =>
    context.reshape(context.transpose(context.reshape(value, [-1, rows, pixels]), [1, 0, 2]), [rows, -1]);
  const right = context.transpose(flat(dy, outputs), [1, 0]);
  return (value) => context.one('MatMul', [flat(value, channels), right]);
}

function pad(context: ConversionContext, value: Value, { padding, filter }: FilterGradient): Value {
  const pads = padding['pads'] as readonly number[] | undefined;
  if (!pads) return value;
  const axes = filter.slice(2).map((_, axis) => axis + 2);
  const zero = context.builder.scalar(0, value.dtype);
  return context.one('Pad', [value, context.builder.int64s(pads), zero, context.builder.int64s(axes)]);
}

/** All places in a filter, in order. */
function placesOf(kernel: Shape): number[][] {
  return kernel.reduce<number[][]>(
    (places, size) => places.flatMap((place) => Array.from({ length: size }, (_, at) => [...place, at])),
    [[]],
  );
}

/** The pixels that this place in the filter has been over. */
function seenFrom(context: ConversionContext, value: Value, place: readonly number[], gradient: FilterGradient): Value {
  const { strides, dilations, sizes, outputSizes, filter, padding } = gradient;
  const isAll = sizeOf(filter.slice(0, -2)) === 1 && strides.every((stride) => stride === 1) && !padding['pads'];
  if (isAll && sizes.every((size, axis) => size === outputSizes[axis])) return value;
  const starts = place.map((at, axis) => at * dilations[axis]!);
  const ends = starts.map((start, axis) => start + (outputSizes[axis]! - 1) * strides[axis]! + 1);
  const axes = place.map((_, axis) => axis + 2);
  return context.one('Slice', [value, ...[starts, ends, axes, strides].map((each) => context.builder.int64s(each))]);
}

/**
 * The gradient of a depthwise convolution by its filter: each channel of each image, convolved with its gradient as if that were a filter
 * with the strides for dilations.
 */
function convertDepthwise(context: ConversionContext): void {
  const gradient = readFilterGradient(context);
  const { format, filter, strides, dilations, channels, outputs, sizes, outputSizes } = gradient;
  const [height, width, , multiplier] = filter as readonly [number, number, number, number];
  const count = context.shape(0)?.[0] ?? context.unsupported('the number of its images is unknown');
  const all = convolveChannelwise(context, {
    input: context.reshape(images(context, 0, format), [1, count * channels, ...sizes]),
    filters: context.reshape(images(context, 2, format), [count * outputs, 1, ...outputSizes]),
    filtersShape: [count * outputs, 1, ...outputSizes],
    channels: count * channels,
    attributes: { ...gradient.padding, strides: dilations, dilations: strides },
  });
  // What the last stride leaves over has been under no filter.
  const [start, end, axes] = [
    [0, 0],
    [height, width],
    [2, 3],
  ].map((each) => context.builder.int64s(each));
  const seen = context.one('Slice', [all, start, end, axes]);
  const perImage = context.reshape(seen, [count, channels, multiplier, height, width]);
  const sum = context.one('ReduceSum', [perImage, context.builder.int64s([0])], { keepdims: 0 });
  context.set(context.transpose(sum, [2, 3, 0, 1]));
}

export const convolutionGradientConverters: readonly Converter[] = [
  { type: 'Conv2DBackpropFilter', convert: convertDense },
  { type: 'Conv3DBackpropFilterV2', convert: convertDense },
  { type: 'DepthwiseConv2dNativeBackpropFilter', convert: convertDepthwise },
];
