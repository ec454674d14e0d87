// Text classification three ways: a text module frozen, fine-tuned, and trained from scratch.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { lineChart, Random, table, type Point } from '@tenon-examples/workbench';
import { trainClassifier } from './classifier.js';
import { reviews, unlabelledTexts, vocabulary } from './sentences.js';
import { makeTextModuleSpec, pretrain, writeVocabulary } from './text-module.js';

const OUT = 'out';
const MODULE = `${OUT}/text-module`;
const VOCABULARY = `${OUT}/vocabulary.txt`;

await rm(OUT, { recursive: true, force: true });
await mkdir(OUT, { recursive: true });
const random = new Random(1);

console.log('1. A text module learns from 4000 sentences without labels, and is exported.');
await writeVocabulary(VOCABULARY, vocabulary);
const spec = await makeTextModuleSpec(VOCABULARY, vocabulary.length);
await pretrain(spec, MODULE, { texts: unlabelledTexts(4000, random), vocabulary, random });

const data = { train: reviews(70, random), test: reviews(1000, random) };
console.log(`\n2. Classifiers learn from ${data.train.length} labelled reviews, such as "${data.train[0]!.text}".`);
const ways = [
  { name: 'fine-tuned', module: MODULE, trainable: true },
  { name: 'frozen', module: MODULE, trainable: false },
  { name: 'from scratch', module: spec, trainable: true },
];
const rows = [['', 'training accuracy', 'test accuracy']];
const lines: Record<string, Point[]> = {};
for (const { name, module, trainable } of ways) {
  const { testAccuracies, trainAccuracy } = await trainClassifier(module, trainable, data);
  console.log(`  ${name}: done`);
  lines[name] = testAccuracies.map((accuracy, epoch) => [epoch, accuracy]);
  rows.push([name, percent(trainAccuracy), percent(testAccuracies.at(-1)!)]);
}

console.log(`\n3. On ${data.test.length} other reviews:\n${table(rows)}`);
const curve = { title: 'Reviews told apart', xLabel: 'epochs', yLabel: 'test accuracy', lines };
await writeFile(`${OUT}/learning-curve.svg`, lineChart({ ...curve, yRange: [0.5, 1] }));
console.log(`\nThe module is in ${MODULE}, the learning curve in ${OUT}/learning-curve.svg.`);

function percent(part: number): string {
  return `${(100 * part).toFixed(1)} %`;
}
