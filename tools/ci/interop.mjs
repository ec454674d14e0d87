// Tenon beside real TensorFlow: one cache for both, modules that one exports and the other loads and trains, losses that fall alike, ONNX models, the checked-in
// modules made anew, and what TensorFlow computes with all of them.
// Needs a build, and Python. VENVS may name a folder with environments that are there already.
//   node tools/ci/interop.mjs
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openCheckpoint } from '@tenon/format';
import { FileSource } from '@tenon/tensor/node';
import { Checks, run } from './checks.mjs';
import { checkExports } from './exports.mjs';
import { checkLossCurves } from './loss-curves.mjs';
import { checkOnnxModels } from './onnx-models.mjs';
import { environment, TENSORFLOW_ENVIRONMENT } from './python.mjs';

const ROOT = resolve(import.meta.dirname, '../..');
const SCRIPTS = join(ROOT, 'tools/tensorflow');
const MADE = join(ROOT, 'out/made');
const FIXTURES = join(ROOT, 'tools/fixtures');
/** Large modules, on one core, beside others. */
const TEST_TIMEOUT = 120_000;
const WEIGHT_TOLERANCE = 1e-5;

const checks = new Checks();
try {
  const hub1 = environment('hub1');
  const tf = environment('tf');
  checkCache(tf);
  checkProtos(hub1, tf);
  await checkExports(checks, {
    hub1,
    tf,
    fixtures: FIXTURES,
    folder: join(ROOT, 'out/exports'),
    scripts: SCRIPTS,
    env: TENSORFLOW_ENVIRONMENT,
  });
  await checkLossCurves(checks, {
    python: hub1,
    script: join(SCRIPTS, 'loss_curves.py'),
    module: join(FIXTURES, 'modules/mobilenet-v2-small'),
  });
  await checkOnnxModels(checks, {
    python: tf,
    fixtures: FIXTURES,
    folder: join(ROOT, 'out/onnx-models'),
    script: join(SCRIPTS, 'onnx_interop.py'),
    env: TENSORFLOW_ENVIRONMENT,
  });
  if (make(hub1, tf)) {
    await compareModules();
    compareResults();
  }
} catch (error) {
  checks.report('environments with TensorFlow', false, error.message);
}
checks.close();

function checkCache(python) {
  const { status, output } = run(python, [join(SCRIPTS, 'cache_interop.py')], { env: TENSORFLOW_ENVIRONMENT });
  checks.report("Tenon and Python's tensorflow_hub share one cache", status === 0, output);
}

function checkProtos(hub1, tf) {
  const script = join(SCRIPTS, 'check_protos.py');
  checks.run("our messages are TensorFlow's", tf, [script, 'tensorflow'], { env: TENSORFLOW_ENVIRONMENT });
  checks.run("our messages are TensorFlow Hub's", hub1, [script, 'tensorflow_hub'], { env: TENSORFLOW_ENVIRONMENT });
}

/** Makes all modules, SavedModels and goldens, in a folder that they take for their own: paths of vocabularies go into modules. */
function make(hub1, tf) {
  rmSync(MADE, { recursive: true, force: true });
  mkdirSync(MADE, { recursive: true });
  // The makers of SavedModels take their texts and pictures from those of modules.
  copyFileSync(join(SCRIPTS, 'make_modules.py'), join(MADE, 'make_modules.py'));
  const options = { cwd: MADE, env: TENSORFLOW_ENVIRONMENT };
  return [
    checks.run('TensorFlow Hub makes the modules', hub1, [join(SCRIPTS, 'make_modules.py')], options),
    checks.run('TensorFlow 2 makes the SavedModels', tf, [join(SCRIPTS, 'make_saved_models.py')], options),
  ].every(Boolean);
}

/** Modules come out the same byte for byte, but for weights that were computed, which another processor rounds differently. */
async function compareModules() {
  for (const name of readdirSync(join(FIXTURES, 'modules'))) {
    const [fixture, made] = [join(FIXTURES, 'modules', name), join(MADE, 'modules', name)];
    const files = readdirSync(fixture, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(fixture.length + 1));
    const different = files.filter(
      (file) =>
        !existsSync(join(made, file)) || !readFileSync(join(fixture, file)).equals(readFileSync(join(made, file))),
    );
    const problems = different.filter((file) => !file.startsWith('variables/'));
    if (different.length > problems.length) problems.push(...(await compareWeights(fixture, made)));
    checks.report(`${name} is what TensorFlow Hub makes`, problems.length === 0, problems.join('\n'));
  }
}

/** @returns the names of weights that are not those that they should be. */
async function compareWeights(...folders) {
  const files = { open: (path) => new FileSource(path) };
  const [left, right] = await Promise.all(
    folders.map((folder) => openCheckpoint(join(folder, 'variables/variables'), files)),
  );
  const keys = [...new Set([...left.keys(), ...right.keys()])];
  const differ = async (key) => {
    const [a, b] = await Promise.all([left, right].map((checkpoint) => checkpoint.read(key)));
    return a.dtype !== b.dtype || a.shape.join() !== b.shape.join() || !areNear(a.data, b.data);
  };
  const different = await Promise.all(keys.map((key) => differ(key).catch(() => true)));
  return keys.filter((_, index) => different[index]);
}

function areNear(left, right) {
  return Array.from(left).every(
    (value, index) => Math.abs(value - right[index]) <= WEIGHT_TOLERANCE * (1 + Math.abs(value)),
  );
}

/** The golden suite of `hub`, on what was made: large modules, too. */
function compareResults() {
  const { output } = run(
    process.execPath,
    [
      join(ROOT, 'node_modules/jest/bin/jest.js'),
      ...['--selectProjects', 'hub', '--testPathPatterns', 'goldens', '--json', `--testTimeout=${TEST_TIMEOUT}`],
      `--outputFile=${join(MADE, 'results.json')}`,
    ],
    { cwd: ROOT, env: { TENON_GOLDENS: MADE } },
  );
  const results =
    existsSync(join(MADE, 'results.json')) && JSON.parse(readFileSync(join(MADE, 'results.json'), 'utf8'));
  if (!results) return checks.report('the golden suite runs', false, output);
  for (const { assertionResults, message } of results.testResults) {
    if (assertionResults.length === 0) checks.report('the golden suite runs', false, message);
    for (const { status, fullName, failureMessages } of assertionResults)
      checks.report(fullName, status === 'passed', failureMessages.join('\n'));
  }
}
