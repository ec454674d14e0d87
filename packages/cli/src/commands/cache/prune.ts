import { existsSync } from 'node:fs';
import { ModuleCache, pruneCache } from '@tenon/cache';
import { LOCKFILE_NAME, readLockfile } from '@tenon/resolver';
import type { CommandIO } from '../../command-io.js';
import { CacheProblemsError, UsageError } from '../../errors.js';
import { formatColumns } from '../../format-columns.js';
import { parseOptions } from '../../parse-options.js';
import { printable } from '../../printable.js';
import { entryJson, nameOf } from './entry-forms.js';
import { formatSize } from '../../format-size.js';
import { parseDuration, parseSize } from './parse-quantity.js';
import { printJson } from '../../print-json.js';

const OPTIONS = {
  'unused-for': { type: 'string' },
  'max-size': { type: 'string' },
  'dry-run': { type: 'boolean' },
  lockfile: { type: 'string' },
  json: { type: 'boolean' },
} as const;

const REASONS = { unused: 'not used', size: 'too much' } as const;

/** @throws UsageError; LockfileError; CacheProblemsError where not all could be removed; and what pruning a cache throws. */
export async function prune(args: readonly string[], io: CommandIO): Promise<void> {
  const { values, positionals } = parseOptions(args, OPTIONS);
  if (positionals.length > 0)
    throw new UsageError(`Which modules are pruned is for the options to say, not "${positionals[0]}".`);
  const { 'unused-for': unusedFor, 'max-size': maxSize, 'dry-run': dryRun = false } = values;
  const cache = new ModuleCache();
  const { modules, leftovers, freed, remaining, refused } = await pruneCache(cache, {
    ...(unusedFor !== undefined && { unusedFor: parseDuration(unusedFor) }),
    ...(maxSize !== undefined && { maxSize: parseSize(maxSize) }),
    keep: await lockedHandles(values.lockfile),
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
      refused: refused.map(({ path }) => path),
    });
  } else {
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
  if (refused.length > 0)
    throw new CacheProblemsError(cache.directory, refused.length, refused.map(({ message }) => message).join('\n'));
}

/** What the project that one is in needs; one that is broken protects nothing, and so nothing is pruned. */
async function lockedHandles(lockfile: string | undefined): Promise<ReadonlySet<string>> {
  if (lockfile === undefined && !existsSync(LOCKFILE_NAME)) return new Set();
  return new Set((await readLockfile(lockfile)).modules.keys());
}
