export const HELP = `Usage: tenon COMMAND …

  tenon run HANDLE [VALUE…]   apply a module to values, files or standard input
  tenon inspect HANDLE        say what a module is
  tenon pull HANDLE           download a module to the cache and print where it is
  tenon types HANDLE          write the module's types for the TypeScript compiler
  tenon install [HANDLE…]     download what the lockfile tenon.lock names, and nothing else
  tenon cache COMMAND         look after what was downloaded: ls, verify, prune, pin, rm, …
  tenon doctor                say what runs modules here, and whether it computes what it should

HANDLE is the path or the URL of a TensorFlow Hub module or a SavedModel.
Downloads go to the directory that TFHUB_CACHE_DIR names, else to tfhub_modules in the
system's temporary directory; Python's tensorflow_hub shares it.

  tenon COMMAND --help        say more about a command
  tenon --version
`;

export const RUN_HELP = `Usage: tenon run HANDLE [VALUE…] [options]

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
  --function NAME       a function of a TF2 SavedModel, or by its path of an object within it
                        (encoder.scale); the inputs are called as its parameters are, those in
                        lists and objects x/0 or x/name
  --fetch A,B           tensors of the graph by name: for models without signatures. Inputs are
                        called as the tensors that they are fed to: x:0
  --tags A,B            the graph variant with these tags; --tags '' is the one without
  --backend NAME        onnx, tfjs (also tfjs:cpu, tfjs:wasm, tfjs:node), tfjs-node (whole
                        graphs on libtensorflow) or host; default: onnx if it is installed,
                        else tfjs, else host
  --allow A,B           what the module may do beyond reading its own files: read-files,
                        write-files
  --lockfile FILE       what HANDLE must be is in there; default: tenon.lock in the current
                        directory, if there is one
  --no-lockfile         take HANDLE for whatever it is
  --offline             use the cache alone
  -h, --help            print this
`;

export const INSPECT_HELP = `Usage: tenon inspect HANDLE [options]

Says what a module is: its graph variants, signatures with data types and shapes, functions,
variables, tables, assets, attached messages, and where each operation would run. Reads no weights.

  --tags A,B       only the graph variant with these tags; --tags '' is the one without
  --backend NAME   onnx, tfjs (also tfjs:cpu, tfjs:wasm, tfjs:node), tfjs-node (whole graphs on
                   libtensorflow) or host; default: onnx if it is installed, else tfjs, else host
  --preflight      do not download the module: read no more than what says what it is, and say
                   whether its signatures would run, and how large the download is
  --json           print it as JSON
  --lockfile FILE  what HANDLE must be is in there; default: tenon.lock in the current directory,
                   if there is one
  --no-lockfile    take HANDLE for whatever it is
  --offline        use the cache alone
  -h, --help       print this
`;

export const PULL_HELP = `Usage: tenon pull HANDLE [options]

Downloads a module to the cache, unless it is there, and prints the path of its directory.
HANDLE is a URL; of a path, this is the absolute one.

  --lockfile FILE  what HANDLE must be is in there; default: tenon.lock in the current directory,
                   if there is one
  --no-lockfile    take HANDLE for whatever it is
  --offline        use the cache alone
  -h, --help       print this
`;

export const TYPES_HELP = `Usage: tenon types HANDLE [options]

Writes a TypeScript declaration of a module: its signatures and functions, their inputs and outputs
with data types. With it the compiler checks how the module is called:

  import type { Fruit } from './fruit.js';
  const fruit = await hub.load<Fruit>('path/to/fruit');
  const { cats } = await fruit({ apples, oranges }, { signature: 'my_method', asDict: true });

  --output FILE    write it to a file: fruit.d.ts; without it it is printed
  --name NAME      what the type is called; default: after the handle
  --tags A,B       the graph variant with these tags; --tags '' is the one without
  --lockfile FILE  what HANDLE must be is in there; default: tenon.lock in the current directory,
                   if there is one
  --no-lockfile    take HANDLE for whatever it is
  --offline        use the cache alone
  -h, --help       print this
`;

export const DOCTOR_HELP = `Usage: tenon doctor [options]

Applies modules that come with this command in every way that there is to run them here: with the
host kernels, and with each execution provider of each backend that is installed, each in a process
of its own. Says which load, and whether they give what TensorFlow gave (the largest difference,
relative to one plus the value), how much of each module the backend runs, and how long calls take.

Ends with 1 if something gives other results, or crashes.

  --only A,B   check only these: host, onnx:cpu, tfjs:wasm, …; what does not load then counts, too
  --json       print it as JSON
  -h, --help   print this
`;
