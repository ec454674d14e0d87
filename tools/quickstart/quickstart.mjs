// The main job of Tenon, from URLs to numbers: npm run quickstart [-- HANDLE]
// Without a handle, modules that ship with the project are served on loopback, downloaded into a fresh cache, and applied.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ModuleCache } from '@tenon/cache';
import { load, Tensor, toNested } from '@tenon/hub';
import { progressBar } from '@tenon/resolver';
import { defaultInputs } from './default-inputs.mjs';
import { serveModules } from './hosting.mjs';
import { drawPicture } from './picture.mjs';

const MODULES = fileURLToPath(new URL('../fixtures/modules', import.meta.url));
const SENTENCES = ['The cat and the dog.', 'A dog and a cat.', 'hello world', 'Hello, über world!'];
const MOST_SHOWN = 8;

const started = performance.now();
const [handle] = process.argv.slice(2);
try {
  await (handle === undefined ? applyOwnModules() : applyModule(handle));
  console.log(`\nAll of it took ${seconds(started)}.`);
} catch (error) {
  console.error(`${error.code ?? error.name}: ${error.message}`);
  process.exitCode = 1;
}

/** The main job, on modules that ship with the project. */
async function applyOwnModules() {
  const host = await serveModules(MODULES);
  const directory = await mkdtemp(join(tmpdir(), 'tenon-quickstart-'));
  const cache = new ModuleCache({ directory });
  console.log(`Modules are served at ${host.url} and cached in ${directory}.`);
  console.log(
    'They were made by TensorFlow Hub, and are small: their weights are random, only the arithmetic is real.',
  );
  try {
    await compareSentences(`${host.url}/nnlm-small`, cache);
    await classifyPicture(`${host.url}/mobilenet-v2-small`, cache);
    await callByName(`${host.url}/multi-signature`, cache);
  } finally {
    await host.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function compareSentences(url, cache) {
  const embed = await open('Text: the similarity of sentences', url, cache);
  const vectors = toNested(await embed(SENTENCES));
  const similarities = vectors.map((left) => vectors.map((right) => cosine(left, right).toFixed(3)));
  const width = Math.max(...SENTENCES.map((sentence) => sentence.length));
  console.log(`  ${' '.repeat(width + 3)}${SENTENCES.map((_, index) => `  (${index + 1}) `).join(' ')}`);
  similarities.forEach((row, index) => {
    console.log(`  ${SENTENCES[index].padEnd(width)} (${index + 1}) ${row.map((cell) => cell.padStart(6)).join(' ')}`);
  });
  await embed.dispose();
}

async function classifyPicture(url, cache) {
  const classify = await open('Image: the classes of a picture', url, cache, 'image_classification');
  const [height, width] = classify.getExpectedImageSize();
  const picture = new Tensor('float32', [1, height, width, 3], drawPicture(height, width));
  const predictions = 'MobilenetV2/Predictions';
  const { [predictions]: scores } = await classify(picture, {
    signature: 'image_classification',
    outputs: [predictions],
  });
  const ranking = [...scores.data.entries()].sort(([, left], [, right]) => right - left);
  console.log(`  A sunset of ${width} × ${height} pixels:`);
  for (const [index, score] of ranking.slice(0, 3))
    console.log(`  class ${index}  ${(100 * score).toFixed(1).padStart(5)} %`);
  await classify.dispose();
}

async function callByName(url, cache) {
  const fruit = await open('A signature by name, with two inputs', url, cache, 'my_method');
  const inputs = { apples: [[1, 2, 3]], oranges: [[3, 2, 1]] };
  const { cats, dogs } = await fruit(inputs, { signature: 'my_method', outputs: ['cats', 'dogs'] });
  console.log(`  apples  ${JSON.stringify(inputs.apples)}  oranges  ${JSON.stringify(inputs.oranges)}`);
  console.log(`  cats    ${show(cats)}`);
  console.log(`  dogs    ${show(dogs)}`);
  await fruit.dispose();
}

/** Any module, on inputs made up from its signature. */
async function applyModule(handle) {
  const module = await open('Applying a module to made-up inputs', handle, undefined);
  const signature = module.defaultSignature;
  const inputs = defaultInputs(module.getInputInfo(signature));
  for (const [name, value] of Object.entries(inputs)) console.log(`  in   ${name}  ${describe(value)}`);
  const outputs = await module(inputs, { signature, asDict: true });
  for (const [name, value] of Object.entries(outputs)) console.log(`  out  ${name}  ${describe(value)}`);
  await module.dispose();
  console.log(`\nMore of it: npx tenon inspect ${handle}`);
}

async function open(title, handle, cache, signature) {
  const begun = performance.now();
  console.log(`\n${title}\n  ${handle}`);
  const bar = progressBar(process.stderr);
  const module = await load(handle, { ...(cache && { cache }), onProgress: bar.update }).finally(bar.end);
  const { placements } = module.preview({ signature });
  const places = new Map();
  for (const { place } of placements) places.set(place, (places.get(place) ?? 0) + 1);
  const where = [...places].map(([place, count]) => `${count} on ${place}`).join(', ');
  console.log(`  ready after ${seconds(begun)}; operations: ${where || 'none'}`);
  return module;
}

function cosine(left, right) {
  const dot = (a, b) => a.reduce((sum, value, index) => sum + value * b[index], 0);
  return dot(left, right) / Math.sqrt(dot(left, left) * dot(right, right));
}

/** A value's type, and its first elements. */
function describe(value) {
  if (!Tensor.isTensor(value))
    return 'indices' in value ? `sparse, ${describe(value.values)}` : `ragged, ${describe(value.values)}`;
  return `${value.dtype} [${value.shape.join(', ')}]  ${show(value)}`;
}

function show(tensor) {
  const elements = [toNested(tensor)].flat(Infinity);
  const shown = elements
    .slice(0, MOST_SHOWN)
    .map((element) =>
      typeof element === 'string'
        ? JSON.stringify(element)
        : `${Number.isFinite(element) ? Number(element.toPrecision(7)) : element}`,
    );
  return elements.length > MOST_SHOWN ? `${shown.join(' ')} … (${elements.length} in all)` : shown.join(' ');
}

function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(2)} s`;
}
