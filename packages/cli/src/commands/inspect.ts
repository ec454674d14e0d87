import { loadModuleSpec, preflight } from '@tenon/hub';
import { chooseBackend } from '../backends.js';
import type { CommandIO } from '../command-io.js';
import { UsageError } from '../errors.js';
import { describeModule } from '../inspect/describe-module.js';
import { formatDescription } from '../inspect/format-description.js';
import { parseList, parseOptions } from '../parse-options.js';
import { RESOLVING_OPTIONS, withResolving } from '../resolving.js';

const OPTIONS = {
  tags: { type: 'string' },
  backend: { type: 'string' },
  json: { type: 'boolean' },
  preflight: { type: 'boolean' },
  ...RESOLVING_OPTIONS,
} as const;

/** @throws UsageError, and what loading modules throws. */
export async function run(args: readonly string[], io: CommandIO): Promise<void> {
  const { values: options, positionals } = parseOptions(args, OPTIONS);
  const [handle, ...others] = positionals;
  if (handle === undefined) throw new UsageError('The handle of a module is missing.');
  if (others.length > 0) throw new UsageError(`One handle at a time; "${others[0]}" is a second one.`);
  const backend = await chooseBackend(options.backend);
  const tags = options.tags === undefined ? undefined : parseList(options.tags);
  const found = await withResolving(io, options, async (resolving) =>
    options.preflight
      ? preflight(handle, { ...resolving, backend, tags })
      : { spec: await loadModuleSpec(handle, resolving) },
  );
  const description = await describeModule(found.spec, handle, {
    backend,
    tags,
    preflight: 'variants' in found ? found : undefined,
  });
  io.stdout.write(options.json ? `${JSON.stringify(description, undefined, 2)}\n` : formatDescription(description));
}
