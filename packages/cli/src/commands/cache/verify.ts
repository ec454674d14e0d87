import { getEntry, listEntries, ModuleCache, type CacheEntry } from '@tenon/cache';
import type { CommandIO } from '../../command-io.js';
import { CacheProblemsError } from '../../errors.js';
import { parseOptions } from '../../parse-options.js';
import { entryJson, nameOf, problemsOf } from './entry-forms.js';
import { printJson } from '../../print-json.js';

/** @throws UsageError; CacheProblemsError where modules are not as they were; and what listing a cache throws. */
export async function verify(args: readonly string[], io: CommandIO): Promise<void> {
  const { values, positionals } = parseOptions(args, { hashes: { type: 'boolean' }, json: { type: 'boolean' } });
  const cache = new ModuleCache();
  const options = { verify: values.hashes ? 'contents' : 'sizes' } as const;
  const entries: CacheEntry[] = [];
  for (const handle of positionals) entries.push(await getEntry(cache, handle, options));
  if (positionals.length === 0) entries.push(...(await listEntries(cache, options)));

  const wrong = entries.filter((entry) => entry.state === 'damaged' || entry.additions.length > 0);
  if (values.json) {
    printJson(io, { directory: cache.directory, verified: options.verify, modules: entries.map(entryJson) });
  } else {
    for (const entry of entries) {
      const verdict = wrong.includes(entry) ? 'damaged' : entry.state === 'complete' ? 'ok' : entry.state;
      io.stdout.write(`${verdict.padEnd('unrecorded'.length)}  ${nameOf(entry)}\n`);
      for (const problem of problemsOf(entry)) io.stdout.write(`  ${problem}\n`);
    }
  }
  if (wrong.length > 0) {
    throw new CacheProblemsError(
      cache.directory,
      wrong.length,
      `${wrong.length} of ${entries.length} modules in ${cache.directory} are not as they were downloaded. ` +
        'tenon cache rm removes a module; what is asked for and not there is downloaded again.',
    );
  }
}
