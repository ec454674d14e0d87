import { isFullyKnown, sizeOf, Tensor, type Shape } from '@tenon/tensor';
import type { ConversionContext } from '../conversion-context.js';
import type { Converter } from '../converter.js';
import { imageFormat, images, padding, spatialEntries, type ImageFormat, type Window } from './spatial.js';

function windowOf(context: ConversionContext, format: ImageFormat): Window {
  const { operation } = context;
  return {
    kernel: spatialEntries(context, operation.ints('ksize'), format, 'ksize'),
    strides: spatialEntries(context, operation.ints('strides'), format, 'strides'),
    dilations: format.spatialAxes.map(() => 1),
  };
}

/** A shape with its channels first, which must be known. */
function channelsFirstShape(context: ConversionContext, shape: readonly (number | null)[] | null): Shape {
  if (!shape || !isFullyKnown(shape)) return context.unsupported('the shape of its images is unknown');
  const { channelAxis, spatialAxes } = imageFormat(context);
  return [shape[0]!, shape[channelAxis]!, ...spatialAxes.map((axis) => shape[axis]!)];
}

/** Each maximum's gradient is added where the first of the greatest elements of its window is. */
const maxPoolGradient = (type: string): Converter => ({
  type,
  convert(context) {
    const { builder } = context;
    const format = imageFormat(context);
    const window = windowOf(context, format);
    const shape = channelsFirstShape(context, context.shape(0));
    const attributes = { ...padding(context, format, window), kernel_shape: window.kernel, strides: window.strides };
    const [, places] = builder.node('MaxPoolIndices', [images(context, 0, format)], attributes);
    const dy = images(context, 2, format);
    const zeros = context.one('Expand', [builder.scalar(0, dy.dtype), builder.int64s([sizeOf(shape)])]);
    const flat = [context.reshape(places!, [-1, 1]), context.reshape(dy, [-1])];
    const scattered = context.one('ScatterNDAdd', [zeros, ...flat]);
    context.set(context.reshape(scattered, shape), format.layout);
  },
});

/** How many elements of the images, not of their padding, each window has along an axis. */
function windowSizes(
  size: number,
  outputs: number,
  { kernel, strides }: Window,
  axis: number,
  before: number,
): number[] {
  return Array.from({ length: outputs }, (_, index) => {
    const start = index * strides[axis]! - before;
    return Math.min(start + kernel[axis]!, size) - Math.max(start, 0);
  });
}

/** Each mean's gradient is shared among the elements of its window. */
const averagePoolGradient = (type: string): Converter => ({
  type,
  convert(context) {
    const { builder, operation } = context;
    const format = imageFormat(context);
    const window = windowOf(context, format);
    const large = channelsFirstShape(context, operation.output().shape).slice(1);
    const small = channelsFirstShape(context, [large[0]!, ...(context.shape(1)?.slice(1) ?? [null])]).slice(1);
    const [channels, ...sizes] = large as [number, ...number[]];
    const over = sizes.map(
      (size, axis) => (small[axis + 1]! - 1) * window.strides[axis]! + window.kernel[axis]! - size,
    );
    const begin = over.map((total) => (operation.string('padding') === 'SAME' ? Math.max(0, total) >> 1 : 0));
    const counts = sizes
      .map((size, axis) => windowSizes(size, small[axis + 1]!, window, axis, begin[axis]!))
      .reduce((outer, inner) => outer.flatMap((left) => inner.map((right) => left * right)), [1]);
    const dtype = context.dtype(1);
    const shares = new Tensor(
      'float32',
      [1, 1, ...small.slice(1)],
      Float32Array.from(counts, (count) => 1 / count),
    );
    const ones = [channels, 1, ...window.kernel];
    const inputs = [
      context.one('Mul', [images(context, 1, format), builder.cast(builder.constant(shares), dtype)]),
      builder.cast(builder.constant(new Tensor('float32', ones, new Float32Array(sizeOf(ones)).fill(1))), dtype),
    ];
    const attributes = {
      group: channels,
      strides: window.strides,
      pads: [...begin, ...over.map((total, axis) => Math.max(0, total - begin[axis]!))],
      output_padding: over.map((total, axis) => Math.max(0, begin[axis]! - total)),
    };
    context.set(context.one('ConvTranspose', inputs, attributes), format.layout);
  },
});

export const poolingGradientConverters: readonly Converter[] = [
  maxPoolGradient('MaxPoolGrad'),
  maxPoolGradient('MaxPool3DGrad'),
  averagePoolGradient('AvgPoolGrad'),
  averagePoolGradient('AvgPool3DGrad'),
];
