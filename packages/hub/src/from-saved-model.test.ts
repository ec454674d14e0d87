import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { create, parseSavedModel, SavedModelSchema, serialize, type MetaGraphDef } from '@tenon/format';
import { Graph, type SymbolicTensor } from '@tenon/graph';
import * as tf from '@tenon/layers';
import { gradientDescent } from '@tenon/training';
import * as hub from './index.js';

const MODELS = resolve(__dirname, '../../../tools/fixtures/unusual/saved_models');
const TABLES = join(MODELS, 'tf1-tables');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenon-from-saved-model-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A copy of the model with tables, changed. */
function changed(change: (graph: MetaGraphDef) => MetaGraphDef): string {
  const path = join(folder, 'changed');
  cpSync(TABLES, path, { recursive: true });
  const file = join(path, 'saved_model.pb');
  const { metaGraphs } = parseSavedModel(new Uint8Array(readFileSync(file)));
  writeFileSync(file, serialize(SavedModelSchema, create(SavedModelSchema, { metaGraphs: metaGraphs.map(change) })));
  return path;
}

describe('createModuleSpecFromSavedModel', () => {
  it('makes a module that is trained and exported, tables and their files with it', async () => {
    const spec = await hub.createModuleSpecFromSavedModel(TABLES);
    expect([spec.format, spec.getTags(), spec.getSignatureNames({ tags: ['serve'] })]).toEqual(
      ['hub-module', [['serve']], ['serving_default']], // prettier-ignore
    );
    const graph = new Graph();
    const module = await hub.module(spec, { graph, trainable: true, tags: ['serve'] });
    expect(graph.collections.get('trainable_variables')!.map(({ name }) => name)).toEqual(['module/weight']);
    const text = tf.constant(graph, ['a', 'b', 'größer', 'zz'], { dtype: 'string' });
    const { ids, values } = module({ text }, { asDict: true }) as Record<string, SymbolicTensor>;
    // The weight is 2: values 1.5, 2.5, -1, -1 times it, whose squares' sum has the derivative 2 · weight · 10.5.
    const step = gradientDescent({ learningRate: 0.01 }).minimize(tf.reduceSum(tf.square(values!)));
    await using session = await hub.session(graph, { backend: null });
    expect((await session.run([ids!, values!])).map((value) => hub.toNested(value))).toEqual([
      [0n, 5n, 1n, 5n],
      [3, 5, -2, -2],
    ]);
    await session.run([step]);
    await module.export(join(folder, 'module'), session);

    expect(readdirSync(join(folder, 'module')).sort()).toEqual(
      ['assets', 'saved_model.pb', 'tfhub_module.pb', 'variables'], // prettier-ignore
    );
    const written = readFileSync(join(folder, 'module', 'saved_model.pb'));
    const [definition] = parseSavedModel(new Uint8Array(written)).metaGraphs;
    expect(definition!.saverDef).toBeUndefined();
    expect(Object.keys(definition!.collectionDef).sort()).toEqual(
      ['asset_filepaths', 'saved_model_assets', 'table_initializer', 'trainable_variables', 'variables'], // prettier-ignore
    );
    await using exported = await hub.load(join(folder, 'module'), { tags: ['serve'], backend: null });
    const outputs = await exported({ text: ['a', 'größer'] }, { signature: 'serving_default', asDict: true });
    expect(hub.toNested(outputs['ids'] as hub.Tensor)).toEqual([0n, 1n]);
    const [first] = hub.toNested(outputs['values'] as hub.Tensor) as number[];
    expect(first).toBeCloseTo(1.5 * (2 - 0.01 * 2 * 2 * 10.5), 5);
  });

  it('keeps the tags of every graph, and parts of variables', async () => {
    const spec = await hub.createModuleSpecFromSavedModel(join(MODELS, 'tf1-reference-variables'));
    expect(spec.getTags()).toEqual([['serve'], ['gpu', 'serve', 'train'], []]);
    const module = await hub.module(spec, { graph: new Graph(), tags: ['serve'] });
    expect([...module.variableMap.keys()]).toEqual(['plain/bias', 'plain/steps', 'scope/table']);
  });

  it('names every collection that a module may not have, and drops those named', async () => {
    const list = { kind: { case: 'nodeList', value: { value: ['weight/Assign'] } } } as const;
    const path = changed(
      (graph) =>
        ({
          ...graph,
          collectionDef: { ...graph.collectionDef, losses: list, train_op: list, global_step: list },
        }) as never,
    );
    await expect(hub.createModuleSpecFromSavedModel(path)).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_UNSUPPORTED_COLLECTIONS', collections: ['losses', 'train_op'] }),
    );
    await expect(hub.createModuleSpecFromSavedModel(path, { dropCollections: ['losses'] })).rejects.toThrow(
      expect.objectContaining({ collections: ['train_op'] }),
    );
    const spec = await hub.createModuleSpecFromSavedModel(path, { dropCollections: ['losses', 'train_op'] });
    expect(spec.getTags()).toEqual([['serve']]);
  });

  it('refuses graphs that tags cannot tell apart', async () => {
    const path = changed((graph) => graph);
    const file = join(path, 'saved_model.pb');
    const bytes = readFileSync(file);
    writeFileSync(file, Buffer.concat([bytes, bytes]));
    await expect(hub.createModuleSpecFromSavedModel(path)).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_REPEATED_TAGS' }),
    );
  });

  it('refuses what is no SavedModel of TensorFlow 1', async () => {
    await expect(hub.createModuleSpecFromSavedModel(join(MODELS, 'tf2-structures'))).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_UNSUITABLE_SAVED_MODEL' }),
    );
    await expect(hub.createModuleSpecFromSavedModel(folder)).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_NO_SAVED_MODEL' }),
    );
    await expect(hub.createModuleSpecFromSavedModel(3 as never)).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_HANDLE' }),
    );
  });
});
