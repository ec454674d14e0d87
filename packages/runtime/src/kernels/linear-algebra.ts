import type { Operation } from '@tenon/graph';
import { allocate, isFloating, sizeOf, Tensor, type DType, type Shape } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { broadcast, type Broadcast } from './broadcast.js';
import { define, isComplex, isInteger64, isNumber, isReal } from './definition.js';
import { fromNumbers, makeNumbers, numbersOf, type NumberArray } from './elements.js';
import { prepareEinsum } from './einsum.js';
import { InvalidArgumentError } from './errors.js';
import { SAFE, storeSafeNumbers, toSafeNumbers, type Int64Array } from './int64.js';
import { addMatrixProduct } from './matrix-product.js';

/** The sizes of a product of matrices, and how they lie. */
interface ProductSizes {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly isLeftTransposed: boolean;
  readonly isRightTransposed: boolean;
}

export interface ProductOptions {
  readonly transposeLeft?: boolean;
  readonly transposeRight?: boolean;
  /** Conjugate complex matrices where they are transposed. */
  readonly isAdjoint?: boolean;
  /** The data type of the result; that of the operands by default. */
  readonly dtype?: DType;
}

/**
 * `left[..., m, k] · right[..., k, n]`, with leading axes that broadcast.
 *
 * @throws InvalidArgumentError if the shapes do not fit.
 */
export function matrixProduct(left: Tensor, right: Tensor, options: ProductOptions = {}): Tensor {
  const { transposeLeft = false, transposeRight = false, isAdjoint = false, dtype = left.dtype } = options;
  if (left.rank < 2 || right.rank < 2) throw new InvalidArgumentError('Matrices have at least two axes.');
  const [rows, columns] = left.shape.slice(-2) as [number, number];
  const [rightRows, rightColumns] = right.shape.slice(-2) as [number, number];
  const sizes: ProductSizes = {
    m: transposeLeft ? columns : rows,
    k: transposeLeft ? rows : columns,
    n: transposeRight ? rightRows : rightColumns,
    isLeftTransposed: transposeLeft,
    isRightTransposed: transposeRight,
  };
  if ((transposeRight ? rightColumns : rightRows) !== sizes.k) {
    throw new InvalidArgumentError(
      `Matrices of shapes [${left.shape.join(', ')}] and [${right.shape.join(', ')}] cannot be multiplied.`,
    );
  }
  const plan = broadcast(left.shape.slice(0, -2), right.shape.slice(0, -2));
  const shape = [...plan.shape, sizes.m, sizes.n];
  if (isComplex(left.dtype)) return complexProduct(left, right, shape, plan, sizes, isAdjoint);
  if (isInteger64(left.dtype)) return int64Product(left, right, shape, plan, sizes);
  const a = numbersOf(left);
  const b = numbersOf(right);
  if (isFloating(dtype)) {
    const output = makeNumbers(dtype, sizeOf(shape));
    multiplyBatches(a, b, output, plan, sizes);
    return fromNumbers(dtype, shape, output);
  }
  const output = makeNumbers(dtype, sizeOf(shape));
  multiplyIntegers(a, b, output, plan, sizes);
  return fromNumbers(dtype, shape, output);
}

/** Calls for each matrix of the result, with where it and its operands start. */
function forEachMatrix(
  { rows, inner, leftStep, rightStep, leftStarts, rightStarts }: Broadcast,
  { m, k, n }: ProductSizes,
  multiply: (leftStart: number, rightStart: number, outputStart: number) => void,
): void {
  for (let row = 0, o = 0; row < rows; row++) {
    for (let i = 0; i < inner; i++, o++) {
      multiply((leftStarts[row]! + i * leftStep) * m * k, (rightStarts[row]! + i * rightStep) * k * n, o * m * n);
    }
  }
}

function multiplyBatches(
  a: NumberArray,
  b: NumberArray,
  output: NumberArray,
  plan: Broadcast,
  sizes: ProductSizes,
): void {
  const { m, k, n, isLeftTransposed, isRightTransposed } = sizes;
  const row = isLeftTransposed ? 1 : k;
  const column = isLeftTransposed ? m : 1;
  forEachMatrix(plan, sizes, (leftStart, rightStart, outputStart) => {
    addMatrixProduct(a, leftStart, row, column, b, rightStart, isRightTransposed, output, outputStart, m, k, n);
  });
}

function multiplyIntegers(
  a: NumberArray,
  b: NumberArray,
  output: NumberArray,
  plan: Broadcast,
  sizes: ProductSizes,
): void {
  const { m, k, n, isLeftTransposed, isRightTransposed } = sizes;
  forEachMatrix(plan, sizes, (leftStart, rightStart, outputStart) => {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let q = 0; q < k; q++) {
          const l = leftStart + (isLeftTransposed ? q * m + i : i * k + q);
          const r = rightStart + (isRightTransposed ? j * k + q : q * n + j);
          sum = (sum + Math.imul(a[l]!, b[r]!)) | 0;
        }
        output[outputStart + i * n + j] = sum;
      }
    }
  });
}

