import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ModuleCache } from '@tenon/cache';
import { httpResolver, type HttpResolverOptions } from './http-resolver.js';
import { resolve, type ResolveOptions } from './resolve.js';
import type { DownloadedArchive, DownloadProgress, DownloadRetry } from './resolver.js';
import { serveFile, type HostedFile } from './testing/hosted-file.js';
import { archiveOf, MODEL, tarFile } from './testing/tar-bytes.js';
import { startServer, type TestServer } from './testing/test-server.js';

const WEIGHTS = randomBytes(300_000);
const ARCHIVE = archiveOf(MODEL, tarFile('variables/weights', WEIGHTS));
const OTHER_WEIGHTS = randomBytes(300_000);
const OTHER_ARCHIVE = archiveOf(MODEL, tarFile('variables/weights', OTHER_WEIGHTS));

describe('a download', () => {
  let directory: string;
  let cache: ModuleCache;
  let slept: number[];
  const servers: TestServer[] = [];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tenon-robust-'));
    cache = new ModuleCache({ directory: join(directory, 'cache'), pollInterval: 5 });
    slept = [];
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
  /** Serves these in turn, the last again and again. */
  const host = async (...files: HostedFile[]) => {
    let turn = 0;
    return serve((request, response) => {
      serveFile(request, response, files[Math.min(turn, files.length - 1)]!);
      turn += 1;
    });
  };
  const sleep = async (milliseconds: number) => void slept.push(milliseconds);
  const get = (url: string, http: HttpResolverOptions = {}, options: ResolveOptions = {}) =>
    resolve(`${url}/m`, { cache, resolvers: [httpResolver({ sleep, ...http })], ...options });
  /** Compared by hash: a difference of buffers takes long to print. */
  const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
  const weightsOf = (module: string) => hashOf(readFileSync(join(module, 'variables/weights')));
  const ranges = ({ headers }: TestServer) => headers.map(({ range }) => range);

  describe('that breaks off', () => {
    it('goes on where it was, if the file has a tag', async () => {
      const { length } = ARCHIVE;
      const file = { body: ARCHIVE, etag: '"1"' };
      const server = await host({ ...file, breakAfter: 100_000 }, { ...file, breakAfter: 50_000 }, file);
      const progress: DownloadProgress[] = [];
      const retries: DownloadRetry[] = [];
      const module = await get(
        server.url,
        {},
        {
          onProgress: (event) => progress.push(event),
          onRetry: (event) => retries.push(event),
        },
      );
      expect(weightsOf(module)).toBe(hashOf(WEIGHTS));
      expect(ranges(server)).toEqual([undefined, 'bytes=100000-', 'bytes=150000-']);
      expect(server.headers.map((headers) => headers['if-range'])).toEqual([undefined, '"1"', '"1"']);
      expect(progress.at(-1)).toEqual({ handle: `${server.url}/m`, received: length, total: length });
      expect(retries).toMatchObject([
        { handle: `${server.url}/m`, attempts: 1, error: { code: 'ERR_DOWNLOAD_INTERRUPTED', received: 100_000 } },
        { attempts: 2, error: { received: 150_000, expected: length } },
      ]);
      expect(slept).toEqual(retries.map(({ delay }) => delay));
    });

    it('goes on inside gzip data', async () => {
      const body = gzipSync(ARCHIVE);
      const server = await host({ body, etag: '"1"', breakAfter: 123_456 }, { body, etag: '"1"' });
      expect(weightsOf(await get(server.url))).toBe(hashOf(WEIGHTS));
      expect(ranges(server)).toEqual([undefined, 'bytes=123456-']);
    });

    it('goes on by the time of the last change where there is no tag', async () => {
      const lastModified = 'Tue, 01 Sep 2020 10:00:00 GMT';
      const server = await host({ body: ARCHIVE, lastModified, breakAfter: 100_000 }, { body: ARCHIVE, lastModified });
      expect(weightsOf(await get(server.url))).toBe(hashOf(WEIGHTS));
      expect(server.headers[1]).toMatchObject({ range: 'bytes=100000-', 'if-range': lastModified });
    });

    it.each([
      ['nothing to know it by', {}],
      ['a weak tag', { etag: 'W/"1"' }],
      ['a change in this very second', { lastModified: new Date(Date.now() + 60_000).toUTCString() }],
    ])('begins anew if the file has %s', async (_, validator) => {
      const server = await host({ body: ARCHIVE, ...validator, breakAfter: 100_000 }, { body: ARCHIVE, ...validator });
      expect(weightsOf(await get(server.url))).toBe(hashOf(WEIGHTS));
      expect(ranges(server)).toEqual([undefined, undefined]);
    });

    it('passes over what it has if the host knows no ranges', async () => {
      const file = { body: ARCHIVE, etag: '"1"', ignoresRanges: true };
      const server = await host({ ...file, breakAfter: 100_000 }, file);
      expect(weightsOf(await get(server.url))).toBe(hashOf(WEIGHTS));
      expect(server.requests).toHaveLength(2);
    });

    it.each([
      ['has another tag', { body: OTHER_ARCHIVE, etag: '"2"' }],
      ['has another tag, and the host sends its rest all the same', { body: OTHER_ARCHIVE, etag: '"2"', lies: true }],
      ['has no tag any more', { body: OTHER_ARCHIVE }],
      ['has another length', { body: archiveOf(OTHER_ARCHIVE.subarray(0, -1024), tarFile('more')), etag: '"1"' }],
    ])(
      'begins anew, and mixes nothing, if the file %s',
      async (_, { lies, ...changed }: HostedFile & { lies?: boolean }) => {
        let turn = 0;
        const server = await serve((request, response) => {
          turn += 1;
          if (turn === 1) return serveFile(request, response, { body: ARCHIVE, etag: '"1"', breakAfter: 100_000 });
          if (lies) delete request.headers['if-range'];
          serveFile(request, response, changed);
        });
        expect(weightsOf(await get(server.url))).toBe(hashOf(OTHER_WEIGHTS));
      },
    );

    it('begins anew if the host sends another part than asked for', async () => {
      let turn = 0;
      const server = await serve((request, response) => {
        turn += 1;
        if (turn === 1) return serveFile(request, response, { body: ARCHIVE, etag: '"1"', breakAfter: 100_000 });
        if (request.headers.range === undefined) return serveFile(request, response, { body: ARCHIVE, etag: '"1"' });
        request.headers.range = 'bytes=99000-';
        serveFile(request, response, { body: ARCHIVE, etag: '"1"' });
      });
      expect(weightsOf(await get(server.url))).toBe(hashOf(WEIGHTS));
    });

    describe('without being asked, into a part', () => {
      const partOf = (start: number, end: number) => (request: IncomingMessage, response: ServerResponse) => {
        if (request.headers.range !== undefined) return serveFile(request, response, { body: TAR, etag: '"1"' });
        const range = `bytes ${start}-${end - 1}/${TAR.length}`;
        response.writeHead(206, { 'content-range': range, etag: '"1"' }).end(TAR.subarray(start, end));
      };
      // The model comes last: what is missing could otherwise be missed.
      const TAR = archiveOf(tarFile('variables/weights', WEIGHTS), MODEL);

      it('is continued where that is the beginning', async () => {
        const server = await serve(partOf(0, 5000));
        expect(weightsOf(await get(server.url))).toBe(hashOf(WEIGHTS));
        expect(ranges(server)).toEqual([undefined, 'bytes=5000-']);
      });

      it('is refused where that is the end', async () => {
        const server = await serve(partOf(TAR.length - MODEL.length - 1024, TAR.length));
        await expect(get(server.url)).rejects.toMatchObject({ code: 'ERR_HTTP_STATUS', status: 206 });
        expect(readdirSync(cache.directory)).toEqual([]);
      });
    });

    it('is given up after so many attempts without progress', async () => {
      const server = await serve((_, response) => response.destroy());
      await expect(get(server.url, { retries: 3, retryDelay: 100 })).rejects.toMatchObject({
        code: 'ERR_HOST_UNREACHABLE',
        attempts: 4,
        message: expect.stringContaining('(4 attempts)'),
      });
      expect(server.requests).toHaveLength(4);
      expect(slept).toHaveLength(3);
      slept.forEach((wait, index) => {
        expect(wait).toBeGreaterThanOrEqual(50 * 2 ** index);
        expect(wait).toBeLessThanOrEqual(100 * 2 ** index);
      });
    });

    it('is not given up while it comes forward', async () => {
      const body = archiveOf(MODEL, tarFile('variables/weights', randomBytes(9 * 2 ** 20)));
      const server = await host({ body, etag: '"1"', breakAfter: 1.5 * 2 ** 20 });
      await get(server.url, { retries: 1 });
      expect(server.requests).toHaveLength(7);
    });

    it.each<[string, Record<string, string>]>([
      ['has a tag', { etag: '"1"' }],
      ['has none', {}],
    ])(
      'always at the same place is given up, however much comes before it and whether the file %s',
      async (_, headers) => {
        const body = archiveOf(MODEL, tarFile('variables/weights', randomBytes(3 * 2 ** 20)));
        const server = await serve((_request, response) => {
          response.writeHead(200, { ...headers, 'content-length': body.length + 100 });
          response.write(body, () => response.destroy());
        });
        await expect(get(server.url, { retries: 2 })).rejects.toMatchObject({ code: 'ERR_DOWNLOAD_INTERRUPTED' });
        // Two more after the last megabyte that was new.
        expect(server.requests).toHaveLength(3);
        expect(readdirSync(cache.directory)).toEqual([]);
      },
    );
  });

  describe('that stalls', () => {
    it('hangs up and goes on', async () => {
      const file = { body: ARCHIVE, etag: '"1"' };
      const server = await host({ ...file, stallAfter: 100_000 }, file);
      expect(weightsOf(await get(server.url, { idleTimeout: 30 }))).toBe(hashOf(WEIGHTS));
      expect(ranges(server)).toEqual([undefined, 'bytes=100000-']);
    });

    it('is given up in the end', async () => {
      const server = await host({ body: ARCHIVE, etag: '"1"', stallAfter: 0 });
      await expect(get(server.url, { idleTimeout: 10, retries: 1 })).rejects.toMatchObject({
        code: 'ERR_DOWNLOAD_TIMEOUT',
        phase: 'body',
        attempts: 2,
      });
    });

    it('asks again if no answer comes', async () => {
      let turn = 0;
      const server = await serve((request, response) => {
        turn += 1;
        if (turn > 1) serveFile(request, response, { body: ARCHIVE });
      });
      expect(weightsOf(await get(server.url, { responseTimeout: 30 }))).toBe(hashOf(WEIGHTS));
    });
  });

  describe('whose host asks for patience', () => {
    const refuse = async (status: number, headers: Record<string, string>) => {
      let turn = 0;
      return serve((request, response) => {
        turn += 1;
        if (turn === 1) response.writeHead(status, headers).end();
        else serveFile(request, response, { body: ARCHIVE });
      });
    };

    it.each<[number, Record<string, string>, number]>([
      [429, { 'retry-after': '7' }, 7000],
      [503, { 'retry-after': 'Tue, 01 Sep 2020 10:00:09 GMT', date: 'Tue, 01 Sep 2020 10:00:00 GMT' }, 9000],
      [503, { 'retry-after': 'Tue, 01 Sep 2020 09:00:00 GMT', date: 'Tue, 01 Sep 2020 10:00:00 GMT' }, 0],
    ])('with status %d waits as long as it says', async (status, headers, wait) => {
      const { url } = await refuse(status, headers);
      await get(url);
      expect(slept).toEqual([wait]);
    });

    it.each([408, 425, 429, 500, 502, 503, 504])('with status %d is asked again', async (status) => {
      const { url, requests } = await refuse(status, {});
      await get(url);
      expect(requests).toHaveLength(2);
      expect(slept).toHaveLength(1);
    });

    it.each([400, 401, 403, 404, 410, 501])('with status %d is not asked again', async (status) => {
      const { url, requests } = await refuse(status, {});
      await expect(get(url)).rejects.toMatchObject({ code: 'ERR_HTTP_STATUS', status, attempts: 1 });
      expect(requests).toHaveLength(1);
    });

    it('that one has not, says so at once', async () => {
      const { url } = await refuse(503, { 'retry-after': '3600' });
      await expect(get(url)).rejects.toMatchObject({
        status: 503,
        retryAfter: 3_600_000,
        message: expect.stringContaining('Try again in 3600 s'),
      });
      expect(slept).toEqual([]);
    });

    it('ends when it is called off meanwhile', async () => {
      const controller = new AbortController();
      const { url } = await refuse(503, {});
      const impatient = async () => controller.abort(new Error('no longer wanted'));
      await expect(get(url, { sleep: impatient }, { signal: controller.signal })).rejects.toThrow('no longer wanted');
      expect(readdirSync(cache.directory)).toEqual([]);
    });
  });

  describe('whose host lies about its length', () => {
    it.each([
      ['more than there is', ARCHIVE.length + 10],
      ['less than there is', ARCHIVE.length - 2000],
    ])('by %s, fails', async (_, length) => {
      const server = await serve((_, response) => {
        response.socket!.end(
          Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\nETag: "1"\r\n\r\n`), ARCHIVE]),
        );
      });
      await expect(get(server.url, { retries: 1 })).rejects.toMatchObject({
        code: expect.stringMatching(/ERR_(DOWNLOAD_INTERRUPTED|CORRUPT_ARCHIVE)/),
      });
      expect(readdirSync(cache.directory)).toEqual([]);
    });

    it('by more than the disk holds, is not begun', async () => {
      const { url } = await serve((_, response) => {
        response.writeHead(200, { 'content-length': 2 ** 52 });
        response.write(ARCHIVE);
      });
      await expect(get(url, { limits: { maxBytes: 2 ** 53 } })).rejects.toMatchObject({
        code: 'ERR_DISK_SPACE',
        needed: 2 ** 52,
        available: expect.any(Number),
      });
    });
  });

  it('may be encoded on the way, and break off', async () => {
    const body = gzipSync(gzipSync(ARCHIVE));
    let turn = 0;
    const server = await serve((request, response) => {
      turn += 1;
      response.setHeader('content-encoding', 'gzip');
      serveFile(request, response, { body, etag: '"1"', ...(turn === 1 && { breakAfter: 100_000 }) });
    });
    expect(weightsOf(await get(server.url))).toBe(hashOf(WEIGHTS));
    expect(ranges(server)).toEqual([undefined, 'bytes=100000-']);
  });

  it.each([
    ['zstd', 'zstd'],
    ['gzip', 'content encoding is broken'],
  ])('in an encoding that cannot be undone (%s) is refused', async (encoding, message) => {
    const { url } = await serve((_, response) =>
      response.writeHead(200, { 'content-encoding': encoding }).end(ARCHIVE),
    );
    await expect(get(url)).rejects.toMatchObject({
      code: 'ERR_CORRUPT_ARCHIVE',
      message: expect.stringContaining(message),
    });
  });

  it('is refused if its encoding is a bomb', async () => {
    const bomb = gzipSync(Buffer.concat([ARCHIVE, Buffer.alloc(2 ** 25)]));
    const { url } = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb));
    await expect(get(url, { limits: { maxRatio: 2 } })).rejects.toMatchObject({
      code: 'ERR_ARCHIVE_LIMIT',
      limit: 'maxRatio',
    });
  });

  it('tells the hash of the archive to whoever asks', async () => {
    const { url } = await host({ body: ARCHIVE });
    const archives: DownloadedArchive[] = [];
    await get(url, {}, { onArchive: (archive) => archives.push(archive) });
    const sha256 = hashOf(ARCHIVE);
    expect(archives).toEqual([
      { handle: `${url}/m`, url: `${url}/m?tf-hub-format=compressed`, size: ARCHIVE.length, sha256 },
    ]);
  });
});
