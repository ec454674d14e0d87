// Finds sentences that mean the same, in other words.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import * as hub from '@tenon/hub';
import * as tf from '@tenon/layers';
import { adam } from '@tenon/training';
import { heatMap, lineChart, Random, table, type Point } from '@tenon-examples/workbench';
import { makeEncoderSpec } from './encoder.js';
import { meanings, phrase, vocabulary } from './paraphrases.js';

const OUT = 'out';
const MODULE = `${OUT}/sentence-encoder`;
const STEPS = 200;
const BATCH = 32;
/** Cosines are multiplied by it, so that probabilities can become sharp. */
const SHARPNESS = 10;

await rm(OUT, { recursive: true, force: true });
await mkdir(OUT, { recursive: true });
const random = new Random(1);
const shuffled = random.shuffle(meanings);
const [known, unseen] = [shuffled.slice(0, 120), shuffled.slice(120)];

console.log(`1. A module learns from pairs of sentences with the same meaning, of ${known.length} meanings.`);
const curve = await train(MODULE);
const labels = { title: 'Finding the paraphrase among 32', xLabel: 'steps', yLabel: 'loss' };
await writeFile(`${OUT}/learning-curve.svg`, lineChart({ ...labels, lines: { loss: curve } }));

await using embed = await hub.load(MODULE);
console.log(
  `\n2. Which of ${unseen.length} sentences means the same? Of meanings that were not trained with, in words that differ:`,
);
const questions = unseen.map((meaning) => phrase(meaning, random, 0));
const answers = unseen.map((meaning) => phrase(meaning, random, 1));
const byModule = similarities(await vectorsOf(questions), await vectorsOf(answers));
const byWords = similarities(questions.map(countWords), answers.map(countWords));
console.log(
  table([
    ['', 'found first'],
    ['the module', percent(foundFirst(byModule))],
    ['words in common', percent(foundFirst(byWords))],
  ]),
);

const shown = unseen.slice(0, 3).flatMap((meaning) => [0, 1, 2].map((wording) => phrase(meaning, random, wording)));
const vectors = await vectorsOf(shown);
const axes = { title: 'How alike sentences are', rows: shown, columns: shown.map((_, index) => `${index + 1}`) };
const map = heatMap({
  ...axes,
  values: similarities(vectors, vectors),
  range: [-0.5, 1],
  format: (value) => value.toFixed(2),
});
await writeFile(`${OUT}/similarity.svg`, map);
console.log(
  `\nThe heat map is in ${OUT}/similarity.svg, the learning curve in ${OUT}/learning-curve.svg, the module in ${MODULE}.`,
);

/** Trains a module to place each sentence nearest to its own paraphrase, of all in the batch, and exports it. */
async function train(folder: string): Promise<Point[]> {
  const graph = new hub.Graph();
  const spec = await makeEncoderSpec(`${OUT}/vocabulary.txt`, vocabulary);
  const encode = await hub.module(spec, { graph, trainable: true });
  const [left, right] = [0, 1].map(() => tf.placeholder(graph, { dtype: 'string', shape: [BATCH] })) as [
    hub.SymbolicTensor,
    hub.SymbolicTensor,
  ];
  const cosines = tf.matMul(encode(left), encode(right), { transposeB: true });
  const loss = tf.sparseSoftmaxCrossEntropy(
    tf.constant(graph, [...Array(BATCH).keys()], { dtype: 'int32' }),
    tf.multiply(cosines, SHARPNESS),
  );
  const step = adam({ learningRate: 0.01 }).minimize(loss);

  await using session = await hub.session(graph);
  const points: Point[] = [];
  for (let count = 1; count <= STEPS; count++) {
    const batch = random.shuffle(known).slice(0, BATCH);
    const feeds = new Map([left, right].map((side) => [side, batch.map((meaning) => phrase(meaning, random))]));
    const [value] = await session.run([loss, step], { feeds });
    points.push([count, value!.as('float32').data[0]!]);
    if (count % 50 === 0) console.log(`   step ${count}: loss ${points.at(-1)![1].toFixed(3)}`);
  }
  await encode.export(folder, session);
  return points;
}

async function vectorsOf(sentences: readonly string[]): Promise<number[][]> {
  return hub.toNested(await embed(sentences)) as number[][];
}

/** How often each word is in a sentence: what one compares by who has no module. */
function countWords(sentence: string): number[] {
  const words = sentence.split(' ');
  return vocabulary.map((word) => words.filter((other) => other === word).length);
}

/** The cosine of each pair. */
function similarities(rows: readonly number[][], columns: readonly number[][]): number[][] {
  const dot = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, value, index) => sum + value * b[index]!, 0);
  return rows.map((row) => columns.map((column) => dot(row, column) / Math.sqrt(dot(row, row) * dot(column, column))));
}

/** For how many rows the largest number is on the diagonal. */
function foundFirst(matrix: readonly (readonly number[])[]): number {
  return matrix.filter((row, index) => row.indexOf(Math.max(...row)) === index).length / matrix.length;
}

function percent(part: number): string {
  return `${(100 * part).toFixed(1)} %`;
}
