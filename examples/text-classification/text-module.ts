import { writeFile } from 'node:fs/promises';
import * as hub from '@tenon/hub';
import * as tf from '@tenon/layers';
import { adam } from '@tenon/training';
import type { Random } from '@tenon-examples/workbench';

const DIMENSION = 16;
const STEPS = 600;
const BATCH = 64;

/** A module that takes sentences, and gives the mean of their words' vectors. `vocabularyFile` becomes an asset of it. */
export function makeTextModuleSpec(vocabularyFile: string, vocabularySize: number): Promise<hub.ModuleSpec> {
  return hub.createModuleSpec((graph) => {
    tf.setRandomSeed(graph, 1);
    const sentences = tf.placeholder(graph, { dtype: 'string', shape: [null], name: 'sentences' });
    const words = tf.splitStrings(sentences);
    const ids = tf.lookup(tf.vocabularyTable(graph, { file: vocabularyFile }), words.values, { oovBuckets: 1 });
    const embeddings = tf.getVariable(graph, {
      name: 'embeddings',
      shape: [vocabularySize + 1, DIMENSION],
      initializer: tf.randomNormal({ stddev: 0.1 }),
    });
    hub.addSignature(graph, {
      inputs: { sentences },
      outputs: tf.embeddingLookupSparse(embeddings, { ...words, values: ids }),
    });
  });
}

/**
 * Teaches a module about words, from texts without labels: it has to help guess a word that was taken out of a sentence. Words that stand in
 * the same company get similar vectors.
 */
export async function pretrain(
  spec: hub.ModuleSpec,
  folder: string,
  { texts, vocabulary, random }: { texts: readonly string[]; vocabulary: readonly string[]; random: Random },
): Promise<void> {
  const graph = new hub.Graph();
  tf.setRandomSeed(graph, 2);
  const module = await hub.module(spec, { graph, trainable: true });
  const sentences = tf.placeholder(graph, { dtype: 'string', shape: [null] });
  const missing = tf.placeholder(graph, { dtype: 'int32', shape: [null] });
  const loss = tf.sparseSoftmaxCrossEntropy(missing, tf.dense(module({ sentences }), { units: vocabulary.length }));
  const step = adam({ learningRate: 0.02 }).minimize(loss);

  await using session = await hub.session(graph);
  for (let count = 1; count <= STEPS; count++) {
    const batch = Array.from({ length: BATCH }, () => takeOut(random.pick(texts).split(' '), random));
    const feeds = new Map<hub.SymbolicTensor, hub.TensorLike>([
      [sentences, batch.map(({ rest }) => rest)],
      [missing, batch.map(({ word }) => vocabulary.indexOf(word))],
    ]);
    const [value] = await session.run([loss, step], { feeds });
    if (count % 150 === 0) console.log(`  step ${count}: loss ${value!.as('float32').data[0]!.toFixed(3)}`);
  }
  await module.export(folder, session);
}

export async function writeVocabulary(file: string, vocabulary: readonly string[]): Promise<void> {
  await writeFile(file, vocabulary.map((word) => `${word}\n`).join(''));
}

function takeOut(words: readonly string[], random: Random) {
  const place = random.integer(words.length);
  return { rest: words.toSpliced(place, 1).join(' '), word: words[place]! };
}
