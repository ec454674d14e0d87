import type { PartialShape } from '@tenon/tensor';
import { unify, unifyDimensions, unknownOfRank, type Dimension } from '../partial-shape.js';
import { forAll, MOST_DIMENSIONS, type ShapeContext, type ShapeFunctions } from '../shape-context.js';
import { every } from './array.js';

/** Sparse tensors in coordinate form (indices `[n, rank]`, values `[n]`, dense shape `[rank]`) and sets. */
export const SPARSE: ShapeFunctions = {
  SparseToDense: (c) => {
    // Indices are one number, a vector of numbers, or rows of one number per dimension.
    const indices = c.shape(0);
    const rank = indices && (indices.length === 2 ? indices[1]! : 1);
    return [unify(c.spelledShape(1), rank === null || rank > MOST_DIMENSIONS ? null : unknownOfRank(rank))];
  },
  SparseReshape: (c) => {
    const [indices, target] = [c.ranked(0, 2), c.ranked(2, 1)];
    return [[indices[0]!, target[0]!], target];
  },
  SparseReorder: (c) => [c.ranked(0, 2), c.ranked(1, 1)],
  SparseFillEmptyRows: (c) => {
    const indices = c.ranked(0, 2);
    const rank = unifyDimensions(indices[1]!, c.ranked(2, 1)[0]!);
    const count = unifyDimensions(indices[0]!, c.ranked(1, 1)[0]!);
    return [[null, rank], [null], [c.value(2)?.[0] ?? null], [count]];
  },
  SparseFillEmptyRowsGrad: (c) => [c.ranked(0, 1), []],
  SparseConcat: (c) => {
    const values = c.argument('values').map((index) => c.ranked(index, 1)[0]!);
    const indices = c.argument('indices').map((at, index) => unify(c.ranked(at, 2), [values[index]!, null])!);
    let count: Dimension = 0;
    let rank: Dimension = null;
    for (const [rows, columns] of indices) {
      count = count === null || rows === null ? null : count + rows!;
      rank = unifyDimensions(rank, columns!);
    }
    return [[count, rank], [count], c.unify(c.argument('shapes').map((index) => c.ranked(index, 1)))];
  },
  SparseSplit: (c) => {
    const parts = c.operation.int('num_split');
    const rank = c.ranked(3, 1)[0]!;
    return [...every(parts, [null, rank]), ...every(parts, [null]), ...every(parts, [rank])];
  },
  SparseSlice: (c) => {
    const rank = c.ranked(2, 1)[0]!;
    return [[null, rank], [null], [rank]];
  },
  SparseAdd: (c) => {
    const rank = unifyDimensions(c.ranked(0, 2)[1]!, c.ranked(2, 1)[0]!);
    return [[null, rank], [null], [rank]];
  },
  SparseAddGrad: (c) => [[c.ranked(1, 2)[0]!], [c.ranked(2, 2)[0]!]],
  SparseTensorDenseAdd: (c) => [c.shape(3)],
  ...forAll(['SparseDenseCwiseAdd', 'SparseDenseCwiseMul', 'SparseDenseCwiseDiv'], (c) => [[c.ranked(0, 2)[0]!]]),
  SparseSoftmax: (c) => [c.ranked(1, 1)],
  ...forAll(['SparseSparseMaximum', 'SparseSparseMinimum'], (c) => [[null, c.ranked(0, 2)[1]!], [null]]),
  ...forAll(['SparseReduceSum', 'SparseReduceMax'], (c) => [reduce(c)]),
  ...forAll(['SparseReduceSumSparse', 'SparseReduceMaxSparse'], () => [[null, null], [null], [null]]),
  ...forAll(['SparseCross', 'SparseCrossV2', 'SparseCrossHashed'], () => [[null, 2], [null], [2]]),
  DenseToDenseSetOperation: (c) => {
    const [a, b] = [c.shape(0), c.shape(1)];
    const rank = a?.length ?? b?.length ?? null;
    if (a && b) {
      if (a.length !== b.length) c.fail('the ranks differ');
      unify(a.slice(0, -1), b.slice(0, -1));
    }
    return setResult(rank);
  },
  DenseToSparseSetOperation: (c) => setResult(c.shape(0)?.length ?? c.ranked(3, 1)[0]!),
  SparseToSparseSetOperation: (c) => setResult(unifyDimensions(c.ranked(2, 1)[0]!, c.ranked(5, 1)[0]!)),
  SetSize: (c) => {
    const shape = c.spelledShape(2);
    return [shape && shape.slice(0, -1)];
  },
  DeserializeSparse: () => [[null, null], [null], [null]],
  EditDistance: (c) => {
    const [hypothesis, truth] = [c.value(2), c.value(5)];
    if (!hypothesis || !truth) return [null];
    return [
      hypothesis.slice(0, -1).map((size, axis): Dimension => {
        const other = truth[axis] ?? null;
        return size === null || other === null ? null : Math.max(size, other);
      }),
    ];
  },
};

function setResult(rank: Dimension): PartialShape[] {
  return [[null, rank], [null], [rank]];
}

function reduce(c: ShapeContext): PartialShape {
  const shape = c.spelledShape(2);
  const axes = c.numbers(3);
  const keep = c.operation.bool('keep_dims');
  if (!shape || shape.length > MOST_DIMENSIONS) return null;
  if (!axes) return keep ? unknownOfRank(shape.length) : null;
  const dropped = new Set(axes.map((axis) => c.axis(axis, shape.length)));
  if (keep) return shape.map((size, axis) => (dropped.has(axis) ? 1 : size));
  return shape.filter((_, axis) => !dropped.has(axis));
}
