import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { Graph, type SymbolicTensor } from '@tenon/graph';
import * as tf from '@tenon/layers';
import { gradientDescent } from '@tenon/training';
import * as hub from './index.js';
import { fixturePath, readGoldens, type GoldenTensor } from './testing/golden.js';

/** `tools/tensorflow/partial_training_goldens.py` makes it. */
const truth = JSON.parse(readFileSync(resolve(__dirname, '../testdata/partial-training.json'), 'utf8')) as {
  readonly pattern: string;
  readonly steps: readonly { readonly ce: number; readonly reg: number }[];
  readonly losses: number;
  readonly updates: number;
  readonly trainable: readonly string[];
  readonly moved: Readonly<Record<string, readonly number[]>>;
};
const MODULE = fixturePath('modules/mobilenet-v2-small');
const TRAIN = { tags: ['train'] };

/** Steps of whole networks, on machines that do other things as well. */
jest.setTimeout(120_000);

const names = (graph: Graph, collection: string): string[] =>
  (graph.collections.get(collection) ?? []).map(({ name }) => name);

function images(): hub.Tensor {
  const golden = readGoldens().find(({ document }) => document.module === 'mobilenet-v2-small')!;
  const { training } = golden.document as unknown as { readonly training: { readonly images: GoldenTensor } };
  return golden.decode(training.images) as hub.Tensor;
}

async function values(module: hub.GraphModule, session: hub.Session): Promise<Map<string, hub.Tensor>> {
  const reads = module.variables.map(({ operation, dtype }) =>
    tf.apply('ReadVariableOp', [operation.output()], { dtype }),
  );
  const read = await session.run(reads);
  return new Map(module.variables.map(({ name }, index) => [name, read[index]!]));
}

