import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { parseSavedModel } from '@tenon/format';
import { Graph, type SymbolicTensor } from '@tenon/graph';
import * as tf from '@tenon/layers';
import { gradientDescent } from '@tenon/training';
import { Tensor } from '@tenon/tensor';
import * as hub from './index.js';
import { expectClose } from './testing/expect-close.js';
import { fixturePath, Golden, readGoldens, type GoldenDocument } from './testing/golden.js';

const folder = mkdtempSync(join(tmpdir(), 'tenon-saved-model-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const goldens = new Map(readGoldens().map((golden) => [golden.document.module, golden]));
let written = 0;

/** Exports a module that has all variables; nothing trained it. */
async function exported(path: string): Promise<string> {
  const graph = new Graph();
  const spec = await hub.loadModuleSpec(path);
  const tags = spec.getTags().find((own) => own.includes('train')) ?? spec.getTags()[0]!;
  const module = await hub.module(spec, { graph, tags });
  await using session = await hub.session(graph, { backend: null });
  const target = join(folder, `export-${written++}`);
  await module.exportSavedModel(target, session);
  return target;
}

/** Every file below a folder, with what it holds. */
const contents = (path: string): [string, string][] =>
  readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(path, name)).isFile())
    .sort()
    .map((name) => [name, readFileSync(join(path, name)).toString('base64')]);

