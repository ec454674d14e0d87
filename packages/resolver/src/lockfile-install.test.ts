import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ModuleCache } from '@tenon/cache';
import { httpResolver } from './http-resolver.js';
import { install, readLockfile, type InstallOptions, type LockedModule } from './lockfile.js';
import { pathResolver } from './path-resolver.js';
import { prefetch } from './prefetch.js';
import { isCached, readExcerpt, resolve } from './resolve.js';
import type { Resolver } from './resolver.js';
import { bundleResolver, runProgram, startProgram } from './testing/child-program.js';
import { archiveOf, MODEL, tarFile } from './testing/tar-bytes.js';
import { startServer, type TestServer } from './testing/test-server.js';

const sha256 = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const LICENSE = 'SPDX-License-Identifier: Apache-2.0\n';
const ARCHIVE = gzipSync(archiveOf(MODEL, tarFile('variables/variables.index', 'index'), tarFile('LICENSE', LICENSE)));
const CHANGED = gzipSync(archiveOf(tarFile('saved_model.pb', 'GRAPH'), tarFile('LICENSE', LICENSE)));
/** The same files, packed otherwise. */
const REPACKED = gzipSync(archiveOf(tarFile('LICENSE', LICENSE), tarFile('variables/variables.index', 'index'), MODEL));

