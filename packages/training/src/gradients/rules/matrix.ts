import type { Operation, SymbolicTensor } from '@tenon/graph';
import { isFullyKnown } from '@tenon/tensor';
import type { GradientBuilder } from '../gradient-builder.js';
import { attributesOf, type GradientRule } from '../rule.js';

/** `a · b`, each transposed if asked. */
type Product = (a: SymbolicTensor, b: SymbolicTensor, transposeA: boolean, transposeB: boolean) => SymbolicTensor;

/** The gradients of `op(x) · op(y)`, where `op` transposes or not. */
function productGradients(
  product: Product,
  dz: () => SymbolicTensor,
  [x, y]: readonly [SymbolicTensor, SymbolicTensor],
  [transposeX, transposeY]: readonly [boolean, boolean],
): readonly [() => SymbolicTensor, () => SymbolicTensor] {
  return [
    () => (transposeX ? product(y, dz(), transposeY, true) : product(dz(), y, false, !transposeY)),
    () => (transposeY ? product(dz(), x, true, transposeX) : product(x, dz(), !transposeX, false)),
  ];
}

const matMul: GradientRule = (operation, dz, b) =>
  productGradients(
    (left, right, transposeLeft, transposeRight) =>
      b.apply('MatMul', [left, right], { transpose_a: transposeLeft, transpose_b: transposeRight }),
    dz,
    [operation.input(0), operation.input(1)],
    [operation.bool('transpose_a'), operation.bool('transpose_b')],
  );

const batchMatMul: GradientRule = (operation, dz, b) => {
  const [x, y] = [operation.input(0), operation.input(1)];
  const [dx, dy] = productGradients(
    (left, right, adjointLeft, adjointRight) =>
      b.apply('BatchMatMulV2', [left, right], { adj_x: adjointLeft, adj_y: adjointRight }),
    dz,
    [x, y],
    [operation.bool('adj_x'), operation.bool('adj_y')],
  );
  if (operation.type === 'BatchMatMul' || haveSameBatch(b, x, y)) return [dx, dy];
  return [() => sumBatch(b, dx(), x, y), () => sumBatch(b, dy(), y, x)];
};

function haveSameBatch(b: GradientBuilder, x: SymbolicTensor, y: SymbolicTensor): boolean {
  const batches = [x, y].map((tensor) => b.knownShape(tensor)?.slice(0, -2) ?? null);
  return batches.every(isFullyKnown) && String(batches[0]) === String(batches[1]);
}

/** Sums over what was broadcast among the leading dimensions of a matrix. */
function sumBatch(b: GradientBuilder, gradient: SymbolicTensor, x: SymbolicTensor, y: SymbolicTensor): SymbolicTensor {
  const batch = (tensor: SymbolicTensor) => b.slice(b.shape(tensor), 0, -2);
  const axes = b.operation('BroadcastGradientArgs', [batch(x), batch(y)]).output(0);
  return b.reshapeLike(b.sum(gradient, axes), x);
}

const matrixInverse: GradientRule = (operation, dy, b) => [
  () => {
    const inverse = operation.output();
    const right = b.apply('BatchMatMulV2', [dy(), inverse], { adj_y: !operation.bool('adjoint') });
    return b.neg(b.apply('BatchMatMulV2', [inverse, right], { adj_x: !operation.bool('adjoint') }));
  },
];

const diagonal =
  (type: string): GradientRule =>
  (_operation: Operation, dy, b) => [() => b.apply(type, [dy()])];

/** Of several diagonals, with all that says which and how they are aligned. */
const diagonals: Readonly<Record<string, GradientRule>> = {
  MatrixDiagV3: (operation, dy, b) => [
    () =>
      b.apply(
        'MatrixDiagPartV3',
        [dy(), operation.input(1), b.scalar(0, dy().dtype)],
        attributesOf(operation, 'align'),
      ),
  ],
  MatrixDiagPartV3: (operation, dy, b) => [
    () =>
      b.apply(
        'MatrixSetDiagV3',
        [b.zerosLike(operation.input(0)), dy(), operation.input(1)],
        attributesOf(operation, 'align'),
      ),
  ],
  MatrixSetDiagV3: (operation, dy, b) => {
    const [, diagonal, which] = operation.inputs;
    const align = attributesOf(operation, 'align');
    return [
      () => b.apply('MatrixSetDiagV3', [dy(), b.zerosLike(diagonal!), which!], align),
      () => b.apply('MatrixDiagPartV3', [dy(), which!, b.scalar(0, dy().dtype)], align),
    ];
  },
};

export const matrix: Readonly<Record<string, GradientRule>> = {
  MatMul: matMul,
  BatchMatMul: batchMatMul,
  BatchMatMulV2: batchMatMul,
  BatchMatMulV3: batchMatMul,
  MatrixInverse: matrixInverse,
  Diag: diagonal('DiagPart'),
  DiagPart: diagonal('Diag'),
  MatrixDiag: diagonal('MatrixDiagPart'),
  MatrixDiagPart: (operation, dy, b) => [() => b.apply('MatrixSetDiag', [b.zerosLike(operation.input(0)), dy()])],
  ...diagonals,
  MatrixSetDiag: (operation, dy, b) => [
    () => b.apply('MatrixSetDiag', [dy(), b.zerosLike(operation.input(1))]),
    () => b.apply('MatrixDiagPart', [dy()]),
  ],
  MatrixBandPart: (operation, dy, b) => [
    () => b.apply('MatrixBandPart', [dy(), operation.input(1), operation.input(2)]),
  ],
};
