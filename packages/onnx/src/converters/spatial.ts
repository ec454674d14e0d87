import type { ConversionContext } from '../conversion-context.js';
import type { Value } from '../model-builder.js';
import type { Attributes } from '../operators.js';
import type { Layout } from '../tensor-forms.js';

/** Where the batch, the channels and the spatial axes of images are, in TensorFlow's attributes and in its tensors. */
export interface ImageFormat {
  /** The layout of the tensors, seen from TensorFlow, that have their channels first. */
  readonly layout: Layout;
  readonly channelAxis: number;
  readonly spatialAxes: readonly number[];
}

/** Reads `data_format`: `NHWC`, `NCHW`, and the same with a `D`. */
export function imageFormat(context: ConversionContext): ImageFormat {
  const format = context.operation.string('data_format');
  if (!/^N(C(D?HW)|(D?HW)C)$/.test(format)) context.unsupported(`data_format ${format}`);
  const axis = (letter: string) => format.indexOf(letter);
  return {
    layout: format[1] === 'C' ? 'plain' : 'channelsFirst',
    channelAxis: axis('C'),
    spatialAxes: [...'DHW'].map(axis).filter((index) => index >= 0),
  };
}

/** An input that has its channels first in ONNX. */
export function images(context: ConversionContext, index: number, { layout, spatialAxes }: ImageFormat): Value {
  const rank = context.rank(index);
  if (rank !== spatialAxes.length + 2) context.unsupported(`images of rank ${rank}`);
  return context.inLayout(index, layout);
}

/** The entries of an attribute, or of a constant, that are about spatial axes; the others must be 1. */
export function spatialEntries(
  context: ConversionContext,
  entries: readonly number[],
  format: ImageFormat,
  what: string,
): number[] {
  if (entries.some((entry, axis) => entry !== 1 && !format.spatialAxes.includes(axis))) {
    context.unsupported(`${what} ${entries.join()} over the batch or the channels`);
  }
  return format.spatialAxes.map((axis) => entries[axis]!);
}

/** What a convolution or a pooling slides over the images, along the spatial axes. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
}

/** The strides and dilations of a convolution, along the spatial axes. */
export function windowSteps(context: ConversionContext, format: ImageFormat): Pick<Window, 'strides' | 'dilations'> {
  const dilations = context.operation.ints('dilations');
  return {
    strides: spatialEntries(context, context.operation.ints('strides'), format, 'strides'),
    dilations:
      dilations.length > 0 ? spatialEntries(context, dilations, format, 'dilations') : format.spatialAxes.map(() => 1),
  };
}

/** `padding` and `explicit_paddings` as ONNX attributes. */
export function padding(context: ConversionContext, format: ImageFormat, window: Window): Attributes {
  const kind = context.operation.string('padding');
  if (kind === 'VALID') return {};
  if (kind === 'EXPLICIT') {
    const [before, after] = explicitPaddings(context, format);
    return { pads: [...before, ...after] };
  }
  const totals = format.spatialAxes.map((axis, index) =>
    samePadding(context.shape(0)?.[axis] ?? undefined, window, index),
  );
  if (totals.every((total) => total !== undefined)) {
    if (totals.every((total) => total === 0)) return {};
    return { pads: [...totals.map((total) => total >> 1), ...totals.map((total) => total - (total >> 1))] };
  }
  // Only a run knows the sizes. ONNX has a mode for it, in which ONNX Runtime fails for these.
  const { kernel, strides, dilations } = window;
  if (dilations.some((dilation) => dilation !== 1))
    context.unsupported('SAME of a dilated kernel, over images of unknown size');
  if (kernel.some((size, axis) => size < strides[axis]!)) {
    context.unsupported('SAME of a kernel smaller than its strides, over images of unknown size');
  }
  return { auto_pad: 'SAME_UPPER' };
}

/** How many elements SAME adds along an axis; `undefined` if that depends on a size that is not known. */
function samePadding(
  size: number | undefined,
  { kernel, strides, dilations }: Window,
  axis: number,
): number | undefined {
  const reach = (kernel[axis]! - 1) * dilations[axis]! + 1;
  const stride = strides[axis]!;
  if (reach === 1) return 0;
  if (stride === 1) return reach - 1;
  if (size === undefined) return undefined;
  return Math.max(0, (Math.ceil(size / stride) - 1) * stride + reach - size);
}

/** What `explicit_paddings` says of the spatial axes: before, and after. */
export function explicitPaddings(
  context: ConversionContext,
  { spatialAxes }: ImageFormat,
): readonly [number[], number[]] {
  const paddings = context.operation.ints('explicit_paddings');
  return [spatialAxes.map((axis) => paddings[2 * axis] ?? 0), spatialAxes.map((axis) => paddings[2 * axis + 1] ?? 0)];
}
