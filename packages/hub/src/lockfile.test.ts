import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { install } from '@tenon/resolver';
import { Graph } from '@tenon/graph';
import * as hub from './index.js';
import { fixturePath } from './testing/golden.js';

describe('in a folder with a lockfile', () => {
  const folder = process.cwd();
  const directory = mkdtempSync(join(tmpdir(), 'hub-lockfile-'));
  beforeAll(() => {
    process.chdir(directory);
    cpSync(fixturePath('modules/half-plus-two'), 'module', { recursive: true });
  });
  afterAll(() => {
    process.chdir(folder);
    rmSync(directory, { recursive: true });
  });

  it('loads what it says, and nothing else', async () => {
    await install(['module']);
    const module = await hub.load('module', { backend: null });
    expect((await module([4], { asDict: true }))['y']).toBeDefined();
    await module.dispose();
    appendFileSync('module/variables/variables.data-00000-of-00001', 'x');
    const mismatch = { code: 'ERR_LOCKFILE_MISMATCH' };
    await expect(hub.load('module', { backend: null })).rejects.toMatchObject(mismatch);
    await expect(hub.loadModuleSpec('module')).rejects.toMatchObject(mismatch);
    await expect(hub.module('module', { graph: new Graph() })).rejects.toMatchObject(mismatch);
    await expect(hub.preflight('module', { backend: null })).rejects.toMatchObject(mismatch);
    await (await hub.load('module', { backend: null, lockfile: null })).dispose();
  });
});
