import type { ConversionContext } from '../conversion-context.js';
import type { Converter } from '../converter.js';
import type { Operator } from '../operators.js';
import type { Value } from '../model-builder.js';
import { toChannelsFirst } from '../permutation.js';
import { sliceEnd } from './array.js';

/** Paddings as ONNX wants them: all that stand before, then all that stand after. */
function paddings(context: ConversionContext, channelsFirst: boolean): Value {
  const known = context.knownNumbers(1);
  const { builder } = context;
  if (known) {
    const axes = channelsFirst
      ? toChannelsFirst(known.length / 2)
      : known.slice(0, known.length / 2).map((_, axis) => axis);
    return builder.int64s([...axes.map((axis) => known[2 * axis]!), ...axes.map((axis) => known[2 * axis + 1]!)]);
  }
  return context.reshape(context.transpose(context.int64(1), [1, 0]), [-1]);
}

function pad(context: ConversionContext, operator: Operator, value?: Value): void {
  const layout = context.knownNumbers(1) ? context.layout(0) : 'plain';
  const inputs = [context.inLayout(0, layout), paddings(context, layout === 'channelsFirst')];
  context.set(context.one(operator, value ? [...inputs, value] : inputs), layout);
}

/** The value between its mirrored borders, axis by axis. */
function mirror(context: ConversionContext, borders: readonly number[]): Value {
  const { builder } = context;
  const backwards = (value: Value, start: number, end: bigint | number, axis: number) =>
    context.one('Slice', [value, ...[start, end, axis, -1].map((bound) => builder.int64s([bound]))]);
  let value = context.plain(0);
  for (let axis = 0; axis < borders.length / 2; axis++) {
    const [before, after] = [borders[2 * axis]!, borders[2 * axis + 1]!];
    const parts = [value];
    if (before > 0) parts.unshift(backwards(value, before - 1, sliceEnd(-1), axis));
    if (after > 0) parts.push(backwards(value, -1, -after - 1, axis));
    value = context.concat(parts, axis);
  }
  return value;
}

export const paddingConverters: readonly Converter[] = [
  {
    type: 'Pad',
    convert(context) {
      pad(context, 'Pad', context.builder.scalar(0, context.dtype(0)));
    },
  },
  {
    type: 'PadV2',
    convert(context) {
      pad(context, 'Pad', context.plain(2));
    },
  },
  {
    type: 'MirrorPad',
    convert(context) {
      if (context.operation.string('mode') === 'REFLECT') return pad(context, 'PadReflect');
      // ONNX has no mode that repeats the border; of one element it is the same as the edge.
      const borders = context.numbers(1, 'the paddings');
      if (borders.every((border) => border <= 1)) return pad(context, 'PadEdge');
      context.set(mirror(context, borders));
    },
  },
];
