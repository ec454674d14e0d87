import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { create } from 'tar';
import { gzipSync } from 'node:zlib';
import { expectClose } from '../testing/expect-close.js';
import { readGoldens, type Golden } from '../testing/golden.js';
import { load } from './load.js';

const FIXTURES = resolve(__dirname, '../../../../tools/fixtures');
const servers: Server[] = [];
const requests: string[] = [];

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer((request, response) => {
    requests.push(request.url!);
    listener(request, response);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
  requests.length = 0;
});

/** A server of files, which knows nothing of modules and answers for folders with pages. */
const files: RequestListener = (request, response) => {
  const path = join(FIXTURES, decodeURIComponent(new URL(request.url!, 'http://x').pathname));
  if (!existsSync(path)) response.writeHead(404).end('Not found');
  else if (statSync(path).isDirectory()) response.end('<html><body>An index of files, which is no module'.padEnd(600));
  else response.end(readFileSync(path));
};

function pack(name: string): Buffer {
  const parts: Buffer[] = [];
  const packed = create({ cwd: join(FIXTURES, name), sync: true }, ['.']);
  for (let part; (part = packed.read()) !== null;) parts.push(part);
  return Buffer.concat(parts);
}

const NAMES = [
  'half-plus-two',
  'nnlm-small',
  'token-embedding',
  'sparse-input',
  'partitioned',
  'table-classifier',
  'tf2-keras3-text',
  'tf2-hash-table',
];
const goldens = readGoldens().filter(({ document }) => NAMES.includes(document.module));

async function expectGolden(golden: Golden, url: string): Promise<void> {
  const module = await load(url);
  expect(module.backend).toBe('host');
  let checked = 0;
  for (const example of golden.document.cases) {
    if (example.signature === undefined) continue;
    const outputs = await module(golden.inputs(example), { signature: example.signature, asDict: true });
    for (const [name, expected] of Object.entries(example.outputs)) {
      expectClose(outputs[name]!, expected, golden);
      checked++;
    }
  }
  expect(checked).toBeGreaterThan(0);
  await module.dispose();
}

describe('load in a page', () => {
  it('knows the modules that it should', () => {
    expect(goldens.map(({ document }) => document.module).sort()).toEqual([...NAMES].sort());
  });

  it.each(goldens.map((golden) => [golden.document.module, golden] as const))(
    'gives what TensorFlow gave with %s, from its directory and from its archives',
    async (_, golden) => {
      const path = golden.path.slice(FIXTURES.length);
      await expectGolden(golden, (await serve(files)) + path);
      const archive = pack(path);
      await expectGolden(golden, `${await serve((_, response) => response.end(archive))}/m/1`);
      expect(requests.at(-1)).toBe('/m/1?tf-hub-format=compressed');
      await expectGolden(golden, `${await serve((_, response) => response.end(gzipSync(archive)))}/m/1?a=b`);
      expect(requests.at(-1)).toBe('/m/1?a=b&tf-hub-format=compressed');
    },
  );

  it('tells how far it has come', async () => {
    const archive = pack('modules/half-plus-two');
    const url = await serve((_, response) => response.setHeader('content-length', archive.length).end(archive));
    const seen: unknown[] = [];
    await (await load(url, { onProgress: (progress) => seen.push(progress) })).dispose();
    expect(seen.at(-1)).toEqual({ received: archive.length, total: archive.length });
  });

  it('says what is wrong with servers', async () => {
    await expect(load(await serve((_, response) => response.writeHead(404).end()))).rejects.toMatchObject({
      code: 'ERR_NO_SAVED_MODEL',
    });
    await expect(load(await serve((_, response) => response.writeHead(500).end()))).rejects.toMatchObject({
      code: 'ERR_FETCH_MODULE',
      message: expect.stringMatching(/500 Internal Server Error/) as unknown,
    });
    await expect(load(await serve((request) => request.destroy()))).rejects.toMatchObject({ code: 'ERR_FETCH_MODULE' });
    await expect(load('http://127.0.0.1:1/m')).rejects.toMatchObject({ code: 'ERR_FETCH_MODULE' });
    const controller = new AbortController();
    const stalled = await serve(() => controller.abort(new Error('enough')));
    await expect(load(stalled, { signal: controller.signal })).rejects.toThrow('enough');
  });

  const withSum = (block: Buffer) => {
    block.write('        ', 148);
    const sum = block.reduce((total, byte) => total + byte, 0);
    block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return block;
  };
  const header = (name: string, size: string | number, type = '0') => {
    const block = Buffer.alloc(512);
    block.write(name);
    block.write(typeof size === 'string' ? size : size.toString(8).padStart(11, '0'), 124);
    block.write(type, 156);
    return withSum(block);
  };
  const model = pack('modules/half-plus-two');
  const badName = Buffer.concat([withSum(header('b', 0).fill(0xff, 0, 3)), model]);
  it.each<[string, Buffer, RegExp]>([
    ['links', Buffer.concat([header('a', 0, '2'), model]), /neither a file nor a directory/],
    ['devices', Buffer.concat([header('a', 0, '3'), model]), /neither a file nor a directory/],
    ['names that lead out', Buffer.concat([header('../a', 0), model]), /"\.\.\/a" leads out/],
    ['absolute names', Buffer.concat([header('/a', 0), model]), /leads out/],
    ['names twice', Buffer.concat([header('a', 0), header('./a', 0), model]), /"a" is in it twice/],
    ['negative sizes', Buffer.concat([header('a', '-1000'), model]), /a number in a header cannot be read/],
    ['sizes beyond the end', Buffer.concat([header('a', 10_000), Buffer.alloc(512)]), /cut short within a file/],
    ['no end mark', model.subarray(0, 1024), /cut short/],
    ['broken checksums', Buffer.concat([header('a', 0), Buffer.alloc(512, 'x')]), /a number in a header|checksum/],
    ['names that are not UTF-8', badName, /a name is not UTF-8/],
    ['broken gzip', gzipSync(model).fill(7, 100, 300), /gzip data is broken/],
    ['gzip that is cut short', gzipSync(model).subarray(0, 500), /gzip data is broken/],
  ])('refuses archives with %s', async (_, archive, message) => {
    const failure = (await load(await serve((_, response) => response.end(archive))).catch(
      (error: unknown) => error,
    )) as {
      code: string;
      message: string;
    };
    expect(failure.code).toBe('ERR_MODULE_ARCHIVE');
    expect(failure.message).toMatch(message);
  });

  it('refuses more than it was allowed', async () => {
    const bomb = gzipSync(Buffer.concat([header('zeros', 50_000_000), Buffer.alloc(50_000_512)]));
    const url = await serve((_, response) => response.end(bomb));
    await expect(load(url, { maxBytes: 10_000_000 })).rejects.toMatchObject({
      code: 'ERR_MODULE_ARCHIVE',
      message: expect.stringMatching(/more than 10000000 bytes \(maxBytes\)/) as unknown,
    });
  });
});
