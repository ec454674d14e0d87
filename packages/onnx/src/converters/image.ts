import type { ConversionContext } from '../conversion-context.js';
import type { Converter } from '../converter.js';
import type { Value } from '../model-builder.js';
import type { Attributes, Operator } from '../operators.js';
import { imageFormat, images } from './spatial.js';

/** How a place in the output becomes a place in the input. */
function coordinates(context: ConversionContext): string {
  if (context.operation.bool('align_corners')) return 'align_corners';
  return context.operation.bool('half_pixel_centers') ? 'half_pixel' : 'asymmetric';
}

function resize(context: ConversionContext, operator: Operator, input: Value, attributes: Attributes): void {
  const inputs = [input, undefined, undefined, resizedShape(context, input)];
  context.set(context.one(operator, inputs, attributes), 'channelsFirst');
}

function resizedShape(context: ConversionContext, input: Value): Value {
  const { builder } = context;
  const [batch, , , channels] = context.shape(0)!;
  const known = [batch, channels, ...(context.integers(1) ?? [null])];
  if (known.every((dimension) => dimension != null)) return builder.int64s(known);
  const shape = context.one('Shape', [input]);
  const batchAndChannels = context.one('Slice', [shape, builder.int64s([0]), builder.int64s([2])]);
  // ONNX Runtime wants to know how many sizes there are, and takes an unknown number for none.
  return context.concat([batchAndChannels, context.reshape(context.int64(1), [2])], 0);
}

const rearrangement = (type: 'DepthToSpace' | 'SpaceToDepth'): Converter => ({
  type,
  convert(context) {
    const format = imageFormat(context);
    const attributes = { blocksize: context.operation.int('block_size') };
    context.set(context.one(type, [images(context, 0, format)], attributes), format.layout);
  },
});

export const imageConverters: readonly Converter[] = [
  {
    type: 'ResizeNearestNeighbor',
    convert(context) {
      const mode = coordinates(context);
      resize(context, 'Resize', context.channelsFirst(0), {
        coordinate_transformation_mode: mode,
        nearest_mode: mode === 'asymmetric' ? 'floor' : 'round_prefer_ceil',
      });
    },
  },
  {
    type: 'ResizeBilinear',
    convert(context) {
      const input = context.builder.cast(context.channelsFirst(0), 'float32');
      resize(context, 'ResizeLinear', input, { coordinate_transformation_mode: coordinates(context) });
    },
  },
  rearrangement('DepthToSpace'),
  rearrangement('SpaceToDepth'),
];
