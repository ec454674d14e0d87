// Modules that Tenon makes, trains and exports, and those that it reads and exports again, in the hands of real TensorFlow; and what that trains
// and exports, back in Tenon's. Used by interop.mjs.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import * as hub from '@tenon/hub';
import * as tf from '@tenon/layers';
import { adagrad, adam, momentum } from '@tenon/training';
import { run } from './checks.mjs';

const TOLERANCE = 1e-5;

/** SavedModels of TensorFlow 1 that are made modules. */
const FROM_SAVED_MODELS = ['tf1-tables', 'tf1-reference-variables'];

/** What modules are made of here: a name, what builds them, what they are trained on, and how they are called. */
const MADE = [
  {
    name: 'made-images',
    build: buildImages,
    loss: imagesLoss,
    optimizer: adam({ learningRate: 0.01 }),
    inputs: { images: numbers([2, 8, 8, 2]) },
  },
  {
    name: 'made-words',
    build: buildWords,
    loss: wordsLoss,
    optimizer: momentum({ learningRate: 0.1, momentum: 0.9 }),
    inputs: { ids: integers([3, 4], 20) },
  },
  {
    name: 'made-texts',
    build: buildTexts,
    loss: textsLoss,
    optimizer: adagrad({ learningRate: 0.5 }),
    inputs: { texts: hub.tensorFrom(['one two', 'größer nowhere two', '', 'three'], 'string') },
  },
  {
    name: 'made-loops',
    build: buildLoops,
    loss: loopsLoss,
    optimizer: adam({ learningRate: 0.01 }),
    inputs: { sequences: numbers([2, 4, 3]) },
  },
];
const variants = (folder) => [
  [[], { folder }],
  [['train'], { training: true, folder }],
];

function buildImages(graph, { training = false }) {
  const images = tf.placeholder(graph, { dtype: 'float32', shape: [null, 8, 8, 2], name: 'images' });
  const kernelRegularizer = tf.l2Regularizer(0.01);
  let y = tf.convolution2d(images, {
    filters: 4,
    kernelSize: 3,
    kernelRegularizer,
    kernelInitializer: tf.heNormal({ seed: 1 }),
  });
  y = tf.relu(tf.batchNormalization(y, { training, momentum: 0.9 }));
  y = tf.separableConvolution2d(y, { filters: 6, kernelSize: 3, padding: 'same', activation: tf.relu6 });
  y = tf.dropout(tf.flatten(tf.maxPool(y, 2)), { training, rate: 0.2, seed: 3 });
  y = tf.dense(y, { units: 3, name: 'features' });
  hub.addSignature(graph, { inputs: { images }, outputs: y });
  hub.addSignature(graph, { name: 'probabilities', inputs: { images }, outputs: tf.softmax(y) });
  hub.attachImageModuleInfo(graph, { defaultImageSize: { height: 8, width: 8 } });
}

function imagesLoss(graph, module, inputs) {
  const logits = module({ images: tf.constant(graph, inputs.images) });
  tf.sparseSoftmaxCrossEntropy(tf.constant(graph, [0, 2], { dtype: 'int32' }), logits);
  return tf.totalLoss(graph);
}

function buildWords(graph) {
  const ids = tf.placeholder(graph, { dtype: 'int32', shape: [null, null], name: 'ids' });
  const rows = tf.embedding(ids, { vocabularySize: 20, dimension: 5 });
  const y = tf.dense(tf.reduceMean(rows, { axis: 1 }), { units: 2, activation: tf.tanh });
  hub.addSignature(graph, { inputs: { ids }, outputs: { default: y, rows } });
  const sparse = tf.sparsePlaceholder(graph, { dtype: 'float32', shape: [null, 7] });
  hub.addSignature(graph, { name: 'sparse', inputs: sparse, outputs: tf.reduceSum(sparse.values) });
  const words = tf.placeholder(graph, { dtype: 'int32', shape: [null], name: 'words' });
  const rowSplits = [tf.placeholder(graph, { dtype: 'int64', shape: [null], name: 'splits' })];
  hub.addSignature(graph, {
    name: 'ragged',
    inputs: { words: { values: words, rowSplits } },
    outputs: tf.square(words),
  });
  hub.attachMessage(graph, 'note', new TextEncoder().encode('größer'));
}

function wordsLoss(graph, module, inputs) {
  return tf.meanSquaredError(numbers([3, 2]), module({ ids: tf.constant(graph, inputs.ids) }));
}

