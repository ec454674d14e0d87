import type { PartialShape } from '@tenon/tensor';
import { type Dimension } from './partial-shape.js';
import type { ShapeContext } from './shape-context.js';

/** What a strided slice does with one dimension of its input. */
interface SlicedAxis {
  /** The first element taken; `null` where it is not known. */
  readonly start: Dimension;
  readonly step: Dimension;
  /** The number of elements taken. */
  readonly count: Dimension;
  /** Whether the result lacks this dimension. */
  readonly dropped: boolean;
}

/** One piece of a strided slice's specification, in order: a dimension of the input, or a new one. */
type Piece = { readonly kind: 'axis'; readonly axis: SlicedAxis } | { readonly kind: 'new' };

/**
 * `StridedSlice` taken apart: the dimensions of the input that it reads and the new ones between them; `undefined` where not even the
 * result's rank is known.
 */
export function sliceSpecification(c: ShapeContext, shape: PartialShape = c.shape(0)): readonly Piece[] | undefined {
  const { operation } = c;
  const [begin, end, strides] = [c.value(1), c.value(2), c.value(3)];
  const count = c.ranked(1, 1)[0] ?? c.ranked(2, 1)[0] ?? c.ranked(3, 1)[0] ?? null;
  if (!shape || count === null || count > MOST_SPECIFIED) return undefined;
  const bit = (mask: string) => {
    const bits = operation.int(mask);
    return (index: number) => Math.floor(bits / 2 ** index) % 2 === 1;
  };
  const [beginMask, endMask] = [bit('begin_mask'), bit('end_mask')];
  const [ellipsis, isNew, shrinks] = [bit('ellipsis_mask'), bit('new_axis_mask'), bit('shrink_axis_mask')];

  let ellipsisAt = -1;
  let newAxes = 0;
  for (let index = 0; index < count; index++) {
    if (ellipsis(index)) {
      if (ellipsisAt >= 0) c.fail('it has more than one ellipsis');
      ellipsisAt = index;
    } else if (isNew(index)) {
      newAxes++;
    }
  }
  const taken = count - newAxes - (ellipsisAt >= 0 ? 1 : 0);
  const whole = shape.length - taken;
  if (whole < 0) c.fail(`it has no ${taken} dimensions to index`);

  const pieces: Piece[] = [];
  let at = 0;
  const keep = (dimensions: number) => {
    for (let index = 0; index < dimensions; index++) {
      pieces.push({ kind: 'axis', axis: { start: 0, step: 1, count: shape[at++]!, dropped: false } });
    }
  };
  for (let index = 0; index < count; index++) {
    if (ellipsis(index)) {
      keep(whole);
    } else if (isNew(index)) {
      pieces.push({ kind: 'new' });
    } else {
      const bounds = { begin: begin?.[index] ?? null, end: end?.[index] ?? null, step: strides?.[index] ?? null };
      if (bounds.step === 0) c.fail(`the stride of dimension ${at} is 0`);
      const masks = { begin: beginMask(index), end: endMask(index) };
      const axis = shrinks(index) ? pick(c, shape[at]!, bounds.begin, masks.begin) : span(shape[at]!, bounds, masks);
      pieces.push({ kind: 'axis', axis });
      at++;
    }
  }
  if (ellipsisAt < 0) keep(whole);
  return pieces;
}

export function stridedSliceShape(c: ShapeContext, shape: PartialShape = c.shape(0)): PartialShape {
  const pieces = sliceSpecification(c, shape);
  if (!pieces) return null;
  return pieces.flatMap((piece) => (piece.kind === 'new' ? [1] : piece.axis.dropped ? [] : [piece.axis.count]));
}

function pick(c: ShapeContext, dimension: Dimension, begin: Dimension, masked: boolean): SlicedAxis {
  const from = masked ? 0 : begin;
  const start = from === null || from >= 0 ? from : dimension === null ? null : from + dimension;
  if (dimension !== null && from !== null && (from >= dimension || from < -dimension)) {
    c.fail(`index ${from} is not within a dimension of ${dimension}`);
  }
  return { start, step: 1, count: 1, dropped: true };
}

function span(
  dimension: Dimension,
  bounds: { readonly begin: Dimension; readonly end: Dimension; readonly step: Dimension },
  masks: { readonly begin: boolean; readonly end: boolean },
): SlicedAxis {
  const { step } = bounds;
  if (step === null) return { start: null, step, count: null, dropped: false };
  const [low, high] = step > 0 ? [0, dimension] : [-1, dimension === null ? null : dimension - 1];
  const clamp = (position: Dimension): Dimension => {
    if (position === null || dimension === null) return null;
    return Math.min(Math.max(position < 0 ? position + dimension : position, low), high!);
  };
  if (dimension === null) return spanOfUnknown(bounds, masks);
  const start = masks.begin ? (step > 0 ? low : high) : clamp(bounds.begin);
  const stop = masks.end ? (step > 0 ? high : low) : clamp(bounds.end);
  const count = start === null || stop === null ? null : Math.max(0, Math.ceil((stop - start) / step));
  return { start, step, count, dropped: false };
}

/** Without the dimension, the count is known only where the bounds are the whole of it, or cannot hold anything. */
function spanOfUnknown(
  { begin, end, step }: { readonly begin: Dimension; readonly end: Dimension; readonly step: Dimension },
  masks: { readonly begin: boolean; readonly end: boolean },
): SlicedAxis {
  const first = masks.begin ? (step! > 0 ? 0 : null) : begin !== null && begin >= 0 ? begin : null;
  const bothFromOneSide = begin !== null && end !== null && !masks.begin && !masks.end && begin < 0 === end < 0;
  const empty = bothFromOneSide && (step! > 0 ? end <= begin : end >= begin);
  return { start: first, step, count: empty ? 0 : null, dropped: false };
}

/** More than any tensor has dimensions, with room for new ones. */
const MOST_SPECIFIED = 512;
