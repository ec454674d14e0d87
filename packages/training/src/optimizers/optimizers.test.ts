import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Graph, type SymbolicTensor } from '@tenon/graph';
import * as tf from '@tenon/layers';
import { Session } from '@tenon/runtime';
import { tensorFrom } from '@tenon/tensor';
import { adam } from './adam.js';
import { clipByGlobalNorm } from './clipping.js';
import { globalStep } from './global-step.js';
import { exponentialDecay } from './learning-rates.js';
import type { MinimizeOptions, Optimizer } from './optimizer.js';
import { adagrad, gradientDescent, momentum, rmsProp } from './optimizers.js';

type Nested = number | readonly Nested[];

interface Run {
  readonly model: keyof typeof MODELS;
  readonly dtype: 'float32' | 'float64';
  readonly optimizer: keyof typeof OPTIMIZERS;
  readonly losses: readonly number[];
  /** The elements of all variables after the last step, by name. */
  readonly variables: Readonly<Record<string, readonly number[]>>;
}

const golden = JSON.parse(readFileSync(`${__dirname}/../../testdata/training.json`, 'utf8')) as {
  readonly data: Readonly<Record<string, Readonly<Record<string, Nested>>>>;
  readonly runs: readonly Run[];
};

const uniform = (seed: number): tf.VariableInitializer => tf.glorotUniform({ seed });

const constantOf = (
  graph: Graph,
  model: string,
  name: string,
  dtype: 'float32' | 'float64' | 'int32',
): SymbolicTensor => tf.constant(graph, golden.data[model]![name] as number[], { dtype });

const MODELS = {
  dense(graph: Graph, dtype: 'float32' | 'float64'): SymbolicTensor {
    const [x, y] = ['x', 'y'].map((name) => constantOf(graph, 'dense', name, dtype));
    const hidden = tf.dense(x!, { units: 5, activation: tf.tanh, kernelInitializer: uniform(1) });
    const predictions = tf.dense(hidden, { units: 2, kernelInitializer: uniform(2) });
    return tf.reduceMean(tf.squaredDifference(y!, predictions));
  },
  words(graph: Graph): SymbolicTensor {
    const ids = tf.constant(graph, [[1, 3], [1, 1], [5, 3], [6, 1]], { dtype: 'int32' }); // prettier-ignore
    const initializer = tf.randomUniform({ min: -0.5, max: 0.5, seed: 3 });
    const rows = tf.embedding(ids, { vocabularySize: 9, dimension: 3, initializer });
    const logits = tf.dense(tf.reduceMean(rows, { axis: 1 }), { units: 3, kernelInitializer: uniform(4) });
    return tf.sparseSoftmaxCrossEntropy(tf.constant(graph, [0, 2, 1, 1], { dtype: 'int32' }), logits);
  },
  pictures(graph: Graph): SymbolicTensor {
    const images = constantOf(graph, 'pictures', 'x', 'float32');
    let x = tf.convolution2d(images, { filters: 4, kernelSize: 3, padding: 'same', useBias: false, kernelInitializer: uniform(5) }); // prettier-ignore
    x = tf.relu(tf.batchNormalization(x, { training: true, momentum: 0.9 }));
    x = tf.separableConvolution2d(tf.maxPool(x, 2), { filters: 6, kernelSize: 3, strides: 2, activation: tf.relu6, kernelInitializer: uniform(6), pointwiseInitializer: uniform(7) }); // prettier-ignore
    const kernelRegularizer = tf.l2Regularizer(0.01);
    const pooled = tf.globalAveragePooling2d(x);
    const logits = tf.dense(pooled, { units: 3, kernelInitializer: uniform(8), kernelRegularizer });
    tf.sparseSoftmaxCrossEntropy(constantOf(graph, 'pictures', 'labels', 'int32'), logits);
    return tf.totalLoss(graph);
  },
};

const OPTIMIZERS: Record<string, (graph: Graph) => readonly [Optimizer, MinimizeOptions?]> = {
  gradientDescent: () => [gradientDescent({ learningRate: 0.1 })],
  momentum: () => [momentum({ learningRate: 0.05, momentum: 0.9 })],
  nesterov: () => [momentum({ learningRate: 0.05, momentum: 0.9, useNesterov: true })],
  adagrad: () => [adagrad({ learningRate: 0.2 })],
  rmsProp: () => [rmsProp({ learningRate: 0.01, momentum: 0.5 })],
  adam: () => [adam({ learningRate: 0.02 })],
  decayed: (graph) => {
    const step = globalStep(graph);
    const rate = exponentialDecay({ learningRate: 0.2, globalStep: step, decaySteps: 3, decayRate: 0.5 });
    return [gradientDescent({ learningRate: rate }), { globalStep: step }];
  },
  clipped: () => [adam({ learningRate: 0.02 }), { transformGradients: (pairs) => clipByGlobalNorm(pairs, 0.05) }],
};

function expectClose(actual: ArrayLike<number | bigint>, expected: readonly number[], tolerance: number): void {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((value, index) => {
    const difference = Math.abs(Number(actual[index]) - value);
    if (!(difference <= tolerance * (1 + Math.abs(value))))
      throw new Error(`element ${index} is ${actual[index]}, not ${value}`);
  });
}

