import { resolve } from '@tenon/resolver';
import type { CommandIO } from '../command-io.js';
import { UsageError } from '../errors.js';
import { parseOptions } from '../parse-options.js';
import { withProgress } from '../resolving.js';

/** @throws UsageError, and what resolving throws. */
export async function run(args: readonly string[], io: CommandIO): Promise<void> {
  const { values, positionals } = parseOptions(args, { offline: { type: 'boolean' } });
  const [handle, ...others] = positionals;
  if (handle === undefined) throw new UsageError('The handle of a module is missing.');
  if (others.length > 0) throw new UsageError(`One handle at a time; "${others[0]}" is a second one.`);
  const directory = await withProgress(io, (options) => resolve(handle, options), values);
  io.stdout.write(`${directory}\n`);
}
