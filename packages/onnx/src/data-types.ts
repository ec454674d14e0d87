import type { DType, NumericDType } from '@tenon/tensor';

/** The data types that both TensorFlow and ONNX have, strings aside; complex and quantized numbers do not convert. */
export type ConvertibleDType = Exclude<NumericDType, 'complex64' | 'complex128' | `q${string}`>;

/** `TensorProto.DataType`. The generated enum would bring its whole runtime along when a program starts. */
const ELEMENT_TYPES: Readonly<Record<ConvertibleDType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
};

export function isConvertible(dtype: DType): dtype is ConvertibleDType {
  return dtype in ELEMENT_TYPES;
}

/** ONNX's number for a data type. */
export function elementType(dtype: ConvertibleDType): number {
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
