import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ModuleCache } from '@tenon/cache';
import { httpResolver } from './http-resolver.js';
import { pathResolver } from './path-resolver.js';
import { readExcerpt, type ResolveOptions } from './resolve.js';
import type { DownloadProgress, Resolver } from './resolver.js';
import { serveFile, type HostedFile } from './testing/hosted-file.js';
import { archiveOf, tarDirectory, tarFile } from './testing/tar-bytes.js';
import { startServer, type TestServer } from './testing/test-server.js';

const GRAPH = randomBytes(100_000);
const WEIGHTS = randomBytes(24_000_000);
const REQUEST = { files: ['tfhub_module.pb', 'saved_model.pb'], until: ['saved_model.pb'] };
const BEFORE_WEIGHTS = [
  tarDirectory('./'),
  tarFile('./assets/words', 'a b'),
  tarFile('./saved_model.pb', GRAPH),
  tarFile('./tfhub_module.pb', 'kind'),
];

describe('readExcerpt', () => {
  let directory: string;
  let cache: ModuleCache;
  const servers: TestServer[] = [];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tenon-excerpt-'));
    cache = new ModuleCache({ directory: join(directory, 'cache') });
  });
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
    // Neither the cache nor anything beside it was made.
    expect(readdirSync(directory)).toEqual([]);
    rmSync(directory, { recursive: true });
  });
  const serve = async (listener: RequestListener) => {
    const server = await startServer(listener);
    servers.push(server);
    return server;
  };
  const host = async (...files: HostedFile[]) => {
    let turn = 0;
    return serve((request, response) => serveFile(request, response, files[Math.min(turn++, files.length - 1)]!));
  };
  const read = (server: TestServer, options: ResolveOptions = {}) =>
    readExcerpt(`${server.url}/m`, REQUEST, {
      cache,
      resolvers: [httpResolver({ sleep: async () => undefined })],
      ...options,
    });

  it.each([
    ['a tar archive', (archive: Buffer) => archive],
    ['a gzipped one', (archive: Buffer) => gzipSync(archive, { level: 1 })],
  ])('hangs up on %s when it has enough', async (_, pack) => {
    const body = pack(archiveOf(...BEFORE_WEIGHTS, tarFile('variables/weights', WEIGHTS)));
    let sent = 0;
    let onClose = () => {};
    const hungUp = new Promise<void>((resolve) => (onClose = resolve));
    function* pieces() {
      for (; sent < body.length; sent += 65_536) yield body.subarray(sent, sent + 65_536);
    }
    const server = await serve((_, response) => {
      response.on('close', onClose).writeHead(200, { 'content-length': body.length });
      Readable.from(pieces()).pipe(response);
    });
    const seen: DownloadProgress[] = [];
    const { files, received, total } = await read(server, { onProgress: (progress) => seen.push(progress) });
    await hungUp;
    expect([...files.keys()]).toEqual(['saved_model.pb', 'tfhub_module.pb']);
    expect(Buffer.compare(files.get('saved_model.pb') as Buffer, GRAPH)).toBe(0);
    expect(total).toBe(body.length);
    expect(received).toBeLessThan(4_000_000);
    expect(seen.at(-1)).toEqual({ handle: `${server.url}/m`, received, total });
    // What the system buffers on both sides of a connection is on its way already.
    expect(sent).toBeLessThan(body.length / 2);
  });

  it('reads on where a connection broke', async () => {
    const body = archiveOf(...BEFORE_WEIGHTS);
    const server = await host({ body, etag: '"1"', breakAfter: 50_000 }, { body, etag: '"1"' });
    const { files } = await read(server);
    expect(Buffer.compare(files.get('saved_model.pb') as Buffer, GRAPH)).toBe(0);
    expect(server.headers.map(({ range }) => range)).toEqual([undefined, 'bytes=50000-']);
  });

  it('begins anew where the file became another', async () => {
    const old = archiveOf(tarFile('saved_model.pb', randomBytes(100_000)));
    const body = archiveOf(...BEFORE_WEIGHTS);
    const server = await host({ body: old, etag: '"1"', breakAfter: 50_000 }, { body, etag: '"2"' });
    const { files } = await read(server);
    expect(Buffer.compare(files.get('saved_model.pb') as Buffer, GRAPH)).toBe(0);
  });

  it.each([
    ['no module', archiveOf(tarFile('README', 'hello')), /ERR_NOT_A_MODULE: .*README/s],
    ['no archive', Buffer.from('<html>Not here</html>'), /ERR_NOT_AN_ARCHIVE: .*Not here/s],
    [
      'an archive that is cut short',
      archiveOf(...BEFORE_WEIGHTS).subarray(0, 60_000),
      /ERR_CORRUPT_ARCHIVE: .*cut short/,
    ],
    ['names that lead out of it', archiveOf(tarFile('../saved_model.pb', 'x')), /ERR_UNSAFE_ARCHIVE: /],
    ['broken gzip', gzipSync(archiveOf(...BEFORE_WEIGHTS)).fill(7, 500, 20_000), /ERR_CORRUPT_ARCHIVE: /],
    ['a bomb', gzipSync(archiveOf(tarFile('zeros', Buffer.alloc(40_000_000)))), /ERR_ARCHIVE_LIMIT: .*maxRatio/],
  ])('refuses %s', async (_, body, message) => {
    const failure = (await read(await host({ body })).catch((error: unknown) => error)) as {
      code: string;
      message: string;
    };
    expect(`${failure.code}: ${failure.message}`).toMatch(message);
  });

  it('says what it cannot do', async () => {
    const custom: Resolver = { accepts: 'a model of ours', supports: () => true, download: async () => undefined };
    await expect(readExcerpt('ours:x', REQUEST, { resolvers: [custom] })).rejects.toMatchObject({
      code: 'ERR_NO_EXCERPT',
      message: expect.stringMatching(/ours:x.*a model of ours/) as unknown,
    });
    await expect(readExcerpt('.', REQUEST, { resolvers: [pathResolver()] })).rejects.toThrow(
      /ERR_NO_EXCERPT|cannot be read/,
    );
    await expect(readExcerpt('http://x/m', REQUEST, { offline: true, cache })).rejects.toMatchObject({
      code: 'ERR_OFFLINE',
    });
  });

  it('stops when it is told to', async () => {
    const body = archiveOf(...BEFORE_WEIGHTS);
    const server = await host({ body, stallAfter: 10_000 });
    const controller = new AbortController();
    const reading = read(server, {
      signal: controller.signal,
      onProgress: ({ received }) => received > 0 && controller.abort(new Error('enough')),
    });
    await expect(reading).rejects.toThrow('enough');
  });
});
