export type { Backend, DeviceTensor, Executable } from './backend.js';
export { ProgramError, UnsupportedOperationError, type UnsupportedOperation } from './errors.js';
export type { Program, ProgramExecutable, ProgramFile } from './program.js';
export type { Segment } from './segment.js';
