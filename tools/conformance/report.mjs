// Runs the conformance suite on a backend and prints what became of its cases, and where each op ran. Needs a build.
//   node tools/conformance/report.mjs onnx|tfjs-cpu|tfjs-wasm|tfjs-node-ops|tfjs-node
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { checkPrograms, formatReport, testBackend } from '@tenon/conformance';

const ROOT = resolve(import.meta.dirname, '../..');
const BACKENDS = {
  onnx: async () =>
    (await import('@tenon/backend-onnx')).onnx({ sessionOptions: { intraOpNumThreads: 1, interOpNumThreads: 1 } }),
  'tfjs-cpu': async () => (await import('@tenon/backend-tfjs')).tfjs({ backend: 'cpu' }),
  'tfjs-wasm': async () => (await import('@tenon/backend-tfjs')).tfjs({ backend: 'wasm' }),
  'tfjs-node-ops': async () => (await import('@tenon/backend-tfjs')).tfjs({ backend: 'node' }),
  'tfjs-node': async () => (await import('@tenon/backend-tfjs/node')).tfjsNode(),
};
const name = isMainThread ? process.argv[2] : workerData;
const setup = BACKENDS[name];
if (!setup) {
  console.error(`Usage: node tools/conformance/report.mjs ${Object.keys(BACKENDS).join('|')}`);
  process.exit(2);
}

if (isMainThread) await main();
else parentPort.postMessage(await checkPrograms(await setup()));

async function main() {
  const knownFailures = join(ROOT, `packages/backend-${name.split('-')[0]}/testdata/conformance-${name}.txt`);
  const tests = [];
  let family = '';
  testBackend({
    describe: (title, body) => {
      family = title;
      body();
    },
    it: (title, body) => tests.push([`${family} / ${title}`, body]),
    expect: (actual) => ({ toEqual: (expected) => assert.deepEqual(actual, expected) }),
    setup,
    knownFailures: existsSync(knownFailures) ? readFileSync(knownFailures, 'utf8') : '',
    inWorker: () =>
      new Promise((found, failed) => {
        new Worker(new URL(import.meta.url), { workerData: name }).once('message', found).once('error', failed);
      }),
    report: (report) => console.log(formatReport({ ...report, backend: name })),
  });
  for (const [title, body] of tests) {
    await body().catch((error) => {
      console.log(`FAILED ${title}: ${[error.actual].flat().join('; ')}`);
      process.exitCode = 1;
    });
  }
}
