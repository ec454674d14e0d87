import * as hub from '@tenon/hub';
import * as tf from '@tenon/layers';
import { adam, cosineDecay, globalStep } from '@tenon/training';
import type { Random } from '@tenon-examples/workbench';
import { drawShapes, firstShapes } from './shapes.js';
import { takeRows } from './take-rows.js';

const SIZE = 24;
const PICTURES = 1500;
const STEPS = 250;
const BATCH = 48;

/** A small convolutional network that finds features in pictures; tagged `train`, it normalises by batches. */
function build(graph: hub.Graph, { training }: { readonly training: boolean }): void {
  tf.setRandomSeed(graph, 1);
  const images = tf.placeholder(graph, { dtype: 'float32', shape: [null, SIZE, SIZE, 3], name: 'images' });
  let x = images;
  for (const filters of [8, 16, 32]) {
    x = tf.convolution2d(x, { filters, kernelSize: 3, strides: 2, padding: 'same', useBias: false });
    x = tf.relu(tf.batchNormalization(x, { training, momentum: 0.95 }));
  }
  hub.addSignature(graph, { inputs: { images }, outputs: tf.flatten(x) });
  hub.attachImageModuleInfo(graph, { defaultImageSize: { height: SIZE, width: SIZE } });
}

/** Makes an image module that knows how to see the first shapes, and exports it: what stands in for one from a hub. */
export async function makeImageModule(folder: string, random: Random): Promise<void> {
  const spec = await hub.createModuleSpec(build, [
    [[], { training: false }],
    [['train'], { training: true }],
  ]);
  const graph = new hub.Graph();
  tf.setRandomSeed(graph, 2);
  const module = await hub.module(spec, { graph, trainable: true, tags: ['train'] });
  const images = tf.placeholder(graph, { dtype: 'float32', shape: [null, SIZE, SIZE, 3] });
  const labels = tf.placeholder(graph, { dtype: 'int32', shape: [null] });
  const logits = tf.dense(module({ images }), { units: Object.keys(firstShapes).length });
  const loss = tf.sparseSoftmaxCrossEntropy(labels, logits);
  const steps = globalStep(graph);
  const learningRate = cosineDecay({ learningRate: 0.01, globalStep: steps, decaySteps: STEPS });
  const step = adam({ learningRate }).minimize(loss, { globalStep: steps });

  const examples = drawShapes(firstShapes, PICTURES, SIZE, random);
  await using session = await hub.session(graph);
  for (let count = 1; count <= STEPS; count++) {
    const batch = Array.from({ length: BATCH }, () => random.integer(PICTURES));
    const feeds = new Map<hub.SymbolicTensor, hub.Tensor>([
      [images, takeRows(examples.images, batch)],
      [labels, takeRows(examples.labels, batch)],
    ]);
    const [value] = await session.run([loss, step], { feeds });
    if (count % 50 === 0) console.log(`   step ${count}: loss ${value!.as('float32').data[0]!.toFixed(3)}`);
  }
  await module.export(folder, session);
}
