import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ModuleCache } from '@tenon/cache';
import { httpResolver } from './http-resolver.js';
import { resolve } from './resolve.js';
import type { DownloadProgress } from './resolver.js';
import { bundleResolver, startProgram } from './testing/child-program.js';
import { serveFile, type HostedFile } from './testing/hosted-file.js';
import { archiveOf, MODEL, tarFile } from './testing/tar-bytes.js';
import { startServer, type TestServer } from './testing/test-server.js';

const MEGABYTE = 2 ** 20;
const WEIGHTS = randomBytes(6 * MEGABYTE);
const ARCHIVE = archiveOf(MODEL, tarFile('variables/weights', WEIGHTS));
const OTHER_WEIGHTS = randomBytes(6 * MEGABYTE);
const OTHER_ARCHIVE = archiveOf(MODEL, tarFile('variables/weights', OTHER_WEIGHTS));

describe('a download that an earlier one had begun', () => {
  let directory: string;
  let cache: ModuleCache;
  let files: HostedFile[];
  let server: TestServer;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'tenon-partial-'));
    cache = new ModuleCache({ directory: join(directory, 'cache'), pollInterval: 5 });
    const listener: RequestListener = (request, response) =>
      serveFile(request, response, files.length > 1 ? files.shift()! : files[0]!);
    server = await startServer(listener);
  });
  afterEach(async () => {
    await server.close();
    rmSync(directory, { recursive: true });
  });
  const get = (path = 'm', onProgress?: (progress: DownloadProgress) => void) =>
    resolve(`${server.url}/${path}`, {
      cache,
      resolvers: [httpResolver({ retries: 0 })],
      ...(onProgress && { onProgress }),
    });
  const partials = () => readdirSync(cache.directory).filter((name) => name.endsWith('.partial'));
  const partial = () => join(cache.directory, partials()[0]!);
  const begin = async (file: HostedFile = { body: ARCHIVE, etag: '"1"', breakAfter: 4 * MEGABYTE }) => {
    files = [file];
    await expect(get()).rejects.toMatchObject({ code: 'ERR_DOWNLOAD_INTERRUPTED' });
  };
  const expectModule = (module: string, weights: Buffer = WEIGHTS) => {
    expect(readFileSync(join(module, 'variables/weights')).equals(weights)).toBe(true);
    expect(readdirSync(cache.directory)).toHaveLength(3);
  };
  const rangesOf = () => server.headers.map(({ range }) => range);
  /** What a broken connection had on its way may be lost. */
  const expectStarts = (...about: number[]) => {
    const starts = rangesOf().map((range) => Number(/^bytes=(\d+)-$/.exec(range ?? 'bytes=0-')![1]));
    expect(starts).toHaveLength(about.length);
    starts.forEach((start, index) => {
      expect(start).toBeLessThanOrEqual(about[index]!);
      expect(start).toBeGreaterThanOrEqual(about[index]! - MEGABYTE / 2);
    });
  };

  it('goes on where that was', async () => {
    await begin();
    expect(readdirSync(cache.directory)).toEqual(partials());
    files = [{ body: ARCHIVE, etag: '"1"' }];
    const progress: DownloadProgress[] = [];
    expectModule(await get('m', (event) => progress.push(event)));
    expectStarts(0, 4 * MEGABYTE);
    expect(progress.at(-1)).toMatchObject({ received: ARCHIVE.length, total: ARCHIVE.length });
  });

  it('goes on inside gzip data, as often as needed', async () => {
    const body = gzipSync(ARCHIVE);
    await begin({ body, etag: '"1"', breakAfter: 2 * MEGABYTE });
    await begin({ body, etag: '"1"', breakAfter: MEGABYTE });
    files = [{ body, etag: '"1"' }];
    expectModule(await get());
    expectStarts(0, 2 * MEGABYTE, 3 * MEGABYTE);
  });

  it('asks for the last byte of what is all there', async () => {
    await begin();
    const header = readFileSync(partial()).indexOf('\n') + 1;
    writeFileSync(partial(), Buffer.concat([readFileSync(partial()).subarray(0, header), ARCHIVE]));
    files = [{ body: ARCHIVE, etag: '"1"' }];
    expectModule(await get());
    expect(rangesOf()[1]).toBe(`bytes=${ARCHIVE.length - 1}-`);
  });

  it.each<[string, HostedFile, Buffer]>([
    ['is another by now', { body: OTHER_ARCHIVE, etag: '"2"' }, OTHER_WEIGHTS],
    ['is shorter by now', { body: archiveOf(MODEL, tarFile('variables/weights', 'x')), etag: '"1"' }, Buffer.from('x')],
    ['comes from a host that forgot about ranges', { body: ARCHIVE, etag: '"1"', ignoresRanges: true }, WEIGHTS],
  ])('begins anew if the file %s', async (_, file, weights) => {
    await begin();
    files = [file];
    expectModule(await get(), weights);
  });

  it.each<[string, () => void]>([
    ['was cut to nothing', () => truncateSync(partial(), 0)],
    ['has lost its bytes', () => truncateSync(partial(), readFileSync(partial()).indexOf('\n') + 1)],
    ['has a broken header', () => writeFileSync(partial(), `{"version":1,\n${'x'.repeat(100)}`)],
    ['has no header', () => writeFileSync(partial(), randomBytes(5 * MEGABYTE))],
    ['is of the time before the machine started', () => utimesSync(partial(), 0, 0)],
    [
      'is of another address',
      () => writeFileSync(partial(), readFileSync(partial(), 'latin1').replace(/"source":"./, '"source":"-'), 'latin1'),
    ],
  ])('begins anew if the copy %s', async (_, damage) => {
    await begin();
    damage();
    files = [{ body: ARCHIVE, etag: '"1"' }];
    expectModule(await get());
    expect(rangesOf()).toEqual([undefined, undefined]);
  });

  it('begins anew if what it has turns out to be damaged', async () => {
    const body = gzipSync(ARCHIVE);
    await begin({ body, etag: '"1"', breakAfter: 4 * MEGABYTE });
    const bytes = readFileSync(partial());
    bytes.fill(0, bytes.length - MEGABYTE);
    writeFileSync(partial(), bytes);
    files = [{ body, etag: '"1"' }];
    expectModule(await get());
    expectStarts(0, 4 * MEGABYTE, 0);
  });

  it.each<[string, HostedFile]>([
    ['the file is small', { body: ARCHIVE.subarray(0, 3 * MEGABYTE), etag: '"1"', breakAfter: MEGABYTE }],
    ['nothing tells whether it is the same', { body: ARCHIVE, breakAfter: MEGABYTE }],
    ['its host knows no ranges', { body: ARCHIVE, etag: '"1"', breakAfter: MEGABYTE, ignoresRanges: true }],
  ])('leaves nothing behind if %s', async (_, file) => {
    await begin(file);
    expect(readdirSync(cache.directory)).toEqual([]);
  });

  it('leaves nothing behind if the archive is refused', async () => {
    files = [{ body: archiveOf(tarFile('../evil'), tarFile('variables/weights', WEIGHTS)), etag: '"1"' }];
    await expect(get()).rejects.toMatchObject({ code: 'ERR_UNSAFE_ARCHIVE' });
    expect(readdirSync(cache.directory)).toEqual([]);
  });

  it('keeps its copies to those who may read the cache', async () => {
    await begin();
    expect(statSync(partial()).mode & 0o077).toBe(0);
    expect(readFileSync(partial(), 'latin1')).not.toContain(server.url);
  });

  it('goes on after the process was killed', async () => {
    bundleResolver(directory);
    files = [
      { body: ARCHIVE, etag: '"1"', stallAfter: 5 * MEGABYTE },
      { body: ARCHIVE, etag: '"1"' },
    ];
    const source = `
      import { resolve } from './resolver.mjs';
      const onProgress = ({ received }) => received >= ${5 * MEGABYTE} && setTimeout(() => console.log('all'), 50);
      await resolve(${JSON.stringify(`${server.url}/m`)}, { onProgress });`;
    const child = startProgram(directory, 'program', source, { TFHUB_CACHE_DIR: cache.directory });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expectModule(await get());
    expect(rangesOf()[1]).toMatch(/^bytes=[1-5]\d{6}-$/);
  });
});
