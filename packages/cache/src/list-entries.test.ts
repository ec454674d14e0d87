import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { entryPaths, type EntryPaths } from './entry-paths.js';
import { getEntry } from './get-entry.js';
import { listEntries } from './list-entries.js';
import { ModuleCache } from './module-cache.js';
import { bundleCache, outputOf, startProgram } from './testing/child-program.js';
import { fillWith } from './testing/fill-module.js';

const HANDLE = 'https://example.com/half-plus-two/1';
const OTHER = 'https://example.com/other/1';
const ID = '0cc175b9c0f1b6a831c399e269772661';
const LONG_AGO = new Date('2020-01-02T03:04:05Z');
const onPosix = process.platform === 'win32' ? it.skip : it;

describe('listing a cache', () => {
  let directory: string;
  let cache: ModuleCache;
  let paths: EntryPaths;
  beforeEach(() => {
    directory = join(mkdtempSync(join(tmpdir(), 'tenon-list-')), 'modules');
    cache = new ModuleCache({ directory, pollInterval: 1 });
    paths = entryPaths(directory, HANDLE);
  });
  afterEach(() => rmSync(join(directory, '..'), { recursive: true }));
  const make = (handle = HANDLE) =>
    cache.getOrCreate(handle, fillWith({ 'saved_model.pb': 'graph', 'variables/variables.index': 'index' }));
  const putPythonMade = () => {
    mkdirSync(paths.directory, { recursive: true });
    writeFileSync(join(paths.directory, 'saved_model.pb'), 'made by Python');
    // As tensorflow_hub 0.16 writes it.
    const descriptor = `Module: ${HANDLE}\nDownload Time: 2024-05-06 07:08:09.123456\nDownloader Hostname: h (PID:1)`;
    writeFileSync(paths.descriptor, descriptor);
  };

  it('finds nothing where there is no cache', async () => {
    expect(await listEntries(cache)).toEqual([]);
    await expect(getEntry(cache, HANDLE)).rejects.toMatchObject({ code: 'ERR_CACHE_ENTRY_NOT_FOUND', entry: HANDLE });
  });

  it('says what there is, the last used first, and changes nothing', async () => {
    await make(OTHER);
    await make();
    const other = entryPaths(directory, OTHER);
    for (const file of [other.manifest, other.descriptor, join(other.directory, 'saved_model.pb')])
      utimesSync(file, LONG_AGO, LONG_AGO);
    const before = readdirSync(directory);
    expect(await listEntries(cache)).toEqual([
      expect.objectContaining({ handle: HANDLE, directory: paths.directory, size: 10, files: 2, state: 'complete' }),
      {
        // sha1sum of the handle.
        key: '6c3ea6bee05e7efe1141e61034f25736d2477f68',
        handle: OTHER,
        directory: other.directory,
        size: 10,
        files: 2,
        lastUsed: LONG_AGO,
        pinned: false,
        lock: undefined,
        state: 'complete',
        problems: [],
        additions: [],
      },
    ]);
    expect(readdirSync(directory)).toEqual(before);
    expect(statSync(other.manifest).mtime).toEqual(LONG_AGO);
    expect(await getEntry(cache, HANDLE)).toEqual(await getEntry(cache, (await getEntry(cache, HANDLE)).key));
  });

  it('knows what Python downloaded, though not what it should be', async () => {
    putPythonMade();
    expect(await listEntries(cache, { verify: 'contents' })).toEqual([
      expect.objectContaining({ handle: HANDLE, size: 14, files: 1, state: 'unrecorded', problems: [], additions: [] }),
    ]);
  });

  it('tells what is wrong with a module, file by file', async () => {
    await make();
    truncateSync(join(paths.directory, 'variables/variables.index'), 2);
    writeFileSync(join(paths.directory, 'saved_model.pb'), 'GRAPH');
    writeFileSync(join(paths.directory, 'notes.txt'), 'mine');
    expect(await getEntry(cache, HANDLE)).toMatchObject({
      state: 'damaged',
      problems: ['variables/variables.index has 2 bytes instead of 5'],
      additions: ['notes.txt'],
    });
    expect((await getEntry(cache, HANDLE, { verify: 'contents' })).problems).toHaveLength(2);
    rmSync(paths.directory, { recursive: true });
    expect(await getEntry(cache, HANDLE)).toMatchObject({ state: 'missing', handle: HANDLE, size: 0, files: 0 });
  });

  it.each([
    ['no JSON', '{"version": 1, "fi'],
    ['no object', 'null'],
    ['of another version', '{"version": 2, "handle": "x", "descriptor": "", "files": []}'],
    [
      'about files elsewhere',
      `{"version": 1, "handle": "x", "descriptor": "", "files": [{"path": "../../etc/passwd", "size": 1, "sha256": "${'0'.repeat(64)}"}]}`,
    ],
    [
      'with a size that is none',
      `{"version": 1, "handle": "x", "descriptor": "", "files": [{"path": "a", "size": -1, "sha256": "${'0'.repeat(64)}"}]}`,
    ],
    ['deeply nested', '['.repeat(100_000)],
  ])('counts a module as damaged whose manifest is %s', async (_, text) => {
    await make();
    writeFileSync(paths.manifest, text);
    expect(await listEntries(cache)).toEqual([
      expect.objectContaining({
        state: 'damaged',
        handle: HANDLE,
        problems: [expect.stringContaining('.manifest.json')],
      }),
    ]);
    expect(await cache.find(HANDLE)).toBeUndefined();
  });

  it('believes no record that names another handle', async () => {
    await make();
    for (const file of [paths.manifest, paths.descriptor])
      writeFileSync(file, readFileSync(file, 'utf8').replaceAll('half-plus-two', 'something-else'));
    expect((await listEntries(cache))[0]).toMatchObject({ handle: undefined, state: 'complete' });
  });

  it('reads handles of any form from what is beside a module', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1 }), async (text) => {
        const handle = `x:${text}`;
        await make(handle);
        expect((await getEntry(cache, handle)).handle).toBe(handle);
        rmSync(entryPaths(directory, handle).manifest);
        expect((await getEntry(cache, handle)).handle).toBe(handle);
        rmSync(directory, { recursive: true });
      }),
      { numRuns: 20 },
    );
  });

  it('takes no part in names that are not of the cache', async () => {
    await make();
    const key = (await getEntry(cache, HANDLE)).key;
    const names = [
      'notes.txt',
      `${key}x`,
      `${key}.lock.old`,
      `${key.toUpperCase()}.tmp`,
      `${key}.${ID}.tmp.bak`,
      `${key}..tmp`,
      '-rf',
      'é 試 \u202e',
      '__proto__',
      ...(process.platform === 'win32' ? [] : ['a\nb', '\u001b[2J', `${key}\n.lock`, `${key}.lock\n`, 'back\\slash']),
    ];
    for (const name of names) writeFileSync(join(directory, name), '');
    expect(await listEntries(cache)).toHaveLength(1);
    expect((await listEntries(cache))[0]).toMatchObject({ state: 'complete', lock: undefined });
  });

  onPosix('survives what has the name of a file and is none', async () => {
    await make();
    for (const path of [paths.manifest, paths.descriptor]) rmSync(path);
    execFileSync('sh', ['-c', 'mkfifo "$@"', 'sh', paths.manifest, paths.lock]);
    mkdirSync(paths.pin);
    symlinkSync(paths.descriptor, paths.descriptor);
    expect((await listEntries(cache))[0]).toMatchObject({ state: 'damaged', pinned: false, handle: undefined });
    rmSync(paths.directory, { recursive: true });
    symlinkSync(paths.directory, paths.directory);
    expect((await listEntries(cache))[0]).toMatchObject({ state: 'damaged' });
  });

  onPosix('does not follow links out of a module', async () => {
    await make();
    symlinkSync('/', join(paths.directory, 'root'));
    symlinkSync('.', join(paths.directory, 'self'));
    expect((await listEntries(cache))[0]).toMatchObject({ files: 4, additions: ['root', 'self'] });
  });

  onPosix('counts a module that is kept on another disk', async () => {
    await make();
    renameSync(paths.directory, join(directory, '..', 'elsewhere'));
    symlinkSync('../elsewhere', paths.directory);
    expect((await listEntries(cache))[0]).toMatchObject({ state: 'complete', size: 10, files: 2 });
  });

  describe('by last use', () => {
    let programs: string;
    beforeAll(() => {
      programs = mkdtempSync(join(tmpdir(), 'tenon-cache-programs-'));
      bundleCache(programs);
    });
    afterAll(() => rmSync(programs, { recursive: true }));
    const age = () => {
      for (const file of [paths.manifest, paths.descriptor, join(paths.directory, 'saved_model.pb')])
        if (existsSync(file)) utimesSync(file, LONG_AGO, LONG_AGO);
    };
    const lastUsed = async () => (await getEntry(cache, HANDLE)).lastUsed!.getTime();

    it('notes that a module was found', async () => {
      await make();
      age();
      expect(await lastUsed()).toBe(LONG_AGO.getTime());
      await cache.find(HANDLE);
      expect(await lastUsed()).toBeGreaterThan(LONG_AGO.getTime());
      age();
      await cache.find(HANDLE, { accept: () => false });
      expect(await lastUsed()).toBe(LONG_AGO.getTime());
    });

    it('notes that what Python downloaded was found, and changes no file of a module', async () => {
      putPythonMade();
      age();
      await cache.find(HANDLE);
      expect(await lastUsed()).toBeGreaterThan(LONG_AGO.getTime());
      expect(statSync(join(paths.directory, 'saved_model.pb')).mtime).toEqual(LONG_AGO);
    });

    it('sees that others have read the model, where the file system tells', async () => {
      await make();
      age();
      const readAt = new Date('2023-04-05T06:07:08Z');
      utimesSync(join(paths.directory, 'saved_model.pb'), readAt, LONG_AGO);
      expect(await lastUsed()).toBe(readAt.getTime());
    });

    it('does not take looking after a module for using it', async () => {
      await make();
      age();
      await listEntries(cache, { verify: 'contents' });
      expect(await lastUsed()).toBe(LONG_AGO.getTime());
    });

    it('believes no clock that was ahead', async () => {
      await make();
      utimesSync(paths.manifest, new Date('2999-01-01'), new Date('2999-01-01'));
      expect(await lastUsed()).toBeLessThan(Date.parse('2999-01-01'));
    });

    onPosix('serves a cache that cannot be written all the same', async () => {
      await make();
      age();
      chmodSync(join(directory, '..'), 0o755);
      chmodSync(directory, 0o555);
      const program = `
        import { ModuleCache, listEntries } from './cache.mjs';
        const cache = new ModuleCache({ directory: ${JSON.stringify(directory)} });
        console.log(await cache.find(${JSON.stringify(HANDLE)}), (await listEntries(cache)).length);`;
      const child = startProgram(programs, 'find', program, { unprivileged: true });
      expect(await outputOf(child)).toBe(`${paths.directory} 1`);
      chmodSync(directory, 0o755);
    });
  });
});
