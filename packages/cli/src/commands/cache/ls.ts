import { listEntries, ModuleCache } from '@tenon/cache';
import type { CommandIO } from '../../command-io.js';
import { UsageError } from '../../errors.js';
import { formatColumns } from '../../format-columns.js';
import { parseOptions } from '../../parse-options.js';
import { printable } from '../../printable.js';
import { entryJson, nameOf, remarksOn } from './entry-forms.js';
import { formatSize } from '../../format-size.js';
import { printJson } from '../../print-json.js';

/** @throws UsageError, and what listing a cache throws. */
export async function ls(args: readonly string[], io: CommandIO): Promise<void> {
  const { values, positionals } = parseOptions(args, { json: { type: 'boolean' } });
  if (positionals.length > 0) throw new UsageError(`All modules are listed; "${positionals[0]}" cannot be one.`);
  const cache = new ModuleCache();
  const entries = await listEntries(cache);
  const size = entries.reduce((sum, entry) => sum + entry.size, 0);
  if (values.json) {
    printJson(io, { directory: cache.directory, size, modules: entries.map(entryJson) });
    return;
  }
  const rows = entries.map((entry) => [
    formatSize(entry.size),
    formatMinute(entry.lastUsed),
    remarksOn(entry).join(', '),
    nameOf(entry),
  ]);
  io.stdout.write(formatColumns(rows, { alignRight: (column) => column === 0, indent: '' }));
  const count = entries.length === 1 ? '1 module' : `${entries.length} modules`;
  io.stdout.write(`${count}, ${formatSize(size)} in ${printable(cache.directory)}\n`);
}

/** In the time of the place where one is. */
function formatMinute(date: Date | undefined): string {
  if (date === undefined) return 'unknown';
  const [year, ...parts] = [
    date.getFullYear(),
    date.getMonth() + 1,
    date.getDate(),
    date.getHours(),
    date.getMinutes(),
  ];
  const [month, day, hours, minutes] = parts.map((part) => String(part).padStart(2, '0'));
  return `${year}-${month}-${day} ${hours}:${minutes}`;
}
