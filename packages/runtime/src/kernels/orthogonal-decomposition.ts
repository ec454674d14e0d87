import type { Operation } from '@tenon/graph';
import { sizeOf, type DType, type Tensor } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define } from './definition.js';
import { fromNumbers, makeNumbers, numbersOf, type NumberArray } from './elements.js';
import { InvalidArgumentError } from './errors.js';
import { checkedSize } from './integers.js';

/** A matrix, row by row. */
interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

const makeMatrix = (rows: number, columns: number): Matrix => ({
  rows,
  columns,
  values: new Float64Array(checkedSize([rows, columns])),
});

function identity(size: number): Matrix {
  const matrix = makeMatrix(size, size);
  for (let i = 0; i < size; i++) matrix.values[i * size + i] = 1;
  return matrix;
}

function transposed({ rows, columns, values }: Matrix): Matrix {
  const result = makeMatrix(columns, rows);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) result.values[j * rows + i] = values[i * columns + j]!;
  return result;
}

/** The columns at these places, in this order. */
function takeColumns({ rows, columns, values }: Matrix, places: readonly number[]): Matrix {
  const result = makeMatrix(rows, places.length);
  for (let i = 0; i < rows; i++)
    places.forEach((place, j) => (result.values[i * places.length + j] = values[i * columns + place]!));
  return result;
}

/** Rounds go on until nothing changes; rounding errors can keep that from happening. */
const MOST_SWEEPS = 60;

/** The rotation that makes `[[a, c], [c, b]]` diagonal: its cosine and sine. */
function rotation(a: number, b: number, c: number): readonly [cosine: number, sine: number] {
  const angle = (b - a) / (2 * c);
  const tangent = Math.sign(angle || 1) / (Math.abs(angle) + Math.sqrt(1 + angle * angle));
  const cosine = 1 / Math.sqrt(1 + tangent * tangent);
  return [cosine, tangent * cosine];
}

/** Turns columns `p` and `q` of a matrix. */
function rotateColumns({ rows, columns, values }: Matrix, p: number, q: number, cosine: number, sine: number): void {
  for (let i = 0; i < rows; i++) {
    const left = values[i * columns + p]!;
    const right = values[i * columns + q]!;
    values[i * columns + p] = cosine * left - sine * right;
    values[i * columns + q] = sine * left + cosine * right;
  }
}

function rotateRows({ columns, values }: Matrix, p: number, q: number, cosine: number, sine: number): void {
  for (let j = 0; j < columns; j++) {
    const upper = values[p * columns + j]!;
    const lower = values[q * columns + j]!;
    values[p * columns + j] = cosine * upper - sine * lower;
    values[q * columns + j] = sine * upper + cosine * lower;
  }
}

/** The eigenvalues of a symmetric matrix, of which the lower half counts, and its eigenvectors as columns: by Jacobi's rotations. */
function eigen(matrix: Matrix): { readonly values: number[]; readonly vectors: Matrix } {
  const { rows: n } = matrix;
  const work: Matrix = { ...matrix, values: matrix.values.slice() };
  const at = (i: number, j: number): number => work.values[i * n + j]!;
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) work.values[i * n + j] = at(j, i);
  const vectors = identity(n);
  const scale = work.values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (let sweep = 0, changes = 1; sweep < MOST_SWEEPS && changes > 0; sweep++) {
    changes = 0;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        if (!(Math.abs(at(p, q)) > scale * 1e-17)) continue;
        changes++;
        const [cosine, sine] = rotation(at(p, p), at(q, q), at(p, q));
        rotateColumns(work, p, q, cosine, sine);
        rotateRows(work, p, q, cosine, sine);
        rotateColumns(vectors, p, q, cosine, sine);
      }
    }
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => at(a, a) - at(b, b));
  return { values: order.map((i) => at(i, i)), vectors: takeColumns(vectors, order) };
}

interface SingularValues {
  /** The greatest first. */
  readonly values: number[];
  readonly left: Matrix;
  readonly right: Matrix;
}

