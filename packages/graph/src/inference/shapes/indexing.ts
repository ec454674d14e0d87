import type { PartialShape } from '@tenon/tensor';
import {
  concatenate,
  multiply,
  product,
  unify,
  unifyDimensions,
  unknownOfRank,
  type Dimension,
} from '../partial-shape.js';
import { forAll, sameAsFirst } from '../shape-context.js';
import { MOST_DIMENSIONS, type ShapeContext, type ShapeFunctions } from '../shape-context.js';
import { stridedSliceShape } from '../strided-slice.js';
import { every } from './array.js';

/** Ops that pick, scatter, repeat and pad elements. */
export const INDEXING: ShapeFunctions = {
  Slice: (c) => {
    const [begin, size] = [c.value(1), c.value(2)];
    const rank = c.shape(0)?.length ?? c.ranked(1, 1)[0] ?? c.ranked(2, 1)[0] ?? null;
    if (rank === null || rank > MOST_DIMENSIONS) return [null];
    return [
      c.ranked(0, rank).map((dimension, axis): Dimension => {
        const from = begin?.[axis] ?? null;
        const length = size?.[axis] ?? null;
        if (length === -1)
          return from === 0 ? dimension : dimension !== null && from !== null ? dimension - from : null;
        if (length !== null && dimension !== null && (from ?? 0) + length > dimension) {
          c.fail(`a slice of ${length} from ${from ?? '?'} does not fit dimension ${axis}`);
        }
        return length;
      }),
    ];
  },
  StridedSlice: (c) => [stridedSliceShape(c)],
  StridedSliceGrad: (c) => [c.spelledShape(0)],
  StridedSliceAssign: sameAsFirst,
  TensorStridedSliceUpdate: sameAsFirst,
  Gather: (c) => {
    const shape = c.atLeast(0, 1);
    return [shape && concatenate(c.shape(1), shape.slice(1))];
  },
  GatherV2: (c) => {
    const shape = c.atLeast(0, 1);
    const indices = c.shape(1);
    const axis = c.scalar(2);
    if (!shape || !indices) return [null];
    const batches = c.operation.int('batch_dims');
    const first = batches < 0 ? batches + indices.length : batches;
    if (first < 0 || first > indices.length || first >= shape.length) c.fail(`batch_dims is ${batches}`);
    if (axis === null) return [unknownOfRank(shape.length + indices.length - first - 1)];
    const at = c.axis(axis, shape.length);
    const batch = unify(shape.slice(0, first), indices.slice(0, first));
    return [[...batch!, ...shape.slice(first, at), ...indices.slice(first), ...shape.slice(at + 1)]];
  },
  GatherNd: (c) => [gatherNd(c, c.shape(0))],
  ScatterNd: (c) => [c.spelledShape(2)],
  ...forAll(
    [
      'TensorScatterUpdate',
      'TensorScatterAdd',
      'TensorScatterSub',
      'TensorScatterMin',
      'TensorScatterMax',
      'ScatterNdNonAliasingAdd',
    ],
    (c) => {
      const indices = c.atLeast(1, 1);
      const depth = indices?.at(-1) ?? null;
      const shape = c.shape(0);
      if (shape && indices && depth !== null) {
        if (depth > shape.length) c.fail(`indices of ${depth} elements do not fit ${shape.length} dimensions`);
        unify(c.shape(2), [...indices.slice(0, -1), ...shape.slice(depth)]);
      }
      return [shape];
    },
  ),
  ...forAll(['InplaceUpdate', 'InplaceAdd', 'InplaceSub'], sameAsFirst),
  Tile: (c) => {
    const multiples = c.value(1);
    const rank = c.shape(0)?.length ?? c.ranked(1, 1)[0]!;
    if (rank === null || rank > MOST_DIMENSIONS) return [null];
    const shape = c.ranked(0, rank);
    return [shape.map((dimension, axis) => multiply(dimension, multiples?.[axis] ?? null))];
  },
  ...forAll(['Pad', 'PadV2', 'MirrorPad'], (c) => [pad(c, 1)]),
  MirrorPadGrad: (c) => [pad(c, -1)],
  Where: (c) => [[null, c.shape(0)?.length ?? null]],
  Unique: (c) => [[null], c.ranked(0, 1)],
  UniqueWithCounts: (c) => [[null], c.ranked(0, 1), [null]],
  ...forAll(['UniqueV2', 'UniqueWithCountsV2'], (c) => {
    const axis = c.scalar(1);
    const given = c.ranked(1, 1)[0]!;
    const shape = given === 0 ? c.ranked(0, 1) : c.shape(0);
    const at = given === 0 ? 0 : axis === null || !shape ? null : c.axis(axis, shape.length);
    const unique = shape && (at === null ? unknownOfRank(shape.length) : shape.with(at, null));
    return [unique, [at === null || !shape ? null : shape[at]!], [null]];
  }),
  ListDiff: () => [[null], [null]],
  DynamicPartition: (c) => {
    const [data, partitions] = [c.shape(0), c.shape(1)];
    if (data && partitions) unify(data.slice(0, partitions.length), partitions);
    return every(c.operation.int('num_partitions'), data && partitions && [null, ...data.slice(partitions.length)]);
  },
  ...forAll(['DynamicStitch', 'ParallelDynamicStitch'], (c) => {
    const indices = c.argument('indices');
    const data = c.argument('data');
    let rest: PartialShape = null;
    let last: Dimension = -1;
    indices.forEach((at, index) => {
      const [picked, values] = [c.shape(at), c.shape(data[index]!)];
      if (picked && values) rest = unify(rest, values.slice(picked.length));
      const known = c.numbers(at);
      last = known && last !== null ? known.reduce((most, element) => Math.max(most, element), last) : null;
    });
    return [concatenate([last === null ? null : last + 1], rest)];
  }),
  ...forAll(['UpperBound', 'LowerBound'], (c) => {
    const [sorted, values] = [c.ranked(0, 2), c.ranked(1, 2)];
    unifyDimensions(sorted[0]!, values[0]!);
    return [values];
  }),
  UnravelIndex: (c) => {
    const indices = c.shape(0);
    const dims = c.ranked(1, 1)[0]!;
    return [indices && (indices.length === 0 ? [dims] : [dims, product(indices)])];
  },
  DenseBincount: (c) => {
    const shape = c.shape(0);
    return [shape && [...shape.slice(0, -1), c.scalar(1)]];
  },
  Bincount: (c) => [[c.scalar(1)]],
  RaggedBincount: (c) => [[null, c.scalar(2)]],
  SparseBincount: (c) => {
    const rank = c.ranked(2, 1)[0]!;
    if (rank === 1) return [[c.scalar(3)]];
    return [rank === null ? null : [c.value(2)?.[0] ?? null, c.scalar(3)]];
  },
  ...forAll(['TopK', 'TopKV2'], (c) => {
    const shape = c.atLeast(0, 1);
    const k = c.count > 1 ? c.scalar(1) : c.operation.int('k');
    const last = shape?.at(-1) ?? null;
    if (last !== null && k !== null && k > last) c.fail(`there are no ${k} greatest of ${last}`);
    const result = shape && [...shape.slice(0, -1), k];
    return [result, result];
  }),
  ...forAll(['InTopK', 'InTopKV2'], (c) => [[unifyDimensions(c.ranked(0, 2)[0]!, c.ranked(1, 1)[0]!)]]),
  NthElement: (c) => [c.atLeast(0, 1)?.slice(0, -1) ?? null],
};

/** What indexing a value of shape `shape` with the second input gives. */
export function gatherNd(c: ShapeContext, shape: PartialShape): PartialShape {
  const indices = c.atLeast(1, 1);
  const depth = indices?.at(-1) ?? null;
  if (!shape || !indices || depth === null) return null;
  if (depth > shape.length) c.fail(`indices of ${depth} elements do not fit ${shape.length} dimensions`);
  return [...indices.slice(0, -1), ...shape.slice(depth)];
}

function pad(c: ShapeContext, sign: 1 | -1): PartialShape {
  const rank = c.shape(0)?.length ?? c.ranked(1, 2)[0]!;
  if (rank === null || rank > MOST_DIMENSIONS) return null;
  const paddings = c.value(1);
  unify(c.shape(1), [rank, 2]);
  return c.ranked(0, rank).map((dimension, axis) => {
    const [before, after] = [paddings?.[2 * axis] ?? null, paddings?.[2 * axis + 1] ?? null];
    return dimension === null || before === null || after === null ? null : dimension + sign * (before + after);
  });
}
