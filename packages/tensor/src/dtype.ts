/**
 * TensorFlow's data types by their names in Python (`tf.float32.name`).
 *
 * `resource` and `variant` hold host objects: handles of variables and tables, tensor lists.
 */
export type DType =
  | 'float32'
  | 'float64'
  | 'int32'
  | 'uint8'
  | 'int16'
  | 'int8'
  | 'string'
  | 'complex64'
  | 'int64'
  | 'bool'
  | 'qint8'
  | 'quint8'
  | 'qint32'
  | 'bfloat16'
  | 'qint16'
  | 'quint16'
  | 'uint16'
  | 'complex128'
  | 'float16'
  | 'resource'
  | 'variant'
  | 'uint32'
  | 'uint64';

/** The data types whose elements are numbers, held in one typed array. */
export type NumericDType = Exclude<DType, 'string' | 'resource' | 'variant'>;

/**
 * The typed array that holds the elements of a data type.
 *
 * `bool` is one byte per element, 0 or 1. `float16` and `bfloat16` keep their bits in a `Uint16Array`.
 * Complex numbers are interleaved: real, imaginary, real, imaginary.
 */
export interface TypedArrays {
  float32: Float32Array;
  float64: Float64Array;
  int32: Int32Array;
  uint8: Uint8Array;
  int16: Int16Array;
  int8: Int8Array;
  complex64: Float32Array;
  int64: BigInt64Array;
  bool: Uint8Array;
  qint8: Int8Array;
  quint8: Uint8Array;
  qint32: Int32Array;
  bfloat16: Uint16Array;
  qint16: Int16Array;
  quint16: Uint16Array;
  uint16: Uint16Array;
  complex128: Float64Array;
  float16: Uint16Array;
  uint32: Uint32Array;
  uint64: BigUint64Array;
}

export type TypedArray = TypedArrays[NumericDType];

interface NumericType {
  /** The constructor of the typed array. */
  readonly array: {
    new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): TypedArray;
    new (length: number): TypedArray;
  };
  /** Bytes of one element. */
  readonly bytes: number;
  /** Slots of the typed array that one element takes: 2 for complex numbers. */
  readonly slots: 1 | 2;
}

const numeric = (array: unknown, bytes: number, slots: 1 | 2 = 1): NumericType => ({
  array: array as NumericType['array'],
  bytes,
  slots,
});

const NUMERIC_TYPES: Readonly<Record<NumericDType, NumericType>> = {
  float32: numeric(Float32Array, 4),
  float64: numeric(Float64Array, 8),
  int32: numeric(Int32Array, 4),
  uint8: numeric(Uint8Array, 1),
  int16: numeric(Int16Array, 2),
  int8: numeric(Int8Array, 1),
  complex64: numeric(Float32Array, 8, 2),
  int64: numeric(BigInt64Array, 8),
  bool: numeric(Uint8Array, 1),
  qint8: numeric(Int8Array, 1),
  quint8: numeric(Uint8Array, 1),
  qint32: numeric(Int32Array, 4),
  bfloat16: numeric(Uint16Array, 2),
  qint16: numeric(Int16Array, 2),
  quint16: numeric(Uint16Array, 2),
  uint16: numeric(Uint16Array, 2),
  complex128: numeric(Float64Array, 16, 2),
  float16: numeric(Uint16Array, 2),
  uint32: numeric(Uint32Array, 4),
  uint64: numeric(BigUint64Array, 8),
};

export function isNumeric(dtype: DType): dtype is NumericDType {
  return dtype in NUMERIC_TYPES;
}

/** Whether the elements are real floating-point numbers. */
export function isFloating(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float64' || dtype === 'float16' || dtype === 'bfloat16';
}

/** Bytes that one element takes in a file and in memory. */
export function bytesPerElement(dtype: NumericDType): number {
  return NUMERIC_TYPES[dtype].bytes;
}

/** Slots of the typed array that one element takes: 2 for complex numbers, else 1. */
export function slotsPerElement(dtype: NumericDType): 1 | 2 {
  return NUMERIC_TYPES[dtype].slots;
}

/** A zeroed typed array for `size` elements. */
export function allocate<D extends NumericDType>(dtype: D, size: number): TypedArrays[D] {
  const { array, slots } = NUMERIC_TYPES[dtype];
  // By length and not over a buffer: a few elements then live on the JavaScript heap, which is ten times quicker.
  return new array(size * slots) as TypedArrays[D];
}

/** Sees little-endian `bytes` as elements of `dtype`; copies only where their offset is not aligned. */
export function viewBytes<D extends NumericDType>(dtype: D, bytes: Uint8Array): TypedArrays[D] {
  const { array, bytes: width, slots } = NUMERIC_TYPES[dtype];
  // Not `slice`: that of a Buffer does not copy.
  const aligned = bytes.byteOffset % (width / slots) === 0 ? bytes : new Uint8Array(bytes);
  return new array(aligned.buffer, aligned.byteOffset, aligned.byteLength / (width / slots)) as TypedArrays[D];
}
