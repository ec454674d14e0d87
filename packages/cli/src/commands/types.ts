import { writeFile } from 'node:fs/promises';
import { load } from '@tenon/hub';
import type { CommandIO } from '../command-io.js';
import { UsageError } from '../errors.js';
import { parseList, parseOptions } from '../parse-options.js';
import { RESOLVING_OPTIONS, withResolving } from '../resolving.js';
import { interfaceName } from '../types/source-text.js';
import { writeDeclaration } from '../types/write-declaration.js';

const OPTIONS = {
  output: { type: 'string' },
  name: { type: 'string' },
  tags: { type: 'string' },
  ...RESOLVING_OPTIONS,
} as const;

/** @throws UsageError, and what loading modules throws. */
export async function run(args: readonly string[], io: CommandIO): Promise<void> {
  const { values: options, positionals } = parseOptions(args, OPTIONS);
  const [handle, ...others] = positionals;
  if (handle === undefined) throw new UsageError('The handle of a module is missing.');
  if (others.length > 0) throw new UsageError(`One handle at a time; "${others[0]}" is a second one.`);
  const name = options.name ?? interfaceName(handle);
  // The language's own names begin with small letters.
  if (!/^[A-Z][A-Za-z0-9_]*$/.test(name))
    throw new UsageError(`"${name}" cannot be the name of the type: it begins with a capital letter, as in Fruit.`);
  const tags = options.tags === undefined ? undefined : parseList(options.tags);
  const module = await withResolving(io, options, (resolving) => load(handle, { ...resolving, backend: null, tags }));
  try {
    const declaration = await writeDeclaration(module, handle, name);
    if (options.output === undefined) io.stdout.write(declaration);
    else await writeFile(options.output, declaration);
  } finally {
    await module.dispose();
  }
}
