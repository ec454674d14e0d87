import type { Operation, SymbolicTensor } from '@tenon/graph';
import type { GradientBuilder } from '../gradient-builder.js';
import type { Gradient } from '../indexed-slices.js';
import { once, UndifferentiableError, type GradientRule } from '../rule.js';

/** The gradient of a table of which rows were taken: those rows. */
function rows(b: GradientBuilder, dy: SymbolicTensor, indices: SymbolicTensor, denseShape: SymbolicTensor): Gradient {
  return {
    values: b.reshape(dy, b.concat([b.integers([-1]), b.slice(denseShape, 1)])),
    indices: b.reshape(indices, b.integers([-1])),
    denseShape,
  };
}

/** Of slices along another axis than the first: that axis is brought to the front, the slices are summed, and it is brought back. */
function slicesAlong(
  b: GradientBuilder,
  dy: SymbolicTensor,
  [x, indices]: readonly [SymbolicTensor, SymbolicTensor],
  { axis, batchDimensions }: { readonly axis: number; readonly batchDimensions: number },
): SymbolicTensor {
  const rank = b.rank(x)!;
  const shape = b.shape(x);
  // dy is [batch…, outer…, indices…, inner…]: the indices are made one dimension, which is put behind the batch.
  const part = (from: number, to?: number) => b.slice(shape, from, to);
  const batch = b.slice(shape, 0, batchDimensions);
  const outer = part(batchDimensions, axis);
  const inner = part(axis + 1);
  const count = b.apply('Prod', [b.slice(b.shape(indices), batchDimensions), b.integers([0])], { keep_dims: true });
  const flat = b.reshape(dy, b.concat([batch, outer, count, inner]));
  const axes = Array.from({ length: rank }, (_, place) => place);
  const front = [
    ...axes.slice(0, batchDimensions),
    axis,
    ...axes.slice(batchDimensions, axis),
    ...axes.slice(axis + 1),
  ];
  const back = front.map((_, place) => front.indexOf(place));
  const moved = b.transpose(flat, front);
  const size = b.element(shape, axis);
  // Rows of different batches are told apart by an offset, and all are summed at once.
  const batches = b.apply('Prod', [batch, b.integers([0])]);
  const offsets = b.mul(b.range(b.integers(0), batches), size);
  const places = b.reshape(indices, b.concat([b.reshape(batches, b.integers([1])), count]));
  const segments = b.add(places, b.cast(b.reshape(offsets, b.integers([-1, 1])), indices.dtype));
  const values = b.reshape(moved, b.concat([b.integers([-1]), outer, inner]));
  const total = b.mul(batches, size);
  const sums = b.apply('UnsortedSegmentSum', [values, b.reshape(segments, b.integers([-1])), total]);
  const whole = b.reshape(sums, b.concat([batch, b.reshape(size, b.integers([1])), outer, inner]));
  return b.transpose(whole, back);
}

function gather(operation: Operation, dy: () => SymbolicTensor, b: GradientBuilder): () => Gradient {
  const [x, indices, axisInput] = operation.inputs;
  const axis = axisInput ? b.knownElements(axisInput)?.[0] : 0;
  const [rank, indicesRank] = [b.rank(x!), b.rank(indices!)];
  const batchDimensions = operation.find('batch_dims') ? operation.int('batch_dims') : 0;
  if (axis === 0 && batchDimensions === 0) return () => rows(b, dy(), indices!, b.shape(x!));
  if (axis === undefined || rank === undefined || indicesRank === undefined)
    throw new UndifferentiableError('the axis and the ranks of what it gathers must be known');
  const places = {
    axis: axis < 0 ? axis + rank : axis,
    batchDimensions: batchDimensions < 0 ? batchDimensions + indicesRank : batchDimensions,
  };
  return () => slicesAlong(b, dy(), [x!, indices!], places);
}

const resourceGather: GradientRule = (operation, dy, b) => {
  if (operation.int('batch_dims') !== 0) throw new UndifferentiableError('"batch_dims" of variables must be 0');
  return [() => rows(b, dy(), operation.input(1), b.apply('VariableShape', [operation.input(0)]))];
};

const gatherNd =
  (shapeOf: (b: GradientBuilder, operation: Operation) => SymbolicTensor): GradientRule =>
  (operation, dy, b) => [
    () => {
      const indices = operation.input(1);
      return b.apply('ScatterNd', [indices, dy(), b.cast(shapeOf(b, operation), indices.dtype)]);
    },
  ];

