import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Graph, type SymbolicTensor } from '@tenon/graph';
import * as tf from '@tenon/layers';
import { gradients } from '@tenon/training';
import * as hub from './index.js';

const ROOT = resolve(__dirname, '../../..');

interface Stored {
  readonly dtype: hub.DType;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Golden {
  readonly path: string;
  readonly x: Stored;
  readonly loss: number;
  readonly gradients: readonly { readonly name: string; readonly gradient: Stored }[];
}

const goldens = JSON.parse(readFileSync(resolve(__dirname, '../testdata/recurrent-gradients.json'), 'utf8')) as {
  readonly keras: readonly (Golden & { readonly input: string })[];
  readonly dynamicRnn: Golden & { readonly lengths: Stored };
};

const decode = ({ dtype, shape, data }: Stored): hub.Tensor => hub.tensorFrom(data, dtype).reshape(shape);

async function expectGradients(
  module: hub.GraphModule,
  loss: SymbolicTensor,
  { loss: expectedLoss, gradients: expected }: Golden,
  backend?: null,
): Promise<void> {
  const all = gradients(
    [loss],
    module.variables.map(({ operation }) => operation.output()),
  );
  // Some models hold their variables twice.
  const made = expected.map(({ name, gradient: { shape } }) => {
    const index = module.variables.findIndex(
      (variable, place) => all[place] && variable.name === name && variable.shape?.join() === shape.join(),
    );
    return all[index] as SymbolicTensor;
  });
  const session = await hub.session(loss.graph, backend === null ? { backend } : {});
  const [total, ...values] = await session.run([loss, ...made]);
  await session.dispose();
  expect(hub.toNested(total!)).toBeCloseTo(expectedLoss, 3);
  expected.forEach(({ name, gradient }, index) => {
    expect([name, values[index]!.shape]).toEqual([name, gradient.shape]);
    const largest = Math.max(...gradient.data.map(Math.abs));
    (values[index]!.data as Float32Array).forEach((value, element) => {
      const difference = Math.abs(value - gradient.data[element]!);
      if (!(difference <= 2e-5 * (1 + largest))) {
        throw new Error(`Element ${element} of the gradient by ${name} is ${value}, not ${gradient.data[element]!}.`);
      }
    });
  });
}

describe.each([
  ['on the host', null],
  ['on ONNX Runtime', undefined],
])('gradients of recurrent layers %s are those of TensorFlow', (_, backend) => {
  it.each(goldens.keras.map((golden) => [golden.path, golden] as const))(
    'by the variables of %s',
    async (_path, golden) => {
      const graph = new Graph();
      const module = await hub.module(resolve(ROOT, golden.path), { graph, trainable: true });
      const x = tf.constant(graph, decode(golden.x));
      const y = Object.values(
        module({ [golden.input]: x }, { signature: 'serving_default', asDict: true }),
      )[0] as SymbolicTensor;
      await expectGradients(module, tf.reduceSum(tf.square(y)), golden, backend);
    },
  );

  it("by the variables of TensorFlow 1's dynamic_rnn", async () => {
    const golden = goldens.dynamicRnn;
    const graph = new Graph();
    const module = await hub.module(resolve(ROOT, golden.path), { graph, trainable: true });
    const inputs = { x: tf.constant(graph, decode(golden.x)), lengths: tf.constant(graph, decode(golden.lengths)) };
    const { outputs, state } = module(inputs, { asDict: true }) as Record<string, SymbolicTensor>;
    const loss = tf.add(tf.reduceSum(tf.square(outputs!)), tf.reduceSum(tf.apply('Sin', [state!])));
    await expectGradients(module, loss, golden, backend);
  });
});
