import { afterAll, describe, expect, it } from '@jest/globals';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toNested, type RaggedTensor, type Tensor } from '@tenon/tensor';
import { fileAccess } from './file-access.js';
import * as hub from './index.js';
import { fixturePath } from './testing/golden.js';

const load = (path: string, options: hub.LoadOptions = {}): Promise<hub.CallableModule> =>
  hub.load(fixturePath(path), { backend: null, ...options });

async function refusal(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => {
      throw new Error('It was accepted.');
    },
    (error: Error) => error,
  );
}

describe('load', () => {
  const temporary = mkdtempSync(join(tmpdir(), 'hub-'));
  afterAll(() => rmSync(temporary, { recursive: true }));

  it('takes plain values and returns the output called default', async () => {
    const module = await load('modules/half-plus-two');
    const value = await module([4, 5], { signature: 'single' });
    expect(toNested(value)).toEqual([4, 4.5]);
  });

  it('takes typed arrays, tensors, objects and Maps', async () => {
    const module = await load('modules/half-plus-two');
    const x = Float64Array.of(4, 5);
    for (const inputs of [x, { x }, new Map([['x', x]]), hub.tensorFrom([4, 5], 'float32')]) {
      const { y } = await module(inputs, { asDict: true });
      expect(toNested(y as Tensor)).toEqual([4, 4.5]);
    }
  });

  it('wants asDict where no output is called default', async () => {
    const error = await refusal((await load('modules/half-plus-two'))([1]));
    expect(error).toBeInstanceOf(hub.OutputNotFoundError);
    expect(error.message).toBe(
      'There is no output named "default" in signature "default"; it has "y". Use asDict: true.',
    );
  });

  it('returns the only output of a SavedModel, whatever it is called', async () => {
    const module = await load('saved_models/tf2-multi-signature');
    expect((await module([[1, 2, 3]])).shape).toEqual([1, 5]);
    const { version } = await module(undefined, { signature: 'version', asDict: true });
    expect(toNested(version as Tensor)).toBe('v2');
  });

  it('calls a SavedModel that can be called itself', async () => {
    const module = await load('saved_models/tf2-half-plus-two');
    expect(module.getFunctionNames()).toEqual(['__call__']);
    expect(toNested(await module([2]))).toEqual([3]);
    expect(toNested(await module({ x: [2] }))).toEqual([3]);
    expect(toNested((await module([2], { asDict: true }))['default'] as Tensor)).toEqual([3]);
    expect(toNested(await module([2], { signature: 'serving_default' }))).toEqual([3]);
  });

  it('computes only the outputs asked for', async () => {
    const module = await load('modules/multi-signature');
    const inputs = { apples: [[1, 2, 3]], oranges: [[3, 2, 1]] };
    const outputs = await module(inputs, { signature: 'my_method', outputs: ['hidden', 'apples'] });
    expect(Object.keys(outputs)).toEqual(['hidden', 'apples']);
    expect(toNested(outputs['apples'] as Tensor)).toEqual([[1, 2, 3]]);
    const all = module.preview({ signature: 'my_method' }).placements.length;
    expect(module.preview({ signature: 'my_method', outputs: ['hidden'] }).placements.length).toBeLessThan(all);
    expect(module.preview({ signature: 'my_method', outputs: ['apples'] }).placements).toEqual([]);
    const error = await refusal(module(inputs, { signature: 'my_method', outputs: ['hidden', 'pears', 'plums'] }));
    expect(error.message).toBe(
      'Signature "my_method" has no output "pears", "plums"; it has "apples", "cats", "dogs", "hidden".',
    );
  });

  it('names everything that is wrong with the inputs', async () => {
    const module = await load('modules/dtypes');
    const f64 = hub.tensorFrom([1, 2], 'float32');
    const error = await refusal(module({ i64: [1.5], flag: [1], f64, u8: [[[[0, 256, 0]]]] }, { asDict: true }));
    expect(error).toBeInstanceOf(hub.InputTypeError);
    expect((error as hub.InputTypeError).problems.map(({ input }) => input).sort()).toEqual([
      'f64',
      'flag',
      'i64',
      'u8',
    ]);
    expect(error.message).toMatch(/"i64": Element \[0\]: 1.5 is not a whole number/);
    expect(error.message).toMatch(/"f64": Got float32 \[2\]. Expected float64 \[\?\]./);
    const names = await refusal(module({ i64: [1n], x: 1, y: 2 }, { asDict: true }));
    expect(names).toBeInstanceOf(hub.InputNamesError);
    expect((names as hub.InputNamesError).missing).toHaveLength(3);
    expect((names as hub.InputNamesError).extra).toEqual(['x', 'y']);
  });

  it('does not lose the ends of int64', async () => {
    const module = await load('modules/dtypes');
    const inputs = { flag: [true], f64: [1], u8: [[[[0, 0, 0]]]] };
    expect((await refusal(module({ ...inputs, i64: [2 ** 53] }, { asDict: true }))).message).toMatch(/Pass a bigint/);
  });

  it('gives and takes ragged values', async () => {
    const module = await load('modules/ragged-input');
    const { ragged } = await module([[1, 2], [], [3]], { asDict: true });
    expect(toNested((ragged as RaggedTensor).values)).toEqual([2, 4, 6]);
    expect(toNested((ragged as RaggedTensor).rowSplits[0]!)).toEqual([0n, 2n, 2n, 3n]);
  });

  it('refuses tensors of graphs', async () => {
    const module = await load('modules/half-plus-two');
    const symbolic = hub.placeholder(new hub.Graph(), { dtype: 'float32' });
    const error = await refusal(module(symbolic as never, { asDict: true }));
    expect(error).toBeInstanceOf(hub.SymbolicInputError);
    expect(error.message).toMatch(/build with hub.module/);
  });

  it('says what there is when asked for another signature, variant or function', async () => {
    const module = await load('modules/half-plus-two');
    expect((await refusal(module([1], { signature: 'zz' }))).message).toBe(
      'Signature "zz" is not in this module; it has "default", "single".',
    );
    expect(() => module.getInputInfo('zz')).toThrow(hub.SignatureNotFoundError);
    expect((await refusal(load('modules/half-plus-two', { tags: ['train'] }))).message).toMatch(
      /^No such graph variant: tags=\['train'\]. Available: \[\]\.$/,
    );
    expect((await refusal(module.callFunction('__call__', [[1]]))).message).toMatch(/it has no functions/);
  });

  it('finds functions of objects within the model by their paths', async () => {
    const module = await load('saved_models/tf2-nested-objects');
    expect(module.getFunctionNames()).toEqual([]);
    expect(module.findFunction('encoder.scale').parameters.names).toEqual(['x', 'by']);
    const failure = await refusal(module.callFunction('encoder', [[1]]));
    expect([(failure as hub.CallableNotFoundError).code, failure.message]).toEqual([
      'ERR_CALLABLE_NOT_FOUND',
      expect.stringMatching(
        /^"encoder" is .* "encoder\.scale", "encoder\.inner\.__call__", "blocks\.0\.__call__", "blocks\.1\.__call__"\.$/,
      ),
    ]);
    for (const path of ['', '.', 'encoder.scale.x', 'itself', 'blocks.2.__call__', '__proto__'])
      expect(() => module.findFunction(path)).toThrow(/is not a function of this model/);
    await module.dispose();
  });

  it('refuses what is neither a handle nor a module', async () => {
    expect(await refusal(hub.load(7 as never))).toBeInstanceOf(hub.InvalidHandleError);
    expect(await refusal(hub.load(temporary, { backend: null }))).toBeInstanceOf(hub.NoSavedModelError);
  });

  it('reads its variables', async () => {
    const module = await load('modules/half-plus-two');
    const values = await Promise.all(
      module.variables.map(async (variable) => [variable.name, toNested(await variable.read())]),
    );
    expect(Object.fromEntries(values)).toEqual({ a: 0.5, b: 2 });
    const partitioned = await load('modules/partitioned');
    expect([...partitioned.variableMap.keys()].sort()).toEqual(['dense/w', 'emb/table']);
  });

  it('keeps its variables apart from those of another', async () => {
    const [one, other] = await Promise.all([load('modules/half-plus-two'), load('modules/half-plus-two-finetuned')]);
    expect(toNested(await one([0], { signature: 'single' }))).toEqual([2]);
    expect(toNested((await other([0], { asDict: true }))['y'] as Tensor)).toEqual([-0.47551026940345764]);
  });

  it('is a value with members, and says what it runs on', async () => {
    const module = await load('modules/mobilenet-v2-small', { tags: ['train'] });
    expect(module).toBeInstanceOf(hub.LoadedModule);
    expect(module.tags).toEqual(['train']);
    expect(module.getTags()).toContainEqual([]);
    expect(module.backend).toBe('host');
    expect(module.getAttachedMessage('image_module_info')).toBeInstanceOf(Uint8Array);
  });

  it('fails after it was disposed', async () => {
    const module = await load('modules/half-plus-two');
    await module.dispose();
    expect(await refusal(module([1], { signature: 'single' }))).toBeInstanceOf(hub.SessionDisposedError);
  });

  it('stops when told to', async () => {
    const module = await load('modules/half-plus-two');
    const error = await refusal(module([1], { signature: 'single', signal: AbortSignal.abort() }));
    expect(error.name).toBe('AbortError');
  });

  it('reads a module from a folder with a strange name', async () => {
    const path = join(temporary, 'ünï %20 cödé');
    cpSync(fixturePath('modules/token-embedding'), path, { recursive: true });
    const module = await hub.load(path, { backend: null });
    expect((await module(['cat'])).shape).toEqual([1, 8]);
  });

  it('says what a function was given that it was not saved for', async () => {
    const module = await load('saved_models/tf2-reusable');
    const x = hub.tensorFrom([[1, 2, 3, 4, 5, 6]], 'float32');
    const wrong = await refusal(module.callFunction('__call__', [x], { training: hub.tensorFrom(true, 'bool') }));
    expect(wrong).toMatchObject({ code: 'ERR_NO_MATCHING_FUNCTION' });
    expect(wrong.message).toContain('(float32 [1, 6], training: bool [])');
  });

  it('lets programs read no files that the folder of the assets links to, but a module through a link', () => {
    const outside = join(temporary, 'outside');
    const directory = join(temporary, 'linking');
    cpSync(fixturePath('modules/asset-collision'), directory, { recursive: true });
    cpSync(join(directory, 'assets'), outside, { recursive: true });
    symlinkSync(directory, join(temporary, 'linked'));
    const linked = fileAccess({ directories: [join(temporary, 'linked')] });
    expect(linked.readFile(join(temporary, 'linked', 'assets', 'tokens.txt')).length).toBeGreaterThan(0);
    rmSync(join(directory, 'assets'), { recursive: true });
    symlinkSync(outside, join(directory, 'assets'));
    const access = fileAccess({ directories: [directory] });
    expect(() => access.readFile(join(directory, 'assets', 'tokens.txt'))).toThrow(hub.FileAccessError);
  });

  it('lets programs read nothing but assets', () => {
    const directory = join(temporary, 'module');
    cpSync(fixturePath('modules/asset-collision'), directory, { recursive: true });
    writeFileSync(join(temporary, 'secret'), 'secret');
    symlinkSync(join(temporary, 'secret'), join(directory, 'assets', 'link'));
    const access = fileAccess({ directories: [directory] });
    expect(access.readFile(join(directory, 'assets', 'tokens.txt')).length).toBeGreaterThan(0);
    for (const path of [
      'assets/../saved_model.pb',
      'assets/link',
      'assets',
      'assets/missing',
      '../secret',
      'saved_model.pb',
    ]) {
      expect(() => access.readFile(`${directory}/${path}`)).toThrow(hub.FileAccessError);
    }
    expect(() => access.readFile('/etc/passwd')).toThrow(hub.FileAccessError);
    // What is known before a program runs: that it may look there, not what is there.
    const allowed = ['assets/tokens.txt', 'assets/link', 'assets/missing'];
    expect(allowed.map((path) => access.mayRead(`${directory}/${path}`))).toEqual([true, true, true]);
    const others = ['assets/../saved_model.pb', 'assets', '../secret', 'assets-2/x'];
    expect(others.map((path) => access.mayRead(`${directory}/${path}`))).toEqual([false, false, false, false]);
  });

  it('lets programs do what is allowed besides', () => {
    const file = join(temporary, 'new', 'folder', 'file');
    const bytes = new TextEncoder().encode('text');
    expect(() => fileAccess({ directories: [] }).writeFile(file, bytes)).toThrow(hub.FileAccessError);
    const access = fileAccess({ directories: [] }, ['read-files', 'write-files']);
    access.writeFile(file, bytes);
    expect(access.mayRead(file)).toBe(true);
    expect(Buffer.from(access.readFile(file)).toString()).toBe('text');
    expect(() => access.readFile(`${file}/nothing`)).toThrow(hub.FileAccessError);
    expect(() => access.writeFile(`${file}/nothing`, bytes)).toThrow(hub.FileAccessError);
  });
});
