import { ModuleCache, pruneCache } from '@tenon/cache';
import type { CommandIO } from '../../command-io.js';
import { UsageError } from '../../errors.js';
import { formatColumns } from '../../format-columns.js';
import { parseOptions } from '../../parse-options.js';
import { printable } from '../../printable.js';
import { entryJson, nameOf } from './entry-forms.js';
import { formatSize } from './format-size.js';
import { parseDuration, parseSize } from './parse-quantity.js';
import { printJson } from './print-json.js';

const OPTIONS = {
  'unused-for': { type: 'string' },
  'max-size': { type: 'string' },
  'dry-run': { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

const REASONS = { unused: 'not used', size: 'too much' } as const;

/** @throws UsageError, and what pruning a cache throws. */
export async function prune(args: readonly string[], io: CommandIO): Promise<void> {
  const { values, positionals } = parseOptions(args, OPTIONS);
  if (positionals.length > 0)
    throw new UsageError(`Which modules are pruned is for the options to say, not "${positionals[0]}".`);
  const { 'unused-for': unusedFor, 'max-size': maxSize, 'dry-run': dryRun = false } = values;
  const cache = new ModuleCache();
  const { modules, leftovers, freed, remaining } = await pruneCache(cache, {
    ...(unusedFor !== undefined && { unusedFor: parseDuration(unusedFor) }),
    ...(maxSize !== undefined && { maxSize: parseSize(maxSize) }),
    dryRun,
  });
  if (values.json) {
    printJson(io, {
      directory: cache.directory,
      dryRun,
      freed,
      remaining,
      modules: modules.map(({ entry, reason }) => ({ ...entryJson(entry), reason })),
      leftovers: leftovers.map(({ kind, path, key, size, reason }) => ({ kind, path, key, size, reason })),
    });
    return;
  }
  const rows = [
    ...leftovers.map((leftover) => [
      formatSize(leftover.size),
      'left over',
      `${printable(leftover.path)} (${printable(leftover.reason)})`,
    ]),
    ...modules.map(({ entry, reason }) => [formatSize(entry.size), REASONS[reason], nameOf(entry)]),
  ];
  io.stdout.write(formatColumns(rows, { alignRight: (column) => column === 0, indent: '' }));
  const verb = dryRun ? 'would be removed' : 'removed';
  io.stdout.write(
    `${formatSize(freed)} ${verb}, ${formatSize(remaining)} of modules ${dryRun ? 'would ' : ''}remain.\n`,
  );
}
