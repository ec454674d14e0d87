import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readNpy, readNpz, writeNpy, writeNpz } from '@tenon/format/npz';
import { Tensor, tensorFrom, toNested } from '@tenon/tensor';
import { encode } from 'jpeg-js';
import { PNG } from 'pngjs';
import { modulePath, tenon, type CommandResult } from '../testing/run-command.js';

const folder = mkdtempSync(join(tmpdir(), 'tenon-run-'));
afterAll(() => rmSync(folder, { recursive: true }));

const host = ['--backend', 'host'];
const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const outputs = ({ status, stdout, stderr }: CommandResult): unknown => {
  expect([status, stderr]).toEqual([0, '']);
  return (JSON.parse(stdout) as { outputs: unknown }).outputs;
};

/** A golden case: what TensorFlow computed. */
function golden(module: string, index = 0) {
  const path = modulePath(`golden/${module}.json`);
  const { cases } = JSON.parse(readFileSync(path, 'utf8')) as {
    cases: { inputs: Record<string, GoldenTensor>; outputs: Record<string, GoldenTensor> }[];
  };
  return cases[index]!;
}

interface GoldenTensor {
  readonly dtype: Tensor['dtype'];
  readonly shape: number[];
  readonly data: never[];
}

const decode = ({ dtype, shape, data }: GoldenTensor): Tensor =>
  tensorFrom(dtype === 'int64' ? data.map(BigInt) : data, dtype).reshape(shape);

