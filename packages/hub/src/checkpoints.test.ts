import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Graph } from '@tenon/graph';
import * as tf from '@tenon/layers';
import { momentum } from '@tenon/training';
import * as hub from './index.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenon-checkpoints-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function model() {
  const graph = new Graph();
  const w = tf.getVariable(graph, { name: 'w', shape: [2], initializer: tf.zeros() });
  const loss = tf.reduceSum(tf.squaredDifference(w, [1, 2]));
  const step = momentum({ learningRate: 0.1, momentum: 0.9 }).minimize(loss);
  const session = await hub.session(graph, { backend: null });
  return { session, train: async () => hub.toNested((await session.run([loss, step]))[0]!) };
}

describe('checkpoints in a folder', () => {
  it('let training go on, in another session', async () => {
    const { session, train } = await model();
    await train();
    const path = await hub.saveCheckpoint(session, join(folder, 'run'), { step: 1 });
    expect(path).toBe(join(folder, 'run', 'model.ckpt-1'));
    const expected = [await train(), await train()];
    const again = await model();
    await hub.restoreCheckpoint(again.session, (await hub.latestCheckpoint(join(folder, 'run')))!);
    expect([await again.train(), await again.train()]).toEqual(expected);
  });

  it('are as many as are to be kept, and noted as TensorFlow notes them', async () => {
    const { session } = await model();
    for (const step of [1, 2, 10]) await hub.saveCheckpoint(session, folder, { step, keep: 2 });
    expect(readdirSync(folder).sort()).toEqual([
      'checkpoint',
      'model.ckpt-10.data-00000-of-00001',
      'model.ckpt-10.index',
      'model.ckpt-2.data-00000-of-00001',
      'model.ckpt-2.index',
    ]);
    expect(readFileSync(join(folder, 'checkpoint'), 'utf8')).toBe(
      'model_checkpoint_path: "model.ckpt-10"\n' +
        'all_model_checkpoint_paths: "model.ckpt-2"\nall_model_checkpoint_paths: "model.ckpt-10"\n',
    );
    expect(await hub.latestCheckpoint(folder)).toBe(join(folder, 'model.ckpt-10'));
  });

  it.each([
    ['keep', { step: 1, keep: -1 }],
    ['keep', { step: 1, keep: NaN }],
    ['step', { step: -1 }],
    ['step', {} as { step: number }],
  ])('are not written where %s makes no sense: %j', async (argument, options) => {
    const { session } = await model();
    await expect(hub.saveCheckpoint(session, folder, options)).rejects.toMatchObject({
      code: 'ERR_CHECKPOINT_ARGUMENT',
      argument,
    });
    expect(await hub.latestCheckpoint(folder)).toBeUndefined();
  });

  it('are none in a folder that has none', async () => {
    expect(await hub.latestCheckpoint(join(folder, 'nowhere'))).toBeUndefined();
    const { session } = await model();
    await expect(hub.restoreCheckpoint(session, join(folder, 'model.ckpt-1'))).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_CHECKPOINT_NOT_FOUND' }),
    );
  });
});
