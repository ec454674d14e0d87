import { realpath } from 'node:fs/promises';
import { isHeld, lockOf, type EntryLock } from './entry-lock.js';
import { checkEntry } from './entry-state.js';
import { lastUseOf } from './last-use.js';
import type { Verification } from './manifest.js';
import { measure } from './measure.js';
import { handleOf, type SurveyedEntry } from './survey.js';

/** A module in the cache, or what is left of one. */
export interface CacheEntry {
  /** SHA-1 of the handle, the name of the directory. */
  readonly key: string;
  /** Undefined where nothing beside the module says it. */
  readonly handle: string | undefined;
  /** Absolute. */
  readonly directory: string;
  /** Bytes of the module's files. */
  readonly size: number;
  /** How many files the module has. */
  readonly files: number;
  /** When it was last used, by the minute, as far as can be known. */
  readonly lastUsed: Date | undefined;
  readonly pinned: boolean;
  /** Who is working on it. */
  readonly lock: EntryLock | undefined;
  /**
   * `complete`: as it was downloaded. `unrecorded`: Python downloaded it, and nothing is there to compare it with. `damaged`: it is not
   * used, and downloaded again when it is asked for. `missing`: there is no directory.
   */
  readonly state: 'complete' | 'unrecorded' | 'damaged' | 'missing';
  /** What is wrong with a damaged module, file by file. */
  readonly problems: readonly string[];
  /** Files that are there and were not downloaded; empty where there is nothing to compare with. */
  readonly additions: readonly string[];
}

/** Describes an entry; what cannot be read of it is among its problems. */
export async function describeEntry(surveyed: SurveyedEntry, verification: Verification): Promise<CacheEntry> {
  const { key, paths, has } = surveyed;
  // Some keep the modules themselves on another disk.
  const { size, files } = await measure(await realpath(paths.directory).catch(() => paths.directory));
  const common = {
    key,
    handle: await handleOf(surveyed),
    directory: paths.directory,
    size: has.directory ? size : 0,
    files: has.directory ? files.length : 0,
    lastUsed: await lastUseOf(paths),
    pinned: has.pin,
    lock: has.lock ? await lockOf(paths).catch(() => undefined) : undefined,
  };
  if (!has.directory) return { ...common, state: 'missing', problems: [], additions: [] };
  if (surveyed.obstacles.includes(paths.manifest))
    return {
      ...common,
      state: 'damaged',
      problems: ['its record of files (.manifest.json) is no file'],
      additions: [],
    };
  try {
    const { state, manifest, problems } = await checkEntry(paths, verification);
    const known = new Set(manifest?.files.map(({ path }) => path));
    const additions = manifest === undefined ? [] : files.filter((path) => path !== '' && !known.has(path));
    return { ...common, state, problems, additions };
  } catch (error) {
    return {
      ...common,
      state: 'damaged',
      problems: [`it cannot be read (${(error as Error).message})`],
      additions: [],
    };
  }
}

/** Whether somebody is working on an entry, so that it must be left alone. */
export function isBusy({ lock }: CacheEntry): boolean {
  return isHeld(lock);
}
