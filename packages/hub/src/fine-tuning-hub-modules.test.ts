import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { Graph, type SymbolicTensor } from '@tenon/graph';
import * as tf from '@tenon/layers';
import { adagrad, adam, gradientDescent } from '@tenon/training';
import * as hub from './index.js';
import { fixturePath, readGoldens, type Golden, type GoldenTensor } from './testing/golden.js';

const goldens = new Map(readGoldens().map((golden) => [golden.document.module, golden]));

/** What TensorFlow noted while it trained. */
function training<T>(module: string): { golden: Golden; notes: T } {
  const golden = goldens.get(module)!;
  return { golden, notes: (golden.document as unknown as { readonly training: T }).training };
}

function expectClose(actual: hub.Tensor | undefined, expected: ArrayLike<number>, what: string): void {
  const elements = actual!.data as Float32Array;
  expect([what, elements.length]).toEqual([what, expected.length]);
  for (let index = 0; index < expected.length; index++) {
    const value = expected[index]!;
    if (!(Math.abs(elements[index]! - value) <= 2e-5 * (1 + Math.abs(value))))
      throw new Error(`Element ${index} of ${what} is ${elements[index]}, not ${value}.`);
  }
}

const first = (value: hub.Tensor | undefined): number => (value!.data as Float32Array)[0]!;

/** A head on features whose weights begin as `weight` says. */
function head(features: SymbolicTensor, classes: number, weight: (index: number) => number): SymbolicTensor {
  const { graph } = features;
  const width = features.shape![1]!;
  const weights = Float32Array.from({ length: width * classes }, (_, index) => weight(index));
  const w = tf.getVariable(graph, { name: 'w', shape: [width, classes], initializer: tf.constantValue(weights) });
  const bias = tf.getVariable(graph, { name: 'bias', shape: [classes], initializer: tf.zeros() });
  return tf.add(tf.matMul(features, w), bias);
}

/** Steps of whole networks, on machines that do other things as well. */
jest.setTimeout(120_000);

describe('fine-tuning a TF1 Hub module', () => {
  it('moves its variables as TensorFlow does, and exports what they are then', async () => {
    const { notes } = training<{ losses: number[]; variables: { a: number; b: number } }>('half-plus-two');
    const graph = new Graph();
    const module = await hub.module(fixturePath('modules/half-plus-two'), { graph, trainable: true });
    const x = tf.constant(graph, [-2, -1, 0, 1, 2, 3]);
    const y = module({ x }, { asDict: true })['y'] as SymbolicTensor;
    const loss = tf.reduceMean(tf.squaredDifference(y, tf.subtract(tf.multiply(x, 3), 1)));
    const step = gradientDescent({ learningRate: 0.05 }).minimize(loss);
    const session = await hub.session(graph);
    for (const expected of notes.losses) expectClose((await session.run([loss, step]))[0], [expected], 'the loss');
    const folder = mkdtempSync(join(tmpdir(), 'tenon-fine-tuning-'));
    try {
      await module.export(join(folder, 'module'), session);
      const exported = await hub.load(join(folder, 'module'));
      for (const { name, read } of exported.variables.map((variable) => ({
        name: variable.name,
        read: () => variable.read(),
      })))
        expectClose(await read(), [notes.variables[name as 'a' | 'b']], name);
      await exported.dispose();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('trains a convolutional network, averages and losses with it', async () => {
    const { golden, notes } = training<{
      images: GoldenTensor;
      steps: { loss: number; ce: number; reg: number }[];
      trainable: string[];
      variables_after: Record<string, GoldenTensor>;
    }>('mobilenet-v2-small');
    const graph = new Graph();
    const options = { graph, trainable: true, tags: ['train'] };
    const module = await hub.module(fixturePath('modules/mobilenet-v2-small'), options);
    const features = module({ images: golden.decode(notes.images) as hub.Tensor });
    const logits = head(features, 5, (index) => ((index % 11) - 5) * 0.02);
    const labels = tf.constant(graph, [0, 1, 2, 3, 4, 0, 1, 2], { dtype: 'int32' });
    const ce = tf.reduceMean(tf.sparseSoftmaxCrossEntropyWithLogits(logits, labels));
    const reg = tf.addN(tf.regularizationLosses(graph));
    const loss = tf.add(ce, reg);
    expect(graph.collections.get('trainable_variables')!.map(({ name }) => name)).toEqual(notes.trainable);
    const step = gradientDescent({ learningRate: 0.05 }).minimize(loss);
    const session = await hub.session(graph);
    for (const expected of notes.steps) {
      const values = await session.run([loss, ce, reg, step]);
      expectClose(values[0], [expected.loss], 'the loss');
      expectClose(values[1], [expected.ce], 'the cross-entropy');
      expectClose(values[2], [expected.reg], 'the regularization');
    }
    const reads = module.variables.map(({ operation }) =>
      tf.apply('ReadVariableOp', [operation.output()], { dtype: 'float32' }),
    );
    const values = await session.run(reads);
    for (const [index, { name }] of module.variables.entries()) {
      const expected = golden.decode(notes.variables_after[name]!) as hub.Tensor;
      expectClose(values[index], expected.data as Float32Array, name);
    }
    await session.dispose();
  });

  const optimizers = {
    'sgd0.5': gradientDescent({ learningRate: 0.5 }),
    'adagrad0.1': adagrad({ learningRate: 0.1 }),
    'adam0.01': adam({ learningRate: 0.01 }),
  };
  it.each(Object.entries(optimizers))(
    'trains the rows of an embedding that texts need: %s',
    async (name, optimizer) => {
      const { golden, notes } = training<{
        texts: string[];
        labels: number[];
        runs: Record<string, { losses: number[]; w: GoldenTensor; embeddings: GoldenTensor }>;
      }>('nnlm-small');
      const run = notes.runs[name]!;
      const graph = new Graph();
      const module = await hub.module(fixturePath('modules/nnlm-small'), { graph, trainable: true });
      const logits = head(module(notes.texts), 2, (index) => ((index % 7) - 3) * 0.1);
      const loss = tf.sparseSoftmaxCrossEntropy(tf.constant(graph, notes.labels, { dtype: 'int32' }), logits);
      const step = optimizer.minimize(loss);
      const session = await hub.session(graph);
      for (const expected of run.losses) expect(first((await session.run([loss, step]))[0])).toBeCloseTo(expected, 5);
      const w = tf.variablesOf(graph).find((variable) => variable.name === 'w')!;
      const [embeddings] = module.variables;
      const read = tf.apply('ReadVariableOp', [embeddings!.operation.output()], { dtype: 'float32' });
      const values = await session.run([w.value, read]);
      for (const [index, expected] of [run.w, run.embeddings].entries())
        expectClose(values[index], (golden.decode(expected) as hub.Tensor).data as Float32Array, `variable ${index}`);
      await session.dispose();
    },
  );
});
