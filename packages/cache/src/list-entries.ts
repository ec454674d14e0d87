import { describeEntry, type CacheEntry } from './cache-entry.js';
import { explainSystemError } from './errors.js';
import type { Verification } from './manifest.js';
import type { ModuleCache } from './module-cache.js';
import { survey, type SurveyedEntry } from './survey.js';

export interface ListOptions {
  /** How closely modules are compared with what was downloaded. Default: `sizes`. */
  readonly verify?: Verification;
}

/**
 * What is in a cache, the most recently used first. Nothing is changed, and looking does not count as using.
 * @throws CachePermissionError, CacheNotADirectoryError where there is no looking.
 */
export async function listEntries(cache: ModuleCache, { verify = 'sizes' }: ListOptions = {}): Promise<CacheEntry[]> {
  try {
    const { entries } = await survey(cache.directory);
    return await describeModules(entries, verify);
  } catch (error) {
    throw explainSystemError(error, cache.directory);
  }
}

/** Those of the entries that are, or were, modules, the most recently used first. */
export async function describeModules(
  surveyed: readonly SurveyedEntry[],
  verification: Verification,
): Promise<CacheEntry[]> {
  const entries: CacheEntry[] = [];
  for (const entry of surveyed) {
    const { directory, manifest, descriptor, pin } = entry.has;
    if (directory || manifest || descriptor || pin) entries.push(await describeEntry(entry, verification));
  }
  return entries.sort((a, b) => timeOf(b) - timeOf(a) || (a.key < b.key ? -1 : 1));
}

function timeOf({ lastUsed }: CacheEntry): number {
  return lastUsed?.getTime() ?? 0;
}
