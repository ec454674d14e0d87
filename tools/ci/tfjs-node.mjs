// Builds the binding of @tensorflow/tfjs-node and computes with it, on the Nodes that are supported.
//   node tools/ci/tfjs-node.mjs
import { join, resolve } from 'node:path';
import { Checks, run } from './checks.mjs';
import { installNode } from './node-version.mjs';
import { environment, TENSORFLOW_ENVIRONMENT } from './python.mjs';

const TOOLS = resolve(import.meta.dirname, '../tfjs-node');

const checks = new Checks();
if (
  checks.run('@tensorflow/tfjs-node builds from its source', 'node', [
    join(TOOLS, 'build.mjs'),
    '--tensorflow',
    installedTensorFlow(),
  ])
) {
  const options = { env: TENSORFLOW_ENVIRONMENT };
  const program = join(TOOLS, 'compute.cjs');
  checks.run('it computes', 'node', [program], options);
  checks.run('it computes on Node 24', installNode('24'), [program], options);
  const jest = ['node_modules/jest/bin/jest.js', '--config', join(TOOLS, 'jest.config.mjs')];
  checks.run('the tests that need it', 'node', jest, options);
  checks.run('these tests on Node 24', installNode('24'), jest, options);
}
checks.close();

/** The folder of the TensorFlow that the other checks compare with. */
function installedTensorFlow() {
  const program = "import importlib.util; print(importlib.util.find_spec('tensorflow').submodule_search_locations[0])";
  const { stdout } = run(environment('tf'), ['-c', program]);
  return stdout.trim();
}
