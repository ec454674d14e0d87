import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { entryPaths, type EntryPaths } from './entry-paths.js';
import { getEntry } from './get-entry.js';
import { listEntries } from './list-entries.js';
import { ModuleCache } from './module-cache.js';
import { pinEntry, unpinEntry } from './pin-entry.js';
import { pruneCache, removeUnlessWanted, type PruneOptions } from './prune-cache.js';
import { removeEntry } from './remove-entry.js';
import { bundleCache, outputOf, startProgram, untilPrinted } from './testing/child-program.js';
import { fillWith } from './testing/fill-module.js';

const ID = '0cc175b9c0f1b6a831c399e269772661';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const handleOf = (name: string) => `https://example.com/${name}/1`;

describe('making room', () => {
  let programs: string;
  let directory: string;
  let cache: ModuleCache;
  beforeAll(() => {
    programs = mkdtempSync(join(tmpdir(), 'tenon-cache-programs-'));
    bundleCache(programs);
  });
  afterAll(() => rmSync(programs, { recursive: true }));
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tenon-prune-'));
    cache = new ModuleCache({ directory, pollInterval: 1 });
  });
  afterEach(() => {
    jest.restoreAllMocks();
    rmSync(directory, { recursive: true });
  });

  const pathsOf = (name: string): EntryPaths => entryPaths(directory, handleOf(name));
  /** A module of a number of bytes that was last used some days ago. */
  const make = async (name: string, size: number, days: number) => {
    await cache.getOrCreate(handleOf(name), fillWith({ 'saved_model.pb': 'x'.repeat(size) }));
    const paths = pathsOf(name);
    const then = (Date.now() - days * DAY) / 1000;
    for (const file of [paths.manifest, paths.descriptor, join(paths.directory, 'saved_model.pb')])
      utimesSync(file, then, then);
  };
  const prune = async (options: PruneOptions = {}) => {
    const { modules, leftovers, ...sums } = await pruneCache(cache, options);
    const names = modules.map(({ entry, reason }) => `${entry.handle!.split('/')[3]!} ${reason}`);
    return { modules: names, leftovers: leftovers.map(({ kind, path }) => `${kind} ${basename(path)}`), ...sums };
  };
  const later = (milliseconds: number) => {
    const now = Date.now() + milliseconds;
    jest.spyOn(Date, 'now').mockReturnValue(now);
  };
  const goneProcess = async () => {
    const child = startProgram(programs, 'gone', '');
    await once(child, 'exit');
    return child.pid!;
  };
  const expectGone = (name: string) =>
    expect(readdirSync(directory).filter((file) => file.startsWith(basename(pathsOf(name).directory)))).toEqual([]);

  describe('by pruning', () => {
    it('removes what was not used for a time', async () => {
      await make('old', 3, 40);
      await make('new', 4, 20);
      expect(await prune({ unusedFor: 50 * DAY })).toMatchObject({ modules: [], freed: 0, remaining: 7 });
      expect(await prune({ unusedFor: 30 * DAY, dryRun: true })).toMatchObject({ modules: ['old unused'], freed: 3 });
      expect(await prune({ unusedFor: 30 * DAY })).toMatchObject({ modules: ['old unused'], freed: 3, remaining: 4 });
      expectGone('old');
      expect(await cache.find(handleOf('new'))).toBeDefined();
    });

    it('removes the longest unused until the rest is small enough', async () => {
      await make('oldest', 10, 3);
      await make('middle', 20, 2);
      await make('newest', 30, 1);
      expect(await prune({ maxSize: 60 })).toMatchObject({ modules: [] });
      expect(await prune({ maxSize: 49 })).toMatchObject({ modules: ['oldest size', 'middle size'], remaining: 30 });
      expect(await prune({ maxSize: 0 })).toMatchObject({ modules: ['newest size'], remaining: 0 });
      expect(readdirSync(directory)).toEqual([]);
    });

    it('keeps what is pinned, asked to be kept, or being worked on', async () => {
      for (const name of ['pinned', 'kept', 'locked', 'elsewhere', 'other']) await make(name, 10, 9);
      await pinEntry(cache, handleOf('pinned'));
      writeFileSync(pathsOf('locked').lock, `${hostname()}.${process.ppid}.${ID}`);
      writeFileSync(pathsOf('elsewhere').lock, `elsewhere.17.${ID}`);
      const all = { unusedFor: 0, maxSize: 0, keep: new Set([handleOf('kept')]) };
      expect(await prune(all)).toMatchObject({ modules: ['other unused'], leftovers: [], remaining: 40 });
      await unpinEntry(cache, handleOf('pinned'));
      expect(await prune(all)).toMatchObject({ modules: ['pinned unused'], remaining: 30 });
    });

    it('keeps what was used or pinned since it was looked at', async () => {
      for (const name of ['used', 'pinned', 'other']) await make(name, 10, 9);
      const startedAt = Date.now();
      const entries = await listEntries(cache);
      await cache.find(handleOf('used'));
      await pinEntry(cache, handleOf('pinned'));
      const removed = [];
      for (const entry of entries) if (await removeUnlessWanted(cache, entry, startedAt)) removed.push(entry.handle);
      expect(removed).toEqual([handleOf('other')]);
    });

    it('is safe for processes that use and make modules meanwhile', async () => {
      const names = ['a', 'b', 'c'];
      const program = `
        import { existsSync, readFileSync, writeFileSync } from 'node:fs';
        import { join } from 'node:path';
        import { ModuleCache } from './cache.mjs';
        const cache = new ModuleCache({ directory: ${JSON.stringify(directory)}, pollInterval: 1 });
        const sha256 = '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881'; // of x
        let broken = 0;
        for (let round = 0; round < 60; round += 1) {
          for (const name of ${JSON.stringify(names)}) {
            const found = await cache.getOrCreate('https://example.com/' + name + '/1', async (made) => {
              writeFileSync(join(made, 'saved_model.pb'), 'x');
              return [{ path: 'saved_model.pb', size: 1, sha256 }];
            });
            // It may be gone by now, but not in part.
            if (existsSync(found) && !existsSync(join(found, 'saved_model.pb')) && existsSync(found)) broken += 1;
          }
        }
        console.log(broken);`;
      const users = ['one', 'two'].map((name) => startProgram(programs, name, program));
      let running = users.length;
      const outputs = users.map(async (user) => {
        const output = await outputOf(user);
        running -= 1;
        return output;
      });
      let removed = 0;
      while (running > 0) removed += (await pruneCache(cache, { maxSize: 0 })).modules.length;
      expect(await Promise.all(outputs)).toEqual(['0', '0']);
      expect(removed).toBeGreaterThan(0);
      await pruneCache(cache, { maxSize: 0 });
      expect(readdirSync(directory)).toEqual([]);
    });

    // Only the superuser can make what belongs to somebody else.
    const asRoot = process.getuid?.() === 0 ? it : it.skip;
    asRoot('removes what one owns from a cache that is shared, and tells of the rest', async () => {
      for (const name of ['mine', 'theirs', 'also-theirs']) await make(name, 10, 9);
      const NOBODY = 65534;
      const { directory: module, manifest, descriptor } = pathsOf('mine');
      for (const path of [module, join(module, 'saved_model.pb'), manifest, descriptor])
        chownSync(path, NOBODY, NOBODY);
      writeFileSync(pathsOf('also-theirs').manifest, '{');
      chmodSync(directory, 0o1777);
      const program = `
        import { mendCache, ModuleCache, pruneCache } from './cache.mjs';
        const cache = new ModuleCache({ directory: ${JSON.stringify(directory)} });
        const { modules, refused } = await pruneCache(cache, { maxSize: 0 });
        console.log(modules.map(({ entry }) => entry.handle).join(), refused.map(({ code }) => code).join());
        const { left } = await mendCache(cache);
        console.log(left.map(({ kind }) => kind).includes('damaged-module'));`;
      const child = startProgram(programs, 'shared', program, { unprivileged: true });
      expect(await outputOf(child)).toBe(`${handleOf('mine')} ERR_CACHE_PERMISSION,ERR_CACHE_PERMISSION\ntrue`);
      expect(readdirSync(directory)).toHaveLength(6);
    });

    it('removes damaged modules as others', async () => {
      await make('damaged', 10, 9);
      writeFileSync(pathsOf('damaged').manifest, '{');
      expect(await prune({ unusedFor: DAY })).toMatchObject({ modules: [] });
      expect(await prune({ maxSize: 0 })).toMatchObject({ modules: ['damaged size'] });
      expectGone('damaged');
    });
  });

  describe('by removing what is left over', () => {
    it('of a process that is gone', async () => {
      const { lock, temporary, directory: module } = pathsOf('x');
      writeFileSync(lock, `${hostname()}.${await goneProcess()}.${ID}`);
      mkdirSync(temporary(ID));
      writeFileSync(join(temporary(ID), 'saved_model.pb'), 'half');
      const name = basename(module);
      const expected = [`lock ${name}.lock`, `temporary ${name}.${ID}.tmp`];
      expect(await prune({ dryRun: true })).toMatchObject({ leftovers: expected });
      expect(readdirSync(directory)).toHaveLength(2);
      expect(await prune()).toMatchObject({ leftovers: expected });
      expect(readdirSync(directory)).toEqual([]);
    });

    it('of a process that was killed in the middle of a download', async () => {
      const child = startProgram(
        programs,
        'killed',
        `
        import { ModuleCache } from './cache.mjs';
        await new ModuleCache({ directory: ${JSON.stringify(directory)} }).getOrCreate('x:y', async () => {
          console.log('half');
          await new Promise(() => process.stdin.resume());
        });`,
      );
      await untilPrinted(child, 'half');
      expect(await prune({ maxSize: 0 })).toMatchObject({ leftovers: [] });
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect((await prune()).leftovers).toHaveLength(2);
      expect(readdirSync(directory)).toEqual([]);
    });

    it('of other hosts after a day of silence', async () => {
      const { lock, temporary } = pathsOf('x');
      writeFileSync(lock, `elsewhere.17.${ID}`);
      mkdirSync(temporary(ID));
      later(DAY - HOUR);
      expect(await prune()).toMatchObject({ leftovers: [] });
      later(2 * HOUR);
      expect((await prune()).leftovers).toHaveLength(2);
      expect(readdirSync(directory)).toEqual([]);
    });

    it('of one that was killed before it could write its name', async () => {
      writeFileSync(pathsOf('x').lock, '');
      expect(await prune()).toMatchObject({ leftovers: [] });
      later(2 * 60_000);
      expect((await prune()).leftovers).toHaveLength(1);
      expect(readdirSync(directory)).toEqual([]);
    });

    it('with nothing to tell whose it is, after an hour', async () => {
      const { temporary, lock, manifest, descriptor } = pathsOf('x');
      const made = [
        temporary(ID),
        `${lock}.01234567-89ab-4cde-8f01-23456789abcd`,
        `${manifest}.tmp.01234567-89ab-4cde-8f01-23456789abcd`,
        `${descriptor}.tmp${ID}`,
      ];
      mkdirSync(made[0]!);
      for (const path of made.slice(1)) writeFileSync(path, '');
      expect(await prune()).toMatchObject({ leftovers: [] });
      later(HOUR + 60_000);
      expect((await prune()).leftovers).toHaveLength(4);
      expect(readdirSync(directory)).toEqual([]);
    });

    it('of archives, once nobody can go on with them', async () => {
      const waiting = `${pathsOf('waiting').directory}.${ID}.partial`;
      writeFileSync(waiting, 'the beginning');
      await make('made', 10, 0);
      const made = `${pathsOf('made').directory}.${ID}.partial`;
      writeFileSync(made, 'the beginning');
      expect((await prune()).leftovers).toEqual([`partial ${basename(made)}`]);
      later(DAY + HOUR);
      expect((await prune()).leftovers).toEqual([`partial ${basename(waiting)}`]);
    });

    it('of notes on modules that are gone, unless they are pinned', async () => {
      for (const name of ['gone', 'pinned']) await make(name, 10, 0);
      await pinEntry(cache, handleOf('pinned'));
      for (const name of ['gone', 'pinned']) rmSync(pathsOf(name).directory, { recursive: true });
      later(2 * HOUR);
      const name = basename(pathsOf('gone').directory);
      expect((await prune()).leftovers).toEqual([`record ${name}.manifest.json`, `record ${name}.descriptor.txt`]);
      expect(existsSync(pathsOf('pinned').manifest)).toBe(true);
    });
  });

  describe('by removing one module', () => {
    it('leaves nothing of it, and everything else', async () => {
      await make('x', 10, 0);
      await make('y', 10, 0);
      writeFileSync(`${pathsOf('x').directory}.${ID}.partial`, 'the beginning');
      expect(await removeEntry(cache, handleOf('x'))).toMatchObject({ handle: handleOf('x'), size: 10 });
      expectGone('x');
      expect(await cache.find(handleOf('y'))).toBeDefined();
      const { key } = await getEntry(cache, handleOf('y'));
      await removeEntry(cache, key);
      expect(readdirSync(directory)).toEqual([]);
    });

    it('refuses what is not there, is pinned, or is being made', async () => {
      await expect(removeEntry(cache, handleOf('x'))).rejects.toMatchObject({ code: 'ERR_CACHE_ENTRY_NOT_FOUND' });
      await expect(removeEntry(cache, '../x')).rejects.toMatchObject({ code: 'ERR_CACHE_ENTRY_NOT_FOUND' });
      await make('x', 10, 0);
      await pinEntry(cache, handleOf('x'));
      await expect(removeEntry(cache, handleOf('x'))).rejects.toMatchObject({ code: 'ERR_CACHE_PINNED' });
      await unpinEntry(cache, handleOf('x'));
      writeFileSync(pathsOf('x').lock, `elsewhere.17.${ID}`);
      await expect(removeEntry(cache, handleOf('x'))).rejects.toMatchObject({
        code: 'ERR_CACHE_ENTRY_LOCKED',
        message: expect.stringContaining('process 17 on elsewhere') as unknown,
      });
      expect(await cache.find(handleOf('x'))).toBeDefined();
    });
  });

  it('pins only what is there, and twice as once', async () => {
    await expect(pinEntry(cache, handleOf('x'))).rejects.toMatchObject({ code: 'ERR_CACHE_ENTRY_NOT_FOUND' });
    await make('x', 10, 0);
    await pinEntry(cache, handleOf('x'));
    await pinEntry(cache, handleOf('x'));
    expect(await getEntry(cache, handleOf('x'))).toMatchObject({ pinned: true, state: 'complete' });
    await unpinEntry(cache, handleOf('x'));
    await unpinEntry(cache, handleOf('x'));
    expect(await getEntry(cache, handleOf('x'))).toMatchObject({ pinned: false });
  });
});
