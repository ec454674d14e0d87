import * as hub from '@tenon/hub';
import * as tf from '@tenon/layers';
import { adam, cosineDecay, globalStep } from '@tenon/training';
import type { Picture, Point, Random } from '@tenon-examples/workbench';
import { drawFace } from './faces.js';

export const SIZE = 24;
const PIXELS = 3 * SIZE * SIZE;
const LATENT = 6;
const FACES = 1000;
const STEPS = 1000;
const BATCH = 32;
/** How much it counts that latent vectors are spread like the normal ones that pictures are asked for with. */
const SPREAD = 0.2;

/** The module: latent vectors to pictures. */
function build(graph: hub.Graph): void {
  tf.setRandomSeed(graph, 1);
  const vectors = tf.placeholder(graph, { dtype: 'float32', shape: [null, LATENT], name: 'latent_vector' });
  const hidden = tf.dense(tf.dense(vectors, { units: 64, activation: tf.relu }), { units: 128, activation: tf.relu });
  const pixels = tf.dense(hidden, { units: PIXELS, activation: tf.sigmoid });
  hub.addSignature(graph, { inputs: { latent_vector: vectors }, outputs: tf.reshape(pixels, [-1, SIZE, SIZE, 3]) });
}

/**
 * Trains a generator as the second half of a variational autoencoder, whose first half finds a latent vector for each picture, and exports it.
 *
 * @returns The loss at each step.
 */
export async function trainGenerator(folder: string, random: Random): Promise<Point[]> {
  const graph = new hub.Graph();
  tf.setRandomSeed(graph, 2);
  const generate = await hub.module(await hub.createModuleSpec(build), { graph, trainable: true });
  const pictures = tf.placeholder(graph, { dtype: 'float32', shape: [BATCH, SIZE, SIZE, 3] });
  const hidden = tf.dense(tf.flatten(pictures), { units: 128, activation: tf.relu });
  const [mean, logVariance] = [tf.dense(hidden, { units: LATENT }), tf.dense(hidden, { units: LATENT })];
  const noise = tf.randomNormalTensor(graph, [BATCH, LATENT]);
  const vectors = tf.add(mean, tf.multiply(tf.exp(tf.multiply(logVariance, 0.5)), noise));
  const generated = generate({ latent_vector: vectors });

  const perPicture = (x: hub.SymbolicTensor) => tf.divide(tf.reduceSum(x), BATCH);
  const difference = perPicture(tf.squaredDifference(generated, pictures));
  const terms = tf.subtract(tf.add(tf.square(mean), tf.exp(logVariance)), tf.add(logVariance, 1));
  const divergence = tf.multiply(perPicture(terms), 0.5);
  const loss = tf.add(difference, tf.multiply(divergence, SPREAD));
  const steps = globalStep(graph);
  const learningRate = cosineDecay({ learningRate: 0.004, globalStep: steps, decaySteps: STEPS });
  const step = adam({ learningRate }).minimize(loss, { globalStep: steps });

  const faces = Array.from({ length: FACES }, () => drawFace(SIZE, random));
  await using session = await hub.session(graph);
  const points: Point[] = [];
  for (let count = 1; count <= STEPS; count++) {
    const batch = stack(Array.from({ length: BATCH }, () => random.pick(faces)));
    const [value] = await session.run([difference, step], { feeds: new Map([[pictures, batch]]) });
    points.push([count, value!.as('float32').data[0]! / PIXELS]);
    if (count % 200 === 0) console.log(`   step ${count}: squared error per pixel ${points.at(-1)![1].toFixed(4)}`);
  }
  await generate.export(folder, session);
  return points;
}

/** Pictures as a batch: float32 `[count, height, width, 3]`. */
export function stack(pictures: readonly Picture[]): hub.Tensor<'float32'> {
  const { width, height } = pictures[0]!;
  const data = new Float32Array(pictures.length * 3 * width * height);
  pictures.forEach((picture, index) => data.set(picture.data, index * 3 * width * height));
  return new hub.Tensor('float32', [pictures.length, height, width, 3], data);
}