/** Words from a file, those that are not in it hashed, and the mean of the rows of each text's words. */
function buildTexts(graph, { folder }) {
  const file = join(folder, 'vocabulary.txt');
  writeFileSync(file, 'one\ntwo\nthree\ngrößer\n');
  const texts = tf.placeholder(graph, { dtype: 'string', shape: [null], name: 'texts' });
  const [indices, words, denseShape] = tf.operation(graph, 'StringSplitV2', [texts, ' ']).outputs;
  const values = tf.lookup(tf.vocabularyTable(graph, { file }), words, { oovBuckets: 2 });
  const table = tf.getVariable(graph, { name: 'table', shape: [6, 3], initializer: tf.truncatedNormal({ seed: 1 }) });
  const rows = tf.embeddingLookupSparse(table, { indices, values, denseShape }, { combiner: 'sqrtn' });
  hub.addSignature(graph, { inputs: { texts }, outputs: tf.dense(rows, { units: 2 }) });
}

function textsLoss(graph, module, inputs) {
  return tf.sigmoidCrossEntropy([[1, 0], [0, 1], [0, 0], [1, 1]], module({ texts: tf.constant(graph, inputs.texts) })); // prettier-ignore
}

/** A recurrent network, a loop in a branch, a branch in a loop. */
function buildLoops(graph) {
  const sequences = tf.placeholder(graph, { dtype: 'float32', shape: [null, null, 3], name: 'sequences' });
  const steps = tf.transpose(sequences, [1, 0, 2]);
  const length = tf.gather(tf.shapeOf(steps), 0);
  const batch = tf.gather(tf.shapeOf(steps), 1);
  const zero = tf.constant(graph, 0, { dtype: 'int32' });
  const nothing = tf.apply('Fill', [tf.stack([batch, 5]), 0]);
  const { state } = tf.whileLoop(
    ({ step }) => tf.less(step, length),
    ({ step, state }) => {
      const both = tf.concat([tf.gather(steps, step), state], 1);
      const next = tf.dense(both, { units: 5, activation: tf.tanh, name: 'cell', kernelInitializer: tf.glorotUniform({ seed: 5 }) }); // prettier-ignore
      const isOdd = tf.equal(tf.apply('FloorMod', [step, 2]), 1);
      return { step: tf.add(step, 1), state: tf.cond(isOdd, () => tf.add(next, state), () => next) }; // prettier-ignore
    },
    { step: zero, state: nothing },
    { shapeInvariants: { state: [null, 5] } },
  );
  const y = tf.cond(
    tf.greater(tf.reduceMean(state), -10),
    () => tf.whileLoop((value) => tf.less(tf.reduceSum(tf.square(value)), 20), (value) => [tf.multiply(value, 1.5)], [state], { maximumIterations: 3 })[0], // prettier-ignore
    () => tf.negate(state),
  );
  hub.addSignature(graph, { inputs: { sequences }, outputs: tf.dense(y, { units: 2, kernelInitializer: tf.glorotUniform({ seed: 6 }) }) }); // prettier-ignore
}

function loopsLoss(graph, module, inputs) {
  return tf.meanSquaredError(numbers([2, 2]), module({ sequences: tf.constant(graph, inputs.sequences) }));
}

function numbers(shape) {
  const size = shape.reduce((a, b) => a * b);
  return hub.tensorFrom(Float32Array.from({ length: size }, (_, index) => Math.sin(index))).reshape(shape);
}

function integers(shape, below) {
  const size = shape.reduce((a, b) => a * b);
  return hub.tensorFrom(Int32Array.from({ length: size }, (_, index) => (index * 7) % below)).reshape(shape);
}

/**
 * @param checks Where to report.
 * @param fixtures The folder with modules and SavedModels that TensorFlow made, and goldens.
 * @param folder Where to put everything.
 */
