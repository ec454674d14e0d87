import type { PartialShape } from '@tenon/tensor';
import { unify, unknownOfRank, type Dimension } from '../partial-shape.js';
import { forAll, type ShapeContext, type ShapeFunctions } from '../shape-context.js';

/** Ops that make one element of many. */
export const REDUCTION: ShapeFunctions = {
  ...forAll(['Sum', 'Mean', 'Prod', 'Max', 'Min', 'All', 'Any', 'EuclideanNorm', 'ReduceJoin'], (c) => [
    reduce(c, c.shape(0), c.operation.bool('keep_dims')),
  ]),
  ...forAll(['ArgMax', 'ArgMin'], (c) => {
    const shape = c.shape(0);
    const axis = c.scalar(1);
    if (!shape) return [null];
    if (axis === null) return [unknownOfRank(Math.max(0, shape.length - 1))];
    return [shape.toSpliced(c.axis(axis, shape.length), 1)];
  }),
  ...forAll(['SegmentSum', 'SegmentMean', 'SegmentProd', 'SegmentMin', 'SegmentMax'], (c) => {
    const data = c.atLeast(0, 1);
    const ids = c.ranked(1, 1);
    return [data && [segmentsOf(c, 1, ids[0]!), ...data.slice(1)]];
  }),
  ...forAll(
    ['UnsortedSegmentSum', 'UnsortedSegmentProd', 'UnsortedSegmentMin', 'UnsortedSegmentMax', 'UnsortedSegmentJoin'],
    (c) => {
      const [data, ids] = [c.shape(0), c.shape(1)];
      if (!data || !ids) return [null];
      unify(data.slice(0, ids.length), ids);
      return [[c.scalar(2), ...data.slice(ids.length)]];
    },
  ),
  ...forAll(['SparseSegmentSum', 'SparseSegmentMean', 'SparseSegmentSqrtN'], (c) => {
    const data = c.atLeast(0, 1);
    const indices = unify(c.ranked(1, 1), c.ranked(2, 1))!;
    return [data && [segmentsOf(c, 2, indices[0]!), ...data.slice(1)]];
  }),
  ...forAll(
    ['SparseSegmentSumWithNumSegments', 'SparseSegmentMeanWithNumSegments', 'SparseSegmentSqrtNWithNumSegments'],
    (c) => {
      const data = c.atLeast(0, 1);
      unify(c.ranked(1, 1), c.ranked(2, 1));
      return [data && [c.scalar(3), ...data.slice(1)]];
    },
  ),
  ...forAll(['SparseSegmentSumGrad', 'SparseSegmentMeanGrad', 'SparseSegmentSqrtNGrad'], (c) => {
    const data = c.atLeast(0, 1);
    unify(c.ranked(1, 1), c.ranked(2, 1));
    return [data && [c.scalar(3), ...data.slice(1)]];
  }),
};

/** The number of segments is one more than the last of the sorted ids. */
function segmentsOf(c: ShapeContext, input: number, count: Dimension): Dimension {
  return c.shape(input) !== null && count === 0 ? 0 : null;
}

/** The shape without the axes that the second input names. */
function reduce(c: ShapeContext, shape: PartialShape, keep: boolean): PartialShape {
  const named = c.shape(1);
  const axes = c.value(1);
  if (!shape) return keep || named?.length !== 1 || named[0] !== 0 ? null : shape;
  const known = axes?.every((axis): axis is number => axis !== null)
    ? axes.map((axis) => c.axis(axis, shape.length))
    : undefined;
  if (known) {
    const dropped = new Set(known);
    return keep
      ? shape.map((dimension, axis) => (dropped.has(axis) ? 1 : dimension))
      : shape.filter((_, axis) => !dropped.has(axis));
  }
  if (keep) return unknownOfRank(shape.length);
  // One axis that is not known still takes one dimension away.
  if (named && (named.length === 0 || named[0] === 1)) return unknownOfRank(Math.max(0, shape.length - 1));
  return null;
}
