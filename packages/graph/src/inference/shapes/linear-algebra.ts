import type { PartialShape } from '@tenon/tensor';
import { broadcast, unify, unifyDimensions, unknownOfRank, type Dimension } from '../partial-shape.js';
import { forAll, type ShapeContext, type ShapeFunctions } from '../shape-context.js';

/** Ops on matrices. Those on batches of them take the last two dimensions for the matrix. */
export const LINEAR_ALGEBRA: ShapeFunctions = {
  ...forAll(['MatMul', 'SparseMatMul'], (c) => {
    const [m, n] = matMul(
      c,
      c.ranked(0, 2),
      c.ranked(1, 2),
      c.operation.bool('transpose_a'),
      c.operation.bool('transpose_b'),
    );
    return [[m, n]];
  }),
  ...forAll(['BatchMatMul', 'BatchMatMulV2', 'BatchMatMulV3'], (c) => {
    let [a, b] = [c.atLeast(0, 2), c.atLeast(1, 2)];
    if (c.operation.type === 'BatchMatMul') {
      a ??= b && unknownOfRank(b.length);
      b ??= a && unknownOfRank(a.length);
    }
    if (!a || !b) return [null];
    const matrix = matMul(c, a.slice(-2), b.slice(-2), c.operation.bool('adj_x'), c.operation.bool('adj_y'));
    const [batchA, batchB] = [a.slice(0, -2), b.slice(0, -2)];
    const batch = c.operation.type === 'BatchMatMul' ? unify(batchA, batchB) : broadcast(batchA, batchB);
    return [[...batch!, ...matrix]];
  }),
  SparseTensorDenseMatMul: (c) => {
    const a = c.spelledShape(2) ?? unknownOfRank(2);
    if (a.length !== 2) c.fail('the sparse operand must be a matrix');
    return [matMul(c, a, c.ranked(3, 2), c.operation.bool('adjoint_a'), c.operation.bool('adjoint_b'))];
  },
  Einsum: (c) => [einsum(c)],
  ...forAll(['MatrixBandPart', 'BatchMatrixBandPart'], (c) => [c.atLeast(0, 2)]),
  ...forAll(['MatrixInverse', 'Cholesky', 'MatrixExponential', 'MatrixSquareRoot', 'MatrixLogarithm'], (c) => [
    square(c, 0),
  ]),
  MatrixDeterminant: (c) => [square(c, 0)?.slice(0, -2) ?? null],
  LogMatrixDeterminant: (c) => {
    const batch = square(c, 0)?.slice(0, -2) ?? null;
    return [batch, batch];
  },
  ...forAll(['MatrixSolve', 'MatrixTriangularSolve'], (c) => {
    const right = c.atLeast(1, 2);
    const isSame = c.operation.type === 'MatrixSolve';
    const matrix = square(c, 0) ?? (isSame && right ? unknownOfRank(right.length) : null);
    if (!matrix || !right) return [null];
    const rows = unifyDimensions(matrix.at(-1)!, right.at(-2)!);
    const batch = isSame
      ? unify(matrix.slice(0, -2), right.slice(0, -2))
      : broadcast(matrix.slice(0, -2), right.slice(0, -2));
    return [[...batch!, rows, right.at(-1)!]];
  }),
  CholeskyGrad: (c) => [square(c, 0)],
  Qr: (c) => {
    const shape = c.atLeast(0, 2);
    if (!shape) return [null, null];
    const [m, n] = [shape.at(-2)!, shape.at(-1)!];
    const small = m === null || n === null ? null : Math.min(m, n);
    const batch = shape.slice(0, -2);
    return c.operation.bool('full_matrices')
      ? [
          [...batch, m, m],
          [...batch, m, n],
        ]
      : [
          [...batch, m, small],
          [...batch, small, n],
        ];
  },
  Svd: (c) => {
    const shape = c.atLeast(0, 2);
    if (!shape) return c.operation.bool('compute_uv') ? [null, null, null] : [null, [0], [0]];
    const [m, n] = [shape.at(-2)!, shape.at(-1)!];
    const small = m === null || n === null ? null : Math.min(m, n);
    const batch = shape.slice(0, -2);
    if (!c.operation.bool('compute_uv')) return [[...batch, small], [0], [0]];
    if (c.operation.bool('full_matrices'))
      return [
        [...batch, small],
        [...batch, m, m],
        [...batch, n, n],
      ];
    return [
      [...batch, small],
      [...batch, m, small],
      [...batch, n, small],
    ];
  },
  SelfAdjointEigV2: (c) => {
    const shape = square(c, 0);
    return [shape && shape.slice(0, -1), c.operation.bool('compute_v') ? shape : [0]];
  },
  ...forAll(['MatrixDiag', 'BatchMatrixDiag'], (c) => {
    const diagonal = c.atLeast(0, 1);
    return [diagonal && [...diagonal, diagonal.at(-1)!]];
  }),
  ...forAll(['MatrixDiagPart', 'BatchMatrixDiagPart'], (c) => {
    const shape = c.atLeast(0, 2);
    if (!shape) return [null];
    const [rows, columns] = [shape.at(-2)!, shape.at(-1)!];
    return [[...shape.slice(0, -2), rows === null || columns === null ? null : Math.min(rows, columns)]];
  }),
  ...forAll(['MatrixSetDiag', 'BatchMatrixSetDiag'], (c) => {
    const diagonal = c.atLeast(1, 1);
    return [c.unify([c.atLeast(0, 2), diagonal && [...diagonal.slice(0, -1), null, null]])];
  }),
  ...forAll(['MatrixDiagV2', 'MatrixDiagV3'], (c) => [matrixDiag(c)]),
  ...forAll(['MatrixDiagPartV2', 'MatrixDiagPartV3'], (c) => [matrixDiagPart(c)]),
  ...forAll(['MatrixSetDiagV2', 'MatrixSetDiagV3'], (c) => {
    const diagonal = c.atLeast(1, 1);
    const ends = band(c, 2);
    const batch = diagonal && ends && diagonal.slice(0, ends[0] === ends[1] ? -1 : -2);
    return [c.unify([c.atLeast(0, 2), batch ? [...batch, null, null] : null])];
  }),
};