const largest = (values: Float64Array): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

function int64Product(left: Tensor, right: Tensor, shape: Shape, plan: Broadcast, sizes: ProductSizes): Tensor {
  const output = allocate(left.dtype as 'int64', sizeOf(shape));
  const a = toSafeNumbers(left.data as Int64Array);
  const b = toSafeNumbers(right.data as Int64Array);
  if (a && b && largest(a) * largest(b) * sizes.k <= SAFE) {
    const values = new Float64Array(output.length);
    multiplyBatches(a, b, values, plan, sizes);
    storeSafeNumbers(values, output);
    return new Tensor(left.dtype as 'int64', shape, output);
  }
  const l = left.data as Int64Array;
  const r = right.data as Int64Array;
  const { m, k, n, isLeftTransposed, isRightTransposed } = sizes;
  forEachMatrix(plan, sizes, (leftStart, rightStart, outputStart) => {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0n;
        for (let q = 0; q < k; q++) {
          sum +=
            l[leftStart + (isLeftTransposed ? q * m + i : i * k + q)]! *
            r[rightStart + (isRightTransposed ? j * k + q : q * n + j)]!;
        }
        output[outputStart + i * n + j] = sum;
      }
    }
  });
  return new Tensor(left.dtype as 'int64', shape, output);
}

function complexProduct(
  left: Tensor,
  right: Tensor,
  shape: Shape,
  plan: Broadcast,
  sizes: ProductSizes,
  isAdjoint: boolean,
): Tensor {
  const a = left.data as Float32Array;
  const b = right.data as Float32Array;
  const output = allocate(left.dtype as 'complex64', sizeOf(shape));
  const { m, k, n, isLeftTransposed, isRightTransposed } = sizes;
  const leftSign = isAdjoint && isLeftTransposed ? -1 : 1;
  const rightSign = isAdjoint && isRightTransposed ? -1 : 1;
  forEachMatrix(plan, sizes, (leftStart, rightStart, outputStart) => {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let real = 0;
        let imaginary = 0;
        for (let q = 0; q < k; q++) {
          const l = 2 * (leftStart + (isLeftTransposed ? q * m + i : i * k + q));
          const r = 2 * (rightStart + (isRightTransposed ? j * k + q : q * n + j));
          const ai = leftSign * a[l + 1]!;
          const bi = rightSign * b[r + 1]!;
          real += a[l]! * b[r]! - ai * bi;
          imaginary += a[l]! * bi + ai * b[r]!;
        }
        const o = 2 * (outputStart + i * n + j);
        output[o] = real;
        output[o + 1] = imaginary;
      }
    }
  });
  return new Tensor(left.dtype as 'complex64', shape, output);
}

function prepareMatMul(operation: Operation): Kernel {
  const options = { transposeLeft: operation.bool('transpose_a'), transposeRight: operation.bool('transpose_b') };
  return ([left, right]) => [matrixProduct(left!, right!, options)];
}

function prepareBatchMatMul(operation: Operation): Kernel {
  const options = {
    transposeLeft: operation.bool('adj_x'),
    transposeRight: operation.bool('adj_y'),
    isAdjoint: true,
    dtype: operation.output().dtype,
  };
  return ([left, right]) => [matrixProduct(left!, right!, options)];
}

/** The cross product of vectors of three elements along the last axis. */
const cross: Kernel = ([left, right]) => {
  const { dtype, shape } = left!;
  if (shape.at(-1) !== 3 || shape.join() !== right!.shape.join()) {
    throw new InvalidArgumentError(
      `Vectors of three elements are wanted, in tensors of one shape; the shapes are [${shape.join(', ')}] and [${right!.shape.join(', ')}].`,
    );
  }
  const a = numbersOf(left!);
  const b = numbersOf(right!);
  const output = makeNumbers(dtype, a.length);
  for (let start = 0; start < a.length; start += 3) {
    for (let i = 0; i < 3; i++) {
      const [j, k] = [start + ((i + 1) % 3), start + ((i + 2) % 3)];
      output[start + i] = a[j]! * b[k]! - a[k]! * b[j]!;
    }
  }
  return [fromNumbers(dtype, shape, output)];
};

export const linearAlgebraKernels: readonly KernelDefinition[] = [
  define('Cross', () => cross, isReal),
  define('MatMul', prepareMatMul, isNumber),
  define('BatchMatMul', prepareBatchMatMul, isNumber),
  define('BatchMatMulV2', prepareBatchMatMul, isNumber),
  define('BatchMatMulV3', prepareBatchMatMul, isNumber),
  define('Einsum', prepareEinsum(matrixProduct), isNumber),
];
