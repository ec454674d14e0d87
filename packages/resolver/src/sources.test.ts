import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ModuleCache } from '@tenon/cache';
import { httpResolver } from './http-resolver.js';
import { pathResolver } from './path-resolver.js';
import { prefetch } from './prefetch.js';
import { isCached, resolve, type ResolveOptions } from './resolve.js';
import type { DownloadingResolver } from './resolver.js';
import { archiveOf, MODEL } from './testing/tar-bytes.js';
import { startServer, type TestServer } from './testing/test-server.js';

const ARCHIVE = archiveOf(MODEL);

describe('where modules come from', () => {
  let directory: string;
  let cache: ModuleCache;
  let options: ResolveOptions;
  const servers: TestServer[] = [];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tenon-sources-'));
    cache = new ModuleCache({ directory: join(directory, 'cache'), pollInterval: 5 });
    options = { cache, resolvers: [httpResolver({ retries: 0 }), pathResolver()] };
  });
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
    rmSync(directory, { recursive: true });
  });
  const serve = async (listener: RequestListener = (_, response) => response.end(ARCHIVE)) => {
    const server = await startServer(listener);
    servers.push(server);
    return server;
  };
  const refuse: RequestListener = (_, response) => response.writeHead(403).end();

  describe('aliases', () => {
    it('are asked in order, and the module stays under its handle', async () => {
      const moved = await serve(refuse);
      const mirror = await serve();
      const unused = await serve();
      const handle = `${moved.url}/google/m/1`;
      const aliases = { [`${moved.url}/*`]: [`${moved.url}/*`, `${mirror.url}/copies/*`, `${unused.url}/*`] };
      const found = await resolve(handle, { ...options, aliases });
      expect(mirror.requests).toEqual(['GET /copies/google/m/1?tf-hub-format=compressed']);
      expect([moved.requests.length, unused.requests.length]).toEqual([1, 0]);
      expect(await cache.find(handle)).toBe(found);
      expect(await resolve(handle, options)).toBe(found);
    });

    it('may name this machine', async () => {
      const moved = await serve(refuse);
      const module = join(directory, 'models/m');
      mkdirSync(module, { recursive: true });
      const aliases = { [`${moved.url}/*`]: [`${moved.url}/*`, join(directory, 'models/*')] };
      expect(await resolve(`${moved.url}/m`, { ...options, aliases })).toBe(module);
      expect(await resolve(`${moved.url}/m`, { ...options, aliases, offline: true })).toBe(module);
    });

    it('tell of everything that failed', async () => {
      const first = await serve(refuse);
      const second = await serve((_, response) => response.end('<p>Sold'));
      const aliases = {
        'https://tfhub.dev/*': [`${first.url}/*`, `${second.url.replace('//', '//u:p@')}/*`, 'ftp://x/*'],
      };
      await expect(resolve('https://tfhub.dev/m', { ...options, aliases })).rejects.toMatchObject({
        code: 'ERR_NO_SOURCE',
        failures: [
          { source: `${first.url}/m`, error: { code: 'ERR_HTTP_STATUS', handle: 'https://tfhub.dev/m' } },
          { source: `${second.url}/m`, error: { code: 'ERR_NOT_AN_ARCHIVE' } },
          { source: 'ftp://x/m', error: { code: 'ERR_UNSUPPORTED_HANDLE' } },
        ],
        message: expect.stringMatching(/none of the 3 places.*\n.*403.*\n.*Sold.*\n.*ftp/),
      });
    });

    it('do not help where the cache is the problem', async () => {
      const { url, requests } = await serve();
      writeFileSync(join(directory, 'cache'), 'no directory');
      const aliases = { 'https://tfhub.dev/*': [`${url}/a/*`, `${url}/b/*`] };
      await expect(resolve('https://tfhub.dev/m', { ...options, aliases })).rejects.toMatchObject({
        code: 'ERR_CACHE_NOT_A_DIRECTORY',
      });
      expect(requests).toEqual([]);
    });
  });

  describe('offline', () => {
    const environment = process.env['TENON_OFFLINE'];
    afterEach(() => {
      if (environment === undefined) delete process.env['TENON_OFFLINE'];
      else process.env['TENON_OFFLINE'] = environment;
    });

    it('what is there is used, and nothing else asked for', async () => {
      const { url, requests } = await serve();
      const found = await resolve(`${url}/m`, options);
      expect(await resolve(`${url}/m`, { ...options, offline: true })).toBe(found);
      process.env['TENON_OFFLINE'] = '1';
      await expect(resolve(`${url}/n`, options)).rejects.toMatchObject({
        code: 'ERR_OFFLINE',
        handle: `${url}/n`,
        cacheDirectory: cache.directory,
      });
      expect(await resolve(directory, options)).toBe(directory);
      expect(requests).toHaveLength(1);
      await resolve(`${url}/n`, { ...options, offline: false });
    });

    it('a damaged module is not used, and not removed', async () => {
      const { url } = await serve();
      const found = await resolve(`${url}/m`, options);
      rmSync(join(found, 'saved_model.pb'));
      await expect(resolve(`${url}/m`, { ...options, offline: true })).rejects.toMatchObject({ code: 'ERR_OFFLINE' });
      expect(readdirSync(cache.directory)).toHaveLength(3);
    });

    it('aliases make no difference', async () => {
      const aliases = { 'https://tfhub.dev/*': ['https://a.invalid/*', 's3://b/*'] };
      await expect(resolve('https://tfhub.dev/m', { cache, aliases, offline: true })).rejects.toMatchObject({
        code: 'ERR_OFFLINE',
        handle: 'https://tfhub.dev/m',
      });
    });
  });

  it('isCached tells what would be found without a network', async () => {
    const { url } = await serve();
    expect(await isCached(`${url}/m`, options)).toBe(false);
    const found = await resolve(`${url}/m`, options);
    expect(await isCached(`${url}/m`, options)).toBe(true);
    rmSync(join(found, 'saved_model.pb'));
    expect(await isCached(`${url}/m`, options)).toBe(false);
    expect(await isCached(directory, options)).toBe(true);
    expect(await isCached(join(directory, 'missing'), options)).toBe(false);
    await expect(isCached('ftp://x/m', options)).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED_HANDLE' });
  });

  describe('prefetch', () => {
    it('downloads so many at a time, each once', async () => {
      let running = 0;
      let most = 0;
      const { url, requests } = await serve((_, response) => {
        running += 1;
        most = Math.max(most, running);
        setTimeout(() => {
          running -= 1;
          response.end(ARCHIVE);
        }, 20);
      });
      const handles = ['a', 'b', 'c', 'd', 'e'].map((name) => `${url}/${name}`);
      const found = await prefetch([...handles, handles[0]!, directory], { ...options, concurrency: 2 });
      expect([...found.keys()]).toEqual([...handles, directory]);
      expect(found.get(handles[3]!)).toBe(await cache.find(handles[3]!));
      expect([requests.length, most]).toEqual([5, 2]);
    });

    it('goes on after failures, and tells of all of them', async () => {
      const { url } = await serve((request, response) =>
        /[bc]\?/.test(request.url!) ? response.writeHead(404).end() : response.end(ARCHIVE),
      );
      const handles = ['a', 'b', 'c', 'd'].map((name) => `${url}/${name}`);
      const failure = await prefetch(handles, options).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'ERR_PREFETCH', errors: [{ status: 404 }, { status: 404 }] });
      const { failures, directories } = failure as { failures: Map<string, Error>; directories: Map<string, string> };
      expect([...failures.keys()].sort()).toEqual([handles[1], handles[2]]);
      expect([...directories.keys()].sort()).toEqual([handles[0], handles[3]]);
    });

    it('ends when it is called off', async () => {
      const controller = new AbortController();
      const { url, requests } = await serve(() => controller.abort(new Error('no longer wanted')));
      const handles = ['a', 'b', 'c'].map((name) => `${url}/${name}`);
      await expect(prefetch(handles, { ...options, concurrency: 1, signal: controller.signal })).rejects.toThrow(
        'no longer wanted',
      );
      expect(requests).toHaveLength(1);
      expect(readdirSync(cache.directory)).toEqual([]);
    });

    it('needs a number of at least one', async () => {
      await expect(prefetch(['a'], { concurrency: 0 })).rejects.toThrow(RangeError);
    });
  });

  it('a resolver of one’s own fills the cache, and need not know what a manifest is', async () => {
    const asked: string[] = [];
    const mine: DownloadingResolver = {
      accepts: 'mine',
      supports: (handle) => handle.startsWith('mine:'),
      async download(source, target, context) {
        asked.push(source);
        expect(context).toMatchObject({ handle: 'mine://m', signal: expect.any(AbortSignal) });
        mkdirSync(join(target, 'inner'));
        writeFileSync(join(target, 'inner/model.json'), '{}');
      },
    };
    const found = await resolve('mine://m', { cache, resolvers: [mine] });
    expect(await resolve('mine://m', { cache, resolvers: [mine], verify: 'contents' })).toBe(found);
    expect(asked).toEqual(['mine://m']);
    writeFileSync(join(found, 'inner/model.json'), '[]');
    await resolve('mine://m', { cache, resolvers: [mine], verify: 'contents' });
    expect(asked).toHaveLength(2);
  });
});