describe('a SavedModel made of a module', () => {
  const small = [...goldens.values()].filter(
    ({ isHubModule, document }) => isHubModule && document.module !== 'nested',
  );
  it.each(small.map((golden) => [golden.document.module, golden] as const))(
    'computes what TensorFlow computed: %s',
    async (_, golden) => {
      const path = await exported(golden.path);
      await using model = await hub.load(path, { backend: null });
      const copy = new Golden(golden.document, path, '');
      expect(copy.isHubModule).toBe(false);
      const cases = golden.document.cases.filter(({ tags }) => !tags?.length);
      expect(cases.length).toBeGreaterThan(0);
      for (const example of cases) {
        const outputs = await model(golden.inputs(example), {
          signature: example.signature ?? 'default',
          asDict: true,
        });
        for (const [name, expected] of Object.entries(example.outputs)) {
          const actual = outputs[name];
          if (actual) expectClose(actual, expected, golden, 3);
        }
      }
    },
  );

  it('is an object that is called with and without training, has variables and losses', async () => {
    const golden = goldens.get('mobilenet-v2-small')!;
    const path = await exported(golden.path);
    const graph = new Graph();
    const model = await hub.module(path, { graph, trainable: true });
    expect(model.variables).toHaveLength(52);
    expect(model.variables.filter(({ trainable }) => trainable)).toHaveLength(32);
    expect(model.variables.map(({ name }) => name)).toContain('MobilenetV2/Conv/weights');
    expect([...model.functions.keys()]).toEqual(['__call__']);

    const images = golden.inputs(golden.document.cases[0]!)['images'] as Tensor;
    const trained = model.callFunction('__call__', [images], { training: true }) as SymbolicTensor;
    const used = model.callFunction('__call__', [images]) as SymbolicTensor;
    const losses = Array.from({ length: 8 }, (_, index) => model.callFunction(`regularization_losses.${index}`));
    const average = model.variables.find(({ name }) => name === 'MobilenetV2/Conv/BatchNorm/moving_mean')!;
    const read = tf.apply('ReadVariableOp', [average.operation.output()], { dtype: 'float32' });
    await using session = await hub.session(graph, { backend: null });
    const [before] = await session.run([read]);
    const [calm] = await session.run([used]);
    expectClose(calm!, golden.document.cases[0]!.outputs['default']!, golden, 3);
    expect(hub.toNested((await session.run([read]))[0]!)).toEqual(hub.toNested(before!));
    const sum = tf.addN(losses as SymbolicTensor[]);
    expect(hub.toNested((await session.run([sum]))[0]!)).toBeGreaterThan(0);
    await session.run([trained]);
    expect(hub.toNested((await session.run([read]))[0]!)).not.toEqual(hub.toNested(before!));
  });

  it('has the values that a session trained', async () => {
    const graph = new Graph();
    const module = await hub.module(fixturePath('modules/half-plus-two'), { graph, trainable: true });
    const y = module({ x: [1, 2] }, { asDict: true })['y'] as SymbolicTensor;
    const step = gradientDescent({ learningRate: 0.1 }).minimize(tf.reduceSum(y));
    await using session = await hub.session(graph, { backend: null });
    await session.run([step]);
    const [expected] = await session.run([y]);
    const target = join(folder, 'trained');
    await module.exportSavedModel(target, session);
    await using model = await hub.load(target, { backend: null });
    const { y: actual } = await model({ x: [1, 2] }, { signature: 'default', asDict: true });
    expect(hub.toNested(actual as Tensor)).toEqual(hub.toNested(expected!));
    expect(hub.toNested(await model([1, 2]))).toEqual(hub.toNested(expected!));
    expect(hub.toNested(await model({ x: [1, 2] }))).toEqual(hub.toNested(expected!));
    // For TensorFlow Serving, which asks for no other name.
    expect(model.getSignatureNames()).toContain('serving_default');
  });

  it.each(['tf1-tables', 'tf1-reloaded', 'tf1-reference-variables'])(
    'is made of a SavedModel of TensorFlow 1, too: %s',
    async (name) => {
      const unusual = fixturePath('unusual');
      const document = JSON.parse(readFileSync(join(unusual, 'golden', `${name}.json`), 'utf8')) as GoldenDocument;
      const golden = new Golden(document, join(unusual, 'saved_models', name), '');
      const spec = await hub.createModuleSpecFromSavedModel(golden.path);
      const graph = new Graph();
      const module = await hub.module(spec, { graph, tags: ['serve'] });
      await using session = await hub.session(graph, { backend: null });
      const target = join(folder, name);
      await module.exportSavedModel(target, session, { tags: ['serve'] });
      await using model = await hub.load(target, { backend: null });
      expect(model.spec.format).toBe('saved-model-v2');
      for (const example of document.cases.filter(({ tags, signature }) => signature && tags?.join() === 'serve')) {
        const outputs = await model(golden.inputs(example), { signature: example.signature, asDict: true });
        for (const [output, expected] of Object.entries(example.outputs))
          expectClose(outputs[output]!, expected, golden);
      }
    },
  );

  it('returns the values of reference variables', async () => {
    const spec = await hub.createModuleSpec((graph) => {
      const by = tf.placeholder(graph, { dtype: 'float32', shape: [], name: 'by' });
      const count = tf.getVariable(graph, { name: 'count', shape: [], initializer: tf.ones(), useResource: false });
      const add = tf.operation(graph, 'AssignAdd', [count.operation.output(), by]);
      hub.addSignature(graph, { name: 'add', inputs: { by }, outputs: { now: add.output() } });
      hub.addSignature(graph, { name: 'get', inputs: {}, outputs: { now: count.operation.output() } });
    });
    const graph = new Graph();
    const module = await hub.module(spec, { graph });
    await using session = await hub.session(graph, { backend: null });
    const target = join(folder, 'references');
    await module.exportSavedModel(target, session);
    await using model = await hub.load(target, { backend: null });
    const now = async (signature: string, inputs: Record<string, number>): Promise<unknown> =>
      hub.toNested((await model(inputs, { signature, asDict: true }))['now'] as Tensor);
    expect(await now('get', {})).toBe(1);
    expect(await now('add', { by: 3 })).toBe(4);
    expect(await now('add', { by: 2 })).toBe(6);
    expect(await now('get', {})).toBe(6);
  });

  it('names arguments so that Python takes them', async () => {
    const spec = await hub.createModuleSpec((graph) => {
      const names = ['a/b', 'a_b', '1', 'lambda', 'größe', ''];
      const all = names.map((name) => [name, tf.placeholder(graph, { dtype: 'float32', shape: [null] })] as const);
      hub.addSignature(graph, { inputs: Object.fromEntries(all), outputs: tf.addN(all.map(([, input]) => input)) });
    });
    const graph = new Graph();
    const module = await hub.module(spec, { graph });
    await using session = await hub.session(graph, { backend: null });
    const target = join(folder, 'names');
    await module.exportSavedModel(target, session);
    const [definition] = parseSavedModel(new Uint8Array(readFileSync(join(target, 'saved_model.pb')))).metaGraphs;
    const keywords = definition!.objectGraphDef!.nodes.flatMap(({ kind }) =>
      kind.case === 'bareConcreteFunction' ? [kind.value.argumentKeywords] : [],
    );
    // What `1` and the empty name are called begins as Python's names may.
    expect(keywords).toEqual([['a_b', 'a_b_', 'arg_', 'arg_1', 'größe', 'lambda_']]);
    expect(Object.keys(definition!.signatureDef['default']!.inputs).sort()).toEqual(
      ['', '1', 'a/b', 'a_b', 'größe', 'lambda'], // prettier-ignore
    );
  });

  it('is the same files for the same module', async () => {
    const paths = [
      await exported(fixturePath('modules/control-flow')),
      await exported(fixturePath('modules/control-flow')),
    ];
    const [one, two] = paths.map(contents);
    expect(one).toEqual(two);
  });

  it('says nothing of where it was made', async () => {
    const path = await exported(fixturePath('modules/table-classifier'));
    const bytes = readFileSync(join(path, 'saved_model.pb'));
    expect(bytes.includes(folder)).toBe(false);
    expect(bytes.includes(fixturePath('modules'))).toBe(false);
  });
});