const dynamicPartition: GradientRule = (operation, dy, b) => [
  () => {
    const [x, partitions] = [operation.input(0), operation.input(1)];
    const shape = b.shape(partitions);
    const count = b.apply('Prod', [shape, b.integers([0])]);
    const places = b.reshape(b.range(b.integers(0), count), shape);
    const partitioned = b.operation('DynamicPartition', [places, partitions], {
      num_partitions: operation.find('num_partitions')!,
    });
    const parts = operation.outputs.map((_, index) => dy(index));
    return b.reshapeLike(b.apply('DynamicStitch', [[...partitioned.outputs], parts]), x);
  },
];

const dynamicStitch: GradientRule = ({ inputs }, dy, b) => {
  const count = inputs.length / 2;
  return inputs.map((_, index) =>
    index < count ? undefined : () => b.apply('GatherV2', [dy(), inputs[index - count]!, b.integers(0)]),
  );
};

/** Rows of the gradient by segment; segments with negative numbers were dropped. */
function bySegment(b: GradientBuilder, dy: SymbolicTensor, segments: SymbolicTensor): SymbolicTensor {
  const zero = b.scalar(0, segments.dtype);
  const taken = b.apply('GatherV2', [dy, b.apply('Maximum', [segments, zero]), b.integers(0)]);
  const isKept = b.apply('GreaterEqual', [segments, zero]);
  const ones = b.apply('Fill', [
    b.reshape(b.sub(b.apply('Rank', [taken]), b.apply('Rank', [isKept])), b.integers([1])),
    b.integers(1),
  ]);
  const mask = b.reshape(isKept, b.concat([b.apply('Shape', [isKept]), ones]));
  return b.where(mask, taken, b.scalar(0, taken.dtype));
}

/** How many rows each segment has, as a column that rows can be divided by. */
function segmentMean(operation: Operation, dy: () => SymbolicTensor, b: GradientBuilder): () => SymbolicTensor {
  const [x, segments] = [operation.input(0), operation.input(1)];
  return () => {
    const shape = b.concat([
      b.shape(segments),
      b.apply('Fill', [b.reshape(b.sub(b.rankOf(x), b.integers(1)), b.integers([1])), b.integers(1)]),
    ]);
    const ones = b.apply('Fill', [shape, b.scalar(1, x.dtype)]);
    const counts = b.apply('SegmentSum', [ones, segments]);
    return b.apply('GatherV2', [b.div(dy(), counts), segments, b.integers(0)]);
  };
}

/** Sums of rows that were looked up by index: every index gets the gradient of its segment. */
const sparseSegment =
  (scaleOf?: (b: GradientBuilder, counts: SymbolicTensor) => SymbolicTensor): GradientRule =>
  (operation, dy, b) => [
    () => {
      const [x, indices, segments] = [operation.input(0), operation.input(1), operation.input(2)];
      const ofSegment = once(() => {
        if (!scaleOf) return dy();
        const shape = b.concat([b.shape(segments), b.slice(b.apply('OnesLike', [b.shape(x)]), 1)]);
        const ones = b.apply('Fill', [shape, b.scalar(1, x.dtype)]);
        const counts = b.apply('UnsortedSegmentSum', [ones, segments, b.element(b.apply('Shape', [dy()]), 0)]);
        return b.apply('DivNoNan', [dy(), scaleOf(b, counts)]);
      });
      return rows(b, b.apply('GatherV2', [ofSegment(), segments, b.integers(0)]), indices, b.shape(x));
    },
  ];

const squareRoot = (b: GradientBuilder, counts: SymbolicTensor) => b.apply('Sqrt', [counts]);
const count = (_b: GradientBuilder, counts: SymbolicTensor) => counts;

const topK: GradientRule = (operation, dy, b) => [
  () => {
    const x = operation.input(0);
    const indices = b.cast(operation.output(1), 'int32');
    const last = (tensor: SymbolicTensor) => b.element(b.shape(tensor), -1);
    const chosen = b.reshape(indices, b.apply('Pack', [[b.integers(-1), last(operation.output(0))]]));
    const lines = b.element(b.apply('Shape', [chosen]), 0);
    const starts = b.range(b.integers(0), b.mul(lines, last(x)), last(x));
    const places = b.reshape(b.add(chosen, b.apply('ExpandDims', [starts, b.integers(-1)])), b.integers([-1, 1]));
    const total = b.reshape(b.size(x, 'int32'), b.integers([1]));
    return b.reshapeLike(b.apply('ScatterNd', [places, b.reshape(dy(), b.integers([-1])), total]), x);
  },
];

