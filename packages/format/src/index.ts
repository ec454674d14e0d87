export { Checkpoint, type CheckpointEntry } from './checkpoint/checkpoint.js';
export { openCheckpoint, type CheckpointFiles } from './checkpoint/open-checkpoint.js';
export { type TensorSlice } from './checkpoint/tensor-slice.js';
export {
  writeCheckpoint,
  type CheckpointOutput,
  type CheckpointTensor,
  type FileSink,
} from './checkpoint/write-checkpoint.js';
export { dtypeFromProto, dtypeToProto, isReferenceType } from './data-type.js';
export {
  CheckpointKeyError,
  CheckpointNotFoundError,
  ChecksumError,
  InvalidTensorError,
  KeyNotFoundError,
  MalformedFileError,
  MissingShardError,
  SliceError,
  TextFormatError,
  UnsupportedDTypeError,
} from './errors.js';
export * from './messages.js';
export {
  listMetaGraphs,
  parse,
  parseGraphDef,
  parseMetaGraph,
  parseModuleDef,
  parseSavedModel,
  serialize,
  type MetaGraphEntry,
} from './parse.js';
export { decodeTensor, encodeTensor } from './tensor-proto.js';
export { shapeFromProto, shapeToProto } from './tensor-shape.js';
