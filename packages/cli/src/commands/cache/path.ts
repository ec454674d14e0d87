import { getEntry, ModuleCache } from '@tenon/cache';
import type { CommandIO } from '../../command-io.js';
import { CacheProblemsError, UsageError } from '../../errors.js';
import { parseOptions } from '../../parse-options.js';
import { entryJson, problemsOf } from './entry-forms.js';
import { printJson } from '../../print-json.js';

/** @throws UsageError; EntryNotFoundError; CacheProblemsError where the module would not be handed out. */
export async function path(args: readonly string[], io: CommandIO): Promise<void> {
  const { values, positionals } = parseOptions(args, { json: { type: 'boolean' } });
  const [handle, ...others] = positionals;
  if (others.length > 0) throw new UsageError(`One handle at a time; "${others[0]}" is a second one.`);
  const cache = new ModuleCache();
  if (handle === undefined) {
    if (values.json) printJson(io, { directory: cache.directory });
    else io.stdout.write(`${cache.directory}\n`);
    return;
  }
  const entry = await getEntry(cache, handle);
  if (entry.state === 'damaged' || entry.state === 'missing') {
    const reason = entry.state === 'missing' ? 'gone' : `damaged (${problemsOf(entry).join(', ')})`;
    throw new CacheProblemsError(
      cache.directory,
      1,
      `${handle} is ${reason}. It is downloaded again when it is asked for.`,
    );
  }
  if (values.json) printJson(io, { ...entryJson(entry), directory: entry.directory });
  else io.stdout.write(`${entry.directory}\n`);
}
