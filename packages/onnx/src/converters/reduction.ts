import { isFloating } from '@tenon/tensor';
import type { ConversionContext } from '../conversion-context.js';
import type { Converter } from '../converter.js';
import type { Value } from '../model-builder.js';
import type { Operator } from '../operators.js';
import { channelsFirstAxis, toChannelsFirst } from '../permutation.js';
import type { Layout } from '../tensor-forms.js';
import { normalizeAxis } from './array.js';

/** A value, and the layout that it is in. */
interface Placed {
  readonly value: Value;
  readonly layout: Layout;
}

/** A reduction over axes, in the layout at hand where the result is then as TensorFlow has it. */
function reduce(
  context: ConversionContext,
  operator: Operator,
  prepare: (value: Value) => Value = (value) => value,
): Placed {
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
      return { value, layout: keep ? 'channelsFirst' : 'plain' };
    }
  }
  const value = context.one(operator, [prepare(context.plain(0)), context.int64Vector(1)], attributes);
  return { value, layout: 'plain' };
}

function bindReduction(context: ConversionContext, operator: Operator): void {
  const { value, layout } = reduce(context, operator);
  context.set(value, layout);
}

const reduction = (type: string, operator: Operator): Converter => ({
  type,
  convert(context) {
    bindReduction(context, operator);
  },
});

/**
 * A sum or product of integers. ONNX Runtime computes these as float64, which is exact for what fits into 32 bits, before it wraps around, but not
 * for all of int64.
 */
const integerReduction = (
  type: string,
  operator: Operator,
  exact: (context: ConversionContext) => Value,
): Converter => ({
  type,
  convert(context) {
    const dtype = context.dtype(0);
    if (isFloating(dtype)) return bindReduction(context, operator);
    if (dtype === 'int64') return context.set(exact(context));
    if (dtype === 'uint64') context.unsupported('sums and products of uint64');
    const { value, layout } = reduce(context, operator, (input) => context.builder.cast(input, 'int64'));
    context.set(context.builder.cast(value, dtype), layout);
  },
});

/** The last of the running sums, which are exact, along one axis after the other. */
function exactSum(context: ConversionContext): Value {
  const { builder } = context;
  const rank = context.rank(0);
  const keep = context.operation.bool('keep_dims');
  const axes = context.numbers(1, 'the axes of a sum of int64').map((axis) => normalizeAxis(context, axis, rank));
  return axes
    .sort((left, right) => right - left)
    .reduce((value, axis) => {
      // A zero in front, so that there is a last one even of none.
      const padded = context.one('Pad', [value, builder.int64s([1, 0]), builder.int64(0), builder.int64s([axis])]);
      const sums = context.one('CumSum', [padded, builder.int64(axis)]);
      return context.one('Gather', [sums, keep ? builder.int64s([-1]) : builder.int64(-1)], { axis });
    }, context.plain(0));
}

/** The product of the elements of a short vector: a shape. */
function exactProduct(context: ConversionContext): Value {
  const { builder } = context;
  const count = context.shape(0)?.length === 1 ? context.shape(0)![0] : undefined;
  if (count == null || count > 16) return context.unsupported('the product of any but a short vector of int64');
  if (context.knownNumbers(1)?.length !== 1) context.unsupported('the axis is not constant');
  const keep = context.operation.bool('keep_dims');
  return Array.from({ length: count }, (_, index) =>
    context.one('Gather', [context.plain(0), keep ? builder.int64s([index]) : builder.int64(index)]),
  ).reduce((product, factor) => context.one('Mul', [product, factor]), keep ? builder.int64s([1]) : builder.int64(1));
}

/** The greatest or the least. ONNX Runtime passes over NaN, of which TensorFlow makes NaN. */
const extreme = (type: string, operator: Operator): Converter => ({
  type,
  convert(context) {
    const { value, layout } = reduce(context, operator);
    if (!isFloating(value.dtype)) return context.set(value, layout);
    // As bytes: bool has no greatest of nothing, and what is wider takes longer.
    const { builder } = context;
    const found = reduce(context, 'ReduceMax', (input) => builder.cast(context.one('IsNaN', [input]), 'uint8'));
    const isLost = context.one('Greater', [found.value, builder.scalar(0, 'uint8')]);
    context.set(context.one('Where', [isLost, builder.scalar(NaN, value.dtype), value]), layout);
  },
});

const logical = (type: string, operator: Operator): Converter => ({
  type,
  convert(context) {
    const { value, layout } = reduce(context, operator, (input) => context.builder.cast(input, 'int32'));
    // Of nothing the greatest is less than 0, and the least more than 1.
    context.set(context.one('Greater', [value, context.builder.scalar(0, 'int32')]), layout);
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
  integerReduction('Sum', 'ReduceSum', exactSum),
  {
    type: 'Mean',
    convert(context) {
      // Sums of whole numbers wrap around before they are divided.
      if (!isFloating(context.dtype(0))) context.unsupported('means of integers');
      bindReduction(context, 'ReduceMean');
    },
  },
  extreme('Max', 'ReduceMax'),
  extreme('Min', 'ReduceMin'),
  integerReduction('Prod', 'ReduceProd', exactProduct),
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
