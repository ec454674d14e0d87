import { load, type Permission } from '@tenon/hub';
import { chooseApplication } from '../application.js';
import { chooseBackend } from '../backends.js';
import type { CommandIO } from '../command-io.js';
import { UsageError } from '../errors.js';
import { readInputs, readRequest } from '../inputs/read-inputs.js';
import { outputFormat, printOutputs, writeOutputs } from '../outputs/write-outputs.js';
import { parseList, parseOptions } from '../parse-options.js';
import { RESOLVING_OPTIONS, withResolving } from '../resolving.js';

const OPTIONS = {
  inputs: { type: 'string' },
  output: { type: 'string' },
  outputs: { type: 'string' },
  signature: { type: 'string' },
  function: { type: 'string' },
  fetch: { type: 'string' },
  tags: { type: 'string' },
  backend: { type: 'string' },
  allow: { type: 'string' },
  ...RESOLVING_OPTIONS,
} as const;

const PERMISSIONS: readonly Permission[] = ['read-files', 'write-files'];

function parsePermissions(list: string): Permission[] {
  return parseList(list).map((name) => {
    const permission = PERMISSIONS.find((known) => known === name);
    if (permission === undefined)
      throw new UsageError(`"${name}" is nothing to allow; there are ${PERMISSIONS.join(', ')}.`);
    return permission;
  });
}

/** @throws UsageError, and what loading and calling modules throws. */
export async function run(args: readonly string[], io: CommandIO): Promise<void> {
  const {
    values: options,
    positionals: [handle, ...values],
  } = parseOptions(args, OPTIONS);
  if (handle === undefined) throw new UsageError('The handle of a module is missing.');
  if (options.inputs !== undefined && values.length > 0)
    throw new UsageError('Inputs come either as values or with --inputs, not both.');
  if (options.output !== undefined) outputFormat(options.output);
  const sources = { values, file: options.inputs };
  const request = await readRequest(sources, io);
  const backend = await chooseBackend(options.backend);
  const tags = options.tags === undefined ? undefined : parseList(options.tags);
  const allow = options.allow === undefined ? undefined : parsePermissions(options.allow);
  const module = await withResolving(io, options, (resolving) => load(handle, { ...resolving, backend, tags, allow }));
  try {
    const application = chooseApplication(module, {
      signature: options.signature ?? request?.signature,
      function: options.function,
      fetch: options.fetch === undefined ? undefined : parseList(options.fetch),
    });
    const given = await readInputs(sources, request, application, module, io);
    const wanted = options.outputs === undefined ? undefined : parseList(options.outputs);
    const results = await application.call(given, wanted);
    if (options.output === undefined) await printOutputs(results, io.stdout);
    else await writeOutputs(results, options.output);
  } finally {
    await module.dispose();
  }
}
