import type { ConversionContext } from '../conversion-context.js';
import type { Converter } from '../converter.js';
import type { Value } from '../model-builder.js';
import { channelsFirstAxis, toChannelsFirst, toChannelsLast } from '../permutation.js';

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/** An axis of a value of that rank, counted from the front. */
export function normalizeAxis(context: ConversionContext, axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis;
  return normal >= 0 && normal < rank ? normal : context.unsupported(`axis ${axis} of a value of rank ${rank}`);
}

/** The shape of an input as int64. */
function shapeOf(context: ConversionContext, index: number): Value {
  const shape = context.shape(index);
  if (shape?.every((dimension) => dimension !== null)) return context.builder.int64s(shape);
  if (!context.isChannelsFirst(index)) return context.one('Shape', [context.plain(index)]);
  const channelsFirst = context.one('Shape', [context.channelsFirst(index)]);
  return context.one('Gather', [channelsFirst, context.builder.int64s(toChannelsLast(context.rank(index)))]);
}

/** A value of that shape, all of whose elements are the scalar. */
export function fill(context: ConversionContext, value: Value, shape: Value): Value {
  return context.one('Expand', [value, shape]);
}

const same = (type: string): Converter => ({
  type,
  convert(context) {
    context.operation.outputs.forEach((_, index) => context.alias(index, index));
  },
});

const filledLike = (type: string, number: 0 | 1): Converter => ({
  type,
  convert(context) {
    const layout = context.layout(0);
    const shape = context.shape(0);
    const dims =
      layout === 'plain' && shape?.every((dimension) => dimension !== null)
        ? context.builder.int64s(shape)
        : context.one('Shape', [context.inLayout(0, layout)]);
    context.set(fill(context, context.builder.scalar(number, context.dtype(0)), dims), layout);
  },
});

