// Retrains an image module for classes that it was not made for.
//   npm run tutorial:image-retraining [-- --fine-tune] [--module HANDLE]
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import * as hub from '@tenon/hub';
import { heatMap, lineChart, Random, table, type Point } from '@tenon-examples/workbench';
import { cachedBottlenecks } from './bottlenecks.js';
import { addSteps, makeClassifierSpec, openClassifier } from './classifier.js';
import { makeImageModule } from './image-module.js';
import { drawShapes, firstShapes, newShapes } from './shapes.js';
import { takeRows } from './take-rows.js';

const OUT = 'out';
const OWN_MODULE = `${OUT}/image-module`;
const EXPORTED = `${OUT}/classifier`;
const BATCH = 20;

const { values: options } = parseArgs({
  options: { 'fine-tune': { type: 'boolean', default: false }, module: { type: 'string', default: OWN_MODULE } },
});
await mkdir(OUT, { recursive: true });
await rm(EXPORTED, { recursive: true, force: true });

const random = new Random(1);
if (options.module === OWN_MODULE) {
  console.log(`1. An image module learns to see: ${Object.keys(firstShapes).join(', ')}.`);
  if (existsSync(OWN_MODULE)) console.log(`   It is in ${OWN_MODULE} from an earlier run.`);
  else await makeImageModule(OWN_MODULE, new Random(2));
} else console.log(`1. The image module is ${options.module}.`);

const classes = Object.keys(newShapes);
const spec = await makeClassifierSpec(options.module, classes.length);
const trainer = await openClassifier(spec, ['train']);
const user = await openClassifier(spec, []);
const steps = addSteps(trainer);
const train = drawShapes(newShapes, 100, user.size, random);
const test = drawShapes(newShapes, 500, user.size, random);

console.log(`\n2. It looks once at each of ${train.labels.size} pictures of other things, ${classes.join(', ')}:`);
const key = createHash('sha256').update(`${options.module} ${train.images.shape}`).digest('hex').slice(0, 8);
const bottlenecks = await cachedBottlenecks(`${OUT}/bottlenecks-${key}.npy`, async () => {
  const [features] = await user.session.run([user.features], { feeds: new Map([[user.images, train.images]]) });
  return features!.as('float32');
});

console.log('\n3. What is on top of it learns from what it saw:');
const curve: Point[] = [[0, accuracyOf(await classify())]];
await learn(steps.head, trainer.features, bottlenecks, 40);
if (options['fine-tune']) {
  console.log('   All of it learns, from the pictures themselves:');
  await learn(steps.all, trainer.images, train.images, 20);
}

const predicted = await classify();
console.log(
  `\n4. Test accuracy: ${percent(accuracyOf(predicted))}. Pictures by what they show (rows) and are taken for:`,
);
const confusion = classes.map((_, shown) =>
  classes.map(
    (_, taken) => test.labels.data.filter((label, index) => label === shown && predicted[index] === taken).length,
  ),
);
console.log(table([['', ...classes], ...confusion.map((row, shown) => [classes[shown]!, ...row.map(String)])]));
const axes = { title: 'Shapes: shown (rows), taken for (columns)', rows: classes, columns: classes };
await writeFile(`${OUT}/confusion.svg`, heatMap({ ...axes, values: confusion }));
const labels = { title: 'Shapes told apart', xLabel: 'epochs', yLabel: 'test accuracy' };
await writeFile(`${OUT}/learning-curve.svg`, lineChart({ ...labels, lines: { accuracy: curve }, yRange: [0, 1] }));

await trainer.module.export(EXPORTED, trainer.session);
await using loaded = await hub.load(EXPORTED);
const logits = hub.toNested(await loaded(test.images)) as number[][];
const same = logits.filter((row, index) => row.indexOf(Math.max(...row)) === predicted[index]).length;
console.log(
  `\n5. Exported to ${EXPORTED}, and loaded again: the same answer for ${same} of ${predicted.length} pictures.`,
);
console.log(`The learning curve is in ${OUT}/learning-curve.svg, the matrix in ${OUT}/confusion.svg.`);

/** Trains on batches of what stands for the pictures, and shows after each epoch what those who use the module would have of it. */
async function learn(step: hub.Operation, input: hub.SymbolicTensor, values: hub.Tensor<'float32'>, epochs: number) {
  const rows = [...train.labels.data.keys()];
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const shuffled = random.shuffle(rows);
    for (let start = 0; start < rows.length; start += BATCH) {
      const batch = shuffled.slice(start, start + BATCH);
      const feeds = new Map<hub.SymbolicTensor, hub.Tensor>([
        [input, takeRows(values, batch)],
        [trainer.labels, takeRows(train.labels, batch)],
      ]);
      await trainer.session.run([step], { feeds });
    }
    const checkpoint = await hub.saveCheckpoint(trainer.session, `${OUT}/checkpoints`, { step: curve.length, keep: 1 });
    await hub.restoreCheckpoint(user.session, checkpoint);
    curve.push([curve.length, accuracyOf(await classify())]);
    if (epoch % 5 === 0) console.log(`   epoch ${epoch}: test accuracy ${percent(curve.at(-1)![1])}`);
  }
}

/** The class of each test picture, as those who use the module get it. */
async function classify(): Promise<Int32Array> {
  const [found] = await user.session.run([user.classes], { feeds: new Map([[user.images, test.images]]) });
  return found!.as('int32').data;
}

function accuracyOf(found: Int32Array): number {
  return found.filter((taken, index) => taken === test.labels.data[index]).length / found.length;
}

function percent(part: number): string {
  return `${(100 * part).toFixed(1)} %`;
}
