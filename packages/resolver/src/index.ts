export type { ArchiveLimits } from './archive-limits.js';
export {
  ArchiveLimitError,
  CorruptArchiveError,
  DownloadInterruptedError,
  DownloadTimeoutError,
  HostUnreachableError,
  HttpStatusError,
  ModulePathError,
  NotAModuleError,
  NotAnArchiveError,
  UnsafeArchiveError,
  UnsupportedHandleError,
} from './errors.js';
export { httpResolver, type HttpResolverOptions } from './http-resolver.js';
export { pathResolver } from './path-resolver.js';
export { progressBar, type ProgressBar, type ProgressStream } from './progress-bar.js';
export { defaultResolvers, resolve, type ResolveOptions } from './resolve.js';
export type { DownloadProgress, ResolveContext, Resolver } from './resolver.js';
