import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { entryPaths, type EntryPaths } from './entry-paths.js';
import { examineCache } from './examine-cache.js';
import { mendCache } from './mend-cache.js';
import { ModuleCache } from './module-cache.js';
import { pinEntry } from './pin-entry.js';
import { bundleCache, outputOf, startProgram } from './testing/child-program.js';
import { fillWith } from './testing/fill-module.js';

const HANDLE = 'https://example.com/half-plus-two/1';
const ID = '0cc175b9c0f1b6a831c399e269772661';
const onPosix = process.platform === 'win32' ? it.skip : it;

describe('examining a cache', () => {
  let programs: string;
  let directory: string;
  let cache: ModuleCache;
  let paths: EntryPaths;
  beforeAll(() => {
    programs = mkdtempSync(join(tmpdir(), 'tenon-cache-programs-'));
    bundleCache(programs);
  });
  afterAll(() => rmSync(programs, { recursive: true }));
  beforeEach(() => {
    directory = join(mkdtempSync(join(tmpdir(), 'tenon-doctor-')), 'modules');
    mkdirSync(directory);
    cache = new ModuleCache({ directory, pollInterval: 1 });
    paths = entryPaths(directory, HANDLE);
  });
  afterEach(() => {
    chmodSync(directory, 0o755);
    rmSync(join(directory, '..'), { recursive: true });
  });
  const make = () => cache.getOrCreate(HANDLE, fillWith({ 'saved_model.pb': 'graph' }));
  const kinds = async () => (await examineCache(cache)).map(({ kind }) => kind).filter((k) => k !== 'temporary-place');

  it('finds nothing wrong where nothing is', async () => {
    await make();
    expect(await examineCache(cache)).toEqual([
      expect.objectContaining({ kind: 'temporary-place', severity: 'notice', isMendable: false }),
    ]);
    expect(await mendCache(cache)).toMatchObject({ mended: [] });
    expect(await cache.find(HANDLE)).toBe(paths.directory);
  });

  it('says that there is no cache, and makes none', async () => {
    const none = new ModuleCache({ directory: join(directory, 'none') });
    expect(await examineCache(none)).toEqual([expect.objectContaining({ kind: 'no-cache', severity: 'notice' })]);
    expect(await mendCache(none)).toMatchObject({ mended: [] });
    expect(readdirSync(directory)).toEqual([]);
  });

  it('explains what is wrong with a module, and removes it so that it is made anew', async () => {
    await make();
    await pinEntry(cache, HANDLE);
    truncateSync(join(paths.directory, 'saved_model.pb'), 2);
    const [, damage] = await examineCache(cache);
    expect(damage).toMatchObject({
      kind: 'damaged-module',
      severity: 'problem',
      handle: HANDLE,
      path: paths.directory,
      size: 2,
      explanation: 'The module is damaged: saved_model.pb has 2 bytes instead of 5.',
      isMendable: true,
    });
    const { mended, left } = await mendCache(cache);
    expect(mended).toEqual([damage]);
    expect(left.map(({ kind }) => kind)).toEqual(['temporary-place', 'missing-module']);
    await make();
    expect(await kinds()).toEqual([]);
  });

  it('finds changed contents when asked to look', async () => {
    await make();
    writeFileSync(join(paths.directory, 'saved_model.pb'), 'GRAPH');
    expect(await kinds()).toEqual([]);
    const { mended } = await mendCache(cache, { verify: 'contents' });
    expect(mended).toMatchObject([{ kind: 'damaged-module' }]);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('removes what a process left behind, and nothing of those at work', async () => {
    const child = startProgram(programs, 'gone', '');
    await once(child, 'exit');
    writeFileSync(paths.lock, `${hostname()}.${child.pid}.${ID}`);
    const busy = entryPaths(directory, 'x:busy');
    writeFileSync(busy.lock, `elsewhere.17.${ID}`);
    mkdirSync(busy.temporary(ID));
    mkdirSync(busy.directory);
    const { mended, left } = await mendCache(cache);
    expect(mended).toMatchObject([
      { kind: 'leftover', path: paths.lock, explanation: expect.stringMatching(/is gone/) as unknown },
    ]);
    expect(left.slice(1)).toMatchObject([
      { kind: 'busy-entry', explanation: 'Process 17 on elsewhere is working on this module.' },
    ]);
    expect(readdirSync(directory)).toHaveLength(3);
  });

  it('tells of what is not of the cache, and leaves it alone', async () => {
    writeFileSync(join(directory, 'a\u001b[2Jb'.replace('\u001b', process.platform === 'win32' ? '' : '\u001b')), '');
    writeFileSync(join(directory, 'b'), '');
    mkdirSync(paths.manifest);
    expect(await kinds()).toEqual(['obstacle', 'foreign-files']);
    expect(await mendCache(cache)).toMatchObject({ mended: [] });
    expect(readdirSync(directory)).toHaveLength(3);
  });

  onPosix('warns of a cache that others can change', async () => {
    chmodSync(directory, 0o777);
    expect(await kinds()).toEqual(['open-to-others']);
    chmodSync(directory, 0o1777);
    expect(await kinds()).toEqual([]);
  });

  onPosix('explains a cache that cannot be written or read', async () => {
    await make();
    chmodSync(join(directory, '..'), 0o755);
    const program = `
      import { ModuleCache, examineCache } from './cache.mjs';
      const cache = new ModuleCache({ directory: ${JSON.stringify(directory)} });
      const found = await examineCache(cache).catch(({ code }) => [{ kind: code }]);
      console.log(found.map(({ kind }) => kind).filter((kind) => !/temporary|others/.test(kind)).join());`;
    chmodSync(directory, 0o555);
    expect(await outputOf(startProgram(programs, 'read', program, { unprivileged: true }))).toBe('read-only');
    chmodSync(directory, 0o000);
    const output = await outputOf(startProgram(programs, 'nothing', program, { unprivileged: true }));
    expect(output).toBe('ERR_CACHE_PERMISSION');
  });

  it('says so where the cache is a file', async () => {
    const file = new ModuleCache({ directory: join(directory, 'file') });
    writeFileSync(file.directory, '');
    await expect(examineCache(file)).rejects.toMatchObject({ code: 'ERR_CACHE_NOT_A_DIRECTORY' });
  });
});
