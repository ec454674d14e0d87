// From a gzipped archive on a web server to an unpacked, hashed and cached module: Tenon beside `curl | tar xz`, a plain download to one
// file with its hash, as huggingface_hub does, and Python's tensorflow_hub. All over loopback, in turn, each in fresh processes.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeArchive } from './weights-archive.mjs';

const HELP = `Usage: node tools/bench/download.mjs [--megabytes N] [--runs N] [--python PATH] [--directory PATH]

Needs a build, curl and tar. PATH of --python is the Python of an environment with tensorflow_hub; without it, Python is left out.
All files are made below --directory (the system's temporary one) and removed.
`;
const NODE_PROGRAM = join(import.meta.dirname, 'download-once.mjs');
const PYTHON_PROGRAM = join(import.meta.dirname, 'download_once.py');
const TARGETS = { ratio: 0.7, growth: 64, warm: 2 };

const { values: options } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '1000' },
    runs: { type: 'string', default: '5' },
    python: { type: 'string' },
    directory: { type: 'string', default: tmpdir() },
    help: { type: 'boolean', short: 'h' },
  },
});
if (options.help) {
  console.log(HELP);
  process.exit(0);
}

const folder = mkdtempSync(join(options.directory, 'tenon-bench-'));
const archive = join(folder, 'module.tar.gz');
const unpacked = await makeArchive(archive, Number(options.megabytes) * 1e6);
const server = spawn(process.execPath, [join(import.meta.dirname, 'serve-file.mjs'), archive], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
try {
  const [port] = await once(server.stdout, 'data');
  await compare(`http://127.0.0.1:${String(port).trim()}/publisher/model/1`);
} finally {
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}

async function compare(handle) {
  const contestants = [
    { title: 'tenon', command: process.execPath, args: (target) => [NODE_PROGRAM, 'resolve', handle, target] },
    {
      title: 'curl | tar xz',
      command: 'sh',
      // A pipe's status is that of its last command.
      args: (target) => ['-c', 'curl -sSf "$0" | tar xz -C "$1"', handle, target],
    },
    { title: 'one file, hashed', command: process.execPath, args: (target) => [NODE_PROGRAM, 'save', handle, target] },
  ];
  if (options.python !== undefined)
    contestants.push({
      title: 'tensorflow_hub',
      command: options.python,
      args: (target) => [PYTHON_PROGRAM, handle, target],
    });
  for (const contestant of contestants) contestant.results = [];

  console.log(
    `${cpus()[0].model}, ${cpus().length} cores, Node ${process.version}, ${execFileSync('tar', ['--version'], { encoding: 'utf8' }).split('\n')[0]}`,
  );
  console.log(
    `${megabytes(statSync(archive).size)} MB of gzipped archive, ${megabytes(unpacked)} MB of weights; median (least, most) of ${options.runs}\n`,
  );
  for (let run = 0; run < Number(options.runs); run++)
    for (const contestant of contestants) contestant.results.push(await measure(contestant));

  const [tenon, shell] = contestants.map(({ results }) => median(results.map(({ time }) => time)));
  print('', 'time', "of curl's", 'processor', 'memory');
  for (const { title, results } of contestants) {
    const time = median(results.map((result) => result.time));
    print(
      title,
      `${seconds(time)} s (${seconds(Math.min(...results.map((result) => result.time)))}, ${seconds(Math.max(...results.map((result) => result.time)))})`,
      (time / shell).toFixed(2),
      results[0].cpu === undefined ? '' : `${seconds(median(results.map(({ cpu }) => cpu)))} s`,
      results[0].growth === undefined ? '' : `+${megabytes(Math.max(...results.map(({ growth }) => growth)))} MB`,
    );
  }
  const ours = contestants[0].results;
  const growth = Math.max(...ours.map((result) => result.growth)) / 1e6;
  const first = median(ours.map(({ warm }) => warm.first));
  const later = median(ours.map(({ warm }) => warm.later));
  console.log(
    `\nA module that is there: ${first.toFixed(2)} ms in a process that has just started, ${later.toFixed(2)} ms later on.\n`,
  );
  verdict(`at most ${TARGETS.ratio} of the time of curl | tar xz`, tenon / shell <= TARGETS.ratio);
  verdict(`memory grows by less than ${TARGETS.growth} MB`, growth < TARGETS.growth);
  verdict(
    `a module that is there in less than ${TARGETS.warm} ms, but for the first of a process`,
    later < TARGETS.warm,
  );
}

/** Runs a contestant in a new directory, which must hold what was served afterwards. */
async function measure({ title, command, args }) {
  const target = join(folder, 'target');
  mkdirSync(target);
  try {
    const started = performance.now();
    const { output } = await succeed(command, args(target));
    const time = performance.now() - started;
    if (bytesBelow(target) < Math.min(unpacked, statSync(archive).size))
      throw new Error(`${title} left less than there is.`);
    const said = output === '' ? {} : JSON.parse(output);
    const warm = title === 'tenon' ? JSON.parse((await succeed(command, args(target))).output).warm : undefined;
    return { time, ...said, warm };
  } finally {
    rmSync(target, { recursive: true });
  }
}

async function succeed(command, args) {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, CUDA_VISIBLE_DEVICES: '', TF_CPP_MIN_LOG_LEVEL: '3' },
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (errors += chunk));
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${errors.slice(-2000)}`);
  return { output };
}

function bytesBelow(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((total, entry) => total + statSync(join(entry.parentPath, entry.name)).size, 0);
}

function median(values) {
  return values.toSorted((left, right) => left - right)[values.length >> 1];
}

function print(title, time, ratio, cpu, memory) {
  console.log(`${title.padEnd(20)}${time.padEnd(28)}${ratio.padEnd(12)}${cpu.padEnd(12)}${memory}`);
}

function verdict(target, isMet) {
  console.log(`${isMet ? 'met   ' : 'MISSED'} ${target}`);
  if (!isMet) process.exitCode = 1;
}

function seconds(milliseconds) {
  return (milliseconds / 1000).toFixed(2);
}

function megabytes(bytes) {
  return (bytes / 1e6).toFixed(0);
}
