// Samples a generator of pictures along lines in its latent space.
//   npm run tutorial:latent-space [-- --module HANDLE]
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import * as hub from '@tenon/hub';
import { lineChart, Picture, Random } from '@tenon-examples/workbench';
import { trainGenerator } from './generator.js';

const OUT = 'out';
const OWN_MODULE = `${OUT}/generator`;
const LINES = 4;
const STEPS = 9;
const SCALE = 3;
const GAP = 2;

const { values: options } = parseArgs({ options: { module: { type: 'string', default: OWN_MODULE } } });
await rm(OUT, { recursive: true, force: true });
await mkdir(OUT, { recursive: true });
const random = new Random(1);

if (options.module === OWN_MODULE) {
  console.log('1. A generator learns to draw faces, and is exported.');
  const curve = await trainGenerator(OWN_MODULE, random);
  const labels = { title: 'Faces drawn again', xLabel: 'steps', yLabel: 'squared error per pixel' };
  await writeFile(`${OUT}/learning-curve.svg`, lineChart({ ...labels, lines: { error: curve } }));
}

console.log(`\n2. Lines between random points of the latent space of ${options.module}.`);
await using generate = await hub.load(options.module);
const [name, { shape }] = [...generate.getInputInfo()][0]!;
const length = shape![1]!;
const strips: Picture[][] = [];
for (let line = 0; line < LINES; line++) {
  const [from, to] = [0, 1].map(() => Array.from({ length }, () => random.normal())) as [number[], number[]];
  const vectors = Array.from({ length: STEPS }, (_, step) => between(from, to, step / (STEPS - 1)));
  strips.push(unstack(await generate({ [name]: vectors })));
}
await writeFile(`${OUT}/strips.png`, mount(strips).toPng());
const [ends, steps] = [strips.map((strip) => distance(strip[0]!, strip.at(-1)!)), strips.map(largestStep)];
strips.forEach((_, line) =>
  console.log(
    `   line ${line + 1}: the ends are ${ends[line]!.toFixed(3)} apart, and the largest of ${STEPS - 1} steps is ${steps[line]!.toFixed(3)}`,
  ),
);
console.log(`\nThe pictures are in ${OUT}/strips.png, one line per row.`);

function between(from: readonly number[], to: readonly number[], part: number): number[] {
  return from.map((value, index) => value + part * (to[index]! - value));
}

/** A batch `[count, height, width, 3]` as pictures. */
function unstack(batch: hub.Tensor): Picture[] {
  const [count, height, width] = batch.shape as [number, number, number];
  const { data } = batch.as('float32');
  return Array.from({ length: count }, (_, index) => {
    const size = 3 * height * width;
    return new Picture(width, height, data.subarray(index * size, (index + 1) * size));
  });
}

/** How far two pictures are apart: the mean distance of their channels. */
function distance(one: Picture, other: Picture): number {
  return one.data.reduce((sum, value, index) => sum + Math.abs(value - other.data[index]!), 0) / one.data.length;
}

function largestStep(strip: readonly Picture[]): number {
  return Math.max(...strip.slice(1).map((picture, index) => distance(strip[index]!, picture)));
}

function mount(strips: readonly (readonly Picture[])[]): Picture {
  const { width, height } = strips[0]![0]!;
  const [across, down] = [width * SCALE + GAP, height * SCALE + GAP];
  const mounted = new Picture(across * strips[0]!.length + GAP, down * strips.length + GAP).paint([1, 1, 1]);
  strips.forEach((strip, row) =>
    strip.forEach((picture, column) => mounted.place(picture, GAP + column * across, GAP + row * down, SCALE)),
  );
  return mounted;
}
