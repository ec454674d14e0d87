import {
  allocate,
  sizeOf,
  StringArray,
  Tensor,
  viewBytes,
  type DType,
  type NumericDType,
  type Shape,
  type TypedArray,
} from '@tenon/tensor';

/** The data types of values that pass between JavaScript and libtensorflow through `@tensorflow/tfjs-node`. */
export type CarrierDType = 'float32' | 'int32' | 'bool' | 'string';

/** How a value of a data type passes that cannot as it is. */
export interface Carrier {
  readonly dtype: CarrierDType;
  /** How many elements carry one; where it is more than one, they are a last dimension of their own. */
  readonly words: number;
  /** What the value's bits are seen as before the conversion; left out, there is none of that. */
  readonly bits?: DType;
  /** Whether the elements are converted, and not only seen as others. */
  readonly isCast: boolean;
}

const AS_IS = (dtype: CarrierDType): Carrier => ({ dtype, words: 1, isCast: false });
const BITS = (words: number): Carrier => ({ dtype: 'int32', words, bits: 'int32', isCast: false });
const CAST: Carrier = { dtype: 'int32', words: 1, isCast: true };
const CAST_BITS = (bits: DType): Carrier => ({ ...CAST, bits });

/** None for handles, which have no meaning outside. */
const CARRIERS: Readonly<Partial<Record<DType, Carrier>>> = {
  float32: AS_IS('float32'),
  int32: AS_IS('int32'),
  bool: AS_IS('bool'),
  string: AS_IS('string'),
  float64: BITS(2),
  int64: BITS(2),
  uint64: BITS(2),
  complex64: BITS(2),
  complex128: BITS(4),
  uint32: BITS(1),
  qint32: BITS(1),
  int8: CAST,
  uint8: CAST,
  int16: CAST,
  uint16: CAST,
  float16: CAST_BITS('uint16'),
  bfloat16: CAST_BITS('uint16'),
  qint8: CAST_BITS('int8'),
  quint8: CAST_BITS('uint8'),
  qint16: CAST_BITS('int16'),
  quint16: CAST_BITS('uint16'),
};

/** @throws TypeError for what cannot leave a program: the handle of a variable or a table. */
export function carrierOf(dtype: DType): Carrier {
  const carrier = CARRIERS[dtype];
  if (!carrier) throw new TypeError(`Values of type ${dtype} cannot be passed into or out of a program.`);
  return carrier;
}

/** A value as tfjs-node takes it. Nothing is copied that has the same bits there. */
export interface CarriedValue {
  readonly dtype: CarrierDType;
  readonly shape: number[];
  readonly values: TypedArray | Uint8Array[];
}

export function carry(value: Tensor): CarriedValue {
  const { dtype, words, isCast } = carrierOf(value.dtype);
  const shape = words > 1 ? [...value.shape, words] : [...value.shape];
  if (value.is('string'))
    return { dtype, shape, values: Array.from({ length: value.size }, (_, index) => value.data.at(index)) };
  const data = value.data as TypedArray;
  if (isCast) return { dtype, shape, values: Int32Array.from(data as Uint8Array) };
  const values =
    dtype !== 'int32' || data instanceof Int32Array
      ? data
      : new Int32Array(data.buffer, data.byteOffset, data.byteLength / Int32Array.BYTES_PER_ELEMENT);
  return { dtype, shape, values };
}

/** What tfjs-node gave, which is nobody else's, as the value that it carries. */
export function uncarry(dtype: DType, shape: Shape, carried: TypedArray | readonly Uint8Array[]): Tensor {
  const { words, isCast } = carrierOf(dtype);
  const own = words > 1 ? shape.slice(0, -1) : shape.slice();
  if (!ArrayBuffer.isView(carried)) return new Tensor('string', own, StringArray.from(carried));
  const numeric = dtype as NumericDType;
  if (!isCast)
    return new Tensor(
      numeric,
      own,
      viewBytes(numeric, new Uint8Array(carried.buffer, carried.byteOffset, carried.byteLength)),
    );
  const elements = allocate(numeric, sizeOf(own));
  (elements as Uint8Array).set(carried as Int32Array);
  return new Tensor(numeric, own, elements);
}
