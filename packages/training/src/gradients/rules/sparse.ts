import type { SymbolicTensor } from '@tenon/graph';
import type { GradientBuilder } from '../gradient-builder.js';
import { once, type GradientRule } from '../rule.js';

/** What a sparse tensor has at each of its places. */
const column = (b: GradientBuilder, indices: SymbolicTensor, axis: number): SymbolicTensor =>
  b.apply('GatherV2', [indices, b.integers(axis), b.integers(1)]);

const transposed = (b: GradientBuilder, x: SymbolicTensor, isTransposed: boolean): SymbolicTensor =>
  isTransposed ? b.transpose(x, [1, 0]) : x;

const matMul: GradientRule = (operation, dy, b) => {
  const [indices, values, shape, dense] = operation.inputs;
  const [adjointA, adjointB] = [operation.bool('adjoint_a'), operation.bool('adjoint_b')];
  return [
    undefined,
    () => {
      const [rows, columns] = [column(b, indices!, adjointA ? 1 : 0), column(b, indices!, adjointA ? 0 : 1)];
      const [left, right] = [
        b.apply('GatherV2', [dy(), rows, b.integers(0)]),
        b.apply('GatherV2', [transposed(b, dense!, adjointB), columns, b.integers(0)]),
      ];
      return b.sum(b.mul(left, right), b.integers([1]));
    },
    undefined,
    () => {
      const inputs = [indices!, values!, shape!, dy()];
      return transposed(b, b.apply('SparseTensorDenseMatMul', inputs, { adjoint_a: !adjointA }), adjointB);
    },
  ];
};

const reduceSum: GradientRule = (operation, dy, b) => {
  const [indices, , shape, axes] = operation.inputs;
  return [
    undefined,
    () => {
      const rank = b.reshape(b.apply('Size', [shape!]), b.integers([1]));
      const positive = b.apply('FloorMod', [b.reshape(axes!, b.integers([-1])), rank]);
      const reduced = b.apply('Fill', [rank, b.scalar(0, 'int64')]);
      const places = b.apply('ExpandDims', [positive, b.integers(-1)]);
      const ones = b.apply('Fill', [b.apply('Shape', [positive]), b.scalar(1, 'int64')]);
      const isReduced = b.apply('Greater', [b.apply('TensorScatterUpdate', [reduced, places, ones]), b.scalar(0, 'int64')]); // prettier-ignore
      const kept = b.where(isReduced, b.scalar(1, 'int64'), shape!);
      const spread = b.where(isReduced, shape!, b.scalar(1, 'int64'));
      return b.apply('GatherNd', [b.reshape(dy(), kept), b.div(indices!, spread)]);
    },
  ];
};

/** The rest of a gradient goes to the default value. */
function withDefault(b: GradientBuilder, whole: () => SymbolicTensor, given: () => SymbolicTensor) {
  const sum = (x: SymbolicTensor) => b.sum(x, b.range(b.integers(0), b.apply('Rank', [x])));
  return () => b.sub(sum(whole()), sum(given()));
}

const toDense: GradientRule = (operation, dy, b) => {
  const values = once(() => {
    const indices = operation.input(0);
    // Those of a vector may be a vector themselves.
    const places = b.rank(indices) === 1 ? b.apply('ExpandDims', [indices, b.integers(-1)]) : indices;
    return b.apply('GatherNd', [dy(), places]);
  });
  return [undefined, undefined, values, withDefault(b, dy, values)];
};

const fillEmptyRows: GradientRule = (operation, dy, b) => {
  const values = once(() => b.apply('GatherV2', [dy(1), operation.output(3), b.integers(0)]));
  return [undefined, values, undefined, withDefault(b, () => dy(1), values)];
};

export const sparse: Readonly<Record<string, GradientRule>> = {
  SparseTensorDenseMatMul: matMul,
  SparseReduceSum: reduceSum,
  SparseToDense: toDense,
  SparseFillEmptyRows: fillEmptyRows,
};
