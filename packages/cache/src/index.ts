export { defaultCacheDirectory } from './cache-directory.js';
export {
  CacheFullError,
  CacheNotADirectoryError,
  CachePermissionError,
  IncompleteModuleError,
  LockTimeoutError,
} from './errors.js';
export type { LockHolder } from './lock.js';
export type { FileRecord, Verification } from './manifest.js';
export {
  ModuleCache,
  type Fill,
  type FindOptions,
  type GetOrCreateOptions,
  type ModuleCacheOptions,
} from './module-cache.js';
export { looksLikeModule, MODULE_FILES } from './module-files.js';
export type { LockWait } from './wait-for-lock.js';
