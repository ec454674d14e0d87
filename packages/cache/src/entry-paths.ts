import { createHash } from 'node:crypto';
import { join } from 'node:path';

/** The files that belong to one handle. All names but the manifest's are those of Python's tensorflow_hub, which shares the cache. */
export interface EntryPaths {
  /** The module, exactly as published. */
  readonly directory: string;
  readonly lock: string;
  /** For people: which module this is. Nothing reads it back as truth. */
  readonly descriptor: string;
  /** Ours: size and hash of every file, beside the directory so that the directory stays as published. */
  readonly manifest: string;
  /** Where the holder of the lock with this id downloads to. */
  temporary(id: string): string;
}

/** The directory is named for the SHA-1 of the handle exactly as typed: a trailing slash makes another entry. */
export function entryPaths(cacheDirectory: string, handle: string): EntryPaths {
  const directory = join(cacheDirectory, createHash('sha1').update(handle, 'utf8').digest('hex'));
  return {
    directory,
    lock: `${directory}.lock`,
    descriptor: `${directory}.descriptor.txt`,
    manifest: `${directory}.manifest.json`,
    temporary: (id) => `${directory}.${id}.tmp`,
  };
}
