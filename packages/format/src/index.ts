export { dtypeFromProto, dtypeToProto, isReferenceType } from './data-type.js';
export {
  ChecksumError,
  InvalidTensorError,
  KeyNotFoundError,
  MalformedFileError,
  MissingShardError,
  SliceError,
  UnsupportedDTypeError,
} from './errors.js';
export * from './messages.js';
export { parse, parseGraphDef, parseMetaGraph, parseModuleDef, parseSavedModel, serialize } from './parse.js';
export { decodeTensor, encodeTensor } from './tensor-proto.js';
export { shapeFromProto, shapeToProto } from './tensor-shape.js';
