import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import promises from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Graph } from '@tenon/graph';
import * as tf from '@tenon/layers';
import * as hub from './index.js';
import { fixturePath } from './testing/golden.js';

const HALF = fixturePath('modules/half-plus-two');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenon-hostile-'));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const at = (...parts: string[]): string => join(folder, ...parts);

async function half(): Promise<{ module: hub.CallableGraphModule; session: hub.Session }> {
  const graph = new Graph();
  const module = await hub.module(HALF, { graph });
  return { module, session: await hub.session(graph, { backend: null }) };
}

/** Both ways to write a module. */
const WAYS = {
  'a module': (module: hub.GraphModule, path: string, session: hub.Session) => module.export(path, session),
  'a SavedModel': (module: hub.GraphModule, path: string, session: hub.Session) =>
    module.exportSavedModel(path, session),
};

const ELSEWHERE = ['gs://bucket/module', 'https://example.com/module', 'S3://bucket/module', 'file://host/a%2fb', ''];

describe.each(Object.entries(WAYS))('exporting %s', (_, write) => {
  it('says what is in the way, and changes nothing of it', async () => {
    const { module, session } = await half();
    mkdirSync(at('there'));
    await expect(write(module, at('there'), session)).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_TARGET_EXISTS', path: at('there') }),
    );
    expect(readdirSync(folder)).toEqual(['there']);
  });

  it('says what the system says where nothing can be written', async () => {
    const { module, session } = await half();
    writeFileSync(at('file'), 'kept');
    const long = 'x'.repeat(300);
    for (const path of [at('file', 'module'), at(long), at('nul\0')]) {
      const attempt = write(module, path, session);
      await expect(attempt).rejects.toThrow(expect.objectContaining({ code: 'ERR_UNWRITABLE_TARGET' }));
    }
    expect(readdirSync(folder)).toEqual(['file']);
    expect(readFileSync(at('file'), 'utf8')).toBe('kept');
  });

  it('goes to folders of this machine alone, also by file: URL', async () => {
    const { module, session } = await half();
    const here = readdirSync('.');
    for (const path of [...ELSEWHERE, undefined as unknown as string]) {
      await expect(write(module, path, session)).rejects.toMatchObject({ code: 'ERR_UNWRITABLE_TARGET' });
    }
    await expect(write(module, 'gs://bucket/module', session)).rejects.toThrow('folders of this machine');
    expect(readdirSync('.')).toEqual(here);
    await write(module, pathToFileURL(at('a b')).href, session);
    expect(readdirSync(folder)).toEqual(['a b']);
  });

  it('leaves nothing where the disk is full midway', async () => {
    const { module, session } = await half();
    const open = promises.open.bind(promises);
    let files = 0;
    jest.spyOn(promises, 'open').mockImplementation(async (...args) => {
      const handle = await open(...args);
      if (args[1] === 'wx' && ++files === 2) {
        jest
          .spyOn(handle, 'write')
          .mockRejectedValue(Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' }));
      }
      return handle;
    });
    const attempt = write(module, at('a', 'module'), session);
    await expect(attempt).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_UNWRITABLE_TARGET', path: at('a', 'module') }),
    );
    await expect(attempt).rejects.toThrow('ENOSPC');
    expect(files).toBe(2);
    expect(readdirSync(at('a'))).toEqual([]);
  });

  it('lets one of several at once have the name', async () => {
    const { module, session } = await half();
    const attempts = await Promise.allSettled(Array.from({ length: 4 }, () => write(module, at('module'), session)));
    const failed = attempts.flatMap((attempt) => (attempt.status === 'rejected' ? [attempt.reason as Error] : []));
    expect(failed).toHaveLength(3);
    for (const error of failed) expect(error).toMatchObject({ code: 'ERR_TARGET_EXISTS' });
    expect(readdirSync(folder)).toEqual(['module']);
    await using loaded = await hub.load(at('module'), { backend: null });
    expect((await loaded({ x: [1] }, { signature: 'default', asDict: true }))['y']).toBeDefined();
  });

  it('refuses sessions of other graphs, and such as are closed', async () => {
    const { module, session } = await half();
    await expect(write(module, at('module'), await hub.session(new Graph()))).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_SESSION_GRAPH', scope: 'module' }),
    );
    await session.dispose();
    await expect(write(module, at('module'), session)).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_SESSION_DISPOSED' }),
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('tells two modules in one session apart', async () => {
    const graph = new Graph();
    const modules = [await hub.module(HALF, { graph }), await hub.module(HALF, { graph })];
    expect(modules.map(({ scope }) => scope)).toEqual(['module', 'module_1']);
    await using session = await hub.session(graph, { backend: null });
    const assign = tf.operation(graph, 'AssignVariableOp', [modules[1]!.variables[0]!.operation.output(), 40], { dtype: 'float32' }); // prettier-ignore
    await session.run([assign]);
    const values = [];
    for (const [index, module] of modules.entries()) {
      await write(module, at(`module-${index}`), session);
      await using loaded = await hub.load(at(`module-${index}`), { backend: null });
      const { y } = await loaded({ x: [2] }, { signature: 'default', asDict: true });
      values.push(hub.toNested(y as hub.Tensor));
      expect(loaded.variables).toHaveLength(2);
    }
    // Half of it plus two; 40 in the place of the half or of the two.
    expect(values[0]).toEqual([3]);
    expect(values[1]).not.toEqual([3]);
  });

  it('takes a module of modules with it, their tables and files too', async () => {
    const spec = await hub.createModuleSpec(async (graph) => {
      const texts = tf.placeholder(graph, { dtype: 'string', shape: [null], name: 'texts' });
      const embed = await hub.module(fixturePath('modules/nnlm-small'), { graph, trainable: true });
      const again = await hub.module(fixturePath('modules/nnlm-small'), { graph, trainable: true });
      const both = tf.concat([embed(texts), again(texts)], 1);
      hub.addSignature(graph, {
        inputs: { texts },
        outputs: tf.dense(both, { units: 2, kernelInitializer: tf.ones() }),
      });
    });
    const graph = new Graph();
    const module = await hub.module(spec, { graph });
    const y = module({ texts: ['the cat', 'zzz'] });
    await using session = await hub.session(graph, { backend: null });
    const [expected] = await session.run([y]);
    await write(module, at('module'), session);
    const files = readdirSync(at('module', 'assets'));
    // The same file twice is the same file.
    expect(files).toHaveLength(1);
    await using loaded = await hub.load(at('module'), { backend: null });
    const actual = await loaded({ texts: ['the cat', 'zzz'] }, { signature: 'default' });
    expect(hub.toNested(actual)).toEqual(hub.toNested(expected!));
  });

  it('takes names as they are', async () => {
    const spec = await hub.createModuleSpec((graph) => {
      const x = tf.placeholder(graph, { dtype: 'float32', shape: [null], name: 'x' });
      hub.addSignature(graph, { name: 'a/b:c', inputs: { größe: x }, outputs: { 'x/y': tf.square(x), ü: x } });
      hub.addSignature(graph, {
        name: '__proto__',
        inputs: { ['__proto__']: x },
        outputs: { constructor: tf.negate(x) },
      });
    });
    const graph = new Graph();
    const module = await hub.module(spec, { graph });
    await using session = await hub.session(graph, { backend: null });
    await write(module, at('module'), session);
    await using loaded = await hub.load(at('module'), { backend: null });
    expect(loaded.getSignatureNames().sort()).toEqual(['__proto__', 'a/b:c']);
    const outputs = await loaded({ größe: [3] }, { signature: 'a/b:c', asDict: true });
    expect(
      Object.entries(outputs)
        .map(([name, value]) => [name, hub.toNested(value as hub.Tensor)])
        .sort(),
    ).toEqual(
      [['x/y', [9]], ['ü', [3]]], // prettier-ignore
    );
    const negated = await loaded([3], { signature: '__proto__', asDict: true });
    expect(hub.toNested(negated['constructor'] as hub.Tensor)).toEqual([-3]);
  });

  it('keeps files of one name apart', async () => {
    const paths = ['one', 'two'].map((name, index) => {
      mkdirSync(at(name));
      writeFileSync(at(name, 'words.txt'), `${name}\nboth\n${'more\n'.repeat(index)}`);
      return at(name, 'words.txt');
    });
    const spec = await hub.createModuleSpec((graph) => {
      const texts = tf.placeholder(graph, { dtype: 'string', shape: [null], name: 'texts' });
      const ids = paths.map((file) => tf.lookup(tf.vocabularyTable(graph, { file }), texts));
      hub.addSignature(graph, { inputs: { texts }, outputs: tf.stack(ids) });
    });
    const graph = new Graph();
    const module = await hub.module(spec, { graph });
    await using session = await hub.session(graph, { backend: null });
    await write(module, at('module'), session);
    expect(readdirSync(at('module', 'assets')).sort()).toEqual(['words.txt', 'words.txt0']);
    rmSync(at('one'), { recursive: true });
    rmSync(at('two'), { recursive: true });
    await using loaded = await hub.load(at('module'), { backend: null });
    const actual = await loaded({ texts: ['one', 'two', 'both'] }, { signature: 'default' });
    expect(hub.toNested(actual)).toEqual([[0n, -1n, 1n], [-1n, 0n, 1n]]); // prettier-ignore
  });
});

