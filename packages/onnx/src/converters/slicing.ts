import type { ConversionContext } from '../conversion-context.js';
import type { Converter } from '../converter.js';
import type { Value } from '../model-builder.js';
import { channelsFirstAxis } from '../permutation.js';
import { fill, normalizeAxis, sliceEnd, sliceStart } from './array.js';

/** One entry of the vectors of a StridedSlice, applied to an axis of the input. */
interface SliceEntry {
  /** Its place in `begin`, `end` and `strides`. */
  readonly place: number;
  readonly axis: number;
}

/** What the masks of a StridedSlice say, once the ellipsis is expanded. */
function readMasks(context: ConversionContext) {
  const { operation } = context;
  const entries = context.shape(1)?.[0] ?? context.shape(2)?.[0] ?? context.shape(3)?.[0];
  if (entries === undefined || entries === null) return context.unsupported('the number of its indices is unknown');
  const has = (mask: string) => {
    const bits = operation.int(mask);
    return (place: number) => (bits & (1 << place)) !== 0;
  };
  const [isEllipsis, isNew, isShrunk] = [has('ellipsis_mask'), has('new_axis_mask'), has('shrink_axis_mask')];
  const slices: SliceEntry[] = [];
  const shrunk: SliceEntry[] = [];
  const newAxes: number[] = [];
  let axis = 0;
  let outputAxis = 0;
  for (let place = 0; place < entries; place++) {
    if (isEllipsis(place)) {
      let named = 0;
      for (let other = 0; other < entries; other++) if (!isEllipsis(other) && !isNew(other)) named++;
      const skipped = Math.max(0, context.rank(0) - named);
      axis += skipped;
      outputAxis += skipped;
    } else if (isNew(place)) newAxes.push(outputAxis++);
    else if (isShrunk(place)) shrunk.push({ place, axis: axis++ });
    else {
      slices.push({ place, axis: axis++ });
      outputAxis++;
    }
  }
  return { slices, shrunk, newAxes, beginsAnywhere: has('begin_mask'), endsAnywhere: has('end_mask') };
}

/** Element `place` of a vector input: a scalar, or a vector of one element. */
function element(context: ConversionContext, index: number, place: number, rank: 0 | 1): Value {
  const known = context.integers(index)?.[place];
  if (known !== undefined) return rank === 0 ? context.builder.int64(known) : context.builder.int64s([known]);
  const at = rank === 0 ? context.builder.int64(place) : context.builder.int64s([place]);
  return context.one('Gather', [context.int64(index), at]);
}

/** A vector of known integers and of one-element vectors. */
function vector(context: ConversionContext, parts: readonly (bigint | Value)[]): Value {
  if (parts.every((part) => typeof part === 'bigint')) return context.builder.int64s(parts);
  return context.concat(
    parts.map((part) => (typeof part === 'bigint' ? context.builder.int64s([part]) : part)),
    0,
  );
}

/** Concatenation; `parts` are the indices of what is joined. */
function concatenate(context: ConversionContext, parts: readonly number[], axisInput: number): void {
  const axis = context.number(axisInput, 'the axis');
  if (parts.some((part) => context.isChannelsFirst(part)) && parts.every((part) => context.shape(part) !== null)) {
    const rank = context.rank(parts[0]!);
    const joined = context.concat(
      parts.map((part) => context.channelsFirst(part)),
      channelsFirstAxis(normalizeAxis(context, axis, rank), rank),
    );
    return context.set(joined, 'channelsFirst');
  }
  context.set(
    context.concat(
      parts.map((part) => context.plain(part)),
      axis,
    ),
  );
}

/** The input and an axis of it, in the layout that is at hand. */
function alongAxis(context: ConversionContext, index: number, axis: number) {
  const layout = context.layout(index);
  if (layout === 'plain') return { layout, axis, value: context.plain(index) };
  const rank = context.rank(index);
  return {
    layout,
    axis: channelsFirstAxis(normalizeAxis(context, axis, rank), rank),
    value: context.channelsFirst(index),
  };
}

