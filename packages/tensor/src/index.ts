export { checkRange, MemorySource, type ByteSource } from './byte-source.js';
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
export { ByteRangeError, ConversionError, ShapeMismatchError } from './errors.js';
export {
  formatShape,
  isCompatible,
  isFullyKnown,
  sizeOf,
  stridesOf,
  type PartialShape,
  type Shape,
} from './shape.js';
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
