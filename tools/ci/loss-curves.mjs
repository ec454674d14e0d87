// How losses fall in Tenon beside TensorFlow: the same network, data and first values. What TensorFlow's own curves differ by, with other
// numbers of threads and with oneDNN and without it, says how near is near. Used by interop.mjs; alone, it needs a build and Python, too.
//   node tools/ci/loss-curves.mjs
import { resolve, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onnx } from '@tenon/backend-onnx';
import { tfjs } from '@tenon/backend-tfjs';
import { Graph } from '@tenon/graph';
import * as hub from '@tenon/hub';
import * as tf from '@tenon/layers';
import { adam, gradientDescent } from '@tenon/training';
import { Checks, run } from './checks.mjs';
import { environment, TENSORFLOW_ENVIRONMENT } from './python.mjs';

const ROOT = resolve(import.meta.dirname, '../..');
const SCRIPT = join(ROOT, 'tools/tensorflow/loss_curves.py');
const MODULE = join(ROOT, 'tools/fixtures/modules/mobilenet-v2-small');

const [STEPS, BATCH, SIZE, CLASSES] = [50, 8, 32, 5];
/** How near the first steps are to be, and all steps in float64. */
const [FIRST_STEPS, FIRST_TOLERANCE, EXACT_TOLERANCE] = [3, 1e-4, 1e-8];
/** How often the spread of TensorFlow's own curves may be the distance to them. */
const SPREADS = 3;
/** TensorFlow's own ways to compute the same. */
const WAYS = [1, 2, 4].flatMap((threads) => ['0', '1'].map((oneDnn) => ({ threads, oneDnn })));
const OPTIMIZERS = {
  sgd: () => gradientDescent({ learningRate: 0.05 }),
  adam: () => adam({ learningRate: 0.001 }),
};
const BACKENDS = { onnx, tfjs, host: () => null };

/** Checks the curves on every backend. */
export async function checkLossCurves(checks, { python, script, module }) {
  const curves = WAYS.map(({ threads, oneDnn }) => {
    const env = { ...TENSORFLOW_ENVIRONMENT, TF_ENABLE_ONEDNN_OPTS: oneDnn };
    const { status, stdout, output } = run(python, [script, module, String(threads)], { env });
    if (status !== 0) throw new Error(output);
    return JSON.parse(stdout.trim().split('\n').at(-1));
  });
  for (const [name, makeBackend] of Object.entries(BACKENDS)) {
    for (const optimizer of Object.keys(OPTIMIZERS)) {
      for (const [model, build] of Object.entries({ images: buildImages, dense: buildDense })) {
        const title = `the loss of ${model} with ${optimizer} on ${name}`;
        const theirs = curves.map((curve) => curve[`${model} ${optimizer}`]);
        const ours = await train(build, module, OPTIMIZERS[optimizer](), makeBackend()).catch((error) => error);
        const problem = ours instanceof Error ? String(ours.stack) : compare(ours, theirs, model === 'dense');
        checks.report(`${title} falls as in TensorFlow`, problem === undefined, problem);
      }
    }
  }
}

/** What is wrong with a curve; `undefined` if nothing is. */
function compare(ours, theirs, isExact) {
  let spread = 0;
  for (const [step, loss] of ours.entries()) {
    const losses = theirs.map((curve) => curve[step]);
    const [least, greatest] = [Math.min(...losses), Math.max(...losses)];
    spread = Math.max(spread, greatest - least);
    const distance = Math.max(...losses.map((each) => Math.abs(loss - each)));
    // Curves that agree to the last bit leave room for the last bits of a sum.
    const allowed = isExact ? EXACT_TOLERANCE : Math.max(SPREADS * spread, 8 * 2 ** -23 * Math.abs(loss));
    if (!(distance <= allowed))
      return `step ${step}: ${loss} is ${distance} from TensorFlow's [${least}, ${greatest}]; ${allowed} is allowed`;
    if (step < FIRST_STEPS && !(distance <= FIRST_TOLERANCE)) return `step ${step}: ${loss}, not ${losses[0]}`;
  }
  return undefined;
}

async function train(build, module, optimizer, backend) {
  const graph = new Graph();
  const { loss, input, feed } = await build(graph, module);
  const step = optimizer.minimize(loss);
  const session = await hub.session(graph, { backend });
  const losses = [];
  try {
    const callable = session.callable([loss, step], [input]);
    for (let index = 0; index < STEPS; index++) losses.push((await callable.run([feed(index)]))[0].data[0]);
  } finally {
    await session.dispose();
  }
  return losses;
}

/** The small network and a head, everything trainable, on a new batch at each step. */
async function buildImages(graph, folder) {
  const input = hub.placeholder(graph, { dtype: 'float32', shape: [BATCH, SIZE, SIZE, 3] });
  const module = await hub.module(folder, { graph, trainable: true, tags: ['train'] });
  const features = module({ images: input });
  const kernel = variable(graph, 'w', weights([features.shape[1], CLASSES], Float32Array));
  const bias = variable(graph, 'b', new hub.Tensor('float32', [CLASSES], new Float32Array(CLASSES)));
  const labels = tf.constant(
    graph,
    Array.from({ length: BATCH }, (_, index) => index % CLASSES),
    { dtype: 'int32' },
  );
  const entropy = tf.sparseSoftmaxCrossEntropyWithLogits(tf.add(tf.matMul(features, kernel), bias), labels);
  const loss = tf.addN([tf.reduceMean(entropy), ...tf.regularizationLosses(graph)]);
  return { loss, input, feed: (step) => numbers([BATCH, SIZE, SIZE, 3], step, Float32Array) };
}

/** Two layers in float64. */
async function buildDense(graph) {
  const input = hub.placeholder(graph, { dtype: 'float64', shape: [BATCH, 6] });
  const [first, second] = [
    variable(graph, 'first', weights([6, 7], Float64Array)),
    variable(graph, 'second', weights([7, 2], Float64Array)),
  ];
  const output = tf.matMul(tf.tanh(tf.matMul(input, first)), second);
  const loss = tf.reduceMean(tf.squaredDifference(output, tf.constant(graph, numbers([BATCH, 2], 3, Float64Array))));
  return { loss, input, feed: (step) => numbers([BATCH, 6], step, Float64Array) };
}

function variable(graph, name, { dtype, shape, data }) {
  return tf.getVariable(graph, { name, dtype, shape, initializer: tf.constantValue(data) });
}

/** The same in both programs, to the bit: whole numbers over a power of two. */
function numbers(shape, seed, Elements) {
  return tensor(shape, Elements, (index) => ((index * 7919 + seed * 104729) % 1009) / 1024);
}

function weights(shape, Elements) {
  return tensor(shape, Elements, (index) => ((index % 11) - 5) / 64);
}

function tensor(shape, Elements, element) {
  const length = shape.reduce((product, size) => product * size, 1);
  const dtype = Elements === Float64Array ? 'float64' : 'float32';
  return new hub.Tensor(
    dtype,
    shape,
    Elements.from({ length }, (_, index) => element(index)),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const checks = new Checks();
  await checkLossCurves(checks, { python: environment('hub1'), script: SCRIPT, module: MODULE });
  checks.close();
}
