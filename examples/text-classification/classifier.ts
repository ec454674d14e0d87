import * as hub from '@tenon/hub';
import * as tf from '@tenon/layers';
import { adam } from '@tenon/training';
import { Random } from '@tenon-examples/workbench';
import type { Review } from './sentences.js';

const EPOCHS = 60;
const BATCH = 16;

export interface Run {
  /** Of the reviews that were not trained on, after each epoch. */
  readonly testAccuracies: readonly number[];
  readonly trainAccuracy: number;
}

/**
 * Trains a classifier on top of a text module.
 *
 * @param module A path, or a spec: then its variables begin with random numbers.
 * @param trainable Whether the module's own variables are trained, or only what is on top.
 */
export async function trainClassifier(
  module: string | hub.ModuleSpec,
  trainable: boolean,
  { train, test }: { readonly train: readonly Review[]; readonly test: readonly Review[] },
): Promise<Run> {
  const graph = new hub.Graph();
  tf.setRandomSeed(graph, 3);
  const embed = await hub.module(module, { graph, trainable });
  const sentences = tf.placeholder(graph, { dtype: 'string', shape: [null] });
  const labels = tf.placeholder(graph, { dtype: 'int32', shape: [null] });
  const logits = tf.dense(embed({ sentences }), { units: 2 });
  const predictions = tf.argMax(logits, { axis: 1, dtype: 'int32' });
  const loss = tf.sparseSoftmaxCrossEntropy(labels, logits);
  const step = adam({ learningRate: 0.02 }).minimize(loss);

  await using session = await hub.session(graph);
  const feed = (reviews: readonly Review[]) =>
    new Map<hub.SymbolicTensor, hub.TensorLike>([
      [sentences, reviews.map(({ text }) => text)],
      [labels, reviews.map(({ label }) => label)],
    ]);
  const accuracy = async (reviews: readonly Review[]) => {
    const [predicted] = await session.run([predictions], { feeds: feed(reviews) });
    return reviews.filter(({ label }, index) => predicted!.as('int32').data[index] === label).length / reviews.length;
  };

  const random = new Random(4);
  const testAccuracies = [await accuracy(test)];
  for (let epoch = 1; epoch <= EPOCHS; epoch++) {
    const shuffled = random.shuffle(train);
    for (let start = 0; start < shuffled.length; start += BATCH)
      await session.run([step], { feeds: feed(shuffled.slice(start, start + BATCH)) });
    testAccuracies.push(await accuracy(test));
  }
  return { testAccuracies, trainAccuracy: await accuracy(train) };
}