function matMul(
  c: ShapeContext,
  a: readonly Dimension[],
  b: readonly Dimension[],
  transposeA: boolean,
  transposeB: boolean,
): [Dimension, Dimension] {
  const [rows, innerA] = transposeA ? [a[1]!, a[0]!] : [a[0]!, a[1]!];
  const [innerB, columns] = transposeB ? [b[1]!, b[0]!] : [b[0]!, b[1]!];
  if (innerA !== null && innerB !== null && innerA !== innerB)
    c.fail(`the inner dimensions ${innerA} and ${innerB} differ`);
  return [rows, columns];
}

function square(c: ShapeContext, index: number): PartialShape {
  const shape = c.atLeast(index, 2);
  if (!shape) return null;
  const side = unifyDimensions(shape.at(-2)!, shape.at(-1)!);
  return [...shape.slice(0, -2), side, side];
}

/** The first and last diagonal of a band, counted from the main one: one number or two. `undefined` where they are not known. */
function band(c: ShapeContext, index: number): readonly [number, number] | undefined {
  const ends = c.numbers(index);
  const [first, last = first] = ends ?? [];
  if (first === undefined || last === undefined) return undefined;
  if (first > last) c.fail(`the band from diagonal ${first} to ${last} is empty`);
  return [first, last];
}

function matrixDiag(c: ShapeContext): PartialShape {
  const diagonal = c.atLeast(0, 1);
  const ends = band(c, 1);
  if (!diagonal || !ends) return null;
  const [low, high] = ends;
  const length = diagonal.at(-1)!;
  let rows = knownOrOpen(c.scalar(2));
  let columns = knownOrOpen(c.scalar(3));
  // -1 has the smallest matrix that holds the diagonals; what is not known may be -1.
  if (c.value(2) === undefined || c.value(3) === undefined) rows = columns = null;
  else if (length !== null) {
    const leastRows = length - Math.min(high, 0);
    const leastColumns = length + Math.max(low, 0);
    const [openRows, openColumns] = [c.scalar(2) === -1, c.scalar(3) === -1];
    if (openRows && openColumns) rows = columns = Math.max(leastRows, leastColumns);
    else if (openRows) rows = leastRows;
    else if (openColumns) columns = leastColumns;
  }
  const batch = low === high ? diagonal.slice(0, -1) : diagonal.slice(0, -2);
  return [...batch, rows, columns];
}

function knownOrOpen(size: Dimension): Dimension {
  return size === null || size < 0 ? null : size;
}

function matrixDiagPart(c: ShapeContext): PartialShape {
  const shape = c.atLeast(0, 2);
  const ends = band(c, 1);
  if (!shape || !ends) return null;
  const [low, high] = ends;
  const [rows, columns] = [shape.at(-2)!, shape.at(-1)!];
  const length =
    rows === null || columns === null ? null : Math.min(rows + Math.min(high, 0), columns - Math.max(low, 0));
  return low === high ? [...shape.slice(0, -2), length] : [...shape.slice(0, -2), high - low + 1, length];
}

/** Labels of one operand before and after its ellipsis; `undefined` after, where there is none. */
interface Subscript {
  readonly before: string;
  readonly after: string | undefined;
}

function parseSubscript(text: string): Subscript {
  const [before, after] = text.split('...');
  return { before: before!, after };
}

function einsum(c: ShapeContext): PartialShape {
  const [left, right] = c.operation.string('equation').replaceAll(' ', '').split('->');
  const operands = left!.split(',').map(parseSubscript);
  if (right === undefined) return null;
  if (operands.length !== c.count) c.fail(`the equation names ${operands.length} operands`);
  const sizes = new Map<string, Dimension>();
  let ellipsis: PartialShape = [];
  operands.forEach(({ before, after }, index) => {
    const shape = c.shape(index);
    const named = before.length + (after?.length ?? 0);
    if (!shape) {
      if (after !== undefined) ellipsis = null;
      return;
    }
    if (after === undefined ? shape.length !== named : shape.length < named)
      c.fail(`operand ${index} does not have the rank the equation says`);
    const say = (label: string, dimension: Dimension) =>
      sizes.set(label, unifyDimensions(sizes.get(label) ?? null, dimension));
    [...before].forEach((label, axis) => say(label, shape[axis]!));
    [...(after ?? '')].forEach((label, axis) => say(label, shape[shape.length - after!.length + axis]!));
    if (after !== undefined) ellipsis = broadcast(ellipsis, shape.slice(before.length, shape.length - after.length));
  });
  const result = parseSubscript(right);
  const dimensions = (labels: string) => [...labels].map((label) => sizes.get(label) ?? null);
  if (result.after === undefined) return dimensions(result.before);
  return ellipsis && [...dimensions(result.before), ...ellipsis, ...dimensions(result.after)];
}