/** Singular values, by rotating pairs of columns until all are at right angles. */
function singularValues(matrix: Matrix): SingularValues {
  if (matrix.rows < matrix.columns) {
    const { values, left, right } = singularValues(transposed(matrix));
    return { values, left: right, right: left };
  }
  const { rows, columns } = matrix;
  const work: Matrix = { ...matrix, values: matrix.values.slice() };
  const right = identity(columns);
  const product = (p: number, q: number): number => {
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += work.values[i * columns + p]! * work.values[i * columns + q]!;
    return sum;
  };
  for (let sweep = 0, changes = 1; sweep < MOST_SWEEPS && changes > 0; sweep++) {
    changes = 0;
    for (let p = 0; p < columns; p++) {
      for (let q = p + 1; q < columns; q++) {
        const [a, b, c] = [product(p, p), product(q, q), product(p, q)];
        if (!(Math.abs(c) > 1e-15 * Math.sqrt(a * b))) continue;
        changes++;
        const [cosine, sine] = rotation(a, b, c);
        rotateColumns(work, p, q, cosine, sine);
        rotateColumns(right, p, q, cosine, sine);
      }
    }
  }
  const sizes = Array.from({ length: columns }, (_, i) => Math.sqrt(product(i, i)));
  const order = sizes.map((_, i) => i).sort((a, b) => sizes[b]! - sizes[a]!);
  const left = takeColumns(work, order);
  const values = order.map((i) => sizes[i]!);
  values.forEach((size, j) => {
    if (size > 0) for (let i = 0; i < rows; i++) left.values[i * columns + j]! /= size;
  });
  const zero = values.findIndex((size) => !(size > 0));
  return {
    values,
    left: zero < 0 ? left : completed(left, zero, columns),
    right: takeColumns(right, order),
  };
}

/** A matrix of `columns` columns at right angles, of which the first `given` are those of `matrix`. */
function completed(matrix: Matrix, given: number, columns: number): Matrix {
  const { rows } = matrix;
  const result = makeMatrix(rows, columns);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < given; j++) result.values[i * columns + j] = matrix.values[i * matrix.columns + j]!;
  for (let j = given, axis = 0; j < columns && axis < rows; axis++) {
    const candidate = new Float64Array(rows);
    candidate[axis] = 1;
    // Twice, since the first time leaves rounding errors.
    for (let round = 0; round < 2; round++) {
      for (let k = 0; k < j; k++) {
        let sum = 0;
        for (let i = 0; i < rows; i++) sum += candidate[i]! * result.values[i * columns + k]!;
        for (let i = 0; i < rows; i++) candidate[i]! -= sum * result.values[i * columns + k]!;
      }
    }
    const size = Math.hypot(...candidate);
    if (size < 1e-3) continue;
    for (let i = 0; i < rows; i++) result.values[i * columns + j] = candidate[i]! / size;
    j++;
  }
  return result;
}

/** `matrix` as the product of an orthogonal and an upper triangular one, by Householder's reflections. */
function orthogonalize(matrix: Matrix): { readonly q: Matrix; readonly r: Matrix } {
  const { rows, columns } = matrix;
  const r: Matrix = { ...matrix, values: matrix.values.slice() };
  const q = identity(rows);
  const reflect = (target: Matrix, vector: Float64Array, from: number, factor: number): void => {
    for (let j = 0; j < target.columns; j++) {
      let sum = 0;
      for (let i = from; i < rows; i++) sum += vector[i]! * target.values[i * target.columns + j]!;
      for (let i = from; i < rows; i++) target.values[i * target.columns + j]! -= factor * sum * vector[i]!;
    }
  };
  for (let k = 0; k < Math.min(rows, columns); k++) {
    const vector = new Float64Array(rows);
    for (let i = k; i < rows; i++) vector[i] = r.values[i * columns + k]!;
    const tail = vector.subarray(k + 1).reduce((sum, value) => sum + value * value, 0);
    if (!(tail > Number.MIN_VALUE)) continue;
    const head = vector[k]!;
    const size = Math.sqrt(head * head + tail) * (head >= 0 ? -1 : 1);
    vector[k] = head - size;
    const factor = 2 / (vector[k]! ** 2 + tail);
    reflect(r, vector, k, factor);
    reflect(q, vector, k, factor);
    for (let i = k + 1; i < rows; i++) r.values[i * columns + k] = 0;
  }
  return { q: transposed(q), r };
}

