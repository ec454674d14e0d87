import { stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { EntryPaths } from './entry-paths.js';
import { MODULE_FILES } from './module-files.js';

/** Milliseconds. Nobody prunes by the second, and programs that load a module again and again should not write each time. */
const GRANULARITY = 60_000;

/**
 * Notes that a module is used now, as the time of last change of the record beside it: nothing is added to the folder, and nothing is
 * written in a module. Where it cannot be written (a read-only cache, or somebody else's file) nothing is noted.
 */
export async function noteUse(record: string): Promise<void> {
  try {
    const now = Date.now();
    const { mtimeMs } = await stat(record);
    if (Math.abs(now - mtimeMs) > GRANULARITY) await utimes(record, now / 1000, now / 1000);
  } catch {
    // A module is not less usable for that.
  }
}

/**
 * When a module was last used, as far as can be known: noted by Tenon, or its model file read by anybody, on file systems that keep times
 * of access. Undefined where there is nothing to tell it by.
 *
 * @param latestPossible milliseconds since 1970: a clock that was wrong once must not keep a module for years.
 */
export async function lastUseOf(paths: EntryPaths, latestPossible = Date.now()): Promise<Date | undefined> {
  const times = await Promise.all([
    ...[paths.manifest, paths.descriptor].map(async (file) => (await stat(file).catch(() => undefined))?.mtimeMs),
    ...MODULE_FILES.map(async (name) => (await stat(join(paths.directory, name)).catch(() => undefined))?.atimeMs),
  ]);
  const latest = Math.max(...times.map((time) => time ?? -Infinity));
  return latest === -Infinity ? undefined : new Date(Math.min(latest, latestPossible));
}
