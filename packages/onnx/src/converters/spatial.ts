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

/** `padding` and `explicit_paddings` as ONNX attributes. SAME depends on sizes that only a run knows: ONNX computes it the same way. */
export function padding(context: ConversionContext, format: ImageFormat): Attributes {
  const kind = context.operation.string('padding');
  if (kind === 'SAME') return { auto_pad: 'SAME_UPPER' };
  if (kind === 'VALID') return {};
  const [before, after] = explicitPaddings(context, format);
  return { pads: [...before, ...after] };
}

/** What `explicit_paddings` says of the spatial axes: before, and after. */
export function explicitPaddings(
  context: ConversionContext,
  { spatialAxes }: ImageFormat,
): readonly [number[], number[]] {
  const paddings = context.operation.ints('explicit_paddings');
  return [spatialAxes.map((axis) => paddings[2 * axis] ?? 0), spatialAxes.map((axis) => paddings[2 * axis + 1] ?? 0)];
}
