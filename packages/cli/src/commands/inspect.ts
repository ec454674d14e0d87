import type { CommandIO } from '../command-io.js';
import { UsageError } from '../errors.js';
import { parseList, parseOptions } from '../parse-options.js';

export const help = `Usage: tenon inspect HANDLE [options]

Says what a module is: its graph variants, signatures with data types and shapes, functions,
variables, tables, assets, attached messages, and where each operation would run. Reads no weights.

  --tags A,B       only the graph variant with these tags; --tags '' is the one without
  --backend NAME   onnx or host; default: onnx, if it is installed
  --json           print it as JSON
  -h, --help       print this
`;

const OPTIONS = {
  tags: { type: 'string' },
  backend: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** @throws UsageError, and what loading modules throws. */
export async function run(args: readonly string[], io: CommandIO): Promise<void> {
  const { values: options, positionals } = parseOptions(args, OPTIONS);
  const [handle, ...others] = positionals;
  if (handle === undefined) throw new UsageError('The handle of a module is missing.');
  if (others.length > 0) throw new UsageError(`One handle at a time; "${others[0]}" is a second one.`);
  const [{ loadModuleSpec }, { chooseBackend }, { withProgress }, { describeModule }, { formatDescription }] =
    await Promise.all([
      import('@tenon/hub'),
      import('../backends.js'),
      import('../resolving.js'),
      import('../inspect/describe-module.js'),
      import('../inspect/format-description.js'),
    ]);
  const backend = await chooseBackend(options.backend);
  const spec = await withProgress(io, (resolving) => loadModuleSpec(handle, resolving));
  const tags = options.tags === undefined ? undefined : parseList(options.tags);
  const description = await describeModule(spec, handle, { backend, tags });
  io.stdout.write(options.json ? `${JSON.stringify(description, undefined, 2)}\n` : formatDescription(description));
}
