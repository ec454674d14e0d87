import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ModuleCache } from '@tenon/cache';
import { gcsResolver } from './gcs-resolver.js';
import { httpResolver } from './http-resolver.js';
import { readExcerpt, resolve, type ResolveOptions } from './resolve.js';
import type { DownloadedArchive, DownloadProgress, Resolver } from './resolver.js';
import { s3Resolver } from './s3-resolver.js';
import { serveFile, type HostedFile } from './testing/hosted-file.js';
import { bundleResolver, runProgram } from './testing/child-program.js';
import { archiveOf, MODEL, tarFile } from './testing/tar-bytes.js';
import { startServer, type TestServer } from './testing/test-server.js';

const WEIGHTS = randomBytes(300_000);
const ARCHIVE = gzipSync(archiveOf(MODEL, tarFile('variables/weights', WEIGHTS)));

type Objects = Record<string, HostedFile>;
const PAGE = 2;

/** Google's JSON API, as far as reading goes. */
const googleStore =
  (objects: Objects): RequestListener =>
  (request, response) => {
    const url = new URL(request.url!, 'http://x');
    const [, name] = /^\/storage\/v1\/b\/models\/o\/?(.*)$/.exec(url.pathname) ?? [];
    const metadataOf = (key: string) => ({
      name: key,
      size: String(objects[key]!.body.length),
      generation: objects[key]!.etag?.replaceAll('"', '') ?? '1',
    });
    const json = (value: unknown, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (name === undefined) return json({ error: { code: 404, message: 'no such bucket' } }, 404);
    if (name === '') {
      const prefix = url.searchParams.get('prefix')!;
      const from = Number(url.searchParams.get('pageToken') ?? 0);
      const keys = Object.keys(objects).filter((key) => key.startsWith(prefix));
      return json({
        items: keys.slice(from, from + PAGE).map(metadataOf),
        ...(from + PAGE < keys.length && { nextPageToken: String(from + PAGE) }),
      });
    }
    const key = decodeURIComponent(name);
    const object = objects[key];
    if (object === undefined) return json({ error: { code: 404, message: `no object ${key}` } }, 404);
    if (url.searchParams.get('alt') !== 'media') return json(metadataOf(key));
    expect(url.searchParams.get('generation')).toBe(metadataOf(key).generation);
    serveOnce(objects, key, request, response);
  };

/** S3's API by path, as far as reading goes. */
const amazonStore =
  (objects: Objects): RequestListener =>
  (request, response) => {
    const url = new URL(request.url!, 'http://x');
    const [, name = ''] = /^\/models\/?(.*)$/.exec(url.pathname) ?? [];
    const xml = (text: string, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/xml' }).end(`<?xml version="1.0"?>${text}`);
    if (name === '') {
      const prefix = url.searchParams.get('prefix')!;
      const from = Number(url.searchParams.get('continuation-token') ?? 0);
      const keys = Object.keys(objects).filter((key) => key.startsWith(prefix));
      const contents = keys
        .slice(from, from + PAGE)
        .map((key) => `<Contents><Key>${key}</Key><Size>${objects[key]!.body.length}</Size></Contents>`);
      const next = from + PAGE < keys.length ? `<NextContinuationToken>${from + PAGE}</NextContinuationToken>` : '';
      return xml(`<ListBucketResult>${contents.join('')}${next}</ListBucketResult>`);
    }
    const key = decodeURIComponent(name);
    const object = objects[key];
    if (object === undefined) return xml(`<Error><Code>NoSuchKey</Code><Message>no ${key}</Message></Error>`, 404);
    if (request.headers['if-match'] !== undefined && request.headers['if-match'] !== object.etag)
      return xml('<Error><Code>PreconditionFailed</Code></Error>', 412);
    serveOnce(objects, key, request, response);
  };

/** What an object's host does wrong, it does once. */
function serveOnce(objects: Objects, key: string, request: IncomingMessage, response: ServerResponse): void {
  const object = objects[key]!;
  const { body, etag } = object;
  if (object.breakAfter !== undefined) objects[key] = { body, ...(etag !== undefined && { etag }) };
  serveFile(request, response, object);
}

describe.each([
  ['gs', googleStore],
  ['s3', amazonStore],
])('%s://', (scheme, store) => {
  let directory: string;
  let cache: ModuleCache;
  let objects: Objects;
  let server: TestServer;
  let resolver: Resolver;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'tenon-stores-'));
    cache = new ModuleCache({ directory: join(directory, 'cache'), pollInterval: 5 });
    objects = {};
    server = await startServer((request, response) => store(objects)(request, response));
    const sleep = async () => undefined;
    resolver =
      scheme === 'gs'
        ? gcsResolver({ sleep, client: { apiEndpoint: server.url, projectId: 'p' } })
        : s3Resolver({
            sleep,
            client: {
              endpoint: server.url,
              forcePathStyle: true,
              region: 'us-east-1',
              credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
            },
          });
  });
  afterEach(async () => {
    await server.close();
    rmSync(directory, { recursive: true });
  });
  const get = (path: string, options: ResolveOptions = {}) =>
    resolve(`${scheme}://models/${path}`, { cache, resolvers: [resolver], ...options });
  const isIntact = (module: string) => readFileSync(join(module, 'variables/weights')).equals(WEIGHTS);

  it('takes an archive', async () => {
    objects['a/m.tar.gz'] = { body: ARCHIVE, etag: '"1"' };
    const archives: DownloadedArchive[] = [];
    const progress: DownloadProgress[] = [];
    const found = await get('a/m.tar.gz', {
      onArchive: (archive) => archives.push(archive),
      onProgress: (event) => progress.push(event),
    });
    expect(isIntact(found)).toBe(true);
    expect(archives).toMatchObject([
      { url: `${scheme}://models/a/m.tar.gz`, sha256: createHash('sha256').update(ARCHIVE).digest('hex') },
    ]);
    expect(progress.at(-1)).toMatchObject({ received: ARCHIVE.length, total: ARCHIVE.length });
  });

  it('goes on with an archive that breaks off', async () => {
    objects['m.tar.gz'] = { body: ARCHIVE, etag: '"1"', breakAfter: 100_000 };
    expect(isIntact(await get('m.tar.gz'))).toBe(true);
    expect(server.headers.map(({ range }) => range).filter(Boolean)).toHaveLength(1);
  });

  it('begins anew with an archive that changed meanwhile', async () => {
    const weights = randomBytes(300_000);
    objects['m.tar.gz'] = {
      body: gzipSync(archiveOf(MODEL, tarFile('variables/weights', weights))),
      etag: '"1"',
      breakAfter: 100_000,
    };
    const onRetry = () => {
      objects['m.tar.gz'] = { body: ARCHIVE, etag: '"2"' };
    };
    expect(isIntact(await get('m.tar.gz', { onRetry }))).toBe(true);
  });

  it('takes what lies below a path', async () => {
    objects['google/m/1/'] = { body: Buffer.alloc(0) };
    objects['google/m/1/saved_model.pb'] = { body: Buffer.from('graph'), etag: '"1"' };
    objects['google/m/1/variables/'] = { body: Buffer.alloc(0) };
    objects['google/m/1/variables/weights'] = { body: WEIGHTS, etag: '"1"', breakAfter: 100_000 };
    objects['google/m/1/assets/vocabulary'] = { body: Buffer.alloc(0), etag: '"1"' };
    objects['google/m/10/saved_model.pb'] = { body: Buffer.from('other') };
    const progress: DownloadProgress[] = [];
    const found = await get('google/m/1/', { onProgress: (event) => progress.push(event), verify: 'contents' });
    expect(isIntact(found)).toBe(true);
    expect(readdirSync(found).sort()).toEqual(['assets', 'saved_model.pb', 'variables']);
    expect(progress.at(-1)).toMatchObject({ received: 300_005, total: 300_005 });
    expect(await get('google/m/1/', { verify: 'contents' })).toBe(found);
  });

  it('reads single files', async () => {
    objects['m/saved_model.pb'] = { body: Buffer.from('graph'), etag: '"1"', breakAfter: 2 };
    objects['m/tfhub_module.pb'] = { body: Buffer.from('kind'), etag: '"1"' };
    objects['m/variables/weights'] = { body: WEIGHTS, etag: '"1"' };
    objects['packed.tar.gz'] = { body: ARCHIVE, etag: '"1"' };
    const read = (path: string, until = 'saved_model.pb') =>
      readExcerpt(
        `${scheme}://models/${path}`,
        { files: ['tfhub_module.pb', 'saved_model.pb'], until: [until] },
        { cache, resolvers: [resolver] },
      );
    const { files, received, total } = await read('m');
    expect([...files].map(([name, bytes]) => [name, Buffer.from(bytes).toString()]).sort()).toEqual([
      ['saved_model.pb', 'graph'],
      ['tfhub_module.pb', 'kind'],
    ]);
    expect([received, total]).toEqual([9, 300_009]);
    expect(server.requests.some((request) => request.includes('weights'))).toBe(false);
    expect([...(await read('packed.tar.gz')).files.keys()]).toEqual(['saved_model.pb']);
    await expect(read('m', 'saved_model.pbtxt')).rejects.toMatchObject({ code: 'ERR_NOT_A_MODULE' });
  });

  it.each<[string, Objects, object]>([
    ['there is nothing', {}, { code: 'ERR_HTTP_STATUS', status: 404 }],
    ['it is no module', { 'm/x/README': { body: Buffer.from('read me'), etag: '"1"' } }, { code: 'ERR_NOT_A_MODULE' }],
    ['a name leads out', { 'm/x/../../evil': { body: Buffer.from('x') } }, { code: 'ERR_UNSAFE_ARCHIVE' }],
    [
      'a name is there twice',
      { 'm/x/a': { body: WEIGHTS }, 'm/x/A': { body: WEIGHTS } },
      { code: 'ERR_UNSAFE_ARCHIVE' },
    ],
  ])('fails if %s', async (_, stored, error) => {
    Object.assign(objects, stored);
    await expect(get('m/x')).rejects.toMatchObject(error);
    expect(readdirSync(cache.directory)).toEqual([]);
  });

  it('fails if there is no such archive', async () => {
    await expect(get('m.tar.gz')).rejects.toMatchObject({
      code: 'ERR_HTTP_STATUS',
      status: 404,
      url: `${scheme}://models/m.tar.gz`,
      attempts: 1,
    });
  });

  it('fails without a path', async () => {
    await expect(get('')).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED_HANDLE' });
  });

  it('ends when it is called off', async () => {
    const controller = new AbortController();
    objects['m.tar.gz'] = { body: ARCHIVE, etag: '"1"', stallAfter: 100_000 };
    const onProgress = ({ received }: DownloadProgress) => received > 0 && controller.abort(new Error('not now'));
    await expect(get('m.tar.gz', { signal: controller.signal, onProgress })).rejects.toThrow('not now');
    expect(readdirSync(cache.directory)).toEqual([]);
  });

  it('says what to install', async () => {
    bundleResolver(directory);
    const program = `
      import { resolve } from './resolver.mjs';
      await resolve('${scheme}://models/m').catch(({ code, message }) => console.log(JSON.stringify([code, message])));`;
    const client = { gs: '@google-cloud/storage', s3: '@aws-sdk/client-s3' }[scheme];
    const output = await runProgram(directory, 'program', program, { TFHUB_CACHE_DIR: cache.directory });
    expect(JSON.parse(output)).toEqual([
      'ERR_MISSING_CLIENT',
      `${scheme}://models/m is read through ${client}, which is not installed: npm install ${client}`,
    ]);
  });
});

