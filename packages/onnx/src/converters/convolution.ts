import { isFullyKnown, type PartialShape, type Shape } from '@tenon/tensor';
import type { ConversionContext } from '../conversion-context.js';
import type { Converter } from '../converter.js';
import type { Value } from '../model-builder.js';
import { explicitPaddings, imageFormat, images, padding, spatialEntries, type ImageFormat } from './spatial.js';

/** Filters are `[…spatial, in, out]` in TensorFlow, `[out, in, …spatial]` in ONNX. */
function outInSpatial(rank: number): number[] {
  return [rank - 1, rank - 2, ...Array.from({ length: rank - 2 }, (_, axis) => axis)];
}

/** How many groups of channels are convolved apart. Where the number of channels is unknown they are taken to be one group. */
function groups(channels: number | null | undefined, filter: Shape): number {
  return channels == null ? 1 : channels / filter.at(-2)!;
}

function stridesAndDilations(context: ConversionContext, format: ImageFormat) {
  const dilations = context.operation.ints('dilations');
  return {
    strides: spatialEntries(context, context.operation.ints('strides'), format, 'strides'),
    dilations:
      dilations.length > 0 ? spatialEntries(context, dilations, format, 'dilations') : format.spatialAxes.map(() => 1),
  };
}

/** The filter's shape, which must be known. */
function filterShape(context: ConversionContext): Shape {
  const shape = context.shape(1);
  return shape && isFullyKnown(shape) ? shape : context.unsupported('the shape of its filter is unknown');
}

function convolve(context: ConversionContext, filter: Shape, weight: Value, group: number): void {
  const format = imageFormat(context);
  const steps = stridesAndDilations(context, format);
  const attributes = { ...steps, ...padding(context, format, { kernel: filter.slice(0, -2), ...steps }), group };
  context.set(context.one('Conv', [images(context, 0, format), weight], attributes), format.layout);
}

const convolution = (type: string): Converter => ({
  type,
  convert(context) {
    const filter = filterShape(context);
    const group = groups(context.shape(0)?.[imageFormat(context).channelAxis], filter);
    convolve(context, filter, context.weight(1, undefined, outInSpatial(filter.length)), group);
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

/** The gradient of a convolution with regard to its input, which is what models use as transposed convolution. */
const transposedConvolution = (type: string): Converter => ({
  type,
  convert(context) {
    const format = imageFormat(context);
    const { operation, builder } = context;
    const filter = filterShape(context);
    const rank = filter.length;
    const kernel = filter.slice(0, rank - 2);
    const group = groups(operation.output().shape?.[format.channelAxis], filter);
    const { strides, dilations } = stridesAndDilations(context, format);
    const reach = kernel.map((size, axis) => (size - 1) * dilations[axis]! + 1);
    const inputs = [images(context, 2, format), context.weight(1, undefined, outInSpatial(rank))];
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
      const fixed = { ...attributes, pads: [...begin, ...end], output_padding: extra };
      return context.set(context.one('ConvTranspose', inputs, fixed), format.layout);
    }

    // All that the input reaches, and the part of it that is wanted.
    const whole = context.one('ConvTranspose', inputs, {
      ...attributes,
      output_padding: strides.map((stride) => stride - 1),
    });
    const size = wantedSize(context, format);
    let start = builder.int64s(before);
    if (kind === 'SAME') {
      const inputSize = context.one('Slice', [
        context.one('Shape', [inputs[0]!]),
        builder.int64s([2]),
        builder.int64s([rank]),
      ]);
      const reached = context.one('Add', [
        context.one('Mul', [context.one('Sub', [inputSize, builder.int64(1)]), builder.int64s(strides)]),
        builder.int64s(reach),
      ]);
      const over = context.one('Max', [context.one('Sub', [reached, size]), builder.int64(0)]);
      start = context.one('Div', [over, builder.int64(2)]);
    }
    const axes = builder.int64s(kernel.map((_, axis) => axis + 2));
    context.set(context.one('Slice', [whole, start, context.one('Add', [start, size]), axes]), format.layout);
  },
});

export const convolutionConverters: readonly Converter[] = [
  convolution('Conv2D'),
  convolution('Conv3D'),
  transposedConvolution('Conv2DBackpropInput'),
  transposedConvolution('Conv3DBackpropInputV2'),
  {
    type: 'DepthwiseConv2dNative',
    convert(context) {
      const filter = filterShape(context);
      const [height, width, inChannels, multiplier] = filter as readonly [number, number, number, number];
      const weight = context.weight(1, [height, width, 1, inChannels * multiplier], outInSpatial(4));
      convolve(context, filter, weight, inChannels);
    },
  },
];
