import type { DType, NumericDType } from '@tenon/tensor';
import { TensorProto_DataType as DataType } from './generated/onnx/onnx_pb.js';

/** The data types that both TensorFlow and ONNX have, strings aside; complex and quantized numbers do not convert. */
export type ConvertibleDType = Exclude<NumericDType, 'complex64' | 'complex128' | `q${string}`>;

const ELEMENT_TYPES: Readonly<Record<ConvertibleDType, DataType>> = {
  float32: DataType.FLOAT,
  float64: DataType.DOUBLE,
  float16: DataType.FLOAT16,
  bfloat16: DataType.BFLOAT16,
  int8: DataType.INT8,
  int16: DataType.INT16,
  int32: DataType.INT32,
  int64: DataType.INT64,
  uint8: DataType.UINT8,
  uint16: DataType.UINT16,
  uint32: DataType.UINT32,
  uint64: DataType.UINT64,
  bool: DataType.BOOL,
};

export function isConvertible(dtype: DType): dtype is ConvertibleDType {
  return dtype in ELEMENT_TYPES;
}

/** ONNX's number for a data type. */
export function elementType(dtype: ConvertibleDType): DataType {
  return ELEMENT_TYPES[dtype];
}

/**
 * Wider types in which an operator gives the same results, once they are cast back: TensorFlow itself computes half precision in float32,
 * and small integers wrap around the same way.
 */
export const WIDER: Readonly<Partial<Record<ConvertibleDType, readonly ConvertibleDType[]>>> = {
  float16: ['float32'],
  bfloat16: ['float32'],
  int8: ['int32'],
  uint8: ['int32'],
  int16: ['int32'],
  uint16: ['int32'],
  uint32: ['int64'],
  bool: ['uint8', 'int32'],
};
