import { rename, rm } from 'node:fs/promises';
import { describeEntry, type CacheEntry } from './cache-entry.js';
import { tryWithEntryLock } from './entry-lock.js';
import type { EntryPaths } from './entry-paths.js';
import { EntryLockedError, PinnedEntryError } from './errors.js';
import { withEntry } from './get-entry.js';
import type { ModuleCache } from './module-cache.js';
import { isNotFound } from './read-if-present.js';

/**
 * Removes a module, and everything else that is there under its name.
 *
 * @param handleOrKey the handle exactly as it was typed, or the SHA-1 that its directory is named for.
 * @returns what it was.
 * @throws EntryNotFoundError; PinnedEntryError; EntryLockedError where somebody is just making it; CachePermissionError.
 */
export async function removeEntry(cache: ModuleCache, handleOrKey: string): Promise<CacheEntry> {
  return withEntry(cache, handleOrKey, async (surveyed) => {
    const { paths } = surveyed;
    if (surveyed.has.pin) throw new PinnedEntryError(handleOrKey, paths.pin);
    const entry = await describeEntry(surveyed, 'sizes');
    const attempt = await tryWithEntryLock(paths, async (id) => {
      await discardModule(paths, id);
      const rest = [...surveyed.temporaries.map(({ path }) => path), ...surveyed.partials, ...surveyed.halfWritten];
      for (const path of rest) await rm(path, { recursive: true, force: true });
    });
    if (!attempt.acquired) throw new EntryLockedError(handleOrKey, paths.lock, attempt.holder);
    return entry;
  });
}

/**
 * Removes a module and the records of it, with its lock held. It is gone as a whole before anything of it is deleted: nobody finds a half
 * of it, nor one without its manifest.
 */
export async function discardModule(paths: EntryPaths, lockId: string): Promise<void> {
  const aside = paths.temporary(lockId);
  try {
    await rename(paths.directory, aside);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  await rm(paths.manifest, { force: true });
  await rm(paths.descriptor, { force: true });
  await rm(aside, { recursive: true, force: true });
}
