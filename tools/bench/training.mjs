// A step of training: Tenon beside Python's hub.Module, one after the other, each in a fresh process. The head alone, on features that were
// computed before; the head on a frozen module; everything trainable. Batches of 32, plain gradient descent.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const HELP = `Usage: node tools/bench/training.mjs [--python PATH] [--modules FOLDER] [--backends NAMES] [--rounds N] [--only TEXT]

Needs a build. PATH is the Python of an environment with tensorflow_hub 0.15 and TensorFlow 2.15; without it, only Tenon is measured.
FOLDER has the modules mobilenet-v2-small and mobilenet-v2-224, which tools/tensorflow/make_modules.py makes (default: out/made/modules).
NAMES: onnx, tfjs-node, host (default: onnx). TEXT: only cases whose title has it.
`;
const CASES = [
  { module: 'mobilenet-v2-small', mode: 'head', steps: 300 },
  { module: 'mobilenet-v2-small', mode: 'frozen', steps: 60 },
  { module: 'mobilenet-v2-small', mode: 'full', steps: 40 },
  { module: 'mobilenet-v2-224', mode: 'frozen', steps: 8 },
  { module: 'mobilenet-v2-224', mode: 'full', steps: 5 },
];
const TITLE_WIDTH = 28;
const WIDTH = 36;

const { values: options } = parseArgs({
  options: {
    python: { type: 'string' },
    modules: { type: 'string', default: 'out/made/modules' },
    backends: { type: 'string', default: 'onnx' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (options.help) {
  console.log(HELP);
  process.exit(0);
}

const contestants = [
  ...(options.python === undefined ? [] : [{ title: 'Python', command: options.python, program: 'training_steps.py' }]),
  ...options.backends
    .split(',')
    .map((backend) => ({ title: backend, command: process.execPath, program: 'training-steps.mjs', backend })),
];

console.log(`${cpus()[0].model}, ${cpus().length} cores, Node ${process.version}; ${options.rounds} rounds, in turn`);
console.log(
  'least and median milliseconds of a step, and the greatest memory of the process; to the right of it, times of Python',
);
console.log(['', ...contestants.map(({ title }) => title)].map(pad).join(''));
for (const { module, mode, steps } of CASES) {
  const title = `${module}, ${mode}`;
  if (!title.includes(options.only)) continue;
  const folder = join(options.modules, module);
  if (!existsSync(folder)) {
    console.log(`${pad(title, 0)}not there: ${folder}`);
    continue;
  }
  const results = contestants.map(() => []);
  for (let round = 0; round < Number(options.rounds); round++)
    contestants.forEach((contestant, index) => results[index].push(measure(contestant, { folder, mode, steps })));
  const summaries = results.map(summarize);
  const cells = summaries.map((summary) => describe(summary, options.python === undefined ? summary : summaries[0]));
  console.log([title, ...cells].map(pad).join(''));
}

function pad(text, column) {
  return text.padEnd(column === 0 ? TITLE_WIDTH : WIDTH);
}

/** @returns the milliseconds of each step, and the most megabytes that the process had. */
function measure({ command, program, backend }, { folder, mode, steps }) {
  const args = [join(import.meta.dirname, program), folder, mode, String(steps), ...(backend ? [backend] : [])];
  const env = { ...process.env, CUDA_VISIBLE_DEVICES: '', TF_CPP_MIN_LOG_LEVEL: '3' };
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: 'utf8', env });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

function summarize(rounds) {
  const times = rounds.flatMap(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  return {
    least: times[0],
    median: times[times.length >> 1],
    megabytes: Math.max(...rounds.map(({ megabytes }) => megabytes)),
  };
}

function describe({ least, median, megabytes }, python) {
  const ratios = [least / python.least, median / python.median, megabytes / python.megabytes].map((ratio) =>
    ratio.toFixed(2),
  );
  const absolute = `${least.toFixed(2)} ${median.toFixed(2)} ${Math.round(megabytes)} MB`;
  return python.least === least ? absolute : `${absolute} ×${ratios.join(' ')}`;
}
