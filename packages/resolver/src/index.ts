export type { Aliases } from './aliases.js';
export type { ArchiveLimits } from './archive-limits.js';
export { displayUrl } from './display-url.js';
export type { TransferOptions } from './download-archive.js';
export {
  AliasError,
  ArchiveLimitError,
  CorruptArchiveError,
  DiskSpaceError,
  DownloadInterruptedError,
  DownloadTimeoutError,
  HostUnreachableError,
  HttpStatusError,
  LockfileBusyError,
  LockfileError,
  LockfileFrozenError,
  LockfileHandleError,
  LockfileMismatchError,
  MissingClientError,
  ModulePathError,
  NoExcerptError,
  NoSourceError,
  NotAModuleError,
  NotAnArchiveError,
  OfflineError,
  PrefetchError,
  RedirectError,
  SettingError,
  UncompressedLocationError,
  UnsafeArchiveError,
  UnsupportedHandleError,
} from './errors.js';
export { gcsResolver, type GcsResolverOptions } from './gcs-resolver.js';
export type { HttpClientOptions } from './http-client.js';
export type { Tokens } from './http-credentials.js';
export { httpResolver, type HttpResolverOptions } from './http-resolver.js';
export {
  install,
  LOCKFILE_NAME,
  readLockfile,
  type InstalledModule,
  type InstallOptions,
  type LockedModule,
  type Lockfile,
} from './lockfile.js';
export { pathResolver } from './path-resolver.js';
export { prefetch, type PrefetchOptions } from './prefetch.js';
export { progressBar, type ProgressBar, type ProgressStream } from './progress-bar.js';
export {
  defaultResolvers,
  isCached,
  readExcerpt,
  resolve,
  type DefaultResolversOptions,
  type ResolveOptions,
} from './resolve.js';
export type {
  DownloadContext,
  DownloadedArchive,
  DownloadEvents,
  DownloadingResolver,
  DownloadProgress,
  DownloadRetry,
  ExcerptRequest,
  LocatingResolver,
  ModuleExcerpt,
  Resolver,
} from './resolver.js';
export type { RetryOptions } from './retries.js';
export { s3Resolver, type S3ResolverOptions } from './s3-resolver.js';
export type { LoadFormat } from './settings.js';
