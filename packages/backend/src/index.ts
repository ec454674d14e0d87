export type { Backend, DeviceTensor, Executable } from './backend.js';
export { UnsupportedOperationError, type UnsupportedOperation } from './errors.js';
export type { Segment } from './segment.js';
