import type { CommandIO } from '../command-io.js';
import { UsageError } from '../errors.js';
import { parseList, parseOptions } from '../parse-options.js';

export const help = `Usage: tenon run HANDLE [VALUE…] [options]

Applies a module: a TensorFlow Hub module or a SavedModel, by path or URL.

Inputs, one of:
  VALUE…                the only input: one JSON value ('[[1, 2], [3, 4]]'); or its elements, each
                        an argument (1 2 3, or texts); or image files (.png, .jpg), which become
                        one float32 batch from 0 to 1, resized to what the module expects
  standard input        the only input, if it takes strings: a line for each
  --inputs FILE.json    {"inputs": {"name": nested values, …}}, or {"inputs": nested values} for
                        the only input, as TensorFlow Serving takes it; - is standard input.
                        Bytes are {"b64": "…"}; complex numbers {"re": 1, "im": 2}; NaN,
                        Infinity and -Infinity are numbers; a ragged value is arrays of
                        uneven lengths; a sparse one {"indices": [[0, 3]], "values": [7],
                        "dense_shape": [2, 5]}
  --inputs FILE.npz     one array per input, under its name; of a sparse one x/indices,
                        x/values and x/dense_shape; of a ragged one x/values, x/row_splits_0, …
  --inputs FILE.npy     the only input

Outputs:
  --output FILE         write them as .json ({"outputs": …} in the same form), .npz or .npy;
                        without it they are printed: a table on a terminal, JSON in a pipe
  --outputs A,B         compute only these; default: all

What to call:
  --signature NAME      default: what the module does when it is called
  --tags A,B            the graph variant with these tags; --tags '' is the one without
  --backend NAME        onnx or host; default: onnx, if it is installed
  -h, --help            print this
`;

const OPTIONS = {
  inputs: { type: 'string' },
  output: { type: 'string' },
  outputs: { type: 'string' },
  signature: { type: 'string' },
  tags: { type: 'string' },
  backend: { type: 'string' },
} as const;

/** @throws UsageError, and what loading and calling modules throws. */
export async function run(args: readonly string[], io: CommandIO): Promise<void> {
  const {
    values: options,
    positionals: [handle, ...values],
  } = parseOptions(args, OPTIONS);
  if (handle === undefined) throw new UsageError('The handle of a module is missing.');
  if (options.inputs !== undefined && values.length > 0)
    throw new UsageError('Inputs come either as values or with --inputs, not both.');
  const [{ load }, { chooseBackend }, { withProgress }, { chooseApplication }, inputs, outputs] = await Promise.all([
    import('@tenon/hub'),
    import('../backends.js'),
    import('../resolving.js'),
    import('../application.js'),
    import('../inputs/read-inputs.js'),
    import('../outputs/write-outputs.js'),
  ]);
  if (options.output !== undefined) outputs.outputFormat(options.output);
  const sources = { values, file: options.inputs };
  const request = await inputs.readRequest(sources, io);
  const backend = await chooseBackend(options.backend);
  const tags = options.tags === undefined ? undefined : parseList(options.tags);
  const module = await withProgress(io, (resolving) => load(handle, { ...resolving, backend, tags }));
  try {
    const application = await chooseApplication(module, options.signature ?? request?.signature);
    const given = await inputs.readInputs(sources, request, application, module, io);
    const wanted = options.outputs === undefined ? undefined : parseList(options.outputs);
    const results = await application.call(given, wanted);
    if (options.output === undefined) await outputs.printOutputs(results, io.stdout);
    else await outputs.writeOutputs(results, options.output);
  } finally {
    await module.dispose();
  }
}
