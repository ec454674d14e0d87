import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Graph, type Operation, type SymbolicTensor } from '@tenon/graph';
import { Session } from '@tenon/runtime';
import { tensorFrom, type Tensor } from '@tenon/tensor';
import * as tf from './index.js';

interface Golden {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

interface Case {
  readonly outputs: Readonly<Record<string, Golden>>;
  readonly shapes: Readonly<Record<string, readonly (number | null)[]>>;
  readonly variables: readonly (readonly [name: string, shape: readonly number[], trainable: boolean])[];
  readonly updated?: Readonly<Record<string, Golden>>;
  readonly regularization?: readonly Golden[];
}

const golden = JSON.parse(readFileSync(`${__dirname}/../testdata/layers.json`, 'utf8')) as {
  readonly inputs: Readonly<Record<string, Golden>>;
  readonly initialValues: Readonly<Record<string, Golden>>;
  readonly cases: Readonly<Record<string, Case>>;
};

const input = (name: string): Tensor => {
  const { shape, values } = golden.inputs[name]!;
  return tensorFrom(values, 'float32').reshape(shape);
};

function expectClose(actual: Tensor, { shape, values }: Golden, tolerance = 1e-5): void {
  expect(actual.shape).toEqual(shape);
  const elements = Array.from(actual.data as Float32Array, Number);
  values.forEach((value, index) => {
    const difference = Math.abs(elements[index]! - value);
    if (!(difference <= tolerance * (1 + Math.abs(value))))
      throw new Error(`element ${index} is ${elements[index]}, not ${value}`);
  });
}

describe('first values are those of TensorFlow', () => {
  const initializers: Record<string, tf.VariableInitializer> = {
    zeros: tf.zeros(),
    ones: tf.ones(),
    constant: tf.constantValue(0.25),
    randomNormal: tf.randomNormal({ mean: 1, stddev: 0.5, seed: 1 }),
    randomUniform: tf.randomUniform({ min: -2, max: 3, seed: 2 }),
    truncatedNormal: tf.truncatedNormal({ stddev: 2, seed: 3 }),
    glorotUniform: tf.glorotUniform({ seed: 4 }),
    glorotNormal: tf.glorotNormal({ seed: 5 }),
    heUniform: tf.heUniform({ seed: 6 }),
    heNormal: tf.heNormal({ seed: 7 }),
    varianceScaling: tf.varianceScaling({ scale: 3, mode: 'fanOut', distribution: 'untruncatedNormal', seed: 8 }),
  };
  it.each(Object.entries(initializers))('%s', async (name, initializer) => {
    const graph = new Graph();
    const variable = tf.getVariable(graph, { name, shape: [3, 3, 4, 5], initializer });
    const [value] = await new Session(graph).run([variable.value]);
    expectClose(value!, golden.initialValues[name]!);
  });

  it('in float64', async () => {
    const graph = new Graph();
    const initializer = tf.glorotUniform({ seed: 9 });
    const variable = tf.getVariable(graph, { name: 'w', shape: [4, 6], dtype: 'float64', initializer });
    const [value] = await new Session(graph).run([variable.value]);
    expectClose(value!, golden.initialValues['glorotUniform float64']!, 1e-14);
  });

  it('are the same in every session with a seed, and differ between variables', async () => {
    const values = async () => {
      const graph = new Graph();
      tf.setRandomSeed(graph, 42);
      const [a, b] = ['a', 'b'].map((name) =>
        tf.getVariable(graph, { name, shape: [4], initializer: tf.randomNormal() }),
      );
      const results = await new Session(graph).run([a!.value, b!.value]);
      return results.map(({ data }) => [...(data as Float32Array)]);
    };
    const [first, second] = [await values(), await values()];
    expect(first).toEqual(second);
    expect(first[0]).not.toEqual(first[1]);
  });
});

const images = (graph: Graph): SymbolicTensor => tf.placeholder(graph, { dtype: 'float32', shape: [null, 7, 6, 3], name: 'images' }); // prettier-ignore

const uniform = (seed: number): tf.VariableInitializer => tf.glorotUniform({ seed });

const rowsOf = (graph: Graph): SymbolicTensor =>
  tf.constant(graph, tensorFrom(Float32Array.from({ length: 24 }, (_, i) => i / 10)).reshape([2, 3, 4]));

const CASES: Record<string, (graph: Graph) => Record<string, SymbolicTensor>> = {
  dense(graph) {
    const rows = rowsOf(graph);
    const first = tf.dense(rows, { units: 5, activation: tf.relu, kernelInitializer: uniform(1), kernelRegularizer: tf.l2Regularizer(0.5) }); // prettier-ignore
    const matrix = tf.reshape(rows, [-1, 4]);
    const second = tf.dense(matrix, { units: 2, useBias: false, kernelInitializer: uniform(2) });
    const named = tf.dense(matrix, {
      units: 1,
      kernelInitializer: uniform(3),
      biasInitializer: tf.ones(),
      name: 'head',
    });
    return { first, second, named };
  },
  convolutions(graph) {
    const x = images(graph);
    return {
      conv: tf.convolution2d(x, { filters: 4, kernelSize: 3, strides: 2, padding: 'same', activation: tf.relu6, kernelInitializer: uniform(1) }), // prettier-ignore
      dilated: tf.convolution2d(x, { filters: 2, kernelSize: [2, 3], dilations: 2, kernelInitializer: uniform(2) }),
      separable: tf.separableConvolution2d(x, { filters: 5, kernelSize: 3, padding: 'same', depthMultiplier: 2, kernelInitializer: uniform(3), pointwiseInitializer: uniform(4) }), // prettier-ignore
    };
  },
  pooling(graph) {
    const x = images(graph);
    return {
      max: tf.maxPool(x, 2),
      average: tf.averagePool(x, 3, { strides: 1, padding: 'same' }),
      global: tf.globalAveragePooling2d(x),
    };
  },
  batch_norm(graph) {
    const x = images(graph);
    return {
      training: tf.batchNormalization(x, { training: true }),
      inference: tf.batchNormalization(x, { epsilon: 0.1, scale: false }),
      rows: tf.batchNormalization(tf.reshape(x, [-1, 21]), { training: true, momentum: 0.9 }),
    };
  },
  embedding(graph) {
    const ids = tf.constant(graph, [[1, 6], [0, 1]], { dtype: 'int32' }); // prettier-ignore
    return { rows: tf.embedding(ids, { vocabularySize: 7, dimension: 3, initializer: tf.randomUniform({ seed: 1 }), name: 'embedding' }) }; // prettier-ignore
  },
  text(graph) {
    const indices = tf.constant(graph, [[0, 0], [0, 1], [2, 0], [2, 1], [2, 3]], { dtype: 'int64' }); // prettier-ignore
    const words = tf.constant(graph, ['two', 'none', 'größer', 'two', 'two']);
    const vocabulary = tf.lookupTable(graph, {
      keys: ['one', 'two', 'three'],
      values: [0n, 1n, 2n],
      defaultValue: -1n,
    });
    const values = tf.lookup(vocabulary, words, { oovBuckets: 3 });
    const table = tf.getVariable(graph, { name: 'table', shape: [6, 2], initializer: tf.randomUniform({ min: -1, max: 1, seed: 7 }) }); // prettier-ignore
    const ids = { indices, values, denseShape: tf.constant(graph, [4, 5], { dtype: 'int64' }) };
    const combined = (combiner: 'mean' | 'sum' | 'sqrtn') => tf.embeddingLookupSparse(table, ids, { combiner });
    return { ids: values, mean: combined('mean'), sum: combined('sum'), sqrtn: combined('sqrtn') };
  },
  dropout(graph) {
    const rows = tf.reshape(
      tf.constant(
        graph,
        Float32Array.from({ length: 40 }, (_, i) => i + 1),
      ),
      [8, 5],
    );
    return { dropped: tf.dropout(rows, { rate: 0.3, seed: 5, training: true }) };
  },
  losses(graph) {
    const logits = tf.constant(graph, input('logits'));
    const classes = tf.constant(graph, [0, 2, 1, 1], { dtype: 'int32' });
    const labels = tf.oneHot(classes, 3);
    return {
      meanSquaredError: tf.meanSquaredError(labels, logits),
      absoluteDifference: tf.absoluteDifference(labels, logits, { weights: 0.5 }),
      softmax: tf.softmaxCrossEntropy(labels, logits, { weights: [1, 0, 2, 0.5] }),
      sparseSoftmax: tf.sparseSoftmaxCrossEntropy(classes, logits),
      sigmoid: tf.sigmoidCrossEntropy(labels, logits),
      none: tf.softmaxCrossEntropy(labels, logits, { weights: [0, 0, 0, 0] }),
      total: tf.totalLoss(graph),
    };
  },
};

describe('layers compute what those of TensorFlow do', () => {
  it.each(Object.entries(CASES))('%s', async (name, build) => {
    const expected = golden.cases[name]!;
    const graph = new Graph();
    const outputs = build(graph);
    const session = new Session(graph);
    const feeds = new Map(graph.operation('images') ? [['images:0', input('image')] as const] : []);
    const keys = Object.keys(outputs);
    const values = await session.run(Object.values(outputs), { feeds });
    keys.forEach((key, index) => expectClose(values[index]!, expected.outputs[key]!));
    for (const [key, output] of Object.entries(outputs)) {
      // TensorFlow forgets some dimensions where a reshape computes them; what both know must agree.
      expected.shapes[key]!.forEach((dimension, axis) => {
        if (dimension !== null && output.shape?.[axis] != null) expect(output.shape[axis]).toBe(dimension);
      });
      expect(output.shape?.length).toBe(expected.shapes[key]!.length);
    }
    expect(tf.variablesOf(graph).map(({ name: own, shape, trainable }) => [own, shape, trainable])).toEqual(
      expected.variables,
    );
    if (expected.updated) {
      await session.run(graph.collections.get('update_ops') as Operation[], { feeds });
      for (const variable of tf.variablesOf(graph, { trainable: false })) {
        const [value] = await session.run([variable.value]);
        expectClose(value!, expected.updated[variable.name]!);
      }
    }
    if (expected.regularization) {
      const losses = await session.run(tf.regularizationLosses(graph));
      losses.forEach((loss, index) => expectClose(loss, expected.regularization![index]!));
    }
  });
});
