import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { load } from '@tenon/hub';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import * as tfl from '@tensorflow/tfjs-layers';
import { HubLayer, hubLayer } from './index.js';

const saved = (name: string): string => resolve(__dirname, `../../../tools/fixtures/saved_models/tf2-${name}`);
const published = (name: string): string => resolve(__dirname, `../../../tools/fixtures/modules/${name}`);

beforeAll(async () => {
  // Or it advertises another backend.
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

describe('the weights of a layer', () => {
  it('are what it computes with', async () => {
    const layer = await hubLayer(saved('half-plus-two'));
    const x = tf.tensor1d([0, 1, 10]);
    expect((layer.apply(x) as tf.Tensor).dataSync()).toEqual(Float32Array.of(2, 2.5, 7));
    layer.setWeights([tf.scalar(3), tf.scalar(-1)]);
    expect((layer.apply(x) as tf.Tensor).dataSync()).toEqual(Float32Array.of(-1, 2, 29));
    expect(layer.getWeights().map((weight) => weight.dataSync()[0])).toEqual([3, -1]);
  });

  it('are counted in the summary of a model', async () => {
    const model = tfl.sequential({ layers: [await hubLayer(saved('reusable'), { trainable: true, name: 'module' })] });
    const lines: string[] = [];
    model.summary(undefined, undefined, (line: string) => lines.push(line));
    const text = lines.join('\n');
    expect(text).toMatch(/module \(HubLayer\) +\[\[null,6\]\] +\[null,4\] +244/);
    expect(text).toContain('Trainable params: 212');
    expect(text).toContain('Non-trainable params: 32');
  });

  it('are shared by the places where it is applied', async () => {
    const layer = await hubLayer(saved('reusable'), { trainable: true });
    const inputs = [tfl.input({ shape: [6] }), tfl.input({ shape: [6] })];
    const outputs = inputs.map((input) => layer.apply(input) as tfl.SymbolicTensor);
    const model = tfl.model({ inputs, outputs: tfl.layers.add().apply(outputs) as tfl.SymbolicTensor });
    expect(model.countParams()).toBe(244);
    const x = tf.randomNormal([3, 6], 0, 1, 'float32', 1);
    const alone = layer.apply(x) as tf.Tensor;
    const twice = model.predict([x, x]) as tf.Tensor;
    expect(tf.max(tf.abs(tf.sub(twice, tf.mul(alone, 2)))).dataSync()[0]).toBeLessThan(1e-5);
  });

  it('do not move, and no averages do, where it is not trainable', async () => {
    const layer = await hubLayer(saved('mobilenet-small'));
    const model = tfl.sequential({ layers: [layer, tfl.layers.dense({ units: 2 })] });
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    const before = layer.getWeights().map((weight) => weight.dataSync().slice());
    await model.fit(tf.ones([4, 16, 16, 3]), tf.ones([4, 2]), { epochs: 1, yieldEvery: 'never' });
    expect(layer.getWeights().map((weight) => weight.dataSync())).toEqual(before);
    expect(layer.calculateLosses().map((loss) => loss.dataSync()[0])).toEqual(new Array(4).fill(0));
  });
});

describe('gradients', () => {
  it('go through a layer to what comes before it', async () => {
    const layer = await hubLayer(saved('half-plus-two'));
    const gradient = tf.grad((x: tf.Tensor) => tf.mul(layer.apply(x) as tf.Tensor, tf.tensor1d([1, 2, 3])));
    expect(gradient(tf.tensor1d([5, 6, 7])).dataSync()).toEqual(Float32Array.of(0.5, 1, 1.5));
  });

  it('go through several outputs at once', async () => {
    const options = { signature: 'my_method', asDict: true };
    const layer = await hubLayer(saved('multi-signature'), options);
    const only = await hubLayer(saved('multi-signature'), { signature: 'my_method', outputKey: 'hidden' });
    const oranges = tf.tensor2d([[0.1, -0.2, 0.3]]);
    const at = layer.outputNames.indexOf('hidden');
    const both = tf.grad((apples: tf.Tensor) => (layer.apply([apples, oranges]) as tf.Tensor[])[at]!);
    const alone = tf.grad((apples: tf.Tensor) => only.apply([apples, oranges]) as tf.Tensor);
    const apples = tf.tensor2d([[1, 2, 3]]);
    expect(both(apples).dataSync()).toEqual(alone(apples).dataSync());
    expect(
      alone(apples)
        .dataSync()
        .some((element) => element !== 0),
    ).toBe(true);
  });
});

describe('training', () => {
  it('drops, others each time, and the gradients are those of what was left', async () => {
    const layer = await hubLayer(saved('keras2-cnn'), { trainable: true });
    const x = tf.ones([2, 16, 16, 3]);
    const run = (): tf.Tensor => layer.apply(x, { training: true }) as tf.Tensor;
    expect(run().dataSync()).not.toEqual(run().dataSync());
    const weights = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const bias = weights.at(-1)!;
    expect(bias.shape).toEqual([4]);
    let output: tf.Tensor | undefined;
    const { grads } = tf.variableGrads(() => {
      output = tf.keep(run());
      const first = tf.tensor1d([1, 0, 0, 0]);
      return tf.sum<tf.Scalar>(tf.mul(tf.slice(output, [0, 0], [1, 4]), first));
    }, [bias]);
    // Of a softmax: p0 (1 - p0), -p0 p1, …
    const p = output!.dataSync();
    const expected = [0, 1, 2, 3].map((index) => p[0]! * ((index === 0 ? 1 : 0) - p[index]!));
    const actual = grads[bias.name]!.dataSync();
    expected.forEach((value, index) => expect(actual[index]).toBeCloseTo(value, 5));
  });
});

describe('memory', () => {
  it('is freed after every call and every step of training', async () => {
    const before = tf.memory().numTensors;
    const layer = await hubLayer(saved('mobilenet-small'), { trainable: true });
    const model = tfl.sequential({ layers: [layer, tfl.layers.dense({ units: 2 })] });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const [x, y] = [tf.ones([2, 16, 16, 3]), tf.ones([2, 2])];
    const step = async (): Promise<number> => {
      await model.fit(x, y, { epochs: 2, yieldEvery: 'never' });
      tf.dispose(model.predict(x));
      tf.dispose(layer.apply(x) as tf.Tensor);
      return tf.memory().numTensors;
    };
    const first = await step();
    expect(await step()).toBe(first);
    tf.dispose([x, y]);
    model.dispose();
    model.optimizer.dispose();
    // The backend lets go of the constants of programs when nothing runs any more.
    await new Promise(setImmediate);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('what a layer is given', () => {
  it('is cast to what the module takes', async () => {
    const layer = await hubLayer(saved('half-plus-two'));
    expect((layer.apply(tf.tensor1d([2, 4], 'int32')) as tf.Tensor).dataSync()).toEqual(Float32Array.of(3, 4));
    expect(() => layer.apply(tf.tensor1d(['two']))).toThrow('takes float32 for "x"; it was given string.');
  });

  it('may be texts, in columns as well', async () => {
    const layer = await hubLayer(saved('text-embedding'));
    const flat = layer.apply(tf.tensor1d(['the cat', 'café'])) as tf.Tensor;
    const column = layer.apply(tf.tensor2d([['the cat'], ['café']])) as tf.Tensor;
    expect(flat.shape).toEqual([2, 16]);
    expect(column.dataSync()).toEqual(flat.dataSync());
  });

  it('may be arguments beside the inputs', async () => {
    const layer = await hubLayer(saved('multi-signature'), {
      signature: 'my_method',
      outputKey: 'dogs',
      arguments: { oranges: [[1, 1, 1]] },
    });
    const whole = await hubLayer(saved('multi-signature'), { signature: 'my_method', outputKey: 'dogs' });
    const apples = tf.tensor2d([[1, 2, 3]]);
    expect(layer.inputNames).toEqual(['apples']);
    expect((layer.apply(apples) as tf.Tensor).dataSync()).toEqual(
      (whole.apply([apples, tf.ones([1, 3])]) as tf.Tensor).dataSync(),
    );
  });

  it('may take a module through loops and branches, to several outputs', async () => {
    const layer = await hubLayer(saved('control-flow'), { arguments: { n: 5 } });
    expect(layer.outputNames).toEqual(['cond', 'loop', 'stack']);
    const outputs = layer.apply(tf.tensor1d([1, 2, 3])) as tf.Tensor[];
    const expected = [
      [0.8999999761581421, 1.7999999523162842, 2.6999998092651367],
      [1.614264965057373, 2.2047548294067383, 2.7952446937561035],
      [6.614264488220215, 8.614264488220215, 10.614264488220215],
    ];
    outputs.forEach((output, index) =>
      output.dataSync().forEach((element, at) => expect(element).toBeCloseTo(expected[index]![at]!, 5)),
    );
    const only = await hubLayer(saved('control-flow'), { arguments: { n: 0 }, outputKey: 'cond' });
    expect((only.apply(tf.tensor1d([-1, -2])) as tf.Tensor).dataSync()).toEqual(Float32Array.of(-2, -3));
  });

  it('must be as many tensors as the module takes', async () => {
    const layer = await hubLayer(saved('half-plus-two'));
    expect(() => layer.apply([tf.zeros([1]), tf.zeros([1])])).toThrow('takes "x"; it was given 2 tensors.');
  });

  it('must have the shape that the module takes', async () => {
    const layer = await hubLayer(saved('reusable'));
    expect(() => layer.apply(tf.zeros([2, 5]))).toThrow('takes [?, 6] for "inputs"; it was given [2, 5].');
  });
});

describe('a module', () => {
  it('may be one that is loaded', async () => {
    await using loaded = await load(saved('half-plus-two'), { backend: null });
    const layer = await hubLayer(loaded);
    expect((layer.apply(tf.tensor1d([4])) as tf.Tensor).dataSync()).toEqual(Float32Array.of(4));
    expect(() => layer.getConfig()).toThrow('it was not made from a handle');
    await expect(hubLayer(loaded, { tags: ['serve'] })).rejects.toMatchObject({ code: 'ERR_LAYER_OPTIONS' });
  });

  it('says what shape its outputs have', async () => {
    const layer = await hubLayer(saved('mobilenet-small'));
    expect(layer.computeOutputShape([null, 16, 16, 3])).toEqual([null, 12]);
    expect(layer.computeOutputShape([7, 16, 16, 3])).toEqual([7, 12]);
    const told = await hubLayer(saved('mobilenet-small'), { outputShape: [12] });
    expect(told.computeOutputShape([7, 16, 16, 3])).toEqual([7, 12]);
  });

  it('writes its configuration down', async () => {
    const layer = await hubLayer(saved('reusable'), { trainable: true, name: 'module', loadOptions: {} });
    expect(layer.getConfig()).toMatchObject({ handle: saved('reusable'), trainable: true, name: 'module' });
    expect(layer).toBeInstanceOf(HubLayer);
    expect(layer.getClassName()).toBe('HubLayer');
  });
});

describe('a model', () => {
  const make = async (): Promise<tfl.Sequential> =>
    tfl.sequential({
      layers: [
        await hubLayer(saved('reusable'), { trainable: true, name: 'module' }),
        tfl.layers.dense({ units: 2, name: 'head' }),
      ],
    });

  it('is saved, made again, and given its weights', async () => {
    const model = await make();
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const x = tf.randomNormal([4, 6], 0, 1, 'float32', 1);
    await model.fit(x, tf.ones([4, 2]), { epochs: 2, yieldEvery: 'never' });
    const expected = (model.predict(x) as tf.Tensor).dataSync();
    let artifacts: tf.io.ModelArtifacts | undefined;
    await model.save(
      tf.io.withSaveHandler(async (given) => {
        artifacts = given;
        return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
      }),
    );
    model.dispose();
    const again = await make();
    const { weightData, weightSpecs } = artifacts!;
    again.loadWeights(tf.io.decodeWeights(weightData as ArrayBuffer, weightSpecs!));
    expect((again.predict(x) as tf.Tensor).dataSync()).toEqual(expected);
  });
});

describe('options that do not fit', () => {
  it.each([
    [
      'no output of a signature',
      'multi-signature',
      { signature: 'my_method' },
      'give either outputKey (one of "cats", "dogs", "hidden")',
    ],
    [
      'two ways to take outputs',
      'multi-signature',
      { signature: 'my_method', outputKey: 'cats', asDict: true },
      'give either outputKey',
    ],
    ['a dictionary of no signature', 'reusable', { asDict: true }, 'asDict goes with a signature'],
    ['an object that cannot be called', 'multi-signature', {}, 'give a signature: "my_method"'],
    [
      'an output that is not there',
      'multi-signature',
      { signature: 'my_method', outputKey: 'zz' },
      'has no output "zz"',
    ],
    [
      'an argument that is not there',
      'multi-signature',
      { signature: 'my_method', outputKey: 'cats', arguments: { zz: 1 } },
      'takes no "zz"',
    ],
    [
      'outputs by name of one that has none',
      'reusable',
      { outputKey: 'zz' },
      'outputKey is for modules that return outputs by name',
    ],
    ['another shape', 'reusable', { inputShape: [5] }, 'inputShape [5] is not what "inputs" takes: [6]'],
    [
      'training of a signature',
      'reusable',
      { signature: 'serving_default', outputKey: 'output_0', trainable: true },
      'a signature cannot be trained',
    ],
  ])('are refused: %s', async (_, name, options, message) => {
    const failure = hubLayer(saved(name), options);
    await expect(failure).rejects.toMatchObject({ code: 'ERR_LAYER_OPTIONS' });
    await expect(failure).rejects.toThrow(message);
  });

  it('are refused when a layer is made trainable later', async () => {
    const layer = await hubLayer(published('half-plus-two'), { asDict: true });
    layer.trainable = true;
    expect(() => layer.apply(tf.zeros([1]))).toThrow('a TF1 Hub module cannot be trained as a layer');
    await expect(hubLayer(published('half-plus-two'), { trainable: true, asDict: true })).rejects.toThrow(
      'a TF1 Hub module cannot be trained',
    );
  });

  it('name signatures that there are', async () => {
    await expect(hubLayer(saved('multi-signature'), { signature: 'zz', outputKey: 'y' })).rejects.toMatchObject({
      code: 'ERR_SIGNATURE_NOT_FOUND',
    });
  });
});
