export { defaultCacheDirectory } from './cache-directory.js';
export type { CacheEntry } from './cache-entry.js';
export type { EntryLock, LockState } from './entry-lock.js';
export {
  CacheFullError,
  CacheNotADirectoryError,
  CachePermissionError,
  EntryLockedError,
  EntryNotFoundError,
  IncompleteModuleError,
  LockTimeoutError,
  PinnedEntryError,
} from './errors.js';
export { examineCache, type Finding } from './examine-cache.js';
export { getEntry } from './get-entry.js';
export type { Leftover } from './leftovers.js';
export { tryWithLock, type LockAttempt } from './hold-lock.js';
export { listEntries, type ListOptions } from './list-entries.js';
export type { LockHolder } from './lock.js';
export { isFileRecord, isModuleSource, type FileRecord, type ModuleSource, type Verification } from './manifest.js';
export { mendCache, type MendReport } from './mend-cache.js';
export {
  ModuleCache,
  type CachedModule,
  type Fill,
  type FilledModule,
  type FindOptions,
  type GetOrCreateOptions,
  type ModuleCacheOptions,
} from './module-cache.js';
export { looksLikeModule, MODULE_FILES } from './module-files.js';
export { pinEntry, unpinEntry } from './pin-entry.js';
export { pruneCache, type PrunedModule, type PruneOptions, type PruneReport } from './prune-cache.js';
export { removeEntry } from './remove-entry.js';
export type { LockWait } from './wait-for-lock.js';
export { writeAtomically } from './write-atomically.js';