export const arrayConverters: readonly Converter[] = [
  ...['Identity', 'IdentityN', 'StopGradient', 'PreventGradient', 'Snapshot', 'PlaceholderWithDefault'].map(same),
  {
    type: 'Reshape',
    convert(context) {
      const dims = context.knownNumbers(1);
      if (dims) return context.set(context.reshapedInput(0, dims));
      context.set(context.one('Reshape', [context.plain(0), context.int64(1)], { allowzero: 1 }));
    },
  },
  {
    type: 'Shape',
    convert(context) {
      context.set(context.builder.cast(shapeOf(context, 0), context.outputDtype()));
    },
  },
  {
    type: 'ShapeN',
    convert(context) {
      context.operation.outputs.forEach((_, index) =>
        context.set(context.builder.cast(shapeOf(context, index), context.outputDtype(index)), 'plain', index),
      );
    },
  },
  {
    type: 'Size',
    convert(context) {
      const size = context.one('Size', [context.inLayout(0, context.layout(0))]);
      context.set(context.builder.cast(size, context.outputDtype()));
    },
  },
  {
    type: 'Rank',
    convert(context) {
      const rank = context.one('Size', [context.one('Shape', [context.inLayout(0, context.layout(0))])]);
      context.set(context.builder.cast(rank, 'int32'));
    },
  },
  {
    type: 'ExpandDims',
    convert(context) {
      context.set(context.one('Unsqueeze', [context.plain(0), context.int64Vector(1)]));
    },
  },
  {
    type: 'Squeeze',
    convert(context) {
      const axes = context.operation.ints('squeeze_dims');
      if (axes.length === 0) return context.set(context.one('Squeeze', [context.plain(0)]));
      if (context.isChannelsFirst(0)) {
        const rank = context.rank(0);
        const normal = axes.map((axis) => normalizeAxis(context, axis, rank));
        const rest = toChannelsFirst(rank).filter((axis) => !normal.includes(axis));
        if (rest.every((axis, index) => index === 0 || axis > rest[index - 1]!)) {
          const moved = normal.map((axis) => channelsFirstAxis(axis, rank));
          return context.set(context.squeeze(context.channelsFirst(0), moved));
        }
      }
      context.set(context.squeeze(context.plain(0), axes));
    },
  },
  {
    type: 'Pack',
    convert(context) {
      const axis = context.operation.int('axis');
      const parts = context.operation.inputs.map((_, index) => {
        const constant = context.constant(index);
        if (constant?.rank === 0) return context.builder.constant(constant.reshape([1]));
        return context.unsqueeze(context.plain(index), [axis]);
      });
      context.set(context.concat(parts, axis));
    },
  },
  {
    type: 'Unpack',
    convert(context) {
      const axis = context.operation.int('axis');
      const count = context.operation.int('num');
      if (count === 0) return;
      const input = context.plain(0);
      const parts = count === 1 ? [input] : context.builder.node('Split', [input], { axis, num_outputs: count }, count);
      parts.forEach((part, index) => context.set(context.squeeze(part, [axis]), 'plain', index));
    },
  },
  {
    type: 'Fill',
    convert(context) {
      context.set(fill(context, context.plain(1), context.int64(0)));
    },
  },
  {
    type: 'BroadcastTo',
    convert(context) {
      context.set(context.one('Expand', [context.plain(0), context.int64(1)]));
    },
  },
  {
    type: 'Tile',
    convert(context) {
      if (context.rank(0) === 0) return context.alias(0);
      context.set(context.one('Tile', [context.plain(0), context.int64(1)]));
    },
  },
  filledLike('ZerosLike', 0),
  filledLike('OnesLike', 1),
  {
    type: 'Range',
    convert(context) {
      context.set(context.one('Range', [context.plain(0), context.plain(1), context.plain(2)]));
    },
  },
  {
    type: 'Transpose',
    convert(context) {
      const rank = context.rank(0);
      const permutation = context.numbers(1, 'the permutation').map((axis) => normalizeAxis(context, axis, rank));
      if (permutation.length !== rank)
        context.unsupported(`a permutation of ${permutation.length} axes for rank ${rank}`);
      if (context.isChannelsFirst(0)) {
        const moved = permutation.map((axis) => channelsFirstAxis(axis, rank));
        return context.set(context.transpose(context.channelsFirst(0), moved));
      }
      // What is channels-first in TensorFlow's own hands needs no transposition to become channels-last, nor back.
      if (rank >= 4 && String(permutation) === String(toChannelsLast(rank))) {
        return context.set(context.plain(0), 'channelsFirst');
      }
      if (rank >= 4 && String(permutation) === String(toChannelsFirst(rank)))
        return context.set(context.channelsFirst(0));
      context.set(context.transpose(context.plain(0), permutation));
    },
  },
  {
    type: 'OneHot',
    convert(context) {
      // ONNX's own OneHot counts negative indices from the end; TensorFlow's rows for them are empty.
      const rank = context.rank(0);
      const axis = context.operation.int('axis');
      const { builder } = context;
      const depth = context.knownNumbers(1)?.[0];
      const dtype = context.dtype(0) === 'int32' ? 'int32' : 'int64';
      const classes =
        depth !== undefined && depth >= 0 && depth <= 1024
          ? builder.cast(builder.int64s(Array.from({ length: depth }, (_, index) => index)), dtype)
          : context.one('Range', [
              builder.scalar(0, dtype),
              builder.cast(context.plain(1), dtype),
              builder.scalar(1, dtype),
            ]);
      const place = axis === -1 ? rank : axis;
      const trailing = Array.from({ length: rank - place }, (_, index) => index + 1);
      const indices = context.unsqueeze(builder.cast(context.plain(0), dtype), [place]);
      const hit = context.one('Equal', [indices, context.unsqueeze(classes, trailing)]);
      context.set(context.one('Where', [hit, context.plain(2), context.plain(3)]));
    },
  },
  {
    type: 'ReverseV2',
    convert(context) {
      const axes = context.numbers(1, 'the axes');
      if (axes.length === 0) return context.alias(0);
      const all = (value: number | bigint) => context.builder.int64s(axes.map(() => value));
      const inputs = [context.plain(0), all(-1), all(INT64_MIN), context.builder.int64s(axes), all(-1)];
      context.set(context.one('Slice', inputs));
    },
  },
  {
    type: 'ReverseSequence',
    convert(context) {
      const time = context.operation.int('seq_dim');
      const batch = context.operation.int('batch_dim');
      if (time + batch !== 1 || time * batch !== 0) context.unsupported(`seq_dim ${time} with batch_dim ${batch}`);
      const attributes = { time_axis: time, batch_axis: batch };
      context.set(context.one('ReverseSequence', [context.plain(0), context.int64(1)], attributes));
    },
  },
  {
    type: 'MatrixBandPart',
    convert(context) {
      const [lower, upper] = [context.number(1, 'num_lower'), context.number(2, 'num_upper')];
      let value = context.plain(0);
      if (lower >= 0) value = context.one('Trilu', [value, context.builder.int64(-lower)], { upper: 1 });
      if (upper >= 0) value = context.one('Trilu', [value, context.builder.int64(upper)], { upper: 0 });
      context.set(value);
    },
  },
  {
    type: 'InvertPermutation',
    convert(context) {
      const { builder } = context;
      const permutation = context.int64(0);
      const count = context.one('Reshape', [context.one('Size', [permutation]), builder.int64s([])]);
      const places = context.one('Range', [builder.int64(0), count, builder.int64(1)]);
      const empty = context.one('Mul', [permutation, builder.int64(0)]);
      const inverted = context.one('ScatterND', [empty, context.unsqueeze(permutation, [1]), places]);
      context.set(builder.cast(inverted, context.outputDtype()));
    },
  },
];

/** What stands for "to the end" in a slice with that step. */
export function sliceEnd(step: number): bigint {
  return step > 0 ? INT64_MAX : INT64_MIN;
}

/** What stands for "from the start" in a slice with that step. */
export function sliceStart(step: number): bigint {
  return step > 0 ? 0n : INT64_MAX;
}
