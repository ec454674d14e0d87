import type { Operation } from '@tenon/graph';
import { isFloating, sizeOf, type Tensor } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { broadcast } from './broadcast.js';
import { define } from './definition.js';
import { fromNumbers, makeNumbers, numbersOf } from './elements.js';
import { InvalidArgumentError } from './errors.js';
import { checkedSize, integers } from './integers.js';

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

/** The sign of each determinant, and the logarithm of its size. */
const logDeterminant: Kernel = ([tensor]) => {
  const n = squareSize(tensor!);
  const { dtype } = tensor!;
  const shape = tensor!.shape.slice(0, -2);
  const input = numbersOf(tensor!);
  const signs = makeNumbers(dtype, sizeOf(shape));
  const logs = makeNumbers(dtype, sizeOf(shape));
  for (let batch = 0; batch < logs.length; batch++) {
    const { values, sign } = factorize(input.subarray(batch * n * n, (batch + 1) * n * n), n);
    let [product, sum] = [sign, 0];
    for (let i = 0; i < n; i++) {
      product *= Math.sign(values[i * n + i]!);
      sum += Math.log(Math.abs(values[i * n + i]!));
    }
    signs[batch] = product;
    logs[batch] = sum;
  }
  return [fromNumbers(dtype, shape, signs), fromNumbers(dtype, shape, logs)];
};

/** The product of a lower and an upper triangular matrix, both in one, and the order of the rows. */
function prepareLu(operation: Operation): Kernel {
  const indexType = operation.dtype('output_idx_type');
  return ([tensor]) => {
    const n = squareSize(tensor!);
    const input = numbersOf(tensor!);
    const output = makeNumbers(tensor!.dtype, input.length);
    const orders = new Int32Array(sizeOf(tensor!.shape.slice(0, -1)));
    for (let batch = 0; batch < sizeOf(tensor!.shape.slice(0, -2)); batch++) {
      const { values, rows } = factorize(input.subarray(batch * n * n, (batch + 1) * n * n), n);
      for (let i = 0; i < n; i++)
        if (values[i * n + i] === 0) throw new InvalidArgumentError('The matrix is not invertible.');
      output.set(values, batch * n * n);
      orders.set(rows, batch * n);
    }
    return [fromNumbers(tensor!.dtype, tensor!.shape, output), integers(indexType, tensor!.shape.slice(0, -1), orders)];
  };
}

/** Solves equations of triangular matrices, of which only that half counts; leading axes broadcast. */
function prepareTriangularSolve(operation: Operation): Kernel {
  const isAdjoint = operation.bool('adjoint');
  // Of a matrix that is turned, the other half counts.
  const isForward = operation.bool('lower') !== isAdjoint;
  return ([matrices, right]) => {
    const n = squareSize(matrices!);
    const [rows, columns] = right!.shape.slice(-2) as [number, number];
    if (right!.rank < 2 || rows !== n) {
      throw new InvalidArgumentError(
        `[${matrices!.shape.join(', ')}] and [${right!.shape.join(', ')}] are not sides of one equation.`,
      );
    }
    const plan = broadcast(matrices!.shape.slice(0, -2), right!.shape.slice(0, -2));
    const coefficients = numbersOf(matrices!);
    const input = numbersOf(right!);
    const shape = [...plan.shape, n, columns];
    const output = makeNumbers(right!.dtype, checkedSize(shape));
    let batch = 0;
    for (let row = 0; row < plan.rows; row++) {
      for (let i = 0; i < plan.inner; i++, batch++) {
        const from = (plan.leftStarts[row]! + i * plan.leftStep) * n * n;
        const source = (plan.rightStarts[row]! + i * plan.rightStep) * n * columns;
        const at = (a: number, b: number): number => coefficients[from + (isAdjoint ? b * n + a : a * n + b)]!;
        for (let column = 0; column < columns; column++) {
          for (let step = 0; step < n; step++) {
            const k = isForward ? step : n - 1 - step;
            if (at(k, k) === 0) throw new InvalidArgumentError('The matrix is not invertible.');
            let sum: number = input[source + k * columns + column]!;
            for (let other = 0; other < step; other++) {
              const j = isForward ? other : n - 1 - other;
              sum -= at(k, j) * output[(batch * n + j) * columns + column]!;
            }
            output[(batch * n + k) * columns + column] = sum / at(k, k);
          }
        }
      }
    }
    return [fromNumbers(right!.dtype, shape, output)];
  };
}

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
  define('LogMatrixDeterminant', () => logDeterminant, isFloating),
  define('MatrixTriangularSolve', prepareTriangularSolve, isFloating),
  {
    type: 'Lu',
    unsupported: (operation) => {
      const { dtype } = operation.input(0);
      return isFloating(dtype) ? undefined : `dtype ${dtype}`;
    },
    prepare: prepareLu,
  },
];
