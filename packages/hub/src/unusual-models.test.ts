import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isRaggedTensor, isSparseTensor, Tensor } from '@tenon/tensor';
import type { BackendOptions } from './default-backend.js';
import { load } from './load.js';
import type { CallableModule } from './loaded-module.js';
import { expectClose } from './testing/expect-close.js';
import { Golden, type GoldenCase, type GoldenDocument } from './testing/golden.js';

/** `tools/tensorflow/make_unusual_saved_models.py` makes it. */
const FOLDER = resolve(__dirname, '../../../tools/fixtures/unusual');

interface UnusualCase extends GoldenCase {
  readonly fetch?: readonly string[];
}

function readGolden(file: string): Golden {
  const document = JSON.parse(readFileSync(join(FOLDER, 'golden', file), 'utf8')) as GoldenDocument;
  return new Golden(document, join(FOLDER, 'saved_models', document.module), '');
}

const goldens = readdirSync(join(FOLDER, 'golden')).map(readGolden);

const BACKENDS: Readonly<Record<string, BackendOptions>> = {
  'ONNX Runtime': {},
  'the host kernels': { backend: null },
};

describe.each(Object.entries(BACKENDS))('what TensorFlow computed, on %s', (_, backend) => {
  for (const golden of goldens) {
    for (const example of golden.document.cases as readonly UnusualCase[]) {
      it(`is what ${golden.document.module} computes: ${example.id}`, async () => {
        await using model = await load(golden.path, { ...backend, tags: example.tags });
        const outputs = flatten(await compute(model, golden, example));
        expect([...outputs.keys()].sort()).toEqual(Object.keys(example.outputs).sort());
        for (const [name, expected] of Object.entries(example.outputs)) {
          expectClose(outputs.get(name) as Tensor, expected, golden);
        }
      });
    }
  }
});

async function compute(model: CallableModule, golden: Golden, example: UnusualCase): Promise<unknown> {
  const inputs = golden.inputs(example);
  if (example.fetch) return model.fetch(example.fetch, inputs as Record<string, Tensor>);
  if (example.call === undefined) return model(inputs, { signature: example.signature, asDict: true });
  const args = nest(inputs);
  return example.call === '__call__'
    ? model.callFunction('__call__', [args], example.kwargs)
    : model.callFunction(example.call, [], args);
}

/** `{ 'a/b': x }` as `{ a: { b: x } }`. */
function nest(flat: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const nested: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(flat)) {
    const keys = path.split('/');
    const last = keys.pop()!;
    let target = nested;
    for (const key of keys) target = (target[key] ??= {}) as Record<string, unknown>;
    target[last] = value;
  }
  return nested;
}

/** The opposite, with lists as objects; without what is no tensor. */
function flatten(value: unknown, path = ''): Map<string, unknown> {
  if (typeof value !== 'object' || value === null) return new Map();
  if (Tensor.isTensor(value) || isSparseTensor(value) || isRaggedTensor(value)) return new Map([[path, value]]);
  return new Map(
    Object.entries(value).flatMap(([key, item]) => [...flatten(item, path === '' ? key : `${path}/${key}`)]),
  );
}

describe('unusual models', () => {
  for (const { document, path } of goldens) {
    it(`are what ${document.module} says that it is`, async () => {
      await using model = await load(path, { backend: null, tags: document.cases[0]!.tags });
      expect([...model.getSignatureNames()].sort()).toEqual(Object.keys(document.signatures).sort());
      const tags = model.getTags().map((set) => [...set]);
      if (document.tags) expect(tags.sort()).toEqual(document.tags);
    });
  }

  it('without signatures tell what they are fed', async () => {
    await using model = await load(join(FOLDER, 'saved_models/tf1-legacy-init'), { backend: null });
    expect(existsSync(join(FOLDER, 'saved_models/tf1-legacy-init/saved_model.pbtxt'))).toBe(true);
    const { text } = Object.fromEntries(
      [...model.getPlaceholderInfo()].map(([name, info]) => [name.slice(0, -2), info]),
    );
    expect(text).toMatchObject({ kind: 'dense', dtype: 'string', shape: [null] });
    expect(await model.fetch(['ids'], { text: ['b'] })).toMatchObject({ ids: { data: BigInt64Array.of(108n) } });
    await expect(model(['b'])).rejects.toThrow(/it has no signatures\. Fetch its tensors by their names\./);
    await expect(model.fetch(['ids', 'nothing:0'], { 'text:7': ['b'] })).rejects.toMatchObject({
      code: 'ERR_UNKNOWN_TENSOR',
      names: ['nothing:0', 'text:7'],
    });
    await expect(model.fetch(['ids'], { text: [5] })).rejects.toMatchObject({ code: 'ERR_INPUT_TYPE' });
    await expect(model.fetch(['ids'])).rejects.toMatchObject({ code: 'ERR_MISSING_FEED' });
  });
});
