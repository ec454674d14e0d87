// The same modules on every backend: the first call, later ones, and what a thousand applications leave behind.
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { load } from '@tenon/hub';
import { defaultInputs } from '../quickstart/default-inputs.mjs';

const HELP = `Usage: node tools/bench/backends.mjs [--only A,B] [--seconds N] [--applications N] MODULE...

Needs a build. Each module runs on each backend in a process of its own, on inputs made up for its default signature.

  --only A,B         of onnx, tfjs-node (whole graphs), tfjs:node (op by op), tfjs:wasm, tfjs:cpu and host
  --seconds N        measure later calls for so long; default 2
  --applications N   then apply it so often, and say by how much memory grew; default 0
`;
const BACKENDS = {
  onnx: async () => (await import('@tenon/backend-onnx')).onnx(),
  'tfjs-node': async () => (await import('@tenon/backend-tfjs/node')).tfjsNode(),
  'tfjs:node': () => tfjs('node'),
  'tfjs:wasm': () => tfjs('wasm'),
  'tfjs:cpu': () => tfjs('cpu'),
  host: async () => null,
};
const COLUMNS = ['module', 'backend', 'on it', 'first call', 'later calls', 'memory', 'growth', 'tensors'];
const MARK = 'measured:';
/** Which one that is, `@tenon/backend-tfjs` says. */
const TFJS = '@tensorflow/tfjs-core';

const { values: options, positionals: modules } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: Object.keys(BACKENDS).join() },
    seconds: { type: 'string', default: '2' },
    applications: { type: 'string', default: '0' },
    measure: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (options.help || modules.length === 0) {
  console.log(HELP);
  process.exit(options.help ? 0 : 2);
}

if (options.measure !== undefined) console.log(MARK + JSON.stringify(await measure(modules[0], options.measure)));
else {
  console.log(`${cpus()[0].model}, ${cpus().length} cores, Node ${process.version}\n`);
  console.log(row(COLUMNS));
  console.log(row(COLUMNS.map(() => '---')));
  for (const module of modules)
    for (const backend of options.only.split(',')) console.log(row(inProcess(module, backend)));
}

function row(cells) {
  return `| ${cells.join(' | ')} |`;
}

async function tfjs(backend) {
  return (await import('@tenon/backend-tfjs')).tfjs({ backend });
}

/** The cells of a row. */
function inProcess(module, backend) {
  const numbers = ['--seconds', options.seconds, '--applications', options.applications];
  const args = ['--expose-gc', import.meta.filename, '--measure', backend, ...numbers, module];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const name = resolve(module).split('/').at(-1);
  const line = stdout.split('\n').findLast((text) => text.startsWith(MARK));
  if (line === undefined) return [name, backend, /^\w*Error.*/m.exec(stderr)?.[0] ?? 'failed', '', '', '', '', ''];
  const { onBackend, operations, first, later, memory, growth, tensors } = JSON.parse(line.slice(MARK.length));
  const isApplied = Number(options.applications) > 0;
  return [
    ...[name, backend, `${onBackend} of ${operations}`, `${first.toFixed(0)} ms`, `${later.toFixed(2)} ms`],
    ...[`${memory} MB`, isApplied ? `${growth} MB` : '', isApplied ? String(tensors ?? '') : ''],
  ];
}

async function measure(module, name) {
  const start = performance.now();
  const loaded = await load(module, { backend: await BACKENDS[name]() });
  const inputs = defaultInputs(loaded.getInputInfo());
  await loaded(inputs, { asDict: true });
  const first = performance.now() - start;
  const times = [];
  for (const end = performance.now() + 1000 * Number(options.seconds); performance.now() < end || times.length < 3;) {
    const before = performance.now();
    await loaded(inputs, { asDict: true });
    times.push(performance.now() - before);
  }
  times.sort((a, b) => a - b);
  const { placements } = loaded.preview();
  const [memory, tensors] = [residentMegabytes(), await heldTensors(name)];
  for (let call = 0; call < Number(options.applications); call++) await loaded(inputs, { asDict: true });
  return {
    onBackend: placements.filter(({ place }) => place !== 'host').length,
    operations: placements.length,
    first,
    later: times[times.length >> 1],
    memory,
    growth: residentMegabytes() - memory,
    tensors: tensors && (await heldTensors(name)) - tensors,
  };
}

function residentMegabytes() {
  globalThis.gc();
  return Math.round(process.memoryUsage().rss / 1e6);
}

/** How many tensors TensorFlow.js holds. */
async function heldTensors(name) {
  return name.startsWith('tfjs') ? (await import(TFJS)).engine().state.numTensors : undefined;
}
