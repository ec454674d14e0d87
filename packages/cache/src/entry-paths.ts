import { createHash } from 'node:crypto';
import { join } from 'node:path';

/** The files that belong to one handle. Names are those of Python's tensorflow_hub, which shares the cache, where it has such a file. */
export interface EntryPaths {
  /** The module, exactly as published. */
  readonly directory: string;
  readonly lock: string;
  /** For people: which module this is. */
  readonly descriptor: string;
  /** Ours: size and hash of every file, beside the directory so that the directory stays as published. */
  readonly manifest: string;
  /** Ours: while it exists, the module is not pruned. */
  readonly pin: string;
  /** Where the holder of the lock with this id downloads to. */
  readonly temporary: (id: string) => string;
}

/** Names an entry: the SHA-1 of the handle exactly as typed, so that a trailing slash makes another one. */
export function entryKey(handle: string): string {
  return createHash('sha1').update(handle, 'utf8').digest('hex');
}

export function entryPaths(cacheDirectory: string, handle: string): EntryPaths {
  return entryPathsOfKey(cacheDirectory, entryKey(handle));
}

export function entryPathsOfKey(cacheDirectory: string, key: string): EntryPaths {
  const directory = join(cacheDirectory, key);
  return {
    directory,
    lock: `${directory}.lock`,
    descriptor: `${directory}.descriptor.txt`,
    manifest: `${directory}.manifest.json`,
    pin: `${directory}.pin`,
    temporary: (id) => `${directory}.${id}.tmp`,
  };
}
