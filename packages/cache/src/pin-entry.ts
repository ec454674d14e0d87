import { rm } from 'node:fs/promises';
import { EntryNotFoundError } from './errors.js';
import { withEntry } from './get-entry.js';
import type { ModuleCache } from './module-cache.js';
import { handleOf } from './survey.js';
import { writeAtomically } from './write-atomically.js';

/**
 * Keeps a module from being pruned or removed, until it is unpinned. One that is damaged is still downloaded again.
 *
 * @param handleOrKey the handle exactly as it was typed, or the SHA-1 that its directory is named for.
 * @throws EntryNotFoundError where it is not in the cache; CachePermissionError.
 */
export async function pinEntry(cache: ModuleCache, handleOrKey: string): Promise<void> {
  await withEntry(cache, handleOrKey, async (entry) => {
    if (!entry.has.directory) throw new EntryNotFoundError(cache.directory, handleOrKey);
    if (!entry.has.pin) await writeAtomically(entry.paths.pin, (await handleOf(entry)) ?? '');
  });
}

/**
 * Takes `pinEntry` back. A module that is not pinned stays so.
 * @throws EntryNotFoundError where there is nothing under that name; CachePermissionError.
 */
export async function unpinEntry(cache: ModuleCache, handleOrKey: string): Promise<void> {
  await withEntry(cache, handleOrKey, ({ paths }) => rm(paths.pin, { force: true }));
}
