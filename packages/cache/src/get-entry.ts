import { describeEntry, type CacheEntry } from './cache-entry.js';
import { EntryNotFoundError, explainSystemError } from './errors.js';
import type { ListOptions } from './list-entries.js';
import type { ModuleCache } from './module-cache.js';
import { findEntry, type SurveyedEntry } from './survey.js';

/**
 * One module of a cache. Looking does not count as using.
 *
 * @param handleOrKey the handle exactly as it was typed, or the SHA-1 that its directory is named for.
 * @throws EntryNotFoundError where there is nothing under that name; CachePermissionError.
 */
export async function getEntry(
  cache: ModuleCache,
  handleOrKey: string,
  { verify = 'sizes' }: ListOptions = {},
): Promise<CacheEntry> {
  return withEntry(cache, handleOrKey, (entry) => describeEntry(entry, verify));
}

/** Does something with what a handle or key names. */
export async function withEntry<T>(
  cache: ModuleCache,
  handleOrKey: string,
  work: (entry: SurveyedEntry) => Promise<T>,
): Promise<T> {
  try {
    const entry = await findEntry(cache.directory, handleOrKey);
    if (entry === undefined) throw new EntryNotFoundError(cache.directory, handleOrKey);
    return await work(entry);
  } catch (error) {
    throw explainSystemError(error, cache.directory);
  }
}
