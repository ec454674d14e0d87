import type { DType } from '@tenon/tensor';
import { UnsupportedDTypeError } from './errors.js';
import { DataType } from './messages.js';

const TO_PROTO: Readonly<Record<DType, DataType>> = {
  float32: DataType.DT_FLOAT,
  float64: DataType.DT_DOUBLE,
  int32: DataType.DT_INT32,
  uint8: DataType.DT_UINT8,
  int16: DataType.DT_INT16,
  int8: DataType.DT_INT8,
  string: DataType.DT_STRING,
  complex64: DataType.DT_COMPLEX64,
  int64: DataType.DT_INT64,
  bool: DataType.DT_BOOL,
  qint8: DataType.DT_QINT8,
  quint8: DataType.DT_QUINT8,
  qint32: DataType.DT_QINT32,
  bfloat16: DataType.DT_BFLOAT16,
  qint16: DataType.DT_QINT16,
  quint16: DataType.DT_QUINT16,
  uint16: DataType.DT_UINT16,
  complex128: DataType.DT_COMPLEX128,
  float16: DataType.DT_HALF,
  resource: DataType.DT_RESOURCE,
  variant: DataType.DT_VARIANT,
  uint32: DataType.DT_UINT32,
  uint64: DataType.DT_UINT64,
};

const FROM_PROTO = new Map<number, DType>(
  Object.entries(TO_PROTO).map(([dtype, dataType]) => [dataType, dtype as DType]),
);

/** The number of a reference type is that of its type and this. */
const REFERENCE_OFFSET = 100;

/** Whether a data type in a file is that of a reference to a mutable tensor (`DT_FLOAT_REF`). */
export function isReferenceType(dataType: DataType): boolean {
  return Number(dataType) > REFERENCE_OFFSET;
}

/**
 * The name of a data type in a file; a reference type has that of what it refers to.
 *
 * @param where What has this type, for the message of the error.
 * @throws UnsupportedDTypeError for `DT_INVALID`, 8-bit floating point, integers under 8 bits, and unknown numbers.
 */
export function dtypeFromProto(dataType: DataType, where = 'A tensor'): DType {
  const dtype = FROM_PROTO.get(isReferenceType(dataType) ? dataType - REFERENCE_OFFSET : dataType);
  if (dtype === undefined) throw new UnsupportedDTypeError(DataType[dataType] ?? dataType, where);
  return dtype;
}

/** The number of a data type in a file. */
export function dtypeToProto(dtype: DType): DataType {
  return TO_PROTO[dtype];
}
