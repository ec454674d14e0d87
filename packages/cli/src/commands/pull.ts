import { resolve } from '@tenon/resolver';
import type { CommandIO } from '../command-io.js';
import { UsageError } from '../errors.js';
import { parseOptions } from '../parse-options.js';
import { RESOLVING_OPTIONS, withResolving } from '../resolving.js';

/** @throws UsageError, and what resolving throws. */
export async function run(args: readonly string[], io: CommandIO): Promise<void> {
  const { values, positionals } = parseOptions(args, RESOLVING_OPTIONS);
  const [handle, ...others] = positionals;
  if (handle === undefined) throw new UsageError('The handle of a module is missing.');
  if (others.length > 0) throw new UsageError(`One handle at a time; "${others[0]}" is a second one.`);
  const directory = await withResolving(io, values, (options) => resolve(handle, options));
  io.stdout.write(`${directory}\n`);
}