/** The matrices of a batch, each with its number. */
function forEachMatrix(tensor: Tensor, visit: (matrix: Matrix, batch: number) => void): void {
  const [rows, columns] = tensor.shape.slice(-2) as [number, number];
  if (tensor.rank < 2) throw new InvalidArgumentError(`A matrix is wanted; the shape is [${tensor.shape.join(', ')}].`);
  const values = numbersOf(tensor);
  const size = rows * columns;
  for (let batch = 0; batch < sizeOf(tensor.shape.slice(0, -2)); batch++) {
    const matrix = Float64Array.from(values.subarray(batch * size, (batch + 1) * size));
    if (!matrix.every(Number.isFinite)) throw new InvalidArgumentError('A matrix has elements that are not finite.');
    visit({ rows, columns, values: matrix }, batch);
  }
}

/** The result of a kernel, filled matrix by matrix. */
class Batches {
  private readonly dtype: DType;
  private readonly shape: readonly number[];
  private readonly values: NumberArray;

  constructor(
    like: Tensor,
    private readonly each: readonly number[],
  ) {
    this.dtype = like.dtype;
    this.shape = [...like.shape.slice(0, -2), ...each];
    this.values = makeNumbers(like.dtype, checkedSize(this.shape));
  }

  set(batch: number, values: ArrayLike<number>): void {
    this.values.set(values, batch * sizeOf(this.each));
  }

  get tensor(): Tensor {
    return fromNumbers(this.dtype, this.shape, this.values);
  }
}

function prepareEigen(operation: Operation): Kernel {
  const computesVectors = operation.bool('compute_v');
  return ([tensor]) => {
    const [n, columns] = tensor!.shape.slice(-2);
    if (n === undefined || n !== columns)
      throw new InvalidArgumentError(`Square matrices are wanted; the shape is [${tensor!.shape.join(', ')}].`);
    const values = new Batches(tensor!, [n]);
    const vectors = new Batches(tensor!, [n, n]);
    forEachMatrix(tensor!, (matrix, batch) => {
      const found = eigen(matrix);
      values.set(batch, found.values);
      vectors.set(batch, found.vectors.values);
    });
    return [
      values.tensor,
      computesVectors ? vectors.tensor : fromNumbers(tensor!.dtype, [0], makeNumbers(tensor!.dtype, 0)),
    ];
  };
}

function prepareSvd(operation: Operation): Kernel {
  const computesVectors = operation.bool('compute_uv');
  const isFull = operation.bool('full_matrices');
  return ([tensor]) => {
    const [rows = 0, columns = 0] = tensor!.shape.slice(-2);
    const count = Math.min(rows, columns);
    const values = new Batches(tensor!, [count]);
    const left = new Batches(tensor!, [rows, isFull ? rows : count]);
    const right = new Batches(tensor!, [columns, isFull ? columns : count]);
    forEachMatrix(tensor!, (matrix, batch) => {
      const found = singularValues(matrix);
      values.set(batch, found.values);
      left.set(batch, (isFull ? completed(found.left, count, rows) : found.left).values);
      right.set(batch, (isFull ? completed(found.right, count, columns) : found.right).values);
    });
    const none = fromNumbers(tensor!.dtype, [0], makeNumbers(tensor!.dtype, 0));
    return [values.tensor, computesVectors ? left.tensor : none, computesVectors ? right.tensor : none];
  };
}

function prepareQr(operation: Operation): Kernel {
  const isFull = operation.bool('full_matrices');
  return ([tensor]) => {
    const [rows = 0, columns = 0] = tensor!.shape.slice(-2);
    const count = isFull ? rows : Math.min(rows, columns);
    const places = Array.from({ length: count }, (_, i) => i);
    const orthogonal = new Batches(tensor!, [rows, count]);
    const triangular = new Batches(tensor!, [count, columns]);
    forEachMatrix(tensor!, (matrix, batch) => {
      const { q, r } = orthogonalize(matrix);
      orthogonal.set(batch, takeColumns(q, places).values);
      triangular.set(batch, r.values.subarray(0, count * columns));
    });
    return [orthogonal.tensor, triangular.tensor];
  };
}

const isSolvable = (dtype: DType): boolean => dtype === 'float32' || dtype === 'float64';

/** Eigenvectors and singular vectors are only determined up to their signs: those found here may not be TensorFlow's. */
export const orthogonalDecompositionKernels: readonly KernelDefinition[] = [
  define('SelfAdjointEigV2', prepareEigen, isSolvable),
  define('Svd', prepareSvd, isSolvable),
  define('Qr', prepareQr, isSolvable),
];
