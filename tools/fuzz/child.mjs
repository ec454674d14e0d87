// What one process of the fuzz program does: breaks, loads and applies modules, one seed after the other. See fuzz.mjs.
import {
  closeSync,
  cpSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { isTyped } from '../../packages/hub/src/testing/broken/is-typed.ts';
import { ModuleBreaker } from '../../packages/hub/src/testing/broken/break-module.ts';
import { Random } from '../../packages/hub/src/testing/broken/random.ts';
import { tryModule } from '../../packages/hub/src/testing/broken/try-module.ts';

/** A call is told to stop after so long. */
const MOST_CALL_MILLISECONDS = 1000;
/** A run that computes for longer hangs; on a busy machine it may take longer by the clock. */
const MOST_MILLISECONDS = 10_000;
const MOST_MEGABYTES = 3000;

const [from, to, backendName, fixtures, place] = process.argv.slice(2);
const backend = backendName === 'onnx' ? (await import('@tenon/backend-onnx')).onnx() : null;
const modules = ['modules', 'saved_models', 'unusual/saved_models'].flatMap((kind) =>
  readdirSync(join(fixtures, kind)).map((name) => join(kind, name)),
);
const sizes = new Map(modules.map((module) => [module, sizeOf(module)]));
const breakers = new Map();
const counts = new Map();
let runs = 0;
let slowest = { milliseconds: 0 };
let largest = { megabytes: 0 };
const progress = openSync(join(place, 'progress'), 'r+');
const watched = watch();
process.once('disconnect', () => process.exit(1));

for (let seed = Number(from); seed < Number(to); seed++) {
  writeSync(progress, String(seed).padStart(16), 0);
  const begun = Date.now();
  Atomics.store(watched, 0, BigInt(computed()));
  await runSeed(seed);
  const milliseconds = Date.now() - begun;
  if (milliseconds > slowest.milliseconds) slowest = { milliseconds, seed };
  const megabytes = Math.round(process.memoryUsage.rss() / 2 ** 20);
  if (megabytes > largest.megabytes) largest = { megabytes, seed };
  if (++runs === 50) send();
}
send(() => process.exit(0));
closeSync(progress);

async function runSeed(seed) {
  const random = new Random(seed);
  const module = chooseModule(random);
  const directory = join(place, module);
  let breaker = breakers.get(module);
  if (!breaker) {
    breaker = new ModuleBreaker(join(fixtures, module));
    breakers.set(module, breaker);
    rmSync(directory, { recursive: true, force: true });
    cpSync(join(fixtures, module), directory, { recursive: true });
  }
  const broken = breaker.break(random);
  for (const [path, bytes] of broken) put(join(directory, path), bytes);
  let isWhole = true;
  await tryModule(directory, {
    random,
    backend,
    makeSignal: () => AbortSignal.timeout(MOST_CALL_MILLISECONDS),
    report(what, error) {
      if (process.env.TENON_FUZZ_VERBOSE) console.log(`${module} ${[...broken.keys()]} ${what}:`, error ?? 'done');
      if (error === undefined) return count(`${what}: done`);
      isWhole = false;
      if (isTyped(error))
        return count(`${what}: ${error.code?.toString().startsWith('ERR_') ? error.code : error.name}`);
      count(`${what}: FINDING`);
      const { stack, cause } = error;
      const text = `${cause instanceof Error ? `${cause.stack}\nin ` : ''}${stack ?? error}`.split('\n');
      process.send({ finding: { seed, module, what, error: text.slice(0, 14).join('\n') } });
    },
  });
  count(isWhole ? 'runs that no error was found in' : 'runs that ended with an error');
  for (const path of broken.keys()) put(join(directory, path), breaker.files.get(path));
}

/** Small ones more often: they break in as many ways, and sooner. */
function chooseModule(random) {
  const some = Array.from({ length: 4 }, () => random.pick(modules));
  return random.chance(0.1) ? some[0] : some.reduce((a, b) => (sizes.get(b) < sizes.get(a) ? b : a));
}

function sizeOf(module) {
  const graphs = readdirSync(join(fixtures, module)).filter((name) => name.startsWith('saved_model.'));
  return Math.max(...graphs.map((name) => statSync(join(fixtures, module, name)).size));
}

function put(path, bytes) {
  if (bytes === undefined) return rmSync(path);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}

/** Microseconds that the process has computed. */
function computed() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function count(what) {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

function send(then) {
  process.send({ runs, counts: [...counts], slowest, largest }, then);
  counts.clear();
  runs = 0;
}

/** A thread that ends the process when a run takes too long or too much memory: the main thread may be busy with it. */
function watch() {
  const shared = new BigInt64Array(new SharedArrayBuffer(8));
  const source = `
    const { workerData } = require('node:worker_threads');
    const { writeSync } = require('node:fs');
    const { Session } = require('node:inspector');
    const end = (reason) => {
      clearInterval(timer);
      const die = (frames) => {
        writeSync(2, 'FUZZ: ' + [reason, ...frames].join(' < ') + '\\n');
        process.kill(process.pid, 'SIGKILL');
      };
      setTimeout(die, 2000, []);
      const session = new Session();
      session.connectToMainThread();
      session.on('Debugger.paused', ({ params }) => die(params.callFrames.map((frame) => frame.functionName).slice(0, 12)));
      session.post('Debugger.enable');
      session.post('Debugger.pause');
    };
    const timer = setInterval(() => {
      const begun = Number(Atomics.load(workerData, 0));
      const megabytes = process.memoryUsage.rss() / 2 ** 20;
      const { user, system } = process.cpuUsage();
      if (begun > 0 && user + system - begun > ${MOST_MILLISECONDS * 1000}) end('it takes too long');
      else if (megabytes > ${MOST_MEGABYTES}) end('it takes ' + Math.round(megabytes) + ' MB');
    }, 100);`;
  new Worker(source, { eval: true, workerData: shared }).unref();
  return shared;
}
