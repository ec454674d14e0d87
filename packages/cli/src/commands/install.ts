import { install, LOCKFILE_NAME, type InstalledModule } from '@tenon/resolver';
import type { CommandIO } from '../command-io.js';
import { UsageError } from '../errors.js';
import { formatColumns } from '../format-columns.js';
import { formatSize } from '../format-size.js';
import { parseOptions } from '../parse-options.js';
import { printJson } from '../print-json.js';
import { printable } from '../printable.js';
import { withProgress } from '../resolving.js';

const OPTIONS = {
  frozen: { type: 'boolean' },
  offline: { type: 'boolean' },
  update: { type: 'boolean' },
  lockfile: { type: 'string' },
  json: { type: 'boolean' },
} as const;

const CHANGES = { none: 'verified', added: 'added', updated: 'updated' } as const;

/** @throws UsageError, and what installing throws. */
export async function run(args: readonly string[], io: CommandIO): Promise<void> {
  const { values, positionals } = parseOptions(args, OPTIONS);
  const { frozen, update, lockfile = LOCKFILE_NAME } = values;
  if (frozen && update) throw new UsageError('--frozen and --update contradict each other.');
  const handles = positionals.length > 0 ? positionals : undefined;
  const change = frozen ? 'never' : update ? 'update' : 'add';
  const modules = await withProgress(io, (resolving) => install(handles, { ...resolving, lockfile, change }), values);
  const isWritten = modules.some((module) => module.change !== 'none');
  if (values.json) {
    printJson(io, { lockfile, written: isWritten, modules: modules.map(moduleJson) });
    return;
  }
  const rows = modules.map(({ handle, locked, change }) => [
    CHANGES[change],
    formatSize(locked.size),
    printable(locked.license ?? ''),
    printable(handle),
  ]);
  io.stdout.write(formatColumns(rows, { alignRight: (column) => column === 1, indent: '' }));
  const count = modules.length === 1 ? '1 module' : `${modules.length} modules`;
  io.stdout.write(`${count}; ${printable(lockfile)} was ${isWritten ? 'written' : 'not changed'}.\n`);
}

function moduleJson({ handle, directory, locked, change }: InstalledModule): object {
  const { resolved = null, archive = null, size, license = null, files } = locked;
  return { handle, directory, change, resolved, archive, size, license, files };
}
