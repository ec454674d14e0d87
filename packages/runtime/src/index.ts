export {
  FeedError,
  FileAccessError,
  MissingFeedError,
  OperationError,
  SessionDisposedError,
  UninitializedError,
  UnknownTensorError,
  type FeedProblem,
} from './errors.js';
export type { FileAccess } from './kernel.js';
export type { Callable, Placement, Preview } from './session-callable.js';
export { Session, type Fetch, type RunOptions, type SessionOptions } from './session.js';