describe('tenon run', () => {
  it.each(['tfjs', 'tfjs:cpu', 'tfjs:wasm', 'onnx'])('runs on %s', async (backend) => {
    const args = [
      'run',
      modulePath('mobilenet-v2-small'),
      '--output',
      join(folder, 'vector.npy'),
      '--backend',
      backend,
    ];
    const images = file('grey.json', JSON.stringify({ inputs: [Array(32).fill(Array(32).fill([0.5, 0.5, 0.5]))] }));
    expect(await tenon([...args, '--inputs', images])).toMatchObject({ status: 0, stderr: '' });
    const vector = readNpy(readFileSync(join(folder, 'vector.npy')));
    await tenon([...args.slice(0, -1), 'host', '--inputs', images]);
    const expected = readNpy(readFileSync(join(folder, 'vector.npy')));
    expect(vector.shape).toEqual([1, 64]);
    (vector.data as Float32Array).forEach((value, index) =>
      expect(value).toBeCloseTo(Number((expected.data as Float32Array)[index]), 4),
    );
  });

  describe('takes a lone input', () => {
    it('as elements', async () => {
      expect(outputs(await tenon(['run', modulePath('half-plus-two'), '1', '2', '-3', ...host]))).toEqual([
        2.5, 3, 0.5,
      ]);
    });

    it('as one JSON value', async () => {
      expect(outputs(await tenon(['run', modulePath('half-plus-two'), '[1, 2]', ...host]))).toEqual([2.5, 3]);
    });

    it('as texts, also such that look like JSON', async () => {
      const texts = await tenon(['run', modulePath('nnlm-small'), 'hello world', '[1]', ...host]);
      const json = await tenon(['run', modulePath('nnlm-small'), '["hello world", "[1]"]', ...host]);
      expect(outputs(texts)).toEqual(outputs(json));
      expect(outputs(texts)).toHaveLength(2);
    });

    it('as lines on standard input', async () => {
      const lines = await tenon(['run', modulePath('nnlm-small'), ...host], { stdin: 'hello world\r\n\nthe cat' });
      const args = await tenon(['run', modulePath('nnlm-small'), 'hello world', '', 'the cat', ...host]);
      expect(outputs(lines)).toEqual(outputs(args));
    });

    it('as image files, resized to what the module expects', async () => {
      const pixels = Buffer.alloc(4 * 64 * 48, 255);
      for (let index = 0; index < pixels.length; index += 4) pixels.writeUInt8(128, index);
      const png = file('a.png', PNG.sync.write({ width: 64, height: 48, data: pixels }));
      const jpeg = file('b.JPG', encode({ width: 64, height: 48, data: pixels }, 100).data);
      const module = modulePath('mobilenet-v2-small');
      const [first, second] = outputs(await tenon(['run', module, png, jpeg, ...host])) as number[][];
      const pixel = [128 / 255, 1, 1];
      const plain = file('plain.json', JSON.stringify({ inputs: [Array(32).fill(Array(32).fill(pixel))] }));
      const [expected] = outputs(await tenon(['run', module, '--inputs', plain, ...host])) as number[][];
      expect(first).toHaveLength(64);
      first!.forEach((element, index) => {
        expect(element).toBeCloseTo(expected![index]!, 4);
        // JPEG loses a little.
        expect(second![index]).toBeCloseTo(element, 1);
      });
    });

    it('as a .npy file of another numeric type', async () => {
      const path = file('x.npy', writeNpy(tensorFrom([1, 2], 'float64')));
      expect(outputs(await tenon(['run', modulePath('half-plus-two'), '--inputs', path, ...host]))).toEqual([2.5, 3]);
    });
  });

  describe('takes inputs by name', () => {
    const fruit = golden('multi-signature', 1);
    const call = (path: string, ...rest: string[]): Promise<CommandResult> =>
      tenon(['run', modulePath('multi-signature'), '--signature', 'my_method', '--inputs', path, ...host, ...rest]);

    it('from JSON, and gives what TensorFlow computed', async () => {
      const inputs = Object.fromEntries(
        Object.entries(fruit.inputs).map(([name, value]) => [name, toNested(decode(value))]),
      );
      const actual = outputs(await call(file('fruit.json', JSON.stringify({ inputs })))) as Record<string, number[][]>;
      expect(Object.keys(actual).sort()).toEqual(Object.keys(fruit.outputs).sort());
      for (const [name, expected] of Object.entries(fruit.outputs)) {
        actual[name]!.flat().forEach((element, index) => expect(element).toBeCloseTo(expected.data[index]!, 5));
      }
    });

    it('from .npz, and writes .npz', async () => {
      const arrays = new Map(Object.entries(fruit.inputs).map(([name, value]) => [name, decode(value)]));
      const path = join(folder, 'out.npz');
      const result = await call(file('fruit.npz', writeNpz(arrays)), '--outputs', 'cats,dogs', '--output', path);
      expect(result).toEqual({ status: 0, stdout: '', stderr: '' });
      const written = readNpz(readFileSync(path));
      expect([...written.keys()]).toEqual(['cats', 'dogs']);
      const { cats } = fruit.outputs;
      expect(written.get('cats')!.shape).toEqual(cats!.shape);
      cats!.data.forEach((element, index) =>
        expect((written.get('cats')!.data as Float32Array)[index]).toBeCloseTo(element, 5),
      );
    });

    it('of the signature that the request names', async () => {
      const path = file('named.json', '{"signature_name": "version", "inputs": {}}');
      expect(outputs(await tenon(['run', modulePath('multi-signature'), '--inputs', path, ...host]))).toEqual({
        answer: 42,
        version: 'v1',
      });
    });

    it('says everything that is wrong with names, types and shapes', async () => {
      const names = await call(file('names.json', '{"inputs": {"apples": [[1, 2, 3]], "pears": 1}}'));
      expect(names).toMatchObject({ status: 1, stdout: '' });
      expect(names.stderr).toMatch(/^tenon run: ERR_INPUT_NAMES: .*missing \['oranges'\], extra given \['pears'\]/);
      const types = await call(file('types.json', '{"inputs": {"apples": [[1, 2]], "oranges": ["x"]}}'));
      expect(types.stderr).toMatch(/ERR_INPUT_TYPE[^]*"apples"[^]*float32 \[1, 2\][^]*"oranges"/);
      expect(types.stderr).not.toMatch(/^\s+at /m);
    });
  });

  it('keeps int64 exact on the way in and out', async () => {
    const { inputs, outputs: expected } = golden('dtypes');
    const data = Object.entries(inputs).map(([name, value]) => `"${name}": ${JSON.stringify(toNested(decode(value)), (_, item: unknown) => (typeof item === 'bigint' ? Number(item) : item))}`); // prettier-ignore
    const path = file('dtypes.json', `{"inputs": {${data.join()}}}`);
    const { stdout, stderr } = await tenon([
      'run',
      modulePath('dtypes'),
      '--inputs',
      path,
      '--outputs',
      'i64',
      ...host,
    ]);
    expect(stderr).toBe('');
    expect(stdout).toBe(`{\n  "outputs": [${expected['i64']!.data.join(', ')}]\n}\n`);
  });

  it('takes and gives ragged values', async () => {
    const request = file('ragged.json', '{"inputs": [[1, 2], [], [3]]}');
    const result = outputs(await tenon(['run', modulePath('ragged-input'), '--inputs', request, ...host]));
    expect(result).toEqual({ default: [6, 0, 6], ragged: [[2, 4], [], [6]] });
  });

  it('takes and gives sparse values', async () => {
    const x = { indices: [[0, 1], [0, 7], [2, 0], [2, 9]], values: [1, 2, 3, -1], dense_shape: [3, 10] }; // prettier-ignore
    const json = file('sparse.json', JSON.stringify({ inputs: x }));
    const run = (...args: string[]) =>
      tenon(['run', modulePath('sparse-input'), '--outputs', 'doubled', ...host, ...args]);
    expect(outputs(await run('--inputs', json))).toEqual({ ...x, values: [2, 4, 6, -2] });
    const arrays = new Map([
      ['x/indices', tensorFrom(x.indices, 'int64')],
      ['x/values', tensorFrom(x.values, 'float32')],
      ['x/dense_shape', tensorFrom(x.dense_shape, 'int64')],
    ]);
    const path = join(folder, 'doubled.npz');
    expect(await run('--inputs', file('sparse.npz', writeNpz(arrays)), '--output', path)).toMatchObject({
      status: 0,
      stderr: '',
    });
    expect([...readNpz(readFileSync(path)).keys()]).toEqual([
      'doubled/indices',
      'doubled/values',
      'doubled/dense_shape',
    ]);
  });

  it('calls the object of a TF2 SavedModel, or a signature by name', async () => {
    const module = modulePath('saved_models/tf2-reusable');
    const { inputs } = golden('tf2-reusable');
    const [[, input]] = Object.entries(inputs) as [[string, GoldenTensor]];
    const path = file('reusable.json', JSON.stringify({ inputs: toNested(decode(input)) }));
    const object = outputs(await tenon(['run', module, '--inputs', path, ...host]));
    const signature = outputs(
      await tenon(['run', module, '--inputs', path, '--signature', 'serving_default', ...host]),
    );
    expect(object).toEqual(signature);
  });

  it('calls functions of a TF2 SavedModel, with lists and objects', async () => {
    const module = modulePath('unusual/saved_models/tf2-structures');
    const x = file('x.json', JSON.stringify({ inputs: [1, 2, 4] }));
    expect(outputs(await tenon(['run', module, '--function', 'interval', '--inputs', x, ...host]))).toEqual({
      'default/0/high': [2, 3, 5],
      'default/0/low': [0, 1, 3],
      'default/1': [1, 2, 4],
    });
    const step = { reward: [1, 2, 4], action: [5, 6, 7], 'extra/a': [3, 6, 12], 'extra/b': 0.5 };
    const inputs = file('step.json', JSON.stringify({ inputs: step }));
    expect(outputs(await tenon(['run', module, '--inputs', inputs, '--outputs', 'reward', ...host]))).toEqual([
      0.5, 1.5, 3.5,
    ]);
    const { status, stderr } = await tenon(['run', module, '--function', 'nothing', ...host]);
    expect([status, stderr]).toEqual([1, expect.stringContaining('ERR_CALLABLE_NOT_FOUND')]);
  });

  it('fetches tensors by name from a graph without signatures', async () => {
    const module = modulePath('unusual/saved_models/tf1-legacy-init');
    expect(outputs(await tenon(['run', module, 'b', 'c', 'a', '--fetch', 'ids:0', ...host]))).toEqual([108, 99, 107]);
    const inputs = file('text.json', JSON.stringify({ inputs: { text: ['b'] } }));
    expect(outputs(await tenon(['run', module, '--inputs', inputs, '--fetch', 'ids,bias:0', ...host]))).toEqual({
      ids: [108],
      'bias:0': 100,
    });
    const wrong = await tenon(['run', module, 'b', '--fetch', 'ids', '--signature', 'x', ...host]);
    expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining('Only one of')]);
  });

  it('writes .npy for one output, and refuses it for several', async () => {
    const path = join(folder, 'y.npy');
    expect(await tenon(['run', modulePath('half-plus-two'), '1', '--output', path, ...host])).toMatchObject({
      status: 0,
      stderr: '',
    });
    expect(toNested(readNpy(readFileSync(path)))).toEqual([2.5]);
    const request = file('several.json', '{"inputs": [[1], [2]]}');
    const several = await tenon(['run', modulePath('ragged-input'), '--inputs', request, '--output', path, ...host]);
    expect(several).toMatchObject({ status: 1, stderr: expect.stringMatching(/ERR_OUTPUT_FILE/) as unknown });
  });

  it('prints tables on a terminal', async () => {
    const { stdout } = await tenon(['run', modulePath('half-plus-two'), '1', '2', ...host], { columns: 80 });
    expect(stdout).toBe('y  float32 [2]\n[0]  2.5\n[1]  3.0\n');
    const wide = await tenon(['run', modulePath('nnlm-small'), 'hello', ...host], { columns: 40 });
    expect(wide.stdout).toMatch(
      /^default {2}float32 \[1, 16\]\n\[0\]( +-?\d\.\d+)+ {2}…\n\(\d of 16 columns; all with/,
    );
    expect(
      Math.max(
        ...wide.stdout
          .split('\n')
          .slice(0, 2)
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(40);
  });

  it.each([
    [['run'], /handle of a module is missing/],
    [['run', 'x', '1', '--inputs', 'y.json'], /not both/],
    [['run', 'x', '--inputs', 'y.csv'], /takes a \.json, \.npz or \.npy file/],
    [['run', 'x', '--output', 'y.csv'], /--output takes/],
    [['run', 'x', '--backend', 'abacus'], /"abacus" is not a backend/],
    [['run', modulePath('half-plus-two'), 'abc', ...host], /"abc" is not a value of type float32/],
    [['run', modulePath('half-plus-two'), ...host], /A value is missing[^]*x {2}float32 \[\?\]/],
    [['run', modulePath('multi-signature'), '--signature', 'my_method', ...host], /apples[^]*oranges/],
  ])('ends with 2 for %j', async (args, message) => {
    const { status, stdout, stderr } = await tenon(args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/See tenon run --help\.\n$/);
  });

  it.each([
    [['nowhere', '1'], /^tenon run: ERR_MODULE_PATH: /],
    [[modulePath('half-plus-two'), '1', '--tags', 'a,b'], /ERR_VARIANT_NOT_FOUND/],
    [[modulePath('half-plus-two'), '1', '--signature', 'zz'], /ERR_SIGNATURE_NOT_FOUND: Signature "zz"/],
    [[modulePath('half-plus-two'), '1', '--outputs', 'zz'], /ERR_OUTPUT_NOT_FOUND/],
    [[modulePath('half-plus-two'), '[[1]]'], /ERR_INPUT_TYPE.*Got float32 \[1, 1\]/],
    [[modulePath('half-plus-two'), '--inputs', 'missing.json'], /ENOENT/],
    [
      [modulePath('half-plus-two'), '--inputs', file('broken.json', '{"inputs": [1,\n')],
      /ERR_INPUT_FILE.*This is not JSON.*line 2/,
    ],
    [
      [modulePath('half-plus-two'), '--inputs', file('rows.json', '{"instances": [1]}')],
      /\{"instances": …\} is not read/,
    ],
    [[modulePath('half-plus-two'), '--inputs', file('cut.npz', 'PK')], /ERR_MALFORMED_FILE/],
    [
      [modulePath('mobilenet-v2-small'), file('broken.png', 'no picture')],
      /ERR_INPUT_FILE.*cannot be read as a PNG or JPEG/,
    ],
  ])('ends with 1 and one message for %j', async (args, message) => {
    const { status, stdout, stderr } = await tenon(['run', ...args, ...host]);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