export async function checkExports(checks, { hub1, tf: tf2, fixtures, folder, scripts, env }) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const made of MADE)
    await attempt(checks, `${made.name} is made, trained and exported`, () => make(made, folder));
  for (const kind of ['export', 'exportSavedModel'])
    await attempt(checks, `a program that is killed while it exports leaves nothing under the name (${kind})`, () =>
      killWhileExporting(join(fixtures, 'modules/mobilenet-v2-small'), kind, join(folder, `killed-${kind}`)),
    );
  const modules = join(fixtures, 'modules');
  for (const path of [modules, join(fixtures, 'saved_models')].flatMap(childrenOf))
    await attempt(checks, `${basename(path)} is exported again`, () => exportAgain(path, folder));
  for (const name of FROM_SAVED_MODELS)
    await attempt(checks, `${name} becomes a module`, () =>
      exportFromSavedModel(join(fixtures, 'unusual/saved_models', name), folder),
    );
  for (const [python, kind] of [
    [hub1, 'hub1'],
    [tf2, 'tf2'],
  ]) {
    const runPython = (script, results, title) => {
      const { output } = run(python, [join(scripts, script), kind, folder, fixtures], { env });
      const file = join(folder, results);
      if (!existsSync(file)) checks.report(`${title} (${kind})`, false, output);
      else
        for (const { title, problem } of JSON.parse(readFileSync(file, 'utf8')))
          checks.report(title, problem === '', problem);
    };
    runPython('export_interop.py', `${kind}.json`, 'TensorFlow has the modules');
    runPython('saved_model_interop.py', `saved-models-${kind}.json`, 'TensorFlow has the SavedModels');
  }
  for (const { name, inputs } of MADE) {
    await attempt(checks, `${name}, trained and exported by TensorFlow, is what that computes`, () =>
      compareTrained(join(folder, `${name}-trained`), inputs),
    );
    await attempt(checks, `${name}, trained and exported by TensorFlow, says of itself what it did`, () =>
      compareDescriptions(join(folder, name), join(folder, `${name}-trained`)),
    );
    for (const kind of ['hub1', 'tf2'])
      await attempt(
        checks,
        `the SavedModel of ${name}, trained and saved by TensorFlow, is what that computes (${kind})`,
        () => compareTrained(join(folder, `model-${name}-${kind}`), inputs),
      );
  }
  for (const name of FROM_SAVED_MODELS)
    await attempt(checks, `${name}, made a module by TensorFlow Hub, is what Tenon makes of it`, () =>
      compareDescriptions(join(folder, `from-${name}`), join(folder, `python-from-${name}`)),
    );
}

const childrenOf = (folder) => readdirSync(folder).map((name) => join(folder, name));

async function attempt(checks, title, action) {
  try {
    await action();
    checks.report(title, true);
  } catch (error) {
    checks.report(title, false, `${error.code ?? error.name}: ${error.stack}`);
  }
}

/** Makes a module, trains it, exports it, and writes down what it computes then. */
async function make({ name, build, loss, optimizer, inputs }, folder) {
  const spec = await hub.createModuleSpec(build, variants(folder));
  const graph = new hub.Graph();
  const module = await hub.module(spec, { graph, trainable: true, tags: ['train'] });
  const total = loss(graph, module, inputs);
  const step = optimizer.minimize(total);
  const session = await hub.session(graph);
  const losses = [];
  for (let count = 0; count < 10; count++) losses.push((await session.run([total, step]))[0].data[0]);
  if (!(losses.at(-1) < losses[0])) throw new Error(`The loss did not fall: ${losses.join(', ')}`);
  await module.export(join(folder, name), session);
  await module.exportSavedModel(join(folder, `model-${name}`), session);
  await session.dispose();
  await writeOutputs(join(folder, name), inputs, join(folder, `${name}.json`));
}

async function writeOutputs(path, inputs, file) {
  const module = await hub.load(path);
  const outputs = await module(inputs, { asDict: true });
  await module.dispose();
  const plain = (tensors) =>
    Object.fromEntries(
      Object.entries(tensors).map(([key, tensor]) => [
        key,
        { dtype: tensor.dtype, shape: tensor.shape, data: hub.toNested(tensor.reshape([tensor.size])) },
      ]),
    );
  writeFileSync(file, JSON.stringify({ inputs: plain(inputs), outputs: plain(outputs) }));
}

