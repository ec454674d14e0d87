export {
  FeedError,
  FileAccessError,
  MissingFeedError,
  OperationError,
  RefusedOperationError,
  SessionDisposedError,
  SynchronousRunError,
  UninitializedError,
  UnknownTensorError,
  type FeedProblem,
  type RefusedOperation,
} from './errors.js';
export type { Callable } from './callable.js';
export { freezeProgram, type FreezeRequest, type FrozenProgram } from './freeze-program.js';
export { hostTypes } from './host.js';
export type { FileAccess } from './kernel.js';
export type { Permission, Touch } from './outside-world.js';
export type { Access } from './permissions.js';
export type { Placement, Preview } from './session-callable.js';
export { Session, type Fetch, type RunOptions, type SessionOptions } from './session.js';
export { useResourceVariables } from './use-resource-variables.js';
