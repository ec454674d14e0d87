import { writeFile } from 'node:fs/promises';
import * as hub from '@tenon/hub';
import * as tf from '@tenon/layers';

const DIMENSION = 24;

/** A module that takes sentences and gives vectors of length 1, so that the product of two is the cosine of their angle. */
export async function makeEncoderSpec(vocabularyFile: string, vocabulary: readonly string[]): Promise<hub.ModuleSpec> {
  await writeFile(vocabularyFile, vocabulary.map((word) => `${word}\n`).join(''));
  return hub.createModuleSpec((graph) => {
    tf.setRandomSeed(graph, 1);
    const sentences = tf.placeholder(graph, { dtype: 'string', shape: [null], name: 'sentences' });
    const words = tf.splitStrings(sentences);
    const ids = tf.lookup(tf.vocabularyTable(graph, { file: vocabularyFile }), words.values, { oovBuckets: 1 });
    const table = tf.getVariable(graph, { name: 'words', shape: [vocabulary.length + 1, DIMENSION] });
    const mean = tf.embeddingLookupSparse(table, { ...words, values: ids });
    hub.addSignature(graph, { inputs: { sentences }, outputs: tf.l2Normalize(tf.dense(mean, { units: DIMENSION })) });
  });
}
