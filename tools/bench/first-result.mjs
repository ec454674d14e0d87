// From the start of a process to its first result: `tenon run` beside Python's hub.Module, in turn, each in fresh processes.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Tensor, tensorFrom } from '@tenon/hub';
import { writeNpy } from '@tenon/format/npz';
import { drawPicture } from '../quickstart/picture.mjs';

const HELP = `Usage: node tools/bench/first-result.mjs --modules FOLDER [--python PATH] [--runs N]

Needs a build. FOLDER holds the modules that tools/tensorflow/make_modules.py makes (half-plus-two, nnlm-bench,
mobilenet-v2-224); PATH is the Python of an environment with TensorFlow 2.15 and tensorflow_hub 0.15.
Without --python, only Tenon is measured.
`;
const ROOT = resolve(import.meta.dirname, '../..');
const COMMAND = join(ROOT, 'packages/cli/dist/main.js');
const SCRIPT = join(import.meta.dirname, 'first_result.py');
const WIDTH = 18;
const INPUTS = {
  'half-plus-two': () => tensorFrom([1, 2, 3], 'float32'),
  'nnlm-bench': () => tensorFrom(['the quick brown fox jumps over the lazy dog'], 'string'),
  'mobilenet-v2-224': () => new Tensor('float32', [1, 224, 224, 3], drawPicture(224, 224)),
};

const { values: options } = parseArgs({
  options: {
    modules: { type: 'string' },
    python: { type: 'string' },
    runs: { type: 'string', default: '5' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (options.help || options.modules === undefined) {
  console.log(HELP);
  process.exit(options.help ? 0 : 2);
}

const folder = mkdtempSync(join(tmpdir(), 'tenon-bench-'));
try {
  const bare = await measure([[process.execPath, ['-e', 'console.log(1)']]]);
  console.log(
    `${cpus()[0].model}, ${cpus().length} cores, Node ${process.version}; least and median of ${options.runs} processes`,
  );
  console.log(`Node alone: ${format(bare[0])}\n`);
  console.log(['module', 'tenon', 'memory', 'python', 'memory', 'ratio'].map((title) => title.padEnd(WIDTH)).join(''));
  for (const [name, input] of Object.entries(INPUTS)) await compare(name, input());
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function compare(name, input) {
  const module = join(options.modules, name);
  const file = join(folder, `${name}.npy`);
  writeFileSync(file, writeNpy(input));
  const commands = [[process.execPath, [COMMAND, 'run', module, '--inputs', file]]];
  if (options.python !== undefined) commands.push([options.python, [SCRIPT, module, file]]);
  const [tenon, python] = await measure(commands);
  const cells = [name, format(tenon), `${tenon.memory} MB`];
  if (python) cells.push(format(python), `${python.memory} MB`, `1/${(python.least / tenon.least).toFixed(1)}`);
  console.log(cells.map((cell) => cell.padEnd(WIDTH)).join(''));
}

/** Runs each command as often as wanted, in turn, after one run that warms the file cache. */
async function measure(commands) {
  const results = commands.map(() => []);
  for (let run = 0; run <= Number(options.runs); run++) {
    for (const [index, [command, args]] of commands.entries()) {
      const result = await firstResult(command, args);
      if (run > 0) results[index].push(result);
    }
  }
  return results.map((runs) => {
    const times = runs.map(({ time }) => time).sort((left, right) => left - right);
    return { least: times[0], median: times[times.length >> 1], memory: Math.max(...runs.map(({ memory }) => memory)) };
  });
}

/** Milliseconds to the first byte of output, and the most memory until then, in MB. */
function firstResult(command, args) {
  return new Promise((resolveResult, reject) => {
    const started = performance.now();
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let result;
    let errors = '';
    child.stderr.on('data', (chunk) => (errors += chunk));
    child.stdout.once('data', () => (result = { time: performance.now() - started, memory: peakMemory(child.pid) }));
    child.stdout.resume();
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0 && result) resolveResult(result);
      else reject(new Error(`${command} ${args.join(' ')} ended with ${status}:\n${errors.slice(-2000)}`));
    });
  });
}

function peakMemory(pid) {
  try {
    return Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1000);
  } catch {
    return NaN;
  }
}

function format({ least, median }) {
  return `${least.toFixed(0)} / ${median.toFixed(0)} ms`;
}
