// Breaks the modules of the fixtures in as many ways as it is told to, loads and applies them in processes of their own, and reports every
// error that is not one of Tenon's own, every run that takes too long or too much memory, and every process that dies. Works on the
// sources: needs no build.
//   node tools/fuzz/fuzz.mjs [--runs 100000] [--seed 1] [--jobs 2] [--backend host|onnx] [--only SEED]
import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '../..');
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '2' },
    backend: { type: 'string', default: 'host' },
    only: { type: 'string' },
  },
});
/** So many runs a process does before another takes over, so that what one leaves behind does not add up. */
const RUNS_PER_PROCESS = 5000;
const HEAP_MEGABYTES = 1024;

const first = Number(values.only ?? values.seed);
const end = first + (values.only === undefined ? Number(values.runs) : 1);
const folder = mkdtempSync(join(tmpdir(), 'tenon-fuzz-'));
const program = join(root, 'out', 'fuzz', 'child.mjs');
const started = Date.now();
const counts = new Map();
const findings = new Map();
let done = 0;
let slowest = { milliseconds: 0 };
let largest = { megabytes: 0 };

/** Resolves the packages of this repository to their sources. */
const sources = {
  name: 'sources',
  setup({ onResolve }) {
    onResolve({ filter: /^@tenon\// }, ({ path }) => {
      const [, name, entry = 'index'] = path.split('/');
      return { path: join(root, 'packages', name, 'src', `${entry}.ts`) };
    });
  },
};

await bundle();
let next = first;
// Whoever stops it learns what was found until then.
process.once('SIGINT', () => {
  report();
  process.exit(1);
});
await Promise.all(Array.from({ length: Number(values.jobs) }, (_, index) => work(index)));
rmSync(folder, { recursive: true });
report();
process.exitCode = findings.size > 0 ? 1 : 0;

/** One file for a process to load; the packages as they are in the working tree. */
async function bundle() {
  mkdirSync(join(root, 'out', 'fuzz'), { recursive: true });
  await build({
    entryPoints: [join(import.meta.dirname, 'child.mjs')],
    outfile: program,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: true,
    sourcesContent: false,
    packages: 'external',
    plugins: [sources],
    logLevel: 'warning',
  });
}

async function work(job) {
  while (next < end) {
    let from = next;
    const to = Math.min(end, from + RUNS_PER_PROCESS);
    next = to;
    // What a process did not get to because it died, another does.
    while (from < to) from = await runProcess(job, from, to);
  }
}

/** @returns The first seed that was not tried. */
function runProcess(job, from, to) {
  const place = join(folder, String(job));
  mkdirSync(place, { recursive: true });
  const progress = join(place, 'progress');
  writeFileSync(progress, String(from).padStart(16));
  const child = fork(program, [String(from), String(to), values.backend, join(root, 'tools', 'fixtures'), place], {
    // A large nursery: nearly all that a run makes is garbage when it ends.
    execArgv: [`--max-old-space-size=${HEAP_MEGABYTES}`, '--max-semi-space-size=64'],
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    env: { ...process.env, TENON_FUZZ_VERBOSE: values.only === undefined ? '' : '1' },
  });
  let errors = '';
  child.stderr.on('data', (data) => (errors = (errors + data).slice(-4000)));
  child.on('message', (message) => {
    if ('finding' in message) return add(message.finding);
    done += message.runs;
    for (const [what, count] of message.counts) counts.set(what, (counts.get(what) ?? 0) + count);
    if (message.slowest.milliseconds > slowest.milliseconds) slowest = message.slowest;
    if (message.largest.megabytes > largest.megabytes) largest = message.largest;
    if (values.only === undefined) process.stderr.write(`\r${done} runs, ${findings.size} findings `);
  });
  return new Promise((settle) => {
    child.on('close', (code, signal) => {
      if (code === 0) return settle(to);
      const seed = Number(readFileSync(progress, 'utf8'));
      const said = /FUZZ: (.*)/.exec(errors)?.[1] ?? errors.trim().split('\n').slice(0, 12).join('\n');
      add({ seed, module: '', what: `the process died (${signal ?? code})`, error: said });
      done++;
      settle(seed + 1);
    });
  });
}

/** Findings of one kind are told once, with the seeds of the first. */
function add({ seed, module, what, error }) {
  const key = error
    .split('\n')
    .slice(0, 3)
    .join('\n')
    .replace(/"[^"]*"|\d+/g, '*');
  const known = findings.get(key);
  if (known) {
    known.count++;
    if (known.seeds.length < 5) known.seeds.push(seed);
    return;
  }
  findings.set(key, { seeds: [seed], count: 1, module, what, error });
  console.log(`\nseed ${seed}: ${module} ${what}\n${error}`);
}

function report() {
  const seconds = (Date.now() - started) / 1000;
  console.log(`\n${done} runs from seed ${first} on the ${values.backend}, in ${seconds.toFixed(0)} s`);
  for (const [what, count] of [...counts].sort((a, b) => b[1] - a[1]))
    console.log(`${String(count).padStart(9)}  ${what}`);
  console.log(
    `slowest: ${slowest.milliseconds} ms (seed ${slowest.seed}); most memory: ${largest.megabytes} MB (seed ${largest.seed})`,
  );
  for (const { seeds, count, module, what, error } of findings.values())
    console.log(`\nFINDING, ${count} times, seeds ${seeds.join(', ')}: ${module} ${what}\n${error}`);
  console.log(`\n${findings.size === 0 ? 'No findings.' : `${findings.size} findings.`}`);
}
