// Puts into the built package what `tenon doctor` checks backends with: small modules, and what TensorFlow computed with them.
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readNpz } from '@tenon/format/npz';
import { tensorFrom } from '@tenon/tensor';

const FIXTURES = '../../tools/fixtures';
const TARGET = 'dist/doctor-modules';
/** A bit of everything in less than a megabyte: signatures and integers, texts and tables, convolutions of several kinds, recurrent loops. */
const MODULES = [
  'modules/multi-signature',
  'modules/mobilenet-v2-small-finetuned',
  'modules/nnlm-small-example',
  'saved_models/tf2-keras3-cnn',
  'saved_models/tf2-keras3-lstm',
];

await rm(TARGET, { recursive: true, force: true });
await mkdir(TARGET, { recursive: true });
const modules = [];
for (const path of MODULES) {
  const name = path.split('/')[1];
  await cp(join(FIXTURES, path), join(TARGET, name), { recursive: true });
  const golden = JSON.parse(await readFile(join(FIXTURES, 'golden', `${name}.json`), 'utf8'));
  const arraysPath = join(FIXTURES, 'golden', `${name}.npz`);
  const arrays = existsSync(arraysPath) ? readNpz(await readFile(arraysPath), arraysPath) : new Map();
  const inline = (golden) => {
    const { dtype, shape, data } = golden.npz === undefined ? tensorOf(golden) : arrays.get(golden.npz);
    if (dtype === 'string')
      return { dtype, shape, texts: Array.from({ length: data.length }, (_, i) => base64(data.at(i))) };
    return { dtype, shape, bytes: base64(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)) };
  };
  const inlineAll = (tensors) =>
    Object.fromEntries(Object.entries(tensors).map(([key, tensor]) => [key, inline(tensor)]));
  const cases = golden.cases
    .filter(({ signature }) => signature !== undefined)
    .map(({ id, signature, inputs, outputs }) => ({
      id,
      signature,
      inputs: inlineAll(inputs),
      outputs: inlineAll(outputs),
    }));
  modules.push({ name, tensorflow: golden.tf, cases });
}
await writeFile(join(TARGET, 'modules.json'), JSON.stringify(modules));

/** A tensor of a golden file; `tools/tensorflow/gold.py` says what each form is. */
function tensorOf({ dtype, shape, data }) {
  const elements = data.map((element) => {
    if (dtype === 'int64' || dtype === 'uint64') return BigInt(element);
    return element?.b64 === undefined ? element : Buffer.from(element.b64, 'base64');
  });
  return tensorFrom(elements, dtype).reshape(shape);
}

function base64(bytes) {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