describe.each([
  ['resource variables', true],
  ['reference variables', false],
])('training of %s goes as in TensorFlow from the same first values', (_kind, useResource) => {
  const title = ({ model, dtype, optimizer }: Run) => `${model} in ${dtype}: ${optimizer}`;
  it.each(golden.runs.map((run) => [title(run), run] as const))('%s', async (_title, run) => {
    const graph = new Graph();
    const loss = tf.variableScope(graph, 'model', () => MODELS[run.model](graph, run.dtype), { useResource });
    const [optimizer, options] = OPTIMIZERS[run.optimizer]!(graph);
    const step = optimizer.minimize(loss, options);
    const session = new Session(graph);
    const losses: number[] = [];
    for (let count = 0; count < run.losses.length; count++) {
      const [value] = await session.run([loss, step]);
      losses.push((value!.data as Float32Array)[0]!);
    }
    // A float32 schedule has float32's digits, whatever it is applied to.
    const tolerance = run.dtype === 'float64' && run.optimizer !== 'decayed' ? 1e-11 : 2e-5;
    expectClose(losses, run.losses, tolerance);
    const variables = tf.variablesOf(graph);
    const nameOf = ({ name }: tf.Variable) => name.replace(/^model\//, '');
    expect(variables.map(nameOf).sort()).toEqual(Object.keys(run.variables).sort());
    const values = await session.run(variables.map(({ value }) => value));
    variables.forEach((variable, index) =>
      expectClose(values[index]!.data as Float32Array, run.variables[nameOf(variable)]!, 10 * tolerance),
    );
  });
});

describe('minimize', () => {
  const linear = (graph: Graph) => {
    const x = tf.placeholder(graph, { dtype: 'float32', shape: [null, 2], name: 'x' });
    return tf.reduceMean(tf.square(tf.dense(x, { units: 1 })));
  };

  it('trains the variables that it is given, and no others', async () => {
    const graph = new Graph();
    const loss = linear(graph);
    const [kernel, bias] = tf.variablesOf(graph);
    const step = gradientDescent({ learningRate: 1 }).minimize(loss, { variables: [bias!] });
    const session = new Session(graph);
    const before = await session.run([kernel!.value, bias!.value]);
    await session.run([step], { feeds: new Map([['x:0', tensorFrom([[1, 2]])]]) });
    const after = await session.run([kernel!.value, bias!.value]);
    expect(after[0]).toEqual(before[0]);
    expect(after[1]).not.toEqual(before[1]);
  });

  it('moves the averages of batch normalisation, but not those that other inputs move', async () => {
    const graph = new Graph();
    const x = tf.placeholder(graph, { dtype: 'float32', shape: [null, 2], name: 'x' });
    const other = tf.placeholder(graph, { dtype: 'float32', shape: [null, 2], name: 'other' });
    const normalized = tf.batchNormalization(x, { training: true });
    tf.batchNormalization(other, { training: true, name: 'elsewhere' });
    const loss = tf.reduceMean(tf.square(tf.dense(normalized, { units: 1 })));
    const step = adam().minimize(loss);
    const session = new Session(graph);
    await session.run([step], { feeds: new Map([['x:0', tensorFrom([[1, 2], [3, 4]])]]) }); // prettier-ignore
    const named = (name: string) => tf.variablesOf(graph).find((variable) => variable.name === name)!.value;
    const means = ['batch_normalization/moving_mean', 'elsewhere/moving_mean'].map(named);
    const [moved, still] = await session.run(means);
    expectClose(moved!.data as Float32Array, [0.02, 0.03], 1e-6);
    expectClose(still!.data as Float32Array, [0, 0], 0);
  });

  it('keeps apart what two optimizers keep', () => {
    const graph = new Graph();
    const loss = linear(graph);
    for (let count = 0; count < 2; count++) adam().minimize(loss);
    const slots = tf.variablesOf(graph).filter(({ name }) => name.startsWith('dense/bias/'));
    expect(slots.map(({ name }) => name)).toEqual(
      ['Adam', 'Adam_1', 'Adam_2', 'Adam_3'].map((name) => `dense/bias/${name}`),
    );
    expect(graph.collections.get('trainable_variables')).toHaveLength(2);
  });

  it('shows that a gradient is infinite, and is not clipped to lengths that are none', async () => {
    const graph = new Graph();
    const w = tf.getVariable(graph, { name: 'w', shape: [2], initializer: tf.ones() });
    const gradient = tf.constant(graph, [Infinity, 1]);
    const [[clipped]] = clipByGlobalNorm([[gradient, w.operation]], 1) as [[SymbolicTensor, unknown]];
    const [value] = await new Session(graph).run([clipped]);
    expect([...(value!.data as Float32Array)]).toEqual([NaN, NaN]);
    for (const length of [0, -1, NaN])
      expect(() => clipByGlobalNorm([[gradient, w.operation]], length)).toThrow('the length must be above 0');
  });

  it('says what it cannot train', () => {
    const graph = new Graph();
    const loss = tf.reduceMean(tf.placeholder(graph, { dtype: 'float32', shape: [3] }));
    const optimizer = gradientDescent({ learningRate: 1 });
    expect(() => optimizer.minimize(loss)).toThrow('There are no variables to train.');
    const unused = tf.getVariable(graph, { name: 'unused', shape: [2] });
    expect(() => optimizer.minimize(loss)).toThrow('The loss depends on none of the variables: "unused".');
    expect(() => optimizer.minimize(loss, { variables: [unused, loss.operation] })).toThrow(
      expect.objectContaining({
        code: 'ERR_OPTIMIZER_ARGUMENT',
        problems: ['"Mean" is a Mean; only variables (VarHandleOp, VariableV2) are trained.'],
      }),
    );
  });
});
