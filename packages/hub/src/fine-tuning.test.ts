import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Graph, type SymbolicTensor } from '@tenon/graph';
import * as tf from '@tenon/layers';
import { gradientDescent } from '@tenon/training';
import * as hub from './index.js';

const FIXTURES = resolve(__dirname, '../../../tools/fixtures');

interface Stored {
  readonly dtype: hub.DType;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

const decode = ({ dtype, shape, data }: Stored): hub.Tensor => hub.tensorFrom(data, dtype).reshape(shape);

describe('fine-tuning a TF2 SavedModel', () => {
  const golden = JSON.parse(readFileSync(`${FIXTURES}/golden/tf2-reusable.json`, 'utf8')) as {
    readonly cases: readonly { readonly inputs: Readonly<Record<string, Stored>> }[];
    readonly variables: readonly { readonly name: string; readonly shape: readonly number[] }[];
    readonly training: {
      readonly steps: readonly { readonly loss: number; readonly ce: number }[];
      readonly variables_after: readonly Stored[];
    };
  };

  it.each([
    ['the host', null],
    ['ONNX Runtime', undefined],
  ])('moves its variables on %s as TensorFlow does', async (_, backend) => {
    const graph = new Graph();
    const model = await hub.module(`${FIXTURES}/saved_models/tf2-reusable`, { graph, trainable: true });
    const x = hub.placeholder(graph, { dtype: 'float32', shape: [null, 6] });
    const labels = tf.constant(graph, [0, 1, 2, 3, 0, 1, 2, 3], { dtype: 'int32' });
    const logits = model.callFunction('__call__', [x], { training: true }) as SymbolicTensor;
    const crossEntropy = tf.sparseSoftmaxCrossEntropy(labels, logits);
    const loss = tf.totalLoss(graph); // with what the object lists as its regularization losses
    const step = gradientDescent({ learningRate: 0.1 }).minimize(loss);
    const session = await hub.session(graph, { backend });
    const feeds = new Map([[x, decode(golden.cases[0]!.inputs['0']!)]]);
    for (const expected of golden.training.steps) {
      const [total, ce] = await session.run([loss, crossEntropy, step], { feeds });
      expect(hub.toNested(ce!)).toBeCloseTo(expected.ce, 5);
      expect(hub.toNested(total!)).toBeCloseTo(expected.loss, 5);
    }
    for (const [index, { name, shape }] of golden.variables.entries()) {
      // Two are called the same.
      const variable = model.variables.find(
        (candidate) => `${candidate.name}:0` === name && candidate.shape?.join() === shape.join(),
      )!;
      const [value] = await session.run([
        tf.apply('ReadVariableOp', [variable.operation.output()], { dtype: variable.dtype }),
      ]);
      const expected = decode(golden.training.variables_after[index]!).data as Float32Array;
      const difference = Math.max(
        ...(value!.data as Float32Array).map((element, at) => Math.abs(element - expected[at]!)),
      );
      expect([name, difference < 1e-5]).toEqual([name, true]);
    }
    await session.dispose();
  });
});