describe('training the last block of a module', () => {
  it('moves what TensorFlow moves, as it does, and nothing else', async () => {
    const graph = new Graph();
    const module = await hub.module(MODULE, { graph, trainable: new RegExp(truth.pattern), ...TRAIN });
    expect(names(graph, 'trainable_variables')).toEqual(truth.trainable);
    expect(names(graph, 'regularization_losses')).toHaveLength(truth.losses);
    const features = module({ images: images() });
    expect(names(graph, 'update_ops')).toHaveLength(truth.updates);
    const weights = Float32Array.from({ length: 64 * 5 }, (_, index) => ((index % 11) - 5) * 0.02);
    const w = tf.getVariable(graph, { name: 'w', shape: [64, 5], initializer: tf.constantValue(weights) });
    const bias = tf.getVariable(graph, { name: 'bias', shape: [5], initializer: tf.zeros() });
    const labels = tf.constant(graph, [0, 1, 2, 3, 4, 0, 1, 2], { dtype: 'int32' });
    const logits = tf.add(tf.matMul(features, w), bias);
    const ce = tf.reduceMean(tf.sparseSoftmaxCrossEntropyWithLogits(logits, labels));
    const reg = tf.addN(tf.regularizationLosses(graph));
    const step = gradientDescent({ learningRate: 0.05 }).minimize(tf.add(ce, reg));
    await using session = await hub.session(graph);
    const before = await values(module, session);
    for (const expected of truth.steps) {
      const [actualCe, actualReg] = await session.run([ce, reg, step]);
      expect(hub.toNested(actualCe!)).toBeCloseTo(expected.ce, 5);
      expect(hub.toNested(actualReg!)).toBeCloseTo(expected.reg, 5);
    }
    const after = await values(module, session);
    for (const [name, value] of after) {
      const expected = truth.moved[name];
      const actual = Array.from(value.data as Float32Array);
      if (!expected) expect([name, actual]).toEqual([name, Array.from(before.get(name)!.data as Float32Array)]);
      else {
        expect([name, actual.length]).toEqual([name, expected.length]);
        expected.forEach((element, index) => expect(Math.abs(actual[index]! - element)).toBeLessThan(2e-5 * (1 + Math.abs(element)))); // prettier-ignore
      }
    }
  });

  it('takes functions of names, and patterns that remember where they were', async () => {
    const isLast = (name: string): boolean => name.startsWith('MobilenetV2/Conv_1/');
    for (const trainable of [isLast, /^MobilenetV2\/Conv_1\//g, /\/conv_1\//gi]) {
      const graph = new Graph();
      const module = await hub.module(MODULE, { graph, trainable, ...TRAIN });
      expect(names(graph, 'trainable_variables')).toEqual(truth.trainable);
      expect(module.variables.filter((variable) => variable.trainable).map(({ name }) => `module/${name}`)).toEqual(truth.trainable); // prettier-ignore
      expect(module.trainable).toBe(true);
    }
  });

  it('does not reach other instances of the same module', async () => {
    const spec = await hub.loadModuleSpec(MODULE);
    const counts = [];
    for (const trainable of [true, /Conv_1/, false, true]) {
      const graph = new Graph();
      const module = await hub.module(spec, { graph, trainable, ...TRAIN });
      module({ images: images() });
      counts.push(['trainable_variables', 'regularization_losses', 'update_ops'].map((name) => names(graph, name).length)); // prettier-ignore
    }
    expect(counts[0]).toEqual(counts[3]);
    expect(counts[1]).toEqual([truth.trainable.length, truth.losses, truth.updates]);
    expect(counts[2]).toEqual([0, 0, 0]);
    expect(counts[0]![2]).toBeGreaterThan(truth.updates);
  });

  it('names what there is where nothing matches', async () => {
    const graph = new Graph();
    // An average is a variable, and not a trainable one.
    const attempt = hub.module(MODULE, { graph, trainable: /moving_mean$/, ...TRAIN });
    await expect(attempt).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_NOTHING_TRAINABLE', pattern: '/moving_mean$/' }),
    );
    await expect(attempt).rejects.toThrow('"MobilenetV2/Conv_1/weights"');
    expect(graph.size).toBe(0);
  });

  it('calls a variable in parts what the whole is called', async () => {
    const graph = new Graph();
    const module = await hub.module(fixturePath('modules/partitioned'), { graph, trainable: () => true });
    const seen: string[] = [];
    const again = await hub.module(module.spec, { graph: new Graph(), trainable: (name) => seen.push(name) > 0 });
    expect([...new Set(seen)].sort()).toEqual([...again.variableMap.keys()].sort());
  });

  it('is what the objects of a TF2 SavedModel say, too', async () => {
    const graph = new Graph();
    const path = fixturePath('saved_models/tf2-reusable');
    const all = await hub.module(path, { graph, trainable: true });
    const own = all.variables.filter(({ trainable }) => trainable);
    expect(names(graph, 'trainable_variables')).toEqual(own.map(({ operation }) => operation.name));
    const part = await hub.module(path, { graph: new Graph(), trainable: (name) => name === own[0]!.name });
    const kept = part.variables.filter(({ trainable }) => trainable).map(({ name }) => name);
    expect(new Set(kept)).toEqual(new Set([own[0]!.name]));
    const x = tf.placeholder(part.graph, { dtype: 'float32', shape: [null, 6] });
    expect((part.callFunction('__call__', [x], { training: true }) as SymbolicTensor).dtype).toBe('float32');
  });
});

it.each([
  ['a text', 'Conv', 'trainable is Conv'],
  ['a list', ['Conv'], 'trainable is Conv'],
  ['an async function', () => Promise.resolve(false), 'is a promise'],
])('what is trained cannot be said by %s', async (_, trainable, message) => {
  const trained = hub.module(MODULE, { graph: new Graph(), ...TRAIN, trainable: trainable as unknown as boolean });
  await expect(trained).rejects.toMatchObject({
    code: 'ERR_TRAINABLE_PATTERN',
    message: expect.stringContaining(message),
  });
});
