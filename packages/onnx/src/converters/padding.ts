import type { ConversionContext } from '../conversion-context.js';
import type { Converter } from '../converter.js';
import type { Operator } from '../operators.js';
import type { Value } from '../model-builder.js';
import { toChannelsFirst } from '../permutation.js';

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
      // ONNX has no mode that repeats the border; for one element it is the same as the edge.
      const widest = Math.max(...context.numbers(1, 'the paddings'));
      if (widest > 1) context.unsupported('mode SYMMETRIC with more than one element');
      pad(context, 'PadEdge');
    },
  },
];