describe('installing by a lockfile', () => {
  let directory: string;
  let cache: ModuleCache;
  let path: string;
  let served: Uint8Array | undefined;
  let server: TestServer;
  let handle: string;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'tenon-install-'));
    cache = new ModuleCache({ directory: join(directory, 'cache'), pollInterval: 5 });
    path = join(directory, 'tenon.lock');
    served = ARCHIVE;
    server = await startServer((_, response) => response.writeHead(served ? 200 : 503).end(served));
    handle = `${server.url}/half-plus-two/1`;
  });
  afterEach(async () => {
    await server.close();
    rmSync(directory, { recursive: true });
  });
  const resolvers: readonly Resolver[] = [httpResolver({ retries: 0 }), pathResolver()];
  const run = (handles?: readonly string[], options: InstallOptions = {}) =>
    install(handles, { lockfile: path, cache, resolvers, ...options });
  const emptyCache = () => rmSync(cache.directory, { recursive: true });
  const LOCKED: LockedModule = {
    resolved: expect.stringMatching(/^http:.*\/half-plus-two\/1\?tf-hub-format=compressed$/) as unknown as string,
    archive: { size: ARCHIVE.length, sha256: sha256(ARCHIVE) },
    size: 10 + LICENSE.length,
    license: 'Apache-2.0',
    files: [
      { path: 'LICENSE', size: LICENSE.length, sha256: sha256(LICENSE) },
      { path: 'saved_model.pb', size: 5, sha256: sha256('graph') },
      { path: 'variables/variables.index', size: 5, sha256: sha256('index') },
    ],
  };

  it('adds what it lacks, and takes the rest as it is', async () => {
    const [added] = await run([handle]);
    expect(added).toEqual({ handle, directory: await cache.find(handle), locked: LOCKED, change: 'added' });
    expect((await readLockfile(path)).modules).toEqual(new Map([[handle, LOCKED]]));
    const { mtimeMs } = statSync(path);
    expect(await run()).toEqual([{ ...added, change: 'none' }]);
    expect(await run([handle, handle])).toHaveLength(1);
    expect(server.requests).toHaveLength(1);
    expect(statSync(path).mtimeMs).toBe(mtimeMs);
    expect(readdirSync(directory).sort()).toEqual(['cache', 'tenon.lock']);
  });

  it('gets the same module on another machine', async () => {
    await run([handle]);
    const text = readFileSync(path, 'utf8');
    emptyCache();
    expect(await run(undefined, { change: 'never' })).toMatchObject([{ change: 'none' }]);
    expect(server.requests).toHaveLength(2);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('writes the same text wherever and in whatever order modules are added', async () => {
    const other = `${server.url}/other/2`;
    await run([handle]);
    await run([other]);
    const text = readFileSync(path, 'utf8');
    rmSync(path);
    emptyCache();
    await run([other, handle]);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('finds out what a module in the cache came from', async () => {
    const found = await resolve(handle, { cache, resolvers });
    expect(await run([handle])).toMatchObject([{ directory: found, locked: LOCKED }]);
    expect(server.requests).toHaveLength(2);
  });

  it('locks what is in the cache where there is no network, or what Python downloaded', async () => {
    await resolve(handle, { cache, resolvers });
    served = undefined;
    const local = { ...LOCKED, resolved: undefined, archive: undefined };
    expect(await run([handle], { offline: true })).toMatchObject([{ locked: local }]);
    rmSync(path);
    rmSync(`${await cache.find(handle)}.manifest.json`);
    expect(await run([handle], { offline: true })).toMatchObject([{ locked: local, change: 'added' }]);
  });

  describe('refuses', () => {
    beforeEach(() => run([handle]));
    const mismatch = (...differences: unknown[]) => ({ code: 'ERR_LOCKFILE_MISMATCH', handle, differences });

    it('another module from the host, and puts nothing of it anywhere', async () => {
      emptyCache();
      served = CHANGED;
      const error = mismatch(
        expect.stringMatching(/^its archive has the SHA-256 /),
        `saved_model.pb has the SHA-256 ${sha256('GRAPH')} instead of ${sha256('graph')}`,
        'variables/variables.index is missing',
      );
      await expect(run()).rejects.toMatchObject(error);
      expect(readdirSync(cache.directory)).toEqual([]);
      const lockfile = await readLockfile(path);
      await expect(resolve(handle, { cache, resolvers, lockfile })).rejects.toMatchObject(error);
      expect(readdirSync(cache.directory)).toEqual([]);
    });

    it('another archive, though its files are the same', async () => {
      emptyCache();
      served = REPACKED;
      await expect(run()).rejects.toMatchObject(mismatch(expect.stringMatching(/^its archive has the SHA-256 /)));
    });

    it('files that were not locked', async () => {
      emptyCache();
      served = gzipSync(archiveOf(MODEL, tarFile('saved_model.pbtxt', 'x')));
      const error = (await run().catch((reason: unknown) => reason)) as { differences: string[] };
      expect(error.differences).toContain('saved_model.pbtxt is not in the lockfile');
    });

    it('what is in the cache and was changed, offline; and mends it with a network', async () => {
      const found = (await cache.find(handle))!;
      const model = join(found, 'saved_model.pb');
      writeFileSync(model, 'GRAPH');
      await expect(run(undefined, { offline: true })).rejects.toMatchObject({ code: 'ERR_OFFLINE' });
      expect(await run()).toMatchObject([{ directory: found, change: 'none' }]);
      expect(readFileSync(model, 'utf8')).toBe('graph');
    });

    it('files that were put into a module in the cache', async () => {
      const found = (await cache.find(handle))!;
      writeFileSync(join(found, 'saved_model.pbtxt'), 'x');
      const lockfile = await readLockfile(path);
      const options = { cache, resolvers, lockfile };
      const error = mismatch('saved_model.pbtxt is not in the lockfile');
      await expect(resolve(handle, { ...options, offline: true })).rejects.toMatchObject(error);
      await expect(run(undefined, { offline: true })).rejects.toMatchObject(error);
      expect(await isCached(handle, options)).toBe(false);
      await resolve(handle, options);
      expect(await isCached(handle, options)).toBe(true);
      expect(existsSync(join(found, 'saved_model.pbtxt'))).toBe(false);
    });

    it('another module in the cache, offline, and puts the locked one in its place with a network', async () => {
      emptyCache();
      served = CHANGED;
      const found = await resolve(handle, { cache, resolvers });
      await expect(run(undefined, { offline: true })).rejects.toMatchObject({ code: 'ERR_LOCKFILE_MISMATCH' });
      await expect(run()).rejects.toMatchObject({ code: 'ERR_LOCKFILE_MISMATCH' });
      // What others use stays as long as there is nothing better.
      expect(readFileSync(join(found, 'saved_model.pb'), 'utf8')).toBe('GRAPH');
      served = ARCHIVE;
      await run();
      expect(readFileSync(join(found, 'saved_model.pb'), 'utf8')).toBe('graph');
    });

    it('handles that a frozen lockfile lacks, before anything is asked for', async () => {
      const other = `${server.url}/other`;
      await expect(run([handle, other], { change: 'never' })).rejects.toMatchObject({
        code: 'ERR_LOCKFILE_FROZEN',
        handles: [other],
      });
      expect(server.requests).toHaveLength(1);
    });

    it('passwords and tokens', async () => {
      for (const secret of [handle.replace('//', '//me:secret@'), `${handle}?token=secret`]) {
        const error = (await run([secret]).catch((reason: unknown) => reason)) as Error;
        expect(error).toMatchObject({ code: 'ERR_LOCKFILE_HANDLE' });
        expect(error.message).not.toContain('secret');
      }
      expect(readFileSync(path, 'utf8')).not.toContain('secret');
    });

    it('a lockfile that it does not understand, and leaves it', async () => {
      writeFileSync(path, '{');
      await expect(run()).rejects.toMatchObject({ code: 'ERR_LOCKFILE' });
      await expect(run([handle])).rejects.toMatchObject({ code: 'ERR_LOCKFILE' });
      expect(readFileSync(path, 'utf8')).toBe('{');
    });
  });

  describe('in a folder with a lockfile', () => {
    const folder = process.cwd();
    beforeEach(async () => {
      await run([handle]);
      emptyCache();
      served = CHANGED;
      process.chdir(directory);
    });
    afterEach(() => process.chdir(folder));
    const options = () => ({ cache, resolvers });
    const MISMATCH = { code: 'ERR_LOCKFILE_MISMATCH' };

    it('resolves what it says, and nothing else', async () => {
      await expect(resolve(handle, options())).rejects.toMatchObject(MISMATCH);
      expect(readdirSync(cache.directory)).toEqual([]);
      await expect(prefetch([handle], options())).rejects.toMatchObject({
        failures: new Map([[handle, expect.objectContaining(MISMATCH)]]),
      });
      const wanted = { files: ['saved_model.pb'], until: ['saved_model.pb'] };
      await expect(readExcerpt(handle, wanted, options())).rejects.toMatchObject(MISMATCH);
      served = ARCHIVE;
      expect((await readExcerpt(handle, wanted, options())).files.size).toBe(1);
      await resolve(handle, options());
      expect(await isCached(handle, options())).toBe(true);
    });

    it('resolves handles that it lacks', async () => {
      await resolve(`${server.url}/other`, options());
    });

    it('resolves anything where there is to be none, or another', async () => {
      expect(
        readFileSync(join(await resolve(handle, { ...options(), lockfile: null }), 'saved_model.pb'), 'utf8'),
      ).toBe('GRAPH');
      expect(await isCached(handle, options())).toBe(false);
      await run([handle], { lockfile: 'other.lock', change: 'update' });
      await resolve(handle, { ...options(), lockfile: 'other.lock' });
      await expect(resolve(handle, { ...options(), lockfile: 'none.lock' })).rejects.toMatchObject({
        code: 'ERR_LOCKFILE',
      });
    });

    it('resolves nothing while it is broken', async () => {
      writeFileSync('tenon.lock', '{');
      await expect(resolve(`${server.url}/other`, options())).rejects.toMatchObject({ code: 'ERR_LOCKFILE' });
      expect(existsSync(cache.directory)).toBe(false);
    });
  });

  it('needs a lockfile where none is to be written, or nothing is named', async () => {
    for (const [handles, options] of [
      [undefined, {}],
      [[handle], { change: 'never' }],
    ] as const)
      await expect(run(handles, options)).rejects.toMatchObject({ code: 'ERR_LOCKFILE', path });
    expect(server.requests).toEqual([]);
  });

  it('updates what is asked for, and nothing else', async () => {
    const other = `${server.url}/other/2`;
    await run([handle, other]);
    expect(await run(undefined, { change: 'update' })).toMatchObject([{ change: 'none' }, { change: 'none' }]);
    expect(server.requests).toHaveLength(4);
    served = CHANGED;
    const size = 5 + LICENSE.length;
    expect(await run([handle], { change: 'update' })).toMatchObject([{ change: 'updated', locked: { size } }]);
    const { modules } = await readLockfile(path);
    expect([modules.get(handle)!.size, modules.get(other)!.size]).toEqual([size, LOCKED.size]);
    expect(await run()).toHaveLength(2);
  });

  it('keeps what somebody wrote of a licence that the module does not name', async () => {
    served = gzipSync(archiveOf(MODEL));
    await run([handle]);
    writeFileSync(path, readFileSync(path, 'utf8').replace('"license": null', '"license": "CC-BY-4.0"'));
    served = archiveOf(MODEL);
    expect(await run(undefined, { change: 'update' })).toMatchObject([
      { change: 'updated', locked: { license: 'CC-BY-4.0', archive: { size: served.length } } },
    ]);
    expect((await readLockfile(path)).modules.get(handle)!.license).toBe('CC-BY-4.0');
  });

  it('writes nothing where anything failed, and tells of all of it', async () => {
    await run([handle]);
    const before = readFileSync(path, 'utf8');
    served = undefined;
    const wanted = [handle, `${server.url}/a`, `${server.url}/b`];
    const error = (await run(wanted).catch((reason: unknown) => reason)) as { failures: Map<string, Error> };
    expect(error).toMatchObject({ code: 'ERR_PREFETCH' });
    expect([...error.failures.keys()].sort()).toEqual(wanted.slice(1));
    await expect(run(wanted.slice(0, 2))).rejects.toMatchObject({ code: 'ERR_HTTP_STATUS' });
    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  it('locks directories on this machine, and modules that come in no archive', async () => {
    const local = join(directory, 'local');
    mkdirSync(local);
    writeFileSync(join(local, 'saved_model.pb'), 'graph');
    const mine: Resolver = {
      accepts: 'mine',
      supports: (source) => source.startsWith('mine:'),
      async download(_, target) {
        await mkdir(join(target, 'assets'));
        await writeFile(join(target, 'saved_model.pb'), 'graph');
      },
    };
    const options = { resolvers: [mine, ...resolvers] };
    const graph = {
      size: 5,
      license: undefined,
      files: [{ path: 'saved_model.pb', size: 5, sha256: sha256('graph') }],
    };
    expect(await run([local, 'mine:x'], options)).toMatchObject([
      { directory: local, locked: { resolved: undefined, archive: undefined, ...graph } },
      { locked: { resolved: 'mine:x', archive: undefined, ...graph } },
    ]);
    expect(await run(undefined, options)).toHaveLength(2);
    writeFileSync(join(local, 'saved_model.pb'), 'GRAPH');
    const lockfile = await readLockfile(path);
    await expect(run([local], options)).rejects.toMatchObject({ code: 'ERR_LOCKFILE_MISMATCH', handle: local });
    await expect(resolve(local, { lockfile })).rejects.toMatchObject({ code: 'ERR_LOCKFILE_MISMATCH' });
  });

  it('takes what was locked from any place that has it', async () => {
    await run([handle]);
    emptyCache();
    const mirror = await startServer((_, response) => response.end(ARCHIVE));
    served = CHANGED;
    const aliases = { [handle]: [handle, `${mirror.url}/copy`] };
    expect(await run(undefined, { aliases })).toHaveLength(1);
    await mirror.close();
    emptyCache();
    await expect(run(undefined, { aliases })).rejects.toMatchObject({ code: 'ERR_LOCKFILE_MISMATCH' });
  });

  describe('with other processes', () => {
    let programs: string;
    beforeEach(() => {
      programs = join(directory, 'programs');
      mkdirSync(programs);
      bundleResolver(programs);
    });
    const installing = (...handles: string[]) => `
      import { install } from './resolver.mjs';
      await install(${JSON.stringify(handles)}, { lockfile: ${JSON.stringify(path)} });
      console.log('done');`;

    it('keeps what each of them added', async () => {
      const names = ['a', 'b', 'c', 'd'];
      const environment = { TFHUB_CACHE_DIR: cache.directory };
      const outputs = names.map((name) =>
        runProgram(programs, name, installing(`${server.url}/${name}`, `${server.url}/shared`), environment),
      );
      expect(await Promise.all(outputs)).toEqual(['done', 'done', 'done', 'done']);
      const locked = [...(await readLockfile(path)).modules.keys()];
      expect(locked).toEqual([...names, 'shared'].map((name) => `${server.url}/${name}`));
      expect(server.requests).toHaveLength(5);
      expect(readdirSync(directory).sort()).toEqual(['cache', 'programs', 'tenon.lock']);
    });

    it('takes over from one that died while it wrote, and waits for one that lives', async () => {
      const child = startProgram(programs, 'gone', '', {});
      await once(child, 'exit');
      const id = '0cc175b9c0f1b6a831c399e269772661';
      writeFileSync(`${path}.lock`, `${hostname()}.${child.pid}.${id}`);
      await run([handle]);
      writeFileSync(`${path}.lock`, `elsewhere.17.${id}`);
      const controller = new AbortController();
      const waiting = run([`${server.url}/other`], { signal: controller.signal });
      while (server.requests.length < 2) await new Promise((later) => setImmediate(later));
      controller.abort(new Error('enough'));
      await expect(waiting).rejects.toThrow('enough');
      expect((await readLockfile(path)).modules.size).toBe(1);
    });
  });
});
