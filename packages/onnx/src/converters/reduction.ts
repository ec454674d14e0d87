import { isFloating } from '@tenon/tensor';
import type { ConversionContext } from '../conversion-context.js';
import type { Converter } from '../converter.js';
import type { Value } from '../model-builder.js';
import type { Operator } from '../operators.js';
import { channelsFirstAxis, toChannelsFirst } from '../permutation.js';
import type { Layout } from '../tensor-forms.js';
import { normalizeAxis } from './array.js';

/** A reduction over axes, in the layout at hand where the result is then as TensorFlow has it. */
export function reduce(
  context: ConversionContext,
  operator: Operator,
  prepare: (value: Value) => Value = (value) => value,
) {
  const keep = context.operation.bool('keep_dims');
  const attributes = { keepdims: keep ? 1 : 0, noop_with_empty_axes: 1 };
  const axes = context.knownNumbers(1);
  if (axes && context.isChannelsFirst(0)) {
    const rank = context.rank(0);
    const normal = axes.map((axis) => normalizeAxis(context, axis, rank));
    const rest = toChannelsFirst(rank).filter((axis) => !normal.includes(axis));
    const isInOrder = rest.every((axis, index) => index === 0 || axis > rest[index - 1]!);
    if (keep || isInOrder) {
      const moved = context.builder.int64s(normal.map((axis) => channelsFirstAxis(axis, rank)));
      const value = context.one(operator, [prepare(context.channelsFirst(0)), moved], attributes);
      return { value, layout: (keep ? 'channelsFirst' : 'plain') satisfies Layout as Layout };
    }
  }
  const value = context.one(operator, [prepare(context.plain(0)), context.int64Vector(1)], attributes);
  return { value, layout: 'plain' as Layout };
}

const reduction = (type: string, operator: Operator): Converter => ({
  type,
  convert(context) {
    const { value, layout } = reduce(context, operator);
    context.set(value, layout);
  },
});

const logical = (type: string, operator: Operator): Converter => ({
  type,
  convert(context) {
    const { value, layout } = reduce(context, operator, (input) => context.builder.cast(input, 'int32'));
    context.set(context.builder.cast(value, 'bool'), layout);
  },
});

const extremeIndex = (type: string): Converter => ({
  type,
  convert(context) {
    const axis = context.number(1, 'the axis');
    const layout = context.layout(0);
    const rank = layout === 'plain' ? 0 : context.rank(0);
    const moved = layout === 'plain' ? axis : channelsFirstAxis(normalizeAxis(context, axis, rank), rank);
    // Without the channels what is left is in order; without another axis it is not.
    const value = layout === 'plain' || moved === 1 ? context.inLayout(0, layout) : context.plain(0);
    const at = layout === 'plain' || moved === 1 ? moved : axis;
    const found = context.one(type as Operator, [value], { axis: at, keepdims: 0 });
    context.set(context.builder.cast(found, context.outputDtype()));
  },
});

export const reductionConverters: readonly Converter[] = [
  reduction('Sum', 'ReduceSum'),
  {
    type: 'Mean',
    convert(context) {
      // Sums of whole numbers wrap around before they are divided.
      if (!isFloating(context.dtype(0))) context.unsupported('means of integers');
      const { value, layout } = reduce(context, 'ReduceMean');
      context.set(value, layout);
    },
  },
  reduction('Max', 'ReduceMax'),
  reduction('Min', 'ReduceMin'),
  reduction('Prod', 'ReduceProd'),
  reduction('EuclideanNorm', 'ReduceL2'),
  logical('All', 'ReduceMin'),
  logical('Any', 'ReduceMax'),
  extremeIndex('ArgMax'),
  extremeIndex('ArgMin'),
  {
    type: 'Cumsum',
    convert(context) {
      const attributes = {
        exclusive: context.operation.bool('exclusive') ? 1 : 0,
        reverse: context.operation.bool('reverse') ? 1 : 0,
      };
      context.set(context.one('CumSum', [context.plain(0), context.int64(1)], attributes));
    },
  },
  {
    type: 'L2Loss',
    convert(context) {
      const input = context.inLayout(0, context.layout(0));
      const sum = context.one('ReduceSum', [context.one('Mul', [input, input])], { keepdims: 0 });
      context.set(context.one('Mul', [sum, context.builder.scalar(0.5, input.dtype)]));
    },
  },
  {
    type: 'TopKV2',
    convert(context) {
      const attributes = { axis: -1, largest: 1, sorted: 1 };
      const [values, indices] = context.builder.node('TopK', [context.plain(0), context.int64Vector(1)], attributes);
      context.set(values!, 'plain', 0);
      context.set(context.builder.cast(indices!, context.outputDtype(1)), 'plain', 1);
    },
  },
];
