import { isNumeric, slotsPerElement, type DType, type NumericDType, type TypedArrays } from './dtype.js';
import { DTypeError, ShapeMismatchError } from './errors.js';
import { sizeOf, type Shape } from './shape.js';
import { StringArray } from './string-array.js';

/** What holds the elements of a tensor of data type `D`. */
export type TensorData<D extends DType = DType> = D extends NumericDType
  ? TypedArrays[D]
  : D extends 'string'
    ? StringArray
    : readonly unknown[];

/** Elements as nested arrays, the way JSON would write them. */
export type Nested = number | bigint | boolean | string | Nested[];

const BRAND = Symbol.for('tenon.Tensor');

/**
 * A value: elements of one data type in row-major order, on the host, never changed after it was made.
 *
 * Tensors are told by a brand, not by `instanceof`, so that two copies of this package in one process understand each other.
 */
export class Tensor<D extends DType = DType> {
  readonly [BRAND] = true;
  readonly dtype: D;
  readonly shape: Shape;
  readonly data: TensorData<D>;

  /**
   * @param data One slot per element, two for complex numbers. It is kept, not copied.
   * @throws ShapeMismatchError if `data` does not fill `shape`.
   */
  constructor(dtype: D, shape: Shape, data: TensorData<D>) {
    const expected = sizeOf(shape) * (isNumeric(dtype) ? slotsPerElement(dtype) : 1);
    if (data.length !== expected) throw new ShapeMismatchError(shape, dtype, expected, data.length);
    this.dtype = dtype;
    this.shape = shape;
    this.data = data;
  }

  static isTensor(value: unknown): value is Tensor {
    return typeof value === 'object' && value !== null && BRAND in value;
  }

  /** The number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  get rank(): number {
    return this.shape.length;
  }

  /** Whether this tensor's data type is `dtype`; narrows its type. */
  is<E extends DType>(dtype: E): this is Tensor<E> {
    const own: DType = this.dtype;
    return own === dtype;
  }

  /**
   * This tensor, known to be of that data type: `tensor.as('float32').data` is a `Float32Array`.
   *
   * @throws DTypeError if it is of another.
   */
  as<E extends DType>(dtype: E): Tensor<E> {
    if (this.is(dtype)) return this;
    throw new DTypeError(dtype, this.dtype);
  }

  /** The same elements under another shape; nothing is copied. */
  reshape(shape: Shape): Tensor<D> {
    return new Tensor(this.dtype, shape, this.data);
  }
}

/** A sparse value in coordinate form, as `tf.SparseTensor`. */
export interface SparseTensor {
  /** int64 `[n, rank]`: where each value stands. */
  readonly indices: Tensor<'int64'>;
  /** `[n]`. */
  readonly values: Tensor;
  /** int64 `[rank]`. */
  readonly denseShape: Tensor<'int64'>;
}

/** A ragged value, as `tf.RaggedTensor`: the innermost values and, outermost first, the row splits of each ragged dimension. */
export interface RaggedTensor {
  readonly values: Tensor;
  readonly rowSplits: readonly (Tensor<'int64'> | Tensor<'int32'>)[];
}

export function isSparseTensor(value: unknown): value is SparseTensor {
  return (
    typeof value === 'object' && value !== null && 'indices' in value && 'values' in value && 'denseShape' in value
  );
}

export function isRaggedTensor(value: unknown): value is RaggedTensor {
  return typeof value === 'object' && value !== null && 'values' in value && 'rowSplits' in value;
}
