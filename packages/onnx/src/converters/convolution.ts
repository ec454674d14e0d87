import { isFullyKnown, type PartialShape, type Shape } from '@tenon/tensor';
import type { ConversionContext } from '../conversion-context.js';
import type { Converter } from '../converter.js';
import type { Value } from '../model-builder.js';
import type { Attributes } from '../operators.js';
import { convolveChannelwise } from './channelwise-convolution.js';
import { explicitPaddings, imageFormat, images, padding, windowSteps, type ImageFormat } from './spatial.js';

/** So far back that a slice goes to the first element. */
const INT32_MAX = 2 ** 31 - 1;

/** Filters are `[…spatial, in, out]` in TensorFlow, `[out, in, …spatial]` in ONNX. */
function outInSpatial(rank: number): number[] {
  return [rank - 1, rank - 2, ...Array.from({ length: rank - 2 }, (_, axis) => axis)];
}

/** How many groups of channels are convolved apart. Where the number of channels is unknown they are taken to be one group. */
function groups(channels: number | null | undefined, filter: Shape): number {
  return channels == null ? 1 : channels / filter.at(-2)!;
}

/** The filter's shape, which must be known. */
function filterShape(context: ConversionContext): Shape {
  const shape = context.shape(1);
  if (!shape || !isFullyKnown(shape)) return context.unsupported('the shape of its filter is unknown');
  return shape.includes(0) ? context.unsupported('its filter has no elements') : shape;
}

function attributesOf(context: ConversionContext, filter: Shape): Attributes {
  const format = imageFormat(context);
  const steps = windowSteps(context, format);
  return { ...steps, ...padding(context, format, { kernel: filter.slice(0, -2), ...steps }) };
}

const convolution = (type: string): Converter => ({
  type,
  convert(context) {
    const filter = filterShape(context);
    const format = imageFormat(context);
    const group = groups(context.shape(0)?.[format.channelAxis], filter);
    const inputs = [images(context, 0, format), context.weight(1, undefined, outInSpatial(filter.length))];
    context.set(context.one('Conv', inputs, { ...attributesOf(context, filter), group }), format.layout);
  },
});

/** The spatial size that a transposed convolution is to have, of its first input: all dimensions, or the spatial ones. */
function wantedSize(context: ConversionContext, { spatialAxes }: ImageFormat): Value {
  const count = context.shape(0)?.[0];
  const size = context.int64(0);
  if (count === spatialAxes.length) return size;
  if (count !== spatialAxes.length + 2) context.unsupported('the length of input_sizes is unknown');
  const [from, to] = [spatialAxes[0]!, spatialAxes.at(-1)! + 1];
  return context.one('Slice', [size, context.builder.int64s([from]), context.builder.int64s([to])]);
}

/** How an image becomes the larger one that a convolution would have made it of. */
interface TransposedConvolution {
  /** The filter's shape as TensorFlow has it. */
  readonly filter: Shape;
  /** As ONNX wants it. */
  weight(): Value;
  readonly group: number;
  /** Whether the filter has one output for each channel, or all channels for each output: a filter turned around convolves back. */
  readonly isTurnable: boolean;
}

/** A filter that is no constant, turned around: `[in, out, …spatial]` with the last place first. */
function turned(context: ConversionContext, { filter }: TransposedConvolution): Value {
  const rank = filter.length;
  const axes = Array.from({ length: rank - 2 }, (_, axis) => axis).filter((axis) => filter[axis] !== 1);
  const steps = [axes.map(() => -1), axes.map(() => -INT32_MAX), axes, axes.map(() => -1)];
  const value = context.plain(1);
  const flipped =
    axes.length === 0 ? value : context.one('Slice', [value, ...steps.map((each) => context.builder.int64s(each))]);
  return context.transpose(flipped, [rank - 2, rank - 1, ...Array.from({ length: rank - 2 }, (_, axis) => axis)]);
}

