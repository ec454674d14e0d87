// Steps of training with Tenon: node training-steps.mjs MODULE head|frozen|full STEPS BACKEND prints the milliseconds of each as JSON.
import { onnx } from '@tenon/backend-onnx';
import * as hub from '@tenon/hub';
import { Graph } from '@tenon/graph';
import * as tf from '@tenon/layers';
import { gradientDescent } from '@tenon/training';
import { resourceUsage } from 'node:process';

const BATCH = 32;
const CLASSES = 5;
const WARM_UP = 2;
const BACKENDS = {
  onnx,
  host: () => null,
  'tfjs-node': async () => (await import('@tenon/backend-tfjs/node')).tfjsNode(),
};

const [folder, mode, steps, backendName] = process.argv.slice(2);
const isFull = mode === 'full';
const graph = new Graph();
const size = folder.includes('224') ? 224 : 32;
const images = hub.placeholder(graph, { dtype: 'float32', shape: [null, size, size, 3] });
const module = await hub.module(folder, { graph, trainable: isFull, ...(isFull && { tags: ['train'] }) });
const features = module({ images });
const width = features.shape[1];
const input = mode === 'head' ? hub.placeholder(graph, { dtype: 'float32', shape: [null, width] }) : features;
const w = tf.getVariable(graph, { name: 'w', shape: [width, CLASSES], initializer: tf.glorotUniform({ seed: 1 }) });
const b = tf.getVariable(graph, { name: 'b', shape: [CLASSES], initializer: tf.zeros() });
const classes = Array.from({ length: BATCH }, (_, index) => index % CLASSES);
const labels = tf.constant(graph, classes, { dtype: 'int32' });
const logits = tf.add(tf.matMul(input, w), b);
const crossEntropy = tf.reduceMean(tf.sparseSoftmaxCrossEntropyWithLogits(logits, labels));
const loss = isFull ? tf.addN([crossEntropy, ...tf.regularizationLosses(graph)]) : crossEntropy;
const step = gradientDescent({ learningRate: 0.01 }).minimize(loss);

const session = await hub.session(graph, { backend: await BACKENDS[backendName]() });
const batch = numbers([BATCH, size, size, 3]);
let feed = batch;
if (mode === 'head') [feed] = await session.run([features], { feeds: new Map([[images, batch]]) });
const train = session.callable([loss, step], [mode === 'head' ? input : images]);
const milliseconds = [];
for (let index = -WARM_UP; index < Number(steps); index++) {
  const start = performance.now();
  await train.run([feed]);
  if (index >= 0) milliseconds.push(performance.now() - start);
}
await session.dispose();
console.log(JSON.stringify({ milliseconds, megabytes: resourceUsage().maxRSS / 1024 }));

/** Numbers from 0 to 1, the same every time. */
function numbers(shape) {
  let state = 1;
  const elements = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  });
  return new hub.Tensor('float32', shape, elements);
}
