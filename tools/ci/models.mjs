// Runs models that others published, and compares with what TensorFlow computed. What Tenon does not cover yet stands in
// models-not-covered.txt; a model that is listed there and passes is a failure, so that the list only shrinks. Needs a build.
//   node tools/ci/models.mjs FOLDER [onnx | tfjs:cpu | tfjs:wasm | tfjs:node | tfjs-node]
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { onnx } from '@tenon/backend-onnx';
import { tfjs } from '@tenon/backend-tfjs';
import { tfjsNode } from '@tenon/backend-tfjs/node';
import { readNpz } from '@tenon/format/npz';
import { load, Tensor, tensorFrom } from '@tenon/hub';
import { Checks } from './checks.mjs';

/** Samples differ, but not their means: by no more than so many of the standard errors that samples of this size have. */
const MOST_STANDARD_ERRORS = 6;

const BACKENDS = {
  onnx: () => onnx(),
  tfjs: (part = 'wasm') => tfjs({ backend: part }),
  'tfjs-node': () => tfjsNode(),
};

const [folder, backendName = 'onnx'] = process.argv.slice(2);
const [library, part] = backendName.split(':');
if (folder === undefined || !Object.hasOwn(BACKENDS, library)) {
  console.error('Usage: node tools/ci/models.mjs FOLDER [onnx | tfjs:cpu | tfjs:wasm | tfjs:node | tfjs-node]');
  process.exit(2);
}
const { models, tolerance } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
const notCovered = readNotCovered(resolve(import.meta.dirname, 'models-not-covered.txt'));
const checks = new Checks();
let known = 0;
for (const model of models) {
  for (const name of model.cases) {
    const title = `${model.id} ${name}`;
    const problem = await problemOf(model.id, name);
    const reason = notCovered.get(title);
    notCovered.delete(title);
    if (reason === undefined) checks.report(title, problem === undefined, problem);
    else if (problem === undefined) checks.report(title, false, `It passes now: take it out of the list. (${reason})`);
    else {
      known++;
      console.log(`known  ${title}: ${reason}`);
    }
  }
}
for (const title of notCovered.keys()) checks.report(title, false, 'It is in the list, and there is no such model.');
console.log(`${known} known not to be covered`);
checks.close();

/** Lines of `model case: reason`. */
function readNotCovered(file) {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
}

/** What is wrong with a case; undefined if nothing is. */
async function problemOf(model, name) {
  try {
    const example = readExample(join(folder, model, name));
    const outputs = await compute(join(folder, model, 'model'), example);
    const problems = [...example.outputs].flatMap(([output, expected]) => {
      const actual = outputs[output];
      if (!Tensor.isTensor(actual))
        return [`${output}: there is no such output; there are ${Object.keys(outputs).join(', ')}.`];
      const problem = difference(actual, expected, example.random.has(`out:${output}`));
      return problem === undefined ? [] : [`${output}: ${problem}`];
    });
    return problems.length === 0 ? undefined : problems.join('\n');
  } catch (error) {
    return `${error.code ?? error.name}: ${error.message}`;
  }
}

function readExample(path) {
  const description = JSON.parse(readFileSync(`${path}.json`, 'utf8'));
  const arrays = readNpz(readFileSync(`${path}.npz`), `${path}.npz`);
  const tensors = (prefix) =>
    new Map(
      Object.entries(description.tensors)
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, tensor]) => [key.slice(prefix.length), decode(tensor, arrays.get(key))]),
    );
  return { ...description, inputs: tensors('in:'), outputs: tensors('out:'), random: new Set(description.random) };
}

function decode({ dtype, shape, base64 }, array) {
  if (dtype !== 'string') return array;
  return tensorFrom(base64.map((text) => Buffer.from(text, 'base64')), 'string').reshape(shape); // prettier-ignore
}

/** Outputs by name. Each case gets a module of its own: some have state. */
async function compute(directory, example) {
  const module = await load(directory, { tags: example.tags, backend: BACKENDS[library](part) });
  try {
    if (example.kind === 'function') {
      const { args, keywords } = argumentsOf(example);
      const result = await module.callFunction(example.function, args, keywords);
      return Tensor.isTensor(result) ? { output: result } : result;
    }
    if (example.signature_def && !module.getSignatureNames().includes(example.signature))
      return await fetch(module, example);
    const inputs = example.inputs.size === 0 ? undefined : example.inputs;
    return await module(inputs, { signature: example.signature, asDict: true });
  } finally {
    await module.dispose();
  }
}

/** Of a graph without signatures: tensors fed and fetched by their names. */
async function fetch(module, { inputs, outputs, signature_def: names }) {
  const feeds = new Map([...inputs].map(([name, value]) => [names.inputs[name].name, value]));
  const results = await module.fetch(
    [...outputs.keys()].map((name) => names.outputs[name].name),
    feeds,
  );
  return Object.fromEntries([...outputs.keys()].map((name) => [name, results[names.outputs[name].name]]));
}

/** Positional arguments stand under 0, keywords under 1: `0/0/1` is the second item of a list that is the first argument. */
function argumentsOf({ arguments: list, inputs }) {
  const roots = [[], {}];
  for (const { path, value } of list) {
    const keys = path.split('/');
    let target = roots;
    keys.forEach((key, depth) => {
      if (depth === keys.length - 1) target[key] = inputs.get(path) ?? value;
      else target = target[key] ??= /^\d+$/.test(keys[depth + 1]) ? [] : {};
    });
  }
  return { args: roots[0], keywords: roots[1] };
}

/** How far a tensor is from what is expected, if it is too far. */
function difference(actual, expected, isRandom) {
  const [type, wanted] = [actual, expected].map(({ dtype, shape }) => `${dtype} [${shape.join(', ')}]`);
  if (type !== wanted) return `it is ${type}; ${wanted} is expected.`;
  if (isRandom) return statisticalDifference(actual, expected);
  if (actual.dtype === 'string') {
    const index = Array.from({ length: actual.size }).findIndex(
      (_, element) => Buffer.compare(actual.data.at(element), expected.data.at(element)) !== 0,
    );
    return index < 0 ? undefined : `element ${index} is "${actual.data.decode(index)}".`;
  }
  const isFloat = actual.dtype.startsWith('float');
  const most = isFloat
    ? expected.data.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 0)
    : 0;
  const index = expected.data.findIndex((value, element) => !isNear(actual.data[element], value, isFloat, most));
  return index < 0 ? undefined : `element ${index} is ${actual.data[index]}; ${expected.data[index]} is expected.`;
}

function statisticalDifference(actual, expected) {
  if (!actual.dtype.startsWith('float')) return undefined;
  const [one, other] = [actual, expected].map(({ data }) => {
    const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
    return { mean, variance: data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length };
  });
  const error = Math.sqrt((one.variance + other.variance) / actual.size);
  if (!(Math.abs(one.mean - other.mean) <= MOST_STANDARD_ERRORS * error + Number.EPSILON))
    return `its mean is ${one.mean}; ${other.mean} is expected, with a standard error of ${error}.`;
  return undefined;
}

function isNear(actual, expected, isFloat, most) {
  if (Object.is(actual, expected) || actual === expected) return true;
  if (!isFloat || !Number.isFinite(expected)) return false;
  return Math.abs(actual - expected) <= tolerance.rtol * Math.abs(expected) + tolerance.atol_of_max * most;
}