describe('a SavedModel that was read', () => {
  it.each(['tf2-reusable', 'tf2-hash-table', 'tf2-keras2-text'])('stays what it was: %s', async (name) => {
    const golden = goldens.get(name)!;
    const path = await exported(golden.path);
    const [actualModel, original] = [path, golden.path].map((from) =>
      parseSavedModel(new Uint8Array(readFileSync(join(from, 'saved_model.pb')))),
    );
    expect(actualModel).toEqual(original);
    const skipped = /^(fingerprint|keras_metadata)\.pb$/;
    const named = (from: string): string[] =>
      contents(from).map(([file]) => file).filter((file) => !skipped.test(file)); // prettier-ignore
    expect(named(path)).toEqual(named(golden.path));
    await using model = await hub.load(path, { backend: null });
    for (const example of golden.document.cases.filter(({ call }) => call === undefined)) {
      const outputs = await model(golden.inputs(example), { signature: example.signature, asDict: true });
      for (const [output, expected] of Object.entries(example.outputs)) expectClose(outputs[output]!, expected, golden);
    }
  });

  it('has the values that a session trained', async () => {
    const graph = new Graph();
    const model = await hub.module(fixturePath('saved_models/tf2-reusable'), { graph, trainable: true });
    const x = tf.constant(graph, Array.from({ length: 12 }, (_, index) => index / 6)); // prettier-ignore
    const inputs = tf.reshape(x, [2, 6]);
    const y = model.callFunction('__call__', [inputs], { training: true }) as SymbolicTensor;
    const step = gradientDescent({ learningRate: 0.1 }).minimize(tf.reduceSum(tf.square(y)));
    const used = model.callFunction('__call__', [inputs]) as SymbolicTensor;
    await using session = await hub.session(graph, { backend: null });
    const [before] = await session.run([used]);
    await session.run([step]);
    const [expected] = await session.run([used]);
    const target = join(folder, 'trained-object');
    await model.exportSavedModel(target, session);
    await using again = await hub.load(target, { backend: null });
    const values = Array.from({ length: 12 }, (_, index) => index / 6);
    const actual = await again.callFunction('__call__', [hub.tensorFrom(values).reshape([2, 6])]);
    expect(hub.toNested(actual as Tensor)).toEqual(hub.toNested(expected!));
    expect(hub.toNested(actual as Tensor)).not.toEqual(hub.toNested(before!));
  });
});
