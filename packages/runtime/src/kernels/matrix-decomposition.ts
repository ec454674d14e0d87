import type { Operation } from '@tenon/graph';
import { isFloating, sizeOf, type Tensor } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define } from './definition.js';
import { fromNumbers, makeNumbers, numbersOf } from './elements.js';
import { InvalidArgumentError } from './errors.js';

function squareSize(tensor: Tensor): number {
  const [rows, columns] = tensor.shape.slice(-2);
  if (tensor.rank < 2 || rows !== columns)
    throw new InvalidArgumentError(`Square matrices are wanted; the shape is [${tensor.shape.join(', ')}].`);
  return rows!;
}

/** A matrix as the product of a lower and an upper triangular one, with its rows in the order `rows`. */
interface Factors {
  readonly values: Float64Array;
  readonly rows: Int32Array;
  /** 1, or -1 if the rows were exchanged an odd number of times. */
  readonly sign: number;
}

/** Gaussian elimination with the greatest pivot of each column. */
function factorize(matrix: ArrayLike<number>, n: number): Factors {
  const values = Float64Array.from(matrix);
  const rows = Int32Array.from({ length: n }, (_, i) => i);
  let sign = 1;
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let row = column + 1; row < n; row++) {
      if (Math.abs(values[row * n + column]!) > Math.abs(values[pivot * n + column]!)) pivot = row;
    }
    if (pivot !== column) {
      sign = -sign;
      [rows[pivot], rows[column]] = [rows[column]!, rows[pivot]!];
      for (let i = 0; i < n; i++) {
        [values[pivot * n + i], values[column * n + i]] = [values[column * n + i]!, values[pivot * n + i]!];
      }
    }
    const diagonal = values[column * n + column]!;
    if (diagonal === 0) continue;
    for (let row = column + 1; row < n; row++) {
      const factor = values[row * n + column]! / diagonal;
      values[row * n + column] = factor;
      for (let i = column + 1; i < n; i++) values[row * n + i]! -= factor * values[column * n + i]!;
    }
  }
  return { values, rows, sign };
}

/** Solves for one column of the right-hand side. @throws InvalidArgumentError if the matrix has no inverse. */
function solveColumn({ values, rows }: Factors, n: number, right: (row: number) => number): Float64Array {
  const x = new Float64Array(n);
  for (let row = 0; row < n; row++) {
    let sum = right(rows[row]!);
    for (let i = 0; i < row; i++) sum -= values[row * n + i]! * x[i]!;
    x[row] = sum;
  }
  for (let row = n - 1; row >= 0; row--) {
    let sum = x[row]!;
    for (let i = row + 1; i < n; i++) sum -= values[row * n + i]! * x[i]!;
    const diagonal = values[row * n + row]!;
    if (diagonal === 0) throw new InvalidArgumentError('The matrix is not invertible.');
    x[row] = sum / diagonal;
  }
  return x;
}

const transposed = (matrix: ArrayLike<number>, n: number): Float64Array =>
  Float64Array.from({ length: n * n }, (_, i) => matrix[(i % n) * n + Math.floor(i / n)]!);

function solve(matrices: Tensor, right: Tensor | undefined, isAdjoint: boolean): Tensor {
  const n = squareSize(matrices);
  const columns = right ? right.shape.at(-1)! : n;
  const input = numbersOf(matrices);
  const values = right && numbersOf(right);
  const shape = right ? right.shape : matrices.shape;
  if (right && (right.shape.at(-2) !== n || sizeOf(right.shape.slice(0, -2)) !== sizeOf(matrices.shape.slice(0, -2)))) {
    throw new InvalidArgumentError(
      `[${matrices.shape.join(', ')}] and [${shape.join(', ')}] are not sides of one equation.`,
    );
  }
  const output = makeNumbers(matrices.dtype, sizeOf(shape));
  for (let batch = 0; batch < sizeOf(matrices.shape.slice(0, -2)); batch++) {
    const matrix = input.subarray(batch * n * n, (batch + 1) * n * n);
    const factors = factorize(isAdjoint ? transposed(matrix, n) : matrix, n);
    const start = batch * n * columns;
    for (let column = 0; column < columns; column++) {
      const x = solveColumn(factors, n, (row) =>
        values ? values[start + row * columns + column]! : row === column ? 1 : 0,
      );
      for (let row = 0; row < n; row++) output[start + row * columns + column] = x[row]!;
    }
  }
  return fromNumbers(matrices.dtype, shape, output);
}

const determinant: Kernel = ([tensor]) => {
  const n = squareSize(tensor!);
  const shape = tensor!.shape.slice(0, -2);
  const input = numbersOf(tensor!);
  const output = makeNumbers(tensor!.dtype, sizeOf(shape));
  for (let batch = 0; batch < output.length; batch++) {
    const { values, sign } = factorize(input.subarray(batch * n * n, (batch + 1) * n * n), n);
    let product = sign;
    for (let i = 0; i < n; i++) product *= values[i * n + i]!;
    output[batch] = product;
  }
  return [fromNumbers(tensor!.dtype, shape, output)];
};

/** The lower triangular matrix whose product with its transpose is the matrix; NaN in its place if there is none. */
const cholesky: Kernel = ([tensor]) => {
  const n = squareSize(tensor!);
  const input = numbersOf(tensor!);
  const output = makeNumbers(tensor!.dtype, input.length);
  for (let batch = 0; batch < sizeOf(tensor!.shape.slice(0, -2)); batch++) {
    const lower = new Float64Array(n * n);
    for (let row = 0; row < n; row++) {
      for (let column = 0; column <= row; column++) {
        let sum: number = input[batch * n * n + row * n + column]!;
        for (let i = 0; i < column; i++) sum -= lower[row * n + i]! * lower[column * n + i]!;
        lower[row * n + column] = row === column ? Math.sqrt(sum) : sum / lower[column * n + column]!;
      }
    }
    if (!lower.every(Number.isFinite)) {
      for (let row = 0; row < n; row++) lower.fill(NaN, row * n, row * n + row + 1);
    }
    output.set(lower, batch * n * n);
  }
  return [fromNumbers(tensor!.dtype, tensor!.shape, output)];
};

export const matrixDecompositionKernels: readonly KernelDefinition[] = [
  define('MatrixDeterminant', () => determinant, isFloating),
  define(
    'MatrixInverse',
    (operation: Operation) => {
      const isAdjoint = operation.bool('adjoint');
      return ([tensor]) => [solve(tensor!, undefined, isAdjoint)];
    },
    isFloating,
  ),
  define(
    'MatrixSolve',
    (operation: Operation) => {
      const isAdjoint = operation.bool('adjoint');
      return ([matrix, right]) => [solve(matrix!, right, isAdjoint)];
    },
    isFloating,
  ),
  define('Cholesky', () => cholesky, isFloating),
];
