import { isBusy, type CacheEntry } from './cache-entry.js';
import { tryWithEntryLock } from './entry-lock.js';
import { entryPathsOfKey } from './entry-paths.js';
import { explainSystemError, type CachePermissionError } from './errors.js';
import { lastUseOf } from './last-use.js';
import { leftoversOf, removeLeftovers, type Leftover } from './leftovers.js';
import { describeModules } from './list-entries.js';
import type { ModuleCache } from './module-cache.js';
import { readIfPresent } from './read-if-present.js';
import { discardModule } from './remove-entry.js';
import { survey } from './survey.js';
import { unlessRefused } from './unless-refused.js';

export interface PruneOptions {
  /** Removes modules that were not used for so many milliseconds. Default: none for that reason. */
  readonly unusedFor?: number;
  /** Removes modules, those that were not used for longest first, until all that are there have at most so many bytes. Default: no limit. */
  readonly maxSize?: number;
  /** Handles of modules that stay. */
  readonly keep?: ReadonlySet<string>;
  /** Whether to say what would be removed, and remove nothing. Default: false. */
  readonly dryRun?: boolean;
}

export interface PrunedModule {
  readonly entry: CacheEntry;
  readonly reason: 'unused' | 'size';
}

export interface PruneReport {
  /** Modules that were removed, or would be. */
  readonly modules: readonly PrunedModule[];
  /** What was left over by processes that ended in the middle of something, and was removed, or would be. */
  readonly leftovers: readonly Leftover[];
  /** Bytes of all that. */
  readonly freed: number;
  /** Bytes of the modules that stay. */
  readonly remaining: number;
  /** What should have been removed, and was not permitted to be. */
  readonly refused: readonly CachePermissionError[];
}

/**
 * Removes what is left over, and modules that were not used for a time or are too many. Never: modules that are pinned, that somebody is just
 * working on, or that somebody has come to use meanwhile. What others own, and may not be removed, is reported.
 *
 * @throws CachePermissionError, CacheNotADirectoryError where there is no looking.
 */
export async function pruneCache(cache: ModuleCache, options: PruneOptions = {}): Promise<PruneReport> {
  try {
    return await prune(cache, options);
  } catch (error) {
    throw explainSystemError(error, cache.directory);
  }
}

async function prune(
  cache: ModuleCache,
  { unusedFor, maxSize, keep, dryRun = false }: PruneOptions,
): Promise<PruneReport> {
  const startedAt = Date.now();
  const { entries } = await survey(cache.directory);
  const refused: CachePermissionError[] = [];
  const attempt = <T>(work: () => Promise<T>) => unlessRefused(cache.directory, (error) => refused.push(error), work);
  const leftovers: Leftover[] = [];
  for (const entry of entries)
    leftovers.push(...((await attempt(() => (dryRun ? leftoversOf(entry) : removeLeftovers(entry)))) ?? []));

  const present = (await describeModules(entries, 'sizes')).filter(({ state }) => state !== 'missing');
  let remaining = present.reduce((sum, { size }) => sum + size, 0);
  const modules: PrunedModule[] = [];
  for (const entry of present.reverse()) {
    if (entry.pinned || isBusy(entry) || (entry.handle !== undefined && keep?.has(entry.handle))) continue;
    const isUnused = unusedFor !== undefined && Date.now() - (entry.lastUsed?.getTime() ?? 0) >= unusedFor;
    const isTooMuch = maxSize !== undefined && remaining > maxSize;
    if (!isUnused && !isTooMuch) continue;
    if (!dryRun && !(await attempt(() => removeUnlessWanted(cache, entry, startedAt)))) continue;
    remaining -= entry.size;
    modules.push({ entry, reason: isUnused ? 'unused' : 'size' });
  }
  const freed = [...modules.map(({ entry }) => entry), ...leftovers].reduce((sum, { size }) => sum + size, 0);
  return { modules, leftovers, freed, remaining, refused };
}

/** @returns false where the module was used or pinned since it was looked at, or is being worked on. */
export async function removeUnlessWanted(
  cache: ModuleCache,
  { key, lastUsed }: CacheEntry,
  since: number,
): Promise<boolean> {
  const paths = entryPathsOfKey(cache.directory, key);
  const attempt = await tryWithEntryLock(paths, async (id) => {
    const lastUse = await lastUseOf(paths, since);
    const isUsed = (lastUse?.getTime() ?? 0) > (lastUsed?.getTime() ?? 0);
    if (isUsed || (await readIfPresent(paths.pin)) !== undefined) return false;
    await discardModule(paths, id);
    return true;
  });
  return attempt.acquired && attempt.value;
}
