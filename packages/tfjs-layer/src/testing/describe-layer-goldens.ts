import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { hubLayer } from '../index.js';

const FIXTURES = resolve(__dirname, '../../../../tools/fixtures');

interface Stored {
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
}

interface Call {
  readonly module: string;
  readonly options: { signature?: string; output_key?: string; signature_outputs_as_dict?: boolean };
  readonly inputs: Readonly<Record<string, Stored>>;
  readonly outputs: Readonly<Record<string, Stored>>;
}

interface Fit {
  readonly module: string;
  readonly trainable: boolean;
  readonly rate: number;
  readonly loss: 'mse' | 'categorical_crossentropy';
  readonly batch: number;
  readonly head: { readonly units: number; readonly activation: 'softmax' | null } | null;
  readonly kernel: Stored | null;
  readonly x: Stored;
  readonly y: Stored;
  readonly before: Stored;
  readonly losses: readonly number[];
  readonly weights: readonly (Stored & { readonly name: string })[];
  readonly trainableWeights: number;
  readonly headWeights: readonly Stored[] | null;
  readonly after: Stored;
  readonly parameters: number;
}

const goldens = JSON.parse(readFileSync(resolve(__dirname, '../../testdata/keras-layer.json'), 'utf8')) as {
  readonly calls: readonly Call[];
  readonly fits: readonly Fit[];
};

const decode = ({ shape, data }: Stored): tf.Tensor =>
  tf.tensor(data, [...shape], typeof data[0] === 'string' ? 'string' : 'float32');

function expectClose(actual: tf.Tensor, expected: Stored, what: string): void {
  expect([what, actual.shape]).toEqual([what, expected.shape]);
  const elements = actual.dataSync();
  expected.data.forEach((element, index) => {
    const value = Number(element);
    if (!(Math.abs(elements[index]! - value) <= 1e-4 * (1 + Math.abs(value))))
      throw new Error(`Element ${index} of ${what} is ${elements[index]}, not ${value}.`);
  });
}

/** What hub.KerasLayer gives and what training does to it, layers give on a backend of TensorFlow.js. */
export function describeLayerGoldens(backend: string): void {
  beforeAll(async () => {
    // Or it advertises another backend.
    tf.enableProdMode();
    await tf.setBackend(backend);
  });

  describe('calling a module as a layer', () => {
    it.each(goldens.calls.map((call) => [`${call.module} ${JSON.stringify(call.options)}`, call] as const))(
      'computes what KerasLayer does: %s',
      async (_, { module, options, inputs, outputs }) => {
        const layer = await hubLayer(`${FIXTURES}/${module}`, {
          signature: options.signature,
          outputKey: options.output_key,
          asDict: options.signature_outputs_as_dict,
        });
        const given = layer.inputNames.map((name) => decode(inputs[name] ?? Object.values(inputs)[0]!));
        const result = [layer.apply(given.length === 1 ? given[0]! : given) as tf.Tensor | tf.Tensor[]].flat();
        expect(result.length).toBe(Object.keys(outputs).length);
        layer.outputNames.forEach((name, index) => expectClose(result[index]!, outputs[name] ?? outputs['']!, name));
      },
    );
  });

  describe('fine-tuning a module as a layer', () => {
    it.each(goldens.fits.map((fit) => [`${fit.module}, ${fit.trainable ? 'trained' : 'frozen'}`, fit] as const))(
      'moves its weights as Keras does: %s',
      async (_, fit) => {
        const layer = await hubLayer(`${FIXTURES}/${fit.module}`, { trainable: fit.trainable });
        const model = tfl.sequential({ layers: [layer] });
        // TensorFlow.js compares columns.
        if (fit.y.shape.length === 1) model.add(tfl.layers.reshape({ targetShape: [1] }));
        const head =
          fit.head && tfl.layers.dense({ units: fit.head.units, activation: fit.head.activation ?? 'linear' });
        if (head) {
          model.add(head);
          head.setWeights([decode(fit.kernel!), tf.zeros([fit.head.units])]);
        }
        model.compile({
          optimizer: tf.train.sgd(fit.rate),
          loss: fit.loss === 'mse' ? 'meanSquaredError' : 'categoricalCrossentropy',
        });
        expect(model.countParams()).toBe(fit.parameters);
        expect(layer.trainableWeights.length).toBe(fit.trainableWeights);
        const [x, y] = [decode(fit.x), decode(fit.y)];
        const predict = (): tf.Tensor =>
          tf.reshape((x.dtype === 'string' ? model.apply(x) : model.predict(x)) as tf.Tensor, [...fit.before.shape]);
        expectClose(predict(), fit.before, 'the output before');
        const losses: number[] = [];
        if (x.dtype === 'string') {
          // TensorFlow.js does not cut texts into batches.
          for (let at = 0; at < fit.x.data.length; at += fit.batch) {
            const texts = tf.tensor(fit.x.data.slice(at, at + fit.batch));
            losses.push((await model.trainOnBatch(texts, tf.slice(y, [at, 0], [fit.batch, -1]))) as number);
          }
        } else {
          await model.fit(x, y, {
            batchSize: fit.batch,
            epochs: 1,
            shuffle: false,
            yieldEvery: 'never',
            callbacks: { onBatchEnd: async (_batch, logs) => void losses.push(logs!['loss']!) },
          });
        }
        expectClose(tf.tensor(losses), { shape: [fit.losses.length], data: fit.losses }, 'the losses');
        layer.getWeights().forEach((weight, index) => {
          const expected = fit.weights[index]!;
          expectClose(weight, expected, expected.name);
        });
        head?.getWeights().forEach((weight, index) => expectClose(weight, fit.headWeights![index]!, `head ${index}`));
        expectClose(predict(), fit.after, 'the output after');
      },
    );
  });
}
