export { checkRange, MemorySource, type ByteSource } from './byte-source.js';
export { isTypedArray, tensorFrom, type Complex, type Scalar, type TensorLike } from './convert.js';
export {
  allocate,
  bytesPerElement,
  isFloating,
  isNumeric,
  slotsPerElement,
  viewBytes,
  type DType,
  type NumericDType,
  type TypedArray,
  type TypedArrays,
} from './dtype.js';
export { ByteRangeError, ConversionError, DTypeError, ShapeMismatchError } from './errors.js';
export { decodeBfloat16, decodeFloat16, encodeBfloat16, encodeFloat16 } from './half.js';
export { toNested } from './nested.js';
export { formatShape, isCompatible, isFullyKnown, sizeOf, stridesOf, type PartialShape, type Shape } from './shape.js';
export { StringArray } from './string-array.js';
export {
  isRaggedTensor,
  isSparseTensor,
  Tensor,
  type Nested,
  type RaggedTensor,
  type SparseTensor,
  type TensorData,
} from './tensor.js';
export { TensorReference } from './tensor-reference.js';