function gather(context: ConversionContext, axis: number, batchDims: number): void {
  const dtype = context.dtype(1);
  const indices = dtype === 'int32' ? context.plain(1) : context.int64(1);
  if (batchDims === 0) return context.set(context.one('Gather', [context.plain(0), indices], { axis }));
  const rank = context.rank(0);
  const batch = batchDims < 0 ? batchDims + context.rank(1) : batchDims;
  if (normalizeAxis(context, axis, rank) !== batch) context.unsupported(`axis ${axis} with batch_dims ${batchDims}`);
  const inputs = [context.plain(0), context.unsqueeze(context.int64(1), [-1])];
  context.set(context.one('GatherND', inputs, { batch_dims: batch }));
}

/** The sizes of a SplitV, one of which may be -1: what is left. */
function splitSizes(
  context: ConversionContext,
  sizes: readonly number[],
  total: number | null,
  split: { readonly value: Value; readonly axis: number },
): Value {
  const { builder } = context;
  const open = sizes.indexOf(-1);
  if (open < 0) return builder.int64s(sizes);
  const others = sizes.reduce((sum, size) => sum + size, 1);
  if (total !== null) return builder.int64s(sizes.with(open, total - others));
  const left = context.one('Sub', [dimension(context, split.value, split.axis), builder.int64s([others])]);
  return vector(
    context,
    sizes.map((size) => (size === -1 ? left : BigInt(size))),
  );
}

/** One dimension of a value, as a vector of one element. */
function dimension(context: ConversionContext, value: Value, axis: number): Value {
  return context.one('Gather', [context.one('Shape', [value]), context.builder.int64s([axis])]);
}

const scatter = (type: string, operator: 'ScatterND' | 'ScatterNDAdd'): Converter => ({
  type,
  convert(context) {
    if (context.dtype(0) === 'bool' && operator === 'ScatterNDAdd') context.unsupported('a sum of bool');
    context.set(context.one(operator, [context.plain(0), context.int64(1), context.plain(2)]));
  },
});

