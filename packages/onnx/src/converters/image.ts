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
  const { builder } = context;
  const [batch, channels] = [context.shape(0)![0], context.shape(0)![3]];
  const [height, width] = context.integers(1) ?? [];
  const known = [batch, channels, height, width];
  const size = known.every((dimension) => dimension != null)
    ? builder.int64s(known)
    : context.concat(
        [
          context.one('Slice', [context.one('Shape', [input]), builder.int64s([0]), builder.int64s([2])]),
          context.int64(1),
        ],
        0,
      );
  context.set(context.one(operator, [input, undefined, undefined, size], attributes), 'channelsFirst');
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