/** Kills a program as soon as it has begun to write, and once more later; then exports in its place. */
async function killWhileExporting(from, kind, folder) {
  mkdirSync(folder);
  const program = `
    import * as hub from '@tenon/hub';
    const graph = new hub.Graph();
    const module = await hub.module(process.argv[1], { graph, tags: ['train'] });
    const session = await hub.session(graph, { backend: null });
    for (let count = 0; ; count++) await module[process.argv[2]](process.argv[3] + count, session);`;
  for (const [attempt, written] of [0, 3].entries()) {
    const target = join(folder, `module-${attempt}-`);
    const args = ['--input-type=module', '--eval', program, from, kind, target];
    const child = spawn(process.execPath, args, { stdio: 'ignore', cwd: import.meta.dirname });
    const exited = once(child, 'exit');
    const begun = () => readdirSync(folder).filter((name) => name.includes(`module-${attempt}-${written}`)).length > 0;
    while (child.exitCode === null && !begun()) await setTimeout(1);
    child.kill('SIGKILL');
    const [code, signal] = await exited;
    if (signal !== 'SIGKILL') throw new Error(`It ended by itself, with ${code}.`);
    // What has its name is complete.
    for (const name of readdirSync(folder).filter((one) => !one.startsWith('.'))) {
      const module = await hub.load(join(folder, name), { backend: null });
      await module({ images: numbers([1, 32, 32, 3]) }, { signature: 'default', asDict: true, outputs: ['default'] });
      await module.dispose();
    }
  }
  await exportAgain(from, folder);
}

/** As what it is, where it is a module, and as a SavedModel. */
async function exportAgain(from, folder) {
  const name = basename(from);
  const spec = await hub.loadModuleSpec(from);
  const graph = new hub.Graph();
  // One that has all variables: where there is one for training, that.
  const tags = spec.getTags().find((own) => own.includes('train')) ?? spec.getTags()[0];
  const module = await hub.module(spec, { graph, tags });
  const session = await hub.session(graph);
  if (spec.format === 'hub-module') await module.export(join(folder, `again-${name}`), session);
  await module.exportSavedModel(join(folder, `model-${name}`), session);
  await session.dispose();
}

/** A SavedModel of TensorFlow 1, made a module. */
async function exportFromSavedModel(from, folder) {
  const spec = await hub.createModuleSpecFromSavedModel(from);
  const graph = new hub.Graph();
  const module = await hub.module(spec, { graph, tags: spec.getTags()[0] });
  const session = await hub.session(graph);
  await module.export(join(folder, `from-${basename(from)}`), session);
  await session.dispose();
}

async function compareTrained(path, inputs) {
  const { outputs } = JSON.parse(readFileSync(`${path}.json`, 'utf8'));
  const module = await hub.load(path);
  const signature = module.getSignatureNames().includes('default') ? 'default' : undefined;
  const actual = await module(inputs, { signature, asDict: true });
  await module.dispose();
  for (const [key, { shape, data }] of Object.entries(outputs)) {
    if (actual[key].shape.join() !== shape.join())
      throw new Error(`${key} is [${actual[key].shape.join(', ')}], not [${shape.join(', ')}]`);
    data.forEach((value, index) => {
      const difference = Math.abs(actual[key].data[index] - value);
      if (!(difference <= TOLERANCE * (1 + Math.abs(value))))
        throw new Error(`${key}: element ${index} is ${actual[key].data[index]}, not ${value}`);
    });
  }
}

/** All that can be asked of a module, and what its files say: but for values of variables they must not differ. */
async function compareDescriptions(...paths) {
  const [left, right] = await Promise.all(paths.map(describe));
  if (left !== right) throw new Error(`It says:\n${right}\nand should say:\n${left}`);
}

async function describe(path) {
  const spec = await hub.loadModuleSpec(path);
  const variants = [];
  for (const tags of spec.getTags()) {
    const signatures = {};
    for (const signature of spec.getSignatureNames({ tags })) {
      const infos = (map) => [...map].map(([name, { kind, dtype, shape }]) => [name, kind, dtype, shape]).sort();
      signatures[signature] = [spec.getInputInfo({ signature, tags }), spec.getOutputInfo({ signature, tags })].map(
        infos,
      );
    }
    const graph = new hub.Graph();
    const module = await hub.module(spec, { graph, tags, trainable: true });
    const { attachments } = spec.variant(tags);
    variants.push({
      tags,
      signatures: Object.entries(signatures).sort(),
      variables: module.variables.map(({ name, dtype, shape, trainable }) => [name, dtype, shape, trainable]).sort(),
      collections: [...graph.collections].map(([name, members]) => [name, members.map((member) => member.name)]).sort(),
      attachments: [...attachments].map(([key, bytes]) => [key, [...bytes]]).sort(),
      tables: [...graph.operations]
        .filter(({ type }) => type.includes('HashTable'))
        .map(({ name, type }) => [name, type]),
    });
  }
  const assets = join(path, 'assets');
  const files = existsSync(assets) ? readdirSync(assets) : [];
  return JSON.stringify(
    { variants, assets: files.sort().map((name) => [name, readFileSync(join(assets, name), 'hex')]) },
    null,
    1,
  );
}