/** The gradient of a convolution with regard to its input, which is what models use as transposed convolution. */
function convolveBack(context: ConversionContext, convolution: TransposedConvolution): void {
  const { filter, group } = convolution;
  const format = imageFormat(context);
  const { operation, builder } = context;
  const rank = filter.length;
  const kernel = filter.slice(0, rank - 2);
  const { strides, dilations } = windowSteps(context, format);
  const reach = kernel.map((size, axis) => (size - 1) * dilations[axis]! + 1);
  const dy = images(context, 2, format);
  const attributes = { strides, dilations, group };
  const kind = operation.string('padding');
  const [before] = kind === 'EXPLICIT' ? explicitPaddings(context, format) : [reach.map(() => 0)];

  const small: PartialShape = format.spatialAxes.map((axis) => context.shape(2)?.[axis] ?? null);
  const large: PartialShape = format.spatialAxes.map((axis) => operation.output().shape?.[axis] ?? null);
  if (isFullyKnown(small) && isFullyKnown(large)) {
    const begin: number[] = [];
    const end: number[] = [];
    const extra: number[] = [];
    large.forEach((size, axis) => {
      const over = strides[axis]! * (small[axis]! - 1) + reach[axis]! - size;
      const start = kind === 'SAME' ? Math.max(0, over) >> 1 : before[axis]!;
      begin.push(start);
      end.push(Math.max(0, over - start));
      extra.push(Math.max(0, start - over));
    });
    // Not for constants: what is trained is convolved by what has threads.
    const isTurned = convolution.isTurnable && context.forms(1).constant === undefined;
    if (isTurned && strides.every((stride) => stride === 1) && begin.every((start, axis) => start < reach[axis]!)) {
      const before = begin.map((start, axis) => reach[axis]! - 1 - start);
      const after = large.map((size, axis) => size - small[axis]! + reach[axis]! - 1 - before[axis]!);
      const fixed = { dilations, pads: [...before, ...after] };
      const filters = turned(context, convolution);
      const value =
        group === 1
          ? context.one('Conv', [dy, filters], fixed)
          : convolveChannelwise(context, {
              input: dy,
              filters,
              filtersShape: [group, 1, ...kernel],
              channels: group,
              attributes: fixed,
            });
      return context.set(value, format.layout);
    }
    const fixed = { ...attributes, pads: [...begin, ...end], output_padding: extra };
    return context.set(context.one('ConvTranspose', [dy, convolution.weight()], fixed), format.layout);
  }

  // All that the input reaches, and the part of it that is wanted.
  const whole = context.one('ConvTranspose', [dy, convolution.weight()], {
    ...attributes,
    output_padding: strides.map((stride) => stride - 1),
  });
  const size = wantedSize(context, format);
  let start = builder.int64s(before);
  if (kind === 'SAME') {
    const inputSize = context.one('Slice', [context.one('Shape', [dy]), builder.int64s([2]), builder.int64s([rank])]);
    const reached = context.one('Add', [
      context.one('Mul', [context.one('Sub', [inputSize, builder.int64(1)]), builder.int64s(strides)]),
      builder.int64s(reach),
    ]);
    const over = context.one('Max', [context.one('Sub', [reached, size]), builder.int64(0)]);
    start = context.one('Div', [over, builder.int64(2)]);
  }
  const axes = builder.int64s(kernel.map((_, axis) => axis + 2));
  context.set(context.one('Slice', [whole, start, context.one('Add', [start, size]), axes]), format.layout);
}

const transposedConvolution = (type: string): Converter => ({
  type,
  convert(context) {
    const filter = filterShape(context);
    const group = groups(context.operation.output().shape?.[imageFormat(context).channelAxis], filter);
    const weight = () => context.weight(1, undefined, outInSpatial(filter.length));
    convolveBack(context, { filter, weight, group, isTurnable: group === 1 });
  },
});

/** The weight of a depthwise convolution, one group per channel. */
function depthwiseWeight(context: ConversionContext, filter: Shape): Value {
  const [height, width, channels, multiplier] = filter as readonly [number, number, number, number];
  return context.weight(1, [height, width, 1, channels * multiplier], outInSpatial(4));
}

export const convolutionConverters: readonly Converter[] = [
  convolution('Conv2D'),
  convolution('Conv3D'),
  transposedConvolution('Conv2DBackpropInput'),
  transposedConvolution('Conv3DBackpropInputV2'),
  {
    type: 'DepthwiseConv2dNative',
    convert(context) {
      const filter = filterShape(context);
      const format = imageFormat(context);
      const [height, width, channels, multiplier] = filter as readonly [number, number, number, number];
      const [input, filters] = [images(context, 0, format), depthwiseWeight(context, filter)];
      const attributes = attributesOf(context, filter);
      const value = context.forms(1).constant
        ? context.one('Conv', [input, filters], { ...attributes, group: channels })
        : convolveChannelwise(context, {
            input,
            filters,
            filtersShape: [channels * multiplier, 1, height, width],
            channels,
            attributes,
          });
      context.set(value, format.layout);
    },
  },
  {
    type: 'DepthwiseConv2dNativeBackpropInput',
    convert(context) {
      const filter = filterShape(context);
      const [, , channels, multiplier] = filter as readonly [number, number, number, number];
      const weight = () => depthwiseWeight(context, filter);
      convolveBack(context, { filter, weight, group: channels, isTurnable: multiplier === 1 });
    },
  },
];
