import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openCheckpoint, parseSavedModel } from '@tenon/format';
import { Graph, type SymbolicTensor } from '@tenon/graph';
import * as tf from '@tenon/layers';
import { addSignature, attachMessage, createModuleSpec, instantiate, type ModuleInstance } from '@tenon/module-spec';
import { Session } from '@tenon/runtime';
import { FileSource } from '@tenon/tensor/node';
import { toNested } from '@tenon/tensor';
import { exportModule } from './export-module.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenon-exporter-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const build = (graph: Graph, { training = false }: { readonly training?: boolean }): void => {
  const x = tf.placeholder(graph, { dtype: 'float32', shape: [null, 2], name: 'x' });
  const y = tf.dense(tf.batchNormalization(x, { training }), { units: 3, kernelInitializer: tf.ones() });
  addSignature(graph, { inputs: x, outputs: y });
  attachMessage(graph, 'note', Uint8Array.of(1, 2));
};
const VARIANTS = [
  [[], {}],
  [['train'], { training: true }],
] as const;

async function instance(variants: typeof VARIANTS | undefined = VARIANTS, make = build): Promise<ModuleInstance> {
  return instantiate(await createModuleSpec(make, variants), new Graph(), { trainable: true });
}

const read = (...path: string[]): Uint8Array => new Uint8Array(readFileSync(join(folder, ...path)));

/** Every file below a folder, with what it holds. */
function contents(path: string): [string, string][] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(path, name)).isFile())
    .sort()
    .map((name) => [name, readFileSync(join(path, name)).toString('hex')]);
}

describe('exportModule', () => {
  it('writes the files of a module, with the values that the session has', async () => {
    const module = await instance();
    const session = new Session(module.graph);
    const bias = module.variables.find(({ name }) => name === 'dense/bias')!.operation;
    const assign = tf.operation(module.graph, 'AssignVariableOp', [bias.output(), [1, 2, 3]], { dtype: 'float32' });
    await session.run([assign]);
    await exportModule(module, join(folder, 'a', 'module'), session);

    expect(read('a', 'module', 'tfhub_module.pb')).toEqual(Uint8Array.of(8, 3));
    expect(
      readdirSync(join(folder, 'a'))
        .concat(readdirSync(join(folder, 'a', 'module')))
        .sort(),
    ).toEqual(
      ['assets', 'module', 'saved_model.pb', 'tfhub_module.pb', 'variables'], // prettier-ignore
    );
    const files = { open: (path: string) => new FileSource(path) };
    const checkpoint = await openCheckpoint(join(folder, 'a', 'module', 'variables', 'variables'), files);
    expect(checkpoint.keys()).toEqual(module.variables.map(({ name }) => name).sort());
    expect(toNested(await checkpoint.read('dense/bias'))).toEqual([1, 2, 3]);

    const model = parseSavedModel(read('a', 'module', 'saved_model.pb'));
    expect(model.savedModelSchemaVersion).toBe(0n);
    expect(model.metaGraphs.map(({ metaInfoDef }) => metaInfoDef!.tags)).toEqual([[], ['train']]);
    const [inference, training] = model.metaGraphs;
    expect(Object.keys(inference!.collectionDef)).toEqual([
      'hub_module_attachments',
      'trainable_variables',
      'variables',
    ]);
    expect(training!.collectionDef['update_ops']!.kind).toMatchObject({
      case: 'nodeList',
      value: { value: { length: 2 } },
    });
    expect(inference!.signatureDef['default']).toMatchObject({
      methodName: '',
      inputs: { default: { encoding: { value: 'x:0' } } },
    });
  });

  it('writes equal modules as equal files', async () => {
    for (const name of ['one', 'two']) {
      const module = await instance();
      await exportModule(module, join(folder, name), new Session(module.graph));
    }
    expect(contents(join(folder, 'one'))).toEqual(contents(join(folder, 'two')));
  });

  it('writes files that the module needs, those of one name under several', async () => {
    const paths = ['x', 'y'].map((name) => join(folder, name, 'vocabulary.txt'));
    paths.forEach((path, index) => {
      mkdirSync(join(path, '..'));
      writeFileSync(path, `word ${index}`);
    });
    const module = await instance(undefined, (graph) => {
      const assets = paths.map((path) => tf.constant(graph, path, { dtype: 'string' }));
      for (const asset of assets) tf.addToCollection(graph, 'asset_filepaths', asset);
      addSignature(graph, { outputs: { path: assets[0] as SymbolicTensor } });
    });
    await exportModule(module, join(folder, 'module'), new Session(module.graph));
    expect(contents(join(folder, 'module', 'assets'))).toEqual([
      ['vocabulary.txt', Buffer.from('word 0').toString('hex')],
      ['vocabulary.txt0', Buffer.from('word 1').toString('hex')],
    ]);
    const [graph] = parseSavedModel(read('module', 'saved_model.pb')).metaGraphs;
    expect(Buffer.from(read('module', 'saved_model.pb')).includes(folder)).toBe(false);
    expect(graph!.collectionDef['saved_model_assets']!.kind.case).toBe('anyList');
    expect(readdirSync(join(folder, 'module', 'variables'))).toEqual([]);
  });
});

describe('nothing is exported', () => {
  const left = (): string[] => readdirSync(folder);

  it.each(['folder', 'file', 'link'])('over a %s that is there', async (kind) => {
    const target = join(folder, 'module');
    if (kind === 'folder') mkdirSync(target);
    else if (kind === 'file') writeFileSync(target, '');
    else symlinkSync(join(folder, 'nowhere'), target);
    const module = await instance();
    const attempt = exportModule(module, target, new Session(module.graph));
    await expect(attempt).rejects.toThrow(expect.objectContaining({ code: 'ERR_TARGET_EXISTS', path: target }));
    expect(left()).toEqual(['module']);
  });

  it('from a session over another graph', async () => {
    const attempt = exportModule(await instance(), join(folder, 'module'), new Session(new Graph()));
    await expect(attempt).rejects.toThrow(expect.objectContaining({ code: 'ERR_SESSION_GRAPH' }));
  });

  it('of a variant that lacks variables of another', async () => {
    const module = await instance(VARIANTS, (graph, args) => {
      build(graph, args);
      if (args.training) tf.getVariable(graph, { name: 'more', shape: [2] });
    });
    const attempt = exportModule(module, join(folder, 'module'), new Session(module.graph));
    await expect(attempt).rejects.toThrow('"more" of the variant [train]');
    expect(left()).toEqual([]);
  });

  it('where something fails on the way', async () => {
    const module = await instance(undefined, (graph) => {
      const asset = tf.constant(graph, join(folder, 'missing.txt'), { dtype: 'string' });
      tf.addToCollection(graph, 'asset_filepaths', asset);
      addSignature(graph, { outputs: asset });
    });
    const attempt = exportModule(module, join(folder, 'a', 'module'), new Session(module.graph));
    await expect(attempt).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_ASSET_FILES', paths: [join(folder, 'missing.txt')] }),
    );
    expect(readdirSync(join(folder, 'a'))).toEqual([]);
    expect(existsSync(join(folder, 'a', 'module'))).toBe(false);
  });
});
