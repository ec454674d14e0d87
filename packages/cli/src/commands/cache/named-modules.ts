import type { CommandIO } from '../../command-io.js';
import { getEntry, ModuleCache, pinEntry, removeEntry, unpinEntry, type CacheEntry } from '@tenon/cache';
import { UsageError } from '../../errors.js';
import { parseOptions } from '../../parse-options.js';
import { entryJson, nameOf } from './entry-forms.js';
import { formatSize } from '../../format-size.js';
import { printJson } from '../../print-json.js';

/** @throws UsageError, and what pinning throws. */
export const pin = forEachNamed(
  async (cache, handle) => {
    await pinEntry(cache, handle);
    return getEntry(cache, handle);
  },
  (entry) => `pinned   ${nameOf(entry)}`,
);

/** @throws UsageError, and what unpinning throws. */
export const unpin = forEachNamed(
  async (cache, handle) => {
    const entry = await getEntry(cache, handle);
    await unpinEntry(cache, handle);
    return { ...entry, pinned: false };
  },
  (entry) => `unpinned ${nameOf(entry)}`,
);

/** @throws UsageError, and what removing throws. */
export const rm = forEachNamed(removeEntry, (entry) => `removed  ${nameOf(entry)} (${formatSize(entry.size)})`);

/** A command that does one thing to each of the modules that it is given, in their order, until something fails. */
function forEachNamed(
  work: (cache: ModuleCache, handle: string) => Promise<CacheEntry>,
  report: (entry: CacheEntry) => string,
) {
  return async (args: readonly string[], io: CommandIO): Promise<void> => {
    const { values, positionals } = parseOptions(args, { json: { type: 'boolean' } });
    if (positionals.length === 0) throw new UsageError('The handle of a module is missing.');
    const cache = new ModuleCache();
    const entries: CacheEntry[] = [];
    for (const handle of positionals) {
      const entry = await work(cache, handle);
      entries.push(entry);
      if (!values.json) io.stdout.write(`${report(entry)}\n`);
    }
    if (values.json) printJson(io, { directory: cache.directory, modules: entries.map(entryJson) });
  };
}