describe('a handle that is asked for uncompressed', () => {
  let directory: string;
  let cache: ModuleCache;
  let answer: RequestListener;
  let server: TestServer;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'tenon-uncompressed-'));
    cache = new ModuleCache({ directory: join(directory, 'cache'), pollInterval: 5 });
    const store = googleStore({ 'google/m/1/saved_model.pb': { body: Buffer.from('graph'), etag: '"1"' } });
    server = await startServer((request, response) =>
      request.url!.startsWith('/storage/') ? store(request, response) : answer(request, response),
    );
    answer = (_, response) => response.writeHead(303).end('gs://models/google/m/1');
  });
  afterEach(async () => {
    delete process.env['TFHUB_MODEL_LOAD_FORMAT'];
    await server.close();
    rmSync(directory, { recursive: true });
  });
  const get = (options = {}) => {
    const gcs = { client: { apiEndpoint: server.url, projectId: 'p' } };
    return resolve(`${server.url}/m`, { cache, resolvers: [httpResolver({ retries: 0, gcs, ...options })] });
  };

  it('is read from where its host says', async () => {
    process.env['TFHUB_MODEL_LOAD_FORMAT'] = 'UNCOMPRESSED';
    const found = await get();
    expect(server.requests[0]).toBe('GET /m?tf-hub-format=uncompressed');
    expect(readFileSync(join(found, 'saved_model.pb'), 'utf8')).toBe('graph');
    expect(await cache.find(`${server.url}/m`)).toBe(found);
  });

  it.each<[string, RequestListener, object]>([
    [
      'another status',
      (_, response) => response.end('gs://models/m'),
      { code: 'ERR_UNCOMPRESSED_LOCATION', status: 200 },
    ],
    ['another place', (_, response) => response.writeHead(303).end('https://x'), { preview: 'https://x' }],
    ['a refusal', (_, response) => response.writeHead(404).end(), { code: 'ERR_HTTP_STATUS', status: 404 }],
  ])('fails if the host answers with %s', async (_, listener, error) => {
    answer = listener;
    await expect(get({ format: 'uncompressed' })).rejects.toMatchObject(error);
  });

  it('fails if no answer comes', async () => {
    answer = () => undefined;
    await expect(get({ format: 'uncompressed', responseTimeout: 20 })).rejects.toMatchObject({
      code: 'ERR_DOWNLOAD_TIMEOUT',
    });
  });
});
