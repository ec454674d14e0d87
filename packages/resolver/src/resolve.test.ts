import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ModuleCache } from '@tenon/cache';
import { httpResolver, type HttpResolverOptions } from './http-resolver.js';
import { pathResolver } from './path-resolver.js';
import { resolve } from './resolve.js';
import type { DownloadProgress } from './resolver.js';
import { bundleResolver, runProgram } from './testing/child-program.js';
import { archiveOf, MODEL, tarFile } from './testing/tar-bytes.js';
import { startServer, type TestServer } from './testing/test-server.js';

const ARCHIVE = archiveOf(MODEL, tarFile('variables/variables.index', 'x'.repeat(5000)));

describe('resolve', () => {
  let directory: string;
  let cache: ModuleCache;
  const servers: TestServer[] = [];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tenon-resolve-'));
    cache = new ModuleCache({ directory: join(directory, 'cache'), pollInterval: 5 });
  });
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
    rmSync(directory, { recursive: true });
  });
  const serve = async (listener: RequestListener) => {
    const server = await startServer(listener);
    servers.push(server);
    return server;
  };
  const send = (response: ServerResponse, body: Uint8Array | string, headers: Record<string, string | number> = {}) => {
    response.writeHead(200, {
      'content-type': 'application/octet-stream',
      'content-length': Buffer.byteLength(body),
      ...headers,
    });
    response.end(body);
  };
  /** Without retries, so that a failure is told at once. */
  const impatient = (options: HttpResolverOptions = {}) => [httpResolver({ retries: 0, ...options }), pathResolver()];
  const expectEmptyCache = () => expect(readdirSync(cache.directory)).toEqual([]);

  describe('a path', () => {
    it('is used where it is', async () => {
      const module = join(directory, 'módulo 1');
      mkdirSync(module);
      expect(await resolve(module, { cache })).toBe(module);
      expect(await resolve(relative(process.cwd(), module), { cache })).toBe(module);
      expect(await resolve(pathToFileURL(module).href, { cache })).toBe(module);
    });

    it('must be a directory', async () => {
      const file = join(directory, 'file');
      writeFileSync(file, '');
      await expect(resolve(file, { cache })).rejects.toMatchObject({
        code: 'ERR_MODULE_PATH',
        path: file,
        reason: 'is not a directory',
      });
      const missing = join(directory, 'missing');
      await expect(resolve(missing, { cache })).rejects.toMatchObject({
        code: 'ERR_MODULE_PATH',
        path: missing,
        reason: 'does not exist',
      });
      await expect(resolve(pathToFileURL(missing).href, { cache })).rejects.toMatchObject({
        code: 'ERR_MODULE_PATH',
        path: missing,
      });
    });
  });

  it.each(['ftp://example.com/m', 'hdfs://example.com/m'])('says what it takes when given %s', async (handle) => {
    await expect(resolve(handle, { cache })).rejects.toMatchObject({
      code: 'ERR_UNSUPPORTED_HANDLE',
      handle,
      message: expect.stringMatching(/the URL of a module \(https:.*, or|or the path or file: URL/),
    });
  });

  it('asks its resolvers in order', async () => {
    const mine = {
      accepts: 'mine',
      supports: (handle: string) => handle.startsWith('mine:'),
      locate: () => Promise.resolve('/mine'),
    };
    expect(await resolve('mine:x', { cache, resolvers: [mine, pathResolver()] })).toBe('/mine');
    await expect(resolve('mine:x', { cache, resolvers: [pathResolver(), mine] })).rejects.toMatchObject({
      code: 'ERR_MODULE_PATH',
    });
    await expect(resolve('https://x', { cache, resolvers: [mine] })).rejects.toMatchObject({ supported: ['mine'] });
  });

  describe('a URL', () => {
    it('is downloaded once, in the compressed format', async () => {
      const { url, requests } = await serve((_, response) => send(response, gzipSync(ARCHIVE)));
      const handle = `${url}/google/half-plus-two/1?lang=en&empty=`;
      const found = await resolve(handle, { cache });
      expect(await resolve(handle, { cache })).toBe(found);
      expect(requests).toEqual(['GET /google/half-plus-two/1?lang=en&tf-hub-format=compressed']);
      expect(readdirSync(found).sort()).toEqual(['saved_model.pb', 'variables']);
      expect(readFileSync(join(found, 'saved_model.pb'), 'utf8')).toBe('graph');
      expect(readdirSync(cache.directory)).toHaveLength(3);
    });

    it('may answer with a plain tar archive, without a length', async () => {
      const { url } = await serve((_, response) => response.end(ARCHIVE));
      expect(readdirSync(await resolve(`${url}/m`, { cache }))).toContain('saved_model.pb');
    });

    it('may encode the answer on top', async () => {
      const { url } = await serve((_, response) =>
        send(response, gzipSync(ARCHIVE), { 'content-encoding': 'gzip', 'content-length': gzipSync(ARCHIVE).length }),
      );
      expect(readdirSync(await resolve(`${url}/m`, { cache }))).toContain('saved_model.pb');
    });

    it('is followed where it moved, and its last address is named in errors', async () => {
      const other = await serve((request, response) => {
        if (request.url?.startsWith('/storage/m')) return send(response, gzipSync(ARCHIVE));
        response.writeHead(403, { 'content-type': 'text/plain' }).end('no access');
      });
      const { url } = await serve((request, response) => {
        response.writeHead(302, { location: `${other.url}/storage${request.url?.split('?')[0]}` }).end();
      });
      expect(readdirSync(await resolve(`${url}/m`, { cache }))).toContain('saved_model.pb');
      await expect(resolve(`${url}/n`, { cache })).rejects.toMatchObject({
        code: 'ERR_HTTP_STATUS',
        handle: `${url}/n`,
        url: `${other.url}/storage/n`,
        status: 403,
        preview: 'no access',
      });
    });

    it('reports how far it has come', async () => {
      const body = gzipSync(ARCHIVE);
      const half = body.length >> 1;
      const { url } = await serve((request, response) => {
        if (request.url?.startsWith('/known')) response.setHeader('content-length', body.length);
        response.write(body.subarray(0, half));
        setImmediate(() => response.end(body.subarray(half)));
      });
      for (const [path, total] of [
        ['known', body.length],
        ['unknown', undefined],
      ] as const) {
        const events: DownloadProgress[] = [];
        await resolve(`${url}/${path}`, { cache, onProgress: (event) => events.push(event) });
        expect(events[0]).toEqual({ handle: `${url}/${path}`, received: 0, total });
        expect(events.at(-1)).toEqual({ handle: `${url}/${path}`, received: body.length, total });
        const received = events.map((event) => event.received);
        expect(received).toEqual([...received].sort((a, b) => a - b));
      }
    });

    it('is taken from the cache when its server is gone', async () => {
      const server = await startServer((_, response) => send(response, ARCHIVE));
      const found = await resolve(`${server.url}/m`, { cache });
      await server.close();
      expect(await resolve(`${server.url}/m`, { cache })).toBe(found);
    });

    it('is downloaded again when its files were damaged', async () => {
      const { url, requests } = await serve((_, response) => send(response, ARCHIVE));
      const found = await resolve(`${url}/m`, { cache });
      rmSync(join(found, 'variables'), { recursive: true });
      await resolve(`${url}/m`, { cache });
      writeFileSync(join(found, 'saved_model.pb'), 'GRAPH');
      await resolve(`${url}/m`, { cache, verify: 'contents' });
      expect(readFileSync(join(found, 'saved_model.pb'), 'utf8')).toBe('graph');
      expect(requests).toHaveLength(3);
    });
  });

  describe('a download that fails', () => {
    afterEach(() => expectEmptyCache());

    it.each([
      [404, 'Check the handle'],
      [500, 'Try again later'],
    ])('with status %d says so', async (status, advice) => {
      const { url } = await serve((_, response) =>
        response.writeHead(status, { 'content-type': 'text/html' }).end('<p>Sorry.'),
      );
      await expect(resolve(`${url}/m`, { cache, resolvers: impatient() })).rejects.toMatchObject({
        code: 'ERR_HTTP_STATUS',
        status,
        message: expect.stringContaining(advice),
      });
    });

    it('with a web page says so', async () => {
      const { url } = await serve((_, response) =>
        send(response, '<!doctype html>\n<p>Log in', { 'content-type': 'text/html' }),
      );
      await expect(resolve(`${url}/m`, { cache, resolvers: impatient() })).rejects.toMatchObject({
        code: 'ERR_NOT_AN_ARCHIVE',
        status: 200,
        contentType: 'text/html',
        preview: '<!doctype html> <p>Log in',
      });
    });

    it('with an archive of something else says what is in it', async () => {
      const { url } = await serve((request, response) =>
        send(
          response,
          request.url?.startsWith('/inner')
            ? archiveOf(tarFile('m/saved_model.pb', 'graph'))
            : archiveOf(tarFile('README')),
        ),
      );
      await expect(resolve(`${url}/inner`, { cache, resolvers: impatient() })).rejects.toThrow(
        "pack the directory's contents",
      );
      await expect(resolve(`${url}/other`, { cache, resolvers: impatient() })).rejects.toMatchObject({
        code: 'ERR_NOT_A_MODULE',
        files: ['README'],
      });
    });

    it('because the archive is refused passes the reason on', async () => {
      const { url } = await serve((_, response) => send(response, gzipSync(archiveOf(MODEL, tarFile('../evil', 'x')))));
      await expect(resolve(`${url}/m`, { cache, resolvers: impatient() })).rejects.toMatchObject({
        code: 'ERR_UNSAFE_ARCHIVE',
        entry: '../evil',
      });
      const resolvers = [httpResolver({ limits: { maxBytes: 100 } })];
      await expect(resolve(`${url}/m`, { cache, resolvers })).rejects.toMatchObject({
        code: 'ERR_ARCHIVE_LIMIT',
        limit: 'maxBytes',
      });
    });

    const body = gzipSync(ARCHIVE);
    it.each<[string, (response: ServerResponse) => void, number | undefined]>([
      [
        'short of its length',
        (response) => {
          response.writeHead(200, { 'content-length': body.length });
          response.write(body.subarray(0, 60), () => response.destroy());
        },
        body.length,
      ],
      ['without a length', (response) => response.write(body.subarray(0, 60), () => response.destroy()), undefined],
    ])('because it broke off %s says how far it came', async (_, listener, expected) => {
      const { url } = await serve((__, response) => listener(response));
      await expect(resolve(`${url}/m`, { cache, resolvers: impatient() })).rejects.toMatchObject({
        code: 'ERR_DOWNLOAD_INTERRUPTED',
        received: 60,
        expected,
      });
    });

    it('because it ended early without the connection saying so is found by the archive', async () => {
      const { url } = await serve((request, response) => {
        response.useChunkedEncodingByDefault = false;
        response.removeHeader('connection');
        response.end((request.url?.startsWith('/gz') ? body : ARCHIVE).subarray(0, 100));
      });
      for (const path of ['gz', 'tar']) {
        await expect(resolve(`${url}/${path}`, { cache, resolvers: impatient() })).rejects.toMatchObject({
          code: path === 'gz' ? 'ERR_CORRUPT_ARCHIVE' : 'ERR_NOT_AN_ARCHIVE',
        });
      }
    });

    it('because nobody answers says so', async () => {
      const { url } = await serve(() => undefined);
      const resolvers = impatient({ responseTimeout: 20 });
      await expect(resolve(`${url}/m`, { cache, resolvers })).rejects.toMatchObject({
        code: 'ERR_DOWNLOAD_TIMEOUT',
        phase: 'response',
      });
    });

    it('because the answer stands still says so', async () => {
      const { url } = await serve((_, response) => response.write(body.subarray(0, 60)));
      const resolvers = impatient({ idleTimeout: 20 });
      await expect(resolve(`${url}/m`, { cache, resolvers })).rejects.toMatchObject({
        code: 'ERR_DOWNLOAD_TIMEOUT',
        phase: 'body',
        received: 60,
      });
    });

    it('because nobody listens, or there is no such host, says so', async () => {
      const server = await startServer(() => undefined);
      await server.close();
      await expect(resolve(`${server.url}/m`, { cache, resolvers: impatient() })).rejects.toMatchObject({
        code: 'ERR_HOST_UNREACHABLE',
        reason: 'ECONNREFUSED',
      });
      await expect(resolve('http://no-such-host.invalid/m', { cache, resolvers: impatient() })).rejects.toMatchObject({
        code: 'ERR_HOST_UNREACHABLE',
        reason: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/),
      });
    });

    it('because it was called off gives the reason, and hangs up', async () => {
      const controller = new AbortController();
      const reason = new Error('no longer wanted');
      let closed: Promise<unknown> | undefined;
      const { url } = await serve((_, response) => {
        closed = once(response, 'close');
        response.write(body.subarray(0, 60));
      });
      const onProgress = ({ received }: DownloadProgress) => received > 0 && controller.abort(reason);
      await expect(resolve(`${url}/m`, { cache, signal: controller.signal, onProgress })).rejects.toBe(reason);
      await closed;
    });
  });

  it('leaves a damaged module unused when it cannot be downloaded again', async () => {
    let healthy = true;
    const { url } = await serve((_, response) => (healthy ? send(response, ARCHIVE) : response.writeHead(503).end()));
    const found = await resolve(`${url}/m`, { cache, resolvers: impatient() });
    rmSync(join(found, 'saved_model.pb'));
    healthy = false;
    await expect(resolve(`${url}/m`, { cache, resolvers: impatient() })).rejects.toMatchObject({ status: 503 });
  });

  describe('in many processes', () => {
    it('downloads once', async () => {
      bundleResolver(directory);
      const body = gzipSync(ARCHIVE);
      const { url, requests } = await serve((_, response) => send(response, body));
      const program = `import { resolve } from './resolver.mjs'; console.log(await resolve(${JSON.stringify(`${url}/m`)}));`;
      const runs = Array.from({ length: 6 }, (_, index) =>
        runProgram(directory, `program-${index}`, program, { TFHUB_CACHE_DIR: cache.directory }),
      );
      expect(new Set(await Promise.all(runs))).toEqual(new Set([await cache.find(`${url}/m`)]));
      expect(requests).toHaveLength(1);
      expect(readdirSync(cache.directory)).toHaveLength(3);
    });
  });
});