export const slicingConverters: readonly Converter[] = [
  {
    type: 'StridedSlice',
    convert(context) {
      const { slices, shrunk, newAxes, beginsAnywhere, endsAnywhere } = readMasks(context);
      const strides = context.numbers(3, 'the strides');
      const isWhole = ({ place }: SliceEntry) => beginsAnywhere(place) && endsAnywhere(place) && strides[place] === 1;
      const cut = slices.filter((entry) => !isWhole(entry));
      const isPlain = shrunk.length > 0 || newAxes.length > 0;
      const layout = isPlain ? 'plain' : context.layout(0);
      let value = context.inLayout(0, layout);
      if (cut.length > 0) {
        const bounds = (input: number, isOpen: (place: number) => boolean, open: (step: number) => bigint) =>
          vector(
            context,
            cut.map(({ place }) =>
              isOpen(place)
                ? open(strides[place]!)
                : (context.integers(input)?.[place] ?? element(context, input, place, 1)),
            ),
          );
        const starts = bounds(1, beginsAnywhere, sliceStart);
        const ends = bounds(2, endsAnywhere, sliceEnd);
        const axes = cut.map(({ axis }) => (layout === 'plain' ? axis : channelsFirstAxis(axis, context.rank(0))));
        const steps = cut.map(({ place }) => strides[place]!);
        value = context.one('Slice', [
          value,
          starts,
          ends,
          context.builder.int64s(axes),
          context.builder.int64s(steps),
        ]);
      }
      // From the last axis to the first, so that each still has its number.
      for (const { place, axis } of shrunk.toReversed()) {
        value = context.one('Gather', [value, element(context, 1, place, 0)], { axis });
      }
      if (newAxes.length === 0 && shrunk.length === 0 && cut.length === 0) return context.alias(0);
      context.set(context.unsqueeze(value, newAxes), layout);
    },
  },
  {
    type: 'Slice',
    convert(context) {
      const [starts, sizes] = [context.integers(1), context.integers(2)];
      const { builder } = context;
      const begin = context.int64(1);
      const toEnd = sliceEnd(1);
      const end =
        sizes && (starts || sizes.every((size) => size === -1n))
          ? builder.int64s(sizes.map((size, axis) => (size === -1n ? toEnd : starts![axis]! + size)))
          : context.one('Where', [
              context.one('Equal', [context.int64(2), builder.int64(-1)]),
              builder.int64(toEnd),
              context.one('Add', [begin, context.int64(2)]),
            ]);
      context.set(context.one('Slice', [context.plain(0), begin, end]));
    },
  },
  {
    type: 'Split',
    convert(context) {
      const count = context.operation.int('num_split');
      const { value, axis, layout } = alongAxis(context, 1, context.number(0, 'the axis'));
      if (count === 1) return context.alias(1);
      const parts = context.builder.node('Split', [value], { axis, num_outputs: count }, count);
      parts.forEach((part, index) => context.set(part, layout, index));
    },
  },
  {
    type: 'SplitV',
    convert(context) {
      const axis = context.number(2, 'the axis');
      const sizes = context.numbers(1, 'the sizes');
      const split = alongAxis(context, 0, axis);
      const inputs = [split.value, splitSizes(context, sizes, context.shape(0)?.at(axis) ?? null, split)];
      const parts = context.builder.node('Split', inputs, { axis: split.axis }, sizes.length);
      parts.forEach((part, index) => context.set(part, split.layout, index));
    },
  },
  {
    type: 'ConcatV2',
    convert(context) {
      const last = context.inputCount - 1;
      concatenate(
        context,
        Array.from({ length: last }, (_, index) => index),
        last,
      );
    },
  },
  {
    type: 'Concat',
    convert(context) {
      concatenate(
        context,
        Array.from({ length: context.inputCount - 1 }, (_, index) => index + 1),
        0,
      );
    },
  },
  {
    type: 'Gather',
    convert(context) {
      gather(context, 0, 0);
    },
  },
  {
    type: 'GatherV2',
    convert(context) {
      gather(context, context.number(2, 'the axis'), context.operation.int('batch_dims'));
    },
  },
  {
    type: 'GatherNd',
    convert(context) {
      if (context.shape(1)?.at(-1) === 0) context.unsupported('its indices are empty');
      context.set(context.one('GatherND', [context.plain(0), context.int64(1)]));
    },
  },
  {
    type: 'ScatterNd',
    convert(context) {
      if (context.dtype(1) === 'bool') context.unsupported('a sum of bool');
      const zeros = fill(context, context.builder.scalar(0, context.dtype(1)), context.int64(2));
      context.set(context.one('ScatterNDAdd', [zeros, context.int64(0), context.plain(1)]));
    },
  },
  scatter('TensorScatterUpdate', 'ScatterND'),
  scatter('TensorScatterAdd', 'ScatterNDAdd'),
  {
    type: 'Roll',
    convert(context) {
      const rank = context.rank(0);
      const shifts = context.numbers(1, 'the shift');
      const axes = context.numbers(2, 'the axis');
      let value = context.plain(0);
      axes.forEach((axis, index) => {
        const { builder } = context;
        const size = dimension(context, value, normalizeAxis(context, axis, rank));
        // Nothing may be divided by zero, even where nothing is rolled.
        const shift = context.one('Mod', [
          builder.int64s([shifts[index]!]),
          context.one('Max', [size, builder.int64s([1])]),
        ]);
        const middle = context.one('Sub', [size, shift]);
        const part = (from: Value, to: Value) => context.one('Slice', [value, from, to, builder.int64s([axis])]);
        value = context.concat([part(middle, builder.int64s([sliceEnd(1)])), part(builder.int64s([0]), middle)], axis);
      });
      context.set(value);
    },
  },
];
