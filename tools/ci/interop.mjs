// Tenon beside real TensorFlow: one cache for both, the checked-in modules made anew, and what TensorFlow computes with all of them.
// Needs a build, and Python. VENVS may name a folder with environments that are there already.
//   node tools/ci/interop.mjs
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Checks, run } from './checks.mjs';
import { environment, TENSORFLOW_ENVIRONMENT } from './python.mjs';

const ROOT = resolve(import.meta.dirname, '../..');
const SCRIPTS = join(ROOT, 'tools/tensorflow');
const MADE = join(ROOT, 'out/made');
const FIXTURES = join(ROOT, 'tools/fixtures');
/** Large modules, on one core, beside others. */
const TEST_TIMEOUT = 120_000;

const checks = new Checks();
try {
  const hub1 = environment('hub1');
  const tf = environment('tf');
  checkCache(tf);
  if (make(hub1, tf)) {
    compareBytes();
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

/** Modules come out the same byte for byte; SavedModels of TensorFlow 2 do not. */
function compareBytes() {
  for (const name of readdirSync(join(FIXTURES, 'modules'))) {
    const [fixture, made] = [join(FIXTURES, 'modules', name), join(MADE, 'modules', name)];
    const different = readdirSync(fixture, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name: file }) => join(parentPath, file).slice(fixture.length + 1))
      .filter(
        (file) =>
          !existsSync(join(made, file)) || !readFileSync(join(fixture, file)).equals(readFileSync(join(made, file))),
      );
    checks.report(`${name} is what TensorFlow Hub makes`, different.length === 0, different.join('\n'));
  }
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
