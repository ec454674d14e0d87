import type { Operation, SymbolicTensor } from '@tenon/graph';
import { isFullyKnown, sizeOf } from '@tenon/tensor';
import type { GradientBuilder } from '../gradient-builder.js';
import { attributesOf, type GradientRule } from '../rule.js';

/** A result of a reduction, or its gradient, with the reduced axes kept as ones. */
function keepAxes(b: GradientBuilder, operation: Operation, reduced: SymbolicTensor): SymbolicTensor {
  return operation.bool('keep_dims') ? reduced : b.reshape(reduced, keptShape(b, operation));
}

/** int32: the shape of the argument, ones in the place of reduced axes. */
function keptShape(b: GradientBuilder, operation: Operation): SymbolicTensor {
  const [x, axes] = [operation.input(0), operation.input(1)];
  const [shape, known] = [b.knownShape(x), b.knownElements(axes)];
  if (isFullyKnown(shape) && known) {
    const reduced = new Set(known.map((axis) => (axis < 0 ? axis + shape.length : axis)));
    return b.integers(shape.map((size, axis) => (reduced.has(axis) ? 1 : size)));
  }
  const rank = b.rankOf(x);
  const positive = b.apply('FloorMod', [b.add(b.cast(axes, 'int32'), rank), rank]);
  const all = b.range(b.integers(0), rank);
  const ones = b.apply('Fill', [b.apply('Shape', [positive]), b.integers(1)]);
  return b.apply('DynamicStitch', [
    [all, positive],
    [b.shape(x), ones],
  ]);
}

function spread(b: GradientBuilder, operation: Operation, dy: SymbolicTensor): SymbolicTensor {
  return b.apply('BroadcastTo', [keepAxes(b, operation, dy), b.shape(operation.input(0))]);
}

const extreme: GradientRule = (operation, dy, b) => [
  () => {
    const x = operation.input(0);
    const isExtreme = b.cast(b.apply('Equal', [keepAxes(b, operation, operation.output()), x]), x.dtype);
    // Where several are the largest, they share the gradient.
    const count = b.sum(isExtreme, operation.input(1), true);
    return b.mul(b.div(isExtreme, count), keepAxes(b, operation, dy()));
  },
];

const mean: GradientRule = (operation, dy, b) => [
  () => {
    const [x, y] = [operation.input(0), operation.output()];
    const [from, to] = [b.knownShape(x), b.knownShape(y)];
    const all = spread(b, operation, dy());
    if (isFullyKnown(from) && isFullyKnown(to))
      return b.div(all, b.scalar(sizeOf(from) / Math.max(1, sizeOf(to)), x.dtype));
    const parts = b.apply('Maximum', [b.size(y, 'int32'), b.integers(1)]);
    return b.div(all, b.cast(b.div(b.size(x, 'int32'), parts), x.dtype));
  },
];

/** The product of all others, for each: products from the left and from the right, so that zeros divide nothing. */
const product: GradientRule = (operation, dy, b) => [
  () => {
    const [x, axes] = [operation.input(0), operation.input(1)];
    const rank = b.rankOf(x);
    const positive = b.reshape(b.apply('FloorMod', [b.add(b.cast(axes, 'int32'), rank), rank]), b.integers([-1]));
    const others = b.apply('ListDiff', [b.range(b.integers(0), rank), positive]);
    const permutation = b.concat([positive, others]);
    const count = (kept: SymbolicTensor) =>
      b.apply('Prod', [b.apply('GatherV2', [b.shape(x), kept, b.integers(0)]), b.integers([0])]);
    const permuted = b.apply('Transpose', [x, permutation]);
    const shape = b.apply('Pack', [[count(positive), count(others)]]);
    const rows = b.reshape(permuted, shape);
    const left = b.apply('Cumprod', [rows, b.integers(0)], { exclusive: true });
    const right = b.apply('Cumprod', [rows, b.integers(0)], { exclusive: true, reverse: true });
    const rest = b.reshape(b.mul(left, right), b.apply('Shape', [permuted]));
    const back = b.apply('Transpose', [rest, b.apply('InvertPermutation', [permutation])]);
    return b.reshapeLike(b.mul(keepAxes(b, operation, dy()), back), x);
  },
];

const cumulativeSum: GradientRule = (operation, dy, b) => [
  () =>
    b.apply('Cumsum', [dy(), operation.input(1)], {
      ...attributesOf(operation, 'exclusive'),
      reverse: !operation.bool('reverse'),
    }),
];

const cumulativeProduct: GradientRule = (operation, dy, b) => [
  () => {
    const [x, axis] = [operation.input(0), operation.input(1)];
    const products = b.apply('Cumsum', [b.mul(operation.output(), dy()), axis], {
      ...attributesOf(operation, 'exclusive'),
      reverse: !operation.bool('reverse'),
    });
    return b.apply('DivNoNan', [products, x]);
  },
];

export const reductions: Readonly<Record<string, GradientRule>> = {
  Sum: (operation, dy, b) => [() => spread(b, operation, dy())],
  Mean: mean,
  Max: extreme,
  Min: extreme,
  Prod: product,
  EuclideanNorm: (operation, dy, b) => [
    () => {
      const norm = keepAxes(b, operation, operation.output());
      return b.mul(b.apply('DivNoNan', [operation.input(0), norm]), keepAxes(b, operation, dy()));
    },
  ],
  Cumsum: cumulativeSum,
  Cumprod: cumulativeProduct,
};
