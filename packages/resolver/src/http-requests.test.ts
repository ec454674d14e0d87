import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ModuleCache } from '@tenon/cache';
import { httpResolver, type HttpResolverOptions } from './http-resolver.js';
import { resolve } from './resolve.js';
import { selfSignedCertificate } from './testing/certificate.js';
import { archiveOf, MODEL } from './testing/tar-bytes.js';
import { startServer, type TestServer } from './testing/test-server.js';

const ARCHIVE = archiveOf(MODEL);
const VARIABLES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy', 'SSL_CERT_FILE'];

describe('requests', () => {
  let directory: string;
  let cache: ModuleCache;
  let certificate: { readonly key: string; readonly cert: string };
  const closing: (() => Promise<unknown>)[] = [];
  const environment = { ...process.env };
  beforeAll(() => {
    certificate = selfSignedCertificate();
  });
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tenon-http-'));
    cache = new ModuleCache({ directory: join(directory, 'cache'), pollInterval: 5 });
    for (const name of VARIABLES) delete process.env[name];
  });
  afterEach(async () => {
    for (const name of [...VARIABLES, 'TFHUB_DISABLE_CERT_VALIDATION']) {
      if (environment[name] === undefined) delete process.env[name];
      else process.env[name] = environment[name];
    }
    await Promise.all(closing.splice(0).map((close) => close()));
    rmSync(directory, { recursive: true });
  });
  const start = async (listener: RequestListener, tls?: typeof certificate): Promise<TestServer> => {
    const server = await startServer(listener, tls);
    closing.push(() => server.close());
    return server;
  };
  const sendArchive: RequestListener = (_, response) => response.end(ARCHIVE);
  const redirectTo =
    (location: string | ((path: string) => string)): RequestListener =>
    (request, response) => {
      response
        .writeHead(302, { location: typeof location === 'string' ? location : location(request.url!) })
        .end('moved');
    };
  const get = (handle: string, options: HttpResolverOptions = {}) =>
    resolve(handle, { cache, resolvers: [httpResolver({ retries: 0, ...options })] });
  const authorizations = ({ headers }: TestServer) => headers.map(({ authorization }) => authorization);

  describe('with a token', () => {
    it('send it to its host alone, wherever that leads', async () => {
      const storage = await start(sendArchive);
      const { url, ...host } = await start(redirectTo(`${storage.url}/storage/m.tar.gz`));
      await get(`${url}/m`, { tokens: { [url]: 's3cret' } });
      expect(authorizations({ ...host, url })).toEqual(['Bearer s3cret']);
      expect(authorizations(storage)).toEqual([undefined]);
    });

    it('choose it by host and port, anew for every redirect', async () => {
      const second = await start(sendArchive);
      const first = await start(redirectTo((path) => `${second.url}${path}`));
      await get(`${first.url}/m`, { tokens: { [first.url]: 'one', [second.url]: 'two' } });
      expect([authorizations(first), authorizations(second)]).toEqual([['Bearer one'], ['Bearer two']]);
    });

    it('do not send it in the clear where nobody said so', async () => {
      const server = await start(sendArchive);
      await get(`${server.url}/m`, { tokens: { [new URL(server.url).host]: 's3cret' } });
      expect(authorizations(server)).toEqual([undefined]);
      const secure = await start(sendArchive, certificate);
      await get(`${secure.url}/m`, { ca: certificate.cert, tokens: { [new URL(secure.url).host]: 's3cret' } });
      expect(authorizations(secure)).toEqual(['Bearer s3cret']);
    });
  });

  describe('with a user and password in the handle', () => {
    const withUser = (url: string) => url.replace('//', '//user:p%40ss@');

    it('send them to its host alone', async () => {
      const storage = await start(sendArchive);
      const server = await start(redirectTo(`${storage.url}/m`));
      await get(`${withUser(server.url)}/m`);
      expect(authorizations(server)).toEqual([`Basic ${Buffer.from('user:p@ss').toString('base64')}`]);
      expect(authorizations(storage)).toEqual([undefined]);
    });

    it('never show them', async () => {
      const { url } = await start((_, response) => response.writeHead(404).end());
      const failure = await get(`${withUser(url)}/m?X-Amz-Signature=abc&lang=en`).catch((error: Error) => error);
      expect(failure).toMatchObject({
        handle: `${url}/m?X-Amz-Signature=***&lang=en`,
        url: `${url}/m?X-Amz-Signature=***&lang=en&tf-hub-format=compressed`,
      });
      expect(JSON.stringify([failure, String(failure)])).not.toMatch(/user|p%40ss|p@ss|abc/);
    });
  });

  describe('that are redirected', () => {
    it('go by the versionless handle, which stays the name in the cache', async () => {
      const server = await start((request, response) => {
        if (request.url?.startsWith('/google/m?'))
          return redirectTo((path) => path.replace('/m?', '/m/3?'))(request, response);
        response.end(ARCHIVE);
      });
      const found = await get(`${server.url}/google/m`);
      expect(server.requests).toEqual([
        'GET /google/m?tf-hub-format=compressed',
        'GET /google/m/3?tf-hub-format=compressed',
      ]);
      expect(await cache.find(`${server.url}/google/m`)).toBe(found);
    });

    it.each<[string, string | ((path: string) => string), RegExp]>([
      ['in a circle', (path) => (path.startsWith('/a') ? '/b' : '/a'), /in a circle/],
      ['without end', (path) => `${path.split('?')[0]}x`, /10 are followed/],
      ['to a file', 'file:///etc/passwd', /no web address/],
      ['to nowhere', 'http://[', /no URL/],
    ])('%s, fail', async (_, location, message) => {
      const server = await start(redirectTo(location));
      await expect(get(`${server.url}/m`)).rejects.toMatchObject({
        code: 'ERR_REDIRECT',
        message: expect.stringMatching(message),
      });
    });

    it('from https to http, fail, unless that is allowed', async () => {
      const plain = await start(sendArchive);
      const secure = await start(redirectTo(`${plain.url}/m`), certificate);
      const ca = certificate.cert;
      await expect(get(`${secure.url}/m`, { ca })).rejects.toMatchObject({
        code: 'ERR_REDIRECT',
        location: `${plain.url}/m`,
      });
      await get(`${secure.url}/m`, { ca, allowInsecureRedirects: true });
      expect(plain.requests).toHaveLength(1);
    });
  });

  describe('to a host with a certificate of its own', () => {
    it('fail, and say what to do', async () => {
      const { url } = await start(sendArchive, certificate);
      await expect(get(`${url}/m`, { retries: 4 })).rejects.toMatchObject({
        code: 'ERR_HOST_UNREACHABLE',
        reason: 'DEPTH_ZERO_SELF_SIGNED_CERT',
        attempts: 1,
        message: expect.stringMatching(/signed by nobody known.*`ca`.*NODE_EXTRA_CA_CERTS or SSL_CERT_FILE/),
      });
    });

    it('succeed where it is trusted, by option or variable', async () => {
      const { url } = await start(sendArchive, certificate);
      await get(`${url}/1`, { ca: [certificate.cert] });
      process.env['SSL_CERT_FILE'] = join(directory, 'ca.pem');
      writeFileSync(process.env['SSL_CERT_FILE'], certificate.cert);
      await get(`${url}/2`);
    });

    it('succeed without a check where the variable of TensorFlow Hub says so, with a warning', async () => {
      const { url } = await start(sendArchive, certificate);
      const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
      process.env['TFHUB_DISABLE_CERT_VALIDATION'] = 'True';
      await expect(get(`${url}/m`)).rejects.toMatchObject({ code: 'ERR_HOST_UNREACHABLE' });
      expect(warn).not.toHaveBeenCalled();
      process.env['TFHUB_DISABLE_CERT_VALIDATION'] = 'true';
      await get(`${url}/m`);
      expect(warn).toHaveBeenCalledTimes(1);
      warn.mockRestore();
    });
  });

  describe('to a host that takes a connection and says nothing', () => {
    it.each([
      ['instead of a certificate', (url: string) => get(url, { connectTimeout: 30, proxy: false })],
      [
        'as a proxy',
        (url: string) => get('https://models.invalid/m', { connectTimeout: 30, proxy: url.replace('s:', ':') }),
      ],
    ])('%s, fail in time', async (_, getFrom) => {
      const sockets = new Set<Socket>();
      const silent = createTcpServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => undefined);
      });
      silent.listen(0, '127.0.0.1');
      await once(silent, 'listening');
      closing.push(async () => {
        for (const socket of sockets) socket.destroy();
        silent.close();
        await once(silent, 'close');
      });
      await expect(getFrom(`https://127.0.0.1:${(silent.address() as AddressInfo).port}/m`)).rejects.toMatchObject({
        code: 'ERR_DOWNLOAD_TIMEOUT',
        phase: 'connection',
        timeout: 30,
      });
    });
  });

  it('to a host that would rather speak another protocol, fail', async () => {
    const { url } = await start((request) => {
      request.socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: other\r\n\r\nwhat');
    });
    await expect(get(`${url}/m`)).rejects.toMatchObject({ code: 'ERR_HOST_UNREACHABLE', reason: 'ECONNRESET' });
  });

  describe('through a proxy', () => {
    /** Passes requests on, and writes down what it was asked. */
    const startProxy = async (authorization?: string) => {
      const asked: string[] = [];
      const sockets = new Set<Socket>();
      const isAllowed = (header: string | undefined) => authorization === undefined || header === authorization;
      const proxy = createServer((request, response) => {
        asked.push(`${request.method} ${request.url}`);
        if (!isAllowed(request.headers['proxy-authorization'])) return response.writeHead(407).end();
        response.end(ARCHIVE);
      });
      proxy.on('connect', (request, socket: Socket) => {
        asked.push(`${request.method} ${request.url}`);
        if (!isAllowed(request.headers['proxy-authorization'])) return socket.end('HTTP/1.1 407 No\r\n\r\n');
        const [, port] = request.url!.split(':');
        const upstream = connect(Number(port), '127.0.0.1', () => {
          socket.write('HTTP/1.1 200 Connected\r\n\r\n');
          upstream.pipe(socket).pipe(upstream);
        });
        for (const end of [socket, upstream]) {
          sockets.add(end);
          end.on('error', () => undefined);
        }
      });
      proxy.listen(0, '127.0.0.1');
      await once(proxy, 'listening');
      closing.push(async () => {
        proxy.close();
        proxy.closeAllConnections();
        for (const socket of sockets) socket.destroy();
        await once(proxy, 'close');
      });
      return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, asked };
    };

    it.each(['HTTP_PROXY', 'http_proxy'])('ask it for plain addresses (%s)', async (name) => {
      const proxy = await startProxy();
      process.env[name] = proxy.url;
      await get('http://models.invalid/m');
      expect(proxy.asked).toEqual(['GET http://models.invalid/m?tf-hub-format=compressed']);
    });

    it.each(['HTTPS_PROXY', 'https_proxy'])('tunnel to secure ones (%s)', async (name) => {
      const proxy = await startProxy();
      const { url, requests } = await start(sendArchive, certificate);
      process.env[name] = proxy.url;
      await get(`${url}/m`, { ca: certificate.cert });
      expect(proxy.asked).toEqual([`CONNECT ${new URL(url).host}`]);
      expect(requests).toHaveLength(1);
    });

    it.each(['NO_PROXY', 'no_proxy'])('pass it by where told to (%s)', async (name) => {
      const proxy = await startProxy();
      const { url, requests } = await start(sendArchive);
      process.env['HTTP_PROXY'] = proxy.url;
      process.env[name] = 'example.com,127.0.0.1';
      await get(`${url}/m`);
      expect([proxy.asked, requests]).toEqual([[], ['GET /m?tf-hub-format=compressed']]);
    });

    it('take the option before the variables, and know a user', async () => {
      const proxy = await startProxy(`Basic ${Buffer.from('user:pass').toString('base64')}`);
      process.env['HTTP_PROXY'] = 'http://proxy.invalid:1';
      await get('http://models.invalid/m', { proxy: proxy.url.replace('//', '//user:pass@') });
      expect(proxy.asked).toHaveLength(1);
      const { url } = await start(sendArchive);
      await get(`${url}/m`, { proxy: false });
      expect(proxy.asked).toHaveLength(1);
    });

    it('fail where it refuses', async () => {
      const proxy = await startProxy('Basic other');
      await expect(get('http://models.invalid/m', { proxy: proxy.url })).rejects.toThrow(/407/);
      await expect(get('https://models.invalid/m', { proxy: proxy.url })).rejects.toThrow(/407/);
      expect(readdirSync(cache.directory)).toEqual([]);
    });
  });

  describe('by a fetch of one’s own', () => {
    it('follow redirects, resume and choose credentials all the same', async () => {
      const asked: [string, Record<string, string>][] = [];
      const fetch = (async (url: URL, init: { headers: Record<string, string> }) => {
        asked.push([url.href, init.headers]);
        return url.host === 'a.example'
          ? new Response(null, { status: 302, headers: { location: 'https://b.example/m.tar' } })
          : new Response(ARCHIVE);
      }) as unknown as typeof globalThis.fetch;
      const found = await get('https://a.example/m', { fetch, tokens: { 'a.example': 't' } });
      expect(readFileSync(join(found, 'saved_model.pb'), 'utf8')).toBe('graph');
      expect(asked).toEqual([
        ['https://a.example/m?tf-hub-format=compressed', { 'accept-encoding': 'identity', authorization: 'Bearer t' }],
        ['https://b.example/m.tar', { 'accept-encoding': 'identity' }],
      ]);
    });

    it('may decode bodies, whose lengths then say nothing', async () => {
      const headers = { 'content-encoding': 'gzip', 'content-length': '7' };
      const fetch = (async () => new Response(ARCHIVE, { headers })) as typeof globalThis.fetch;
      await get('https://a.example/m', { fetch });
    });
  });
});
