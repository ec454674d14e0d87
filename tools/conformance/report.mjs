// Runs the conformance suite on backends and prints what became of its cases, and where each op ran. Needs a build.
//   node tools/conformance/report.mjs [onnx|tfjs-cpu|tfjs-wasm|tfjs-node-ops|tfjs-node ...]
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
if (isMainThread) await main(process.argv.slice(2));
else parentPort.postMessage(await checkPrograms(await BACKENDS[workerData]()));

async function main(names) {
  if (names.length === 0 || names.some((name) => !(name in BACKENDS))) {
    console.error(`Usage: node tools/conformance/report.mjs ${Object.keys(BACKENDS).join('|')} ...`);
    process.exitCode = 2;
    return;
  }
  for (const name of names) await report(name);
}

async function report(name) {
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
    setup: BACKENDS[name],
    knownFailures: existsSync(knownFailures) ? readFileSync(knownFailures, 'utf8') : '',
    inWorker: () =>
      new Promise((found, failed) => {
        new Worker(new URL(import.meta.url), { workerData: name }).once('message', found).once('error', failed);
      }),
    report: (made) => console.log(`${formatReport({ ...made, backend: name })}\n`),
  });
  for (const [title, body] of tests) {
    await body().catch((error) => {
      console.log(`FAILED ${title}: ${[error.actual].flat().join('; ')}`);
      process.exitCode = 1;
    });
  }
}
