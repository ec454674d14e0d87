import { sizeOf } from '@tenon/tensor';
import type { ConversionContext } from '../conversion-context.js';
import type { Converter } from '../converter.js';
import type { Value } from '../model-builder.js';

/** The block's sizes, and what is added or cut off before and after along each of its axes. */
function block(context: ConversionContext) {
  const sizes = context.numbers(1, 'the block shape');
  const borders = context.numbers(2, 'the borders');
  return {
    sizes,
    before: sizes.map((_, axis) => borders[2 * axis]!),
    after: sizes.map((_, axis) => borders[2 * axis + 1]!),
  };
}

/** The dimensions of a value, which a run knows, as vectors of one element; and shapes made of such and of known numbers. */
function dimensions(context: ConversionContext, value: Value) {
  const { builder } = context;
  const shape = context.one('Shape', [value]);
  const at = (axis: number) => context.one('Gather', [shape, builder.int64s([axis])]);
  const scaled = (axis: number, operator: 'Mul' | 'Div', by: number) =>
    context.one(operator, [at(axis), builder.int64s([by])]);
  const join = (parts: readonly (Value | number)[]) =>
    context.concat(
      parts.map((part) => (typeof part === 'number' ? builder.int64s([part]) : part)),
      0,
    );
  return { at, scaled, join };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

export const spaceToBatchConverters: readonly Converter[] = [
  {
    type: 'SpaceToBatchND',
    convert(context) {
      const rank = context.rank(0);
      const { sizes, before, after } = block(context);
      const count = sizes.length;
      const { builder } = context;
      const axes = builder.int64s(range(1, count + 1));
      const zero = builder.scalar(0, context.dtype(0));
      const padded = context.one('Pad', [context.plain(0), builder.int64s([...before, ...after]), zero, axes]);
      const { at, scaled, join } = dimensions(context, padded);
      const rest = range(count + 1, rank).map(at);
      const quotients = sizes.map((size, index) => scaled(index + 1, 'Div', size));
      const blocks = join([at(0), ...sizes.flatMap((size, index) => [quotients[index]!, size]), ...rest]);
      const permutation = [
        ...range(0, count).map((index) => 2 + 2 * index),
        0,
        ...range(0, count).map((index) => 1 + 2 * index),
        ...range(1 + 2 * count, rank + count),
      ];
      const moved = context.transpose(context.one('Reshape', [padded, blocks], { allowzero: 1 }), permutation);
      const target = join([scaled(0, 'Mul', sizeOf(sizes)), ...quotients, ...rest]);
      context.set(context.one('Reshape', [moved, target], { allowzero: 1 }));
    },
  },
  {
    type: 'BatchToSpaceND',
    convert(context) {
      const rank = context.rank(0);
      const { sizes, before, after } = block(context);
      const count = sizes.length;
      const { builder } = context;
      const input = context.plain(0);
      const { at, scaled, join } = dimensions(context, input);
      const batch = scaled(0, 'Div', sizeOf(sizes));
      const rest = range(count + 1, rank).map(at);
      const blocks = join([...sizes, batch, ...range(1, count + 1).map(at), ...rest]);
      const permutation = [
        count,
        ...range(0, count).flatMap((index) => [count + 1 + index, index]),
        ...range(2 * count + 1, rank + count),
      ];
      const moved = context.transpose(context.one('Reshape', [input, blocks], { allowzero: 1 }), permutation);
      const target = join([batch, ...sizes.map((size, index) => scaled(index + 1, 'Mul', size)), ...rest]);
      const whole = context.one('Reshape', [moved, target], { allowzero: 1 });
      if ([...before, ...after].every((border) => border === 0)) return context.set(whole);
      const size = dimensions(context, whole);
      const ends = after.map((border, index) => context.one('Sub', [size.at(index + 1), builder.int64s([border])]));
      const axes = builder.int64s(range(1, count + 1));
      context.set(context.one('Slice', [whole, builder.int64s(before), size.join(ends), axes]));
    },
  },
];
