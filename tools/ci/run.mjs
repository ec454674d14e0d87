// Runs every check, counts what passed and failed, and closes with one line. A check that cannot run has failed.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { installNode } from './node-version.mjs';

let passed = 0;
let failed = 0;

/** Runs a command; counts its tests where jest says how many there were, else the command as one check. */
function check(title, command, args, { env = {} } = {}) {
  console.log(`\n=== ${title}`);
  const started = Date.now();
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, NX_DAEMON: 'false', FORCE_COLOR: '0', ...env },
  });
  const output = `${stdout ?? ''}${stderr ?? ''}`;
  process.stdout.write(output);
  if (error) console.log(String(error));
  const tests = /^Tests:\s+(?:(\d+) failed, )?(?:(\d+) skipped, )?(?:(\d+) passed, )?\d+ total/m.exec(output);
  const counts = tests
    ? { passed: Number(tests[3] ?? 0), failed: Number(tests[1] ?? 0) + Number(tests[2] ?? 0) }
    : { passed: 0, failed: 0 };
  if (status !== 0 && counts.failed === 0) counts.failed = 1;
  if (status === 0 && counts.passed === 0) counts.passed = 1;
  passed += counts.passed;
  failed += counts.failed;
  console.log(`--- ${title}: ${status === 0 ? 'passed' : 'FAILED'} in ${Math.round((Date.now() - started) / 1000)} s`);
}

check("the README's test command", 'npm', ['test']);
check('the tests on Node 24', installNode('24'), ['node_modules/jest/bin/jest.js']);
check('lint', 'npm', ['run', 'lint']);
check('types of the tests', 'npx', ['tsc', '-p', 'tsconfig.spec.json']);
check('unused code and dependencies', 'npx', ['knip']);
check('the table of supported ops', 'node', ['tools/docs/supported-ops.mjs', '--check']);
check("the README's quickstart command", 'npm', ['run', 'quickstart']);
check('the tutorials', 'node', ['tools/ci/tutorials.mjs']);
check('the guides', 'node', ['tools/ci/guides.mjs']);
check('packages as published', 'node', ['tools/ci/check-packages.mjs']);
check('conformance of the backends', 'node', ['tools/conformance/report.mjs', 'onnx', 'tfjs-cpu', 'tfjs-wasm']);
check('the example page in Chromium', 'node', ['tools/ci/browser.mjs']);
check('interop with real TensorFlow', 'node', ['tools/ci/interop.mjs']);
check('TensorFlow.js on libtensorflow', 'node', ['tools/ci/tfjs-node.mjs']);
check('conformance of libtensorflow', 'node', ['tools/conformance/report.mjs', 'tfjs-node-ops', 'tfjs-node']);
if (existsSync('../shared/models')) {
  for (const backend of ['onnx', 'tfjs:wasm', 'tfjs-node'])
    check(`models that strangers made, on ${backend}`, 'node', ['tools/ci/models.mjs', '../shared/models', backend]);
}

console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