/** Of the greatest or least in each segment: those that are equal share the gradient. */
const segmentExtreme: GradientRule = (operation, dy, b) => [
  () => {
    const [x, segments, count] = operation.inputs;
    const spread = (rowsOf: SymbolicTensor) =>
      count ? bySegment(b, rowsOf, segments!) : b.apply('GatherV2', [rowsOf, segments!, b.integers(0)]);
    const isSelected = b.apply('Equal', [x!, spread(operation.output())]);
    const ones = b.cast(isSelected, dy().dtype);
    const shares = count
      ? b.apply('UnsortedSegmentSum', [ones, segments!, count])
      : b.apply('SegmentSum', [ones, segments!]);
    return b.where(isSelected, spread(b.div(dy(), shares)), b.scalar(0, dy().dtype));
  },
];

/** Of the greater or lesser of what was there and what is scattered: those that are equal share the gradient. */
const scatterExtreme: GradientRule = (operation, dy, b) => {
  const [x, indices, updates] = operation.inputs;
  const { dtype } = x!;
  const isOld = once(() => b.cast(b.apply('Equal', [x!, operation.output()]), dtype));
  const isNew = once(() =>
    b.cast(b.apply('Equal', [updates!, b.apply('GatherNd', [operation.output(), indices!])]), dtype),
  );
  const shared = once(() => {
    const shape = b.cast(b.shape(x!), indices!.dtype);
    return b.div(dy(), b.add(isOld(), b.apply('ScatterNd', [indices!, isNew(), shape])));
  });
  return [() => b.mul(shared(), isOld()), undefined, () => b.mul(b.apply('GatherNd', [shared(), indices!]), isNew())];
};

export const gathering: Readonly<Record<string, GradientRule>> = {
  Gather: (operation, dy, b) => [gather(operation, dy, b)],
  GatherV2: (operation, dy, b) => [gather(operation, dy, b)],
  ResourceGather: resourceGather,
  GatherNd: gatherNd((b, operation) => b.shape(operation.input(0))),
  ResourceGatherNd: gatherNd((b, operation) => b.apply('VariableShape', [operation.input(0)])),
  ScatterNd: (operation, dy, b) => [undefined, () => b.apply('GatherNd', [dy(), operation.input(0)])],
  TensorScatterUpdate: ({ inputs: [, indices, updates] }, dy, b) => [
    () => b.apply('TensorScatterUpdate', [dy(), indices!, b.zerosLike(updates!)]),
    undefined,
    () => b.apply('GatherNd', [dy(), indices!]),
  ],
  TensorScatterAdd: ({ inputs: [, indices] }, dy, b) => [
    () => dy(),
    undefined,
    () => b.apply('GatherNd', [dy(), indices!]),
  ],
  TensorScatterSub: ({ inputs: [, indices] }, dy, b) => [
    () => dy(),
    undefined,
    () => b.neg(b.apply('GatherNd', [dy(), indices!])),
  ],
  TensorScatterMax: scatterExtreme,
  TensorScatterMin: scatterExtreme,
  DynamicPartition: dynamicPartition,
  DynamicStitch: dynamicStitch,
  ParallelDynamicStitch: dynamicStitch,
  SegmentSum: (operation, dy, b) => [() => b.apply('GatherV2', [dy(), operation.input(1), b.integers(0)])],
  SegmentMax: segmentExtreme,
  SegmentMin: segmentExtreme,
  UnsortedSegmentMax: segmentExtreme,
  UnsortedSegmentMin: segmentExtreme,
  SegmentMean: (operation, dy, b) => [segmentMean(operation, dy, b)],
  UnsortedSegmentSum: (operation, dy, b) => [() => bySegment(b, dy(), operation.input(1))],
  SparseSegmentSum: sparseSegment(),
  SparseSegmentMean: sparseSegment(count),
  SparseSegmentSqrtN: sparseSegment(squareRoot),
  SparseSegmentSumWithNumSegments: sparseSegment(),
  SparseSegmentMeanWithNumSegments: sparseSegment(count),
  SparseSegmentSqrtNWithNumSegments: sparseSegment(squareRoot),
  TopK: topK,
  TopKV2: topK,
};