describe('exporting ONNX', () => {
  it('goes to files of this machine alone, also by file: URL', async () => {
    const { module, session } = await half();
    const here = readdirSync('.');
    const write = (path: string) => module.exportOnnx(path, session, { inlineBytes: 0 });
    for (const path of [...ELSEWHERE, undefined as unknown as string]) {
      await expect(write(path)).rejects.toMatchObject({ code: 'ERR_UNWRITABLE_TARGET' });
    }
    expect(readdirSync('.')).toEqual(here);
    const { files } = await write(pathToFileURL(at('a b.onnx')).href);
    expect(files.at(-1)).toBe(at('a b.onnx'));
    expect(readdirSync(folder)).toContain('a b.onnx');
  });
});

describe('exporting a SavedModel', () => {
  it('refuses variants that are not there', async () => {
    const { module, session } = await half();
    for (const options of [{ tags: ['zz'] }, { trainingTags: ['zz'] }]) {
      await expect(module.exportSavedModel(at('module'), session, options)).rejects.toThrow(
        expect.objectContaining({ code: 'ERR_VARIANT_NOT_FOUND', tags: ['zz'] }),
      );
    }
    expect(existsSync(at('module'))).toBe(false);
  });

  it('names the variables that the variant in use lacks', async () => {
    const spec = await hub.createModuleSpec<{ more?: boolean }>(
      (graph, { more = false }) => {
        const x = tf.placeholder(graph, { dtype: 'float32', shape: [null, 2] });
        const y = tf.dense(x, { units: 2, name: 'first' });
        hub.addSignature(graph, { inputs: x, outputs: more ? tf.dense(y, { units: 2, name: 'second' }) : y });
      },
      [
        [[], {}],
        [['train'], { more: true }],
      ],
    );
    const graph = new Graph();
    const module = await hub.module(spec, { graph });
    await using session = await hub.session(graph, { backend: null });
    const attempt = module.exportSavedModel(at('module'), session);
    await expect(attempt).rejects.toThrow(expect.objectContaining({ code: 'ERR_MISSING_VARIABLES' }));
    await expect(attempt).rejects.toThrow(/"second\/kernel"[^]*"second\/bias"|"second\/bias"[^]*"second\/kernel"/);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('names the variables that are others in another variant', async () => {
    const spec = await hub.createModuleSpec<{ units: number }>(
      (graph, { units }) => {
        const x = tf.placeholder(graph, { dtype: 'float32', shape: [null, 2] });
        hub.addSignature(graph, { inputs: x, outputs: tf.dense(x, { units }) });
      },
      [
        [[], { units: 2 }],
        [['train'], { units: 3 }],
      ],
    );
    const graph = new Graph();
    const module = await hub.module(spec, { graph });
    await using session = await hub.session(graph, { backend: null });
    await expect(module.export(at('module'), session)).rejects.toMatchObject({
      code: 'ERR_MISSING_VARIABLES',
      problems: [
        '"dense/kernel" of the variant [train], which is float32 [2, 3] there and float32 [2, 2] here',
        '"dense/bias" of the variant [train], which is float32 [3] there and float32 [2] here',
      ],
    });
    expect(readdirSync(folder)).toEqual([]);
  });
});
