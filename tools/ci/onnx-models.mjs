// Modules that Tenon writes as ONNX models, checked and run by Python's onnx and onnxruntime. Used by interop.mjs; alone, it needs a build and
// Python, too.
//   node tools/ci/onnx-models.mjs
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Graph } from '@tenon/graph';
import * as hub from '@tenon/hub';
import * as tf from '@tenon/layers';
import { gradientDescent } from '@tenon/training';
import { Checks, run } from './checks.mjs';
import { environment, TENSORFLOW_ENVIRONMENT } from './python.mjs';

const ROOT = resolve(import.meta.dirname, '../..');

const images = numbers([2, 32, 32, 3], 1);
/** What is written: modules of the fixtures, with what goes in. */
const CASES = [
  { name: 'image-features', path: 'modules/mobilenet-v2-small', inputs: { images } },
  { name: 'image-features-in-two-files', path: 'modules/mobilenet-v2-small', inputs: { images }, inlineBytes: 0 },
  { name: 'image-features-trained', path: 'modules/mobilenet-v2-small', inputs: { images }, trained: true },
  { name: 'generator', path: 'modules/progan-like', inputs: { default: numbers([2, 512], 2) } },
  { name: 'loops', path: 'modules/control-flow', inputs: { x: numbers([3], 4), n: integer(7) } },
  { name: 'recurrent', path: 'saved_models/tf2-keras2-lstm' },
  { name: 'half-plus-two', path: 'modules/half-plus-two', inputs: { x: numbers([4], 3) } },
];

/** Writes models, and has Python check each and compute with it. */
export async function checkOnnxModels(checks, { python, fixtures, folder, script, env }) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const example of CASES) await write(example, fixtures, folder);
  const { status, stdout, output } = run(python, [script, folder], { env });
  if (status !== 0) return checks.report('Python checks ONNX models', false, output);
  for (const { name, problem } of JSON.parse(stdout.trim().split('\n').at(-1)))
    checks.report(`Python checks the ONNX model of ${name}, and computes what Tenon does`, problem === '', problem);
}

async function write({ name, path, inputs: given, trained, inlineBytes }, fixtures, folder) {
  const graph = new Graph();
  const module = await hub.module(join(fixtures, path), {
    graph,
    ...(trained && { trainable: true, tags: ['train'] }),
  });
  const inputs = given ?? inputsFor(module);
  const symbolic = module(inputs, { asDict: true });
  const step = trained && gradientDescent({ learningRate: 0.1 }).minimize(tf.reduceMean(tf.square(symbolic.default)));
  const session = await hub.session(graph, { backend: null });
  if (step) await session.run([step]);
  const names = await module.exportOnnx(join(folder, `${name}.onnx`), session, {
    ...(inlineBytes !== undefined && { inlineBytes }),
  });
  const outputNames = Object.keys(symbolic);
  const values = await session.run(outputNames.map((output) => symbolic[output]));
  await session.dispose();
  const inputTensors = Object.entries(inputs).map(([input, tensor]) => [names.inputs[input][0], plain(tensor)]);
  const outputTensors = outputNames.map((output, index) => [names.outputs[output][0], plain(values[index])]);
  const outputs = Object.fromEntries(outputTensors);
  const description = { file: `${name}.onnx`, inputs: Object.fromEntries(inputTensors), outputs };
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(description));
}

/** Numbers for all inputs of the default signature; unknown dimensions are 2. */
function inputsFor(module) {
  const infos = [...module.getInputInfo()];
  return Object.fromEntries(
    infos.map(([name, { shape }]) => [
      name,
      numbers(
        shape.map((size) => size ?? 2),
        5,
      ),
    ]),
  );
}

function plain({ dtype, shape, data }) {
  return { dtype, shape, data: Array.from(data, Number) };
}

function numbers(shape, seed) {
  const length = shape.reduce((product, size) => product * size, 1);
  const data = Float32Array.from({ length }, (_, index) => ((index * 7919 + seed * 104729) % 1009) / 1009);
  return new hub.Tensor('float32', shape, data);
}

function integer(value) {
  return new hub.Tensor('int32', [], Int32Array.of(value));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const checks = new Checks();
  await checkOnnxModels(checks, {
    python: environment('tf'),
    fixtures: join(ROOT, 'tools/fixtures'),
    folder: join(ROOT, 'out/onnx-models'),
    script: join(ROOT, 'tools/tensorflow/onnx_interop.py'),
    env: TENSORFLOW_ENVIRONMENT,
  });
  checks.close();
}
