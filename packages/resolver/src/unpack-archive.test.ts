import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  mkdirSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { create } from 'tar';
import { DEFAULT_LIMITS, type ArchiveLimits } from './archive-limits.js';
import {
  archiveOf,
  END_OF_ARCHIVE,
  gnuLongName,
  MODEL,
  paxHeader,
  tarDirectory,
  tarFile,
  tarHeader,
} from './testing/tar-bytes.js';
import { unpackArchive } from './unpack-archive.js';

const sha256 = (contents: string | Uint8Array) => createHash('sha256').update(contents).digest('hex');

describe('unpackArchive', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tenon-unpack-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  async function* split(bytes: Uint8Array, size: number) {
    for (let offset = 0; offset < bytes.length; offset += size) yield bytes.subarray(offset, offset + size);
  }
  const unpack = (bytes: Uint8Array, limits: Partial<ArchiveLimits> = {}, size = 65_536, target = directory) =>
    unpackArchive(
      {
        handle: 'https://example.com/m',
        url: 'https://example.com/m?x',
        status: 200,
        contentType: 'text/plain',
        body: split(bytes, size),
      },
      target,
      { ...DEFAULT_LIMITS, ...limits },
    );
  const listed = (target = directory) => readdirSync(target, { recursive: true }).map(String).sort();

  describe('reads', () => {
    const archive = archiveOf(
      tarDirectory('./'),
      tarFile('./saved_model.pb', 'graph'),
      tarDirectory('./variables/'),
      tarFile('./variables/variables.index', 'x'.repeat(1000)),
      tarFile('./assets/empty', ''),
    );

    it.each([1, 7, 512, 65_536])('plain and gzipped archives in chunks of %d bytes', async (size) => {
      const expected = [
        { path: 'saved_model.pb', size: 5, sha256: sha256('graph') },
        { path: 'variables/variables.index', size: 1000, sha256: sha256('x'.repeat(1000)) },
        { path: 'assets/empty', size: 0, sha256: sha256('') },
      ];
      for (const [name, bytes] of Object.entries({ plain: archive, gzipped: gzipSync(archive) })) {
        const target = join(directory, name);
        mkdirSync(target);
        expect(await unpack(bytes, {}, size, target)).toEqual(expected);
        expect(readFileSync(join(target, 'saved_model.pb'), 'utf8')).toBe('graph');
        expect(listed(target)).toEqual([
          'assets',
          'assets/empty',
          'saved_model.pb',
          'variables',
          'variables/variables.index',
        ]);
      }
    });

    it.each([1, 100, 65_536])('gzip data of several members in chunks of %d bytes', async (size) => {
      const members = [archive.subarray(0, 700), archive.subarray(700)].map((part) => gzipSync(part));
      expect(await unpack(Buffer.concat(members), {}, size)).toHaveLength(3);
    });

    it('long names, in each of the three ways to write them', async () => {
      const long = (first: string) => `${first}/${'é'.repeat(100)}/${'n'.repeat(120)}`;
      const files = await unpack(
        archiveOf(
          tarFile('name', 'prefix', { prefix: 'assets/in/prefix' }),
          paxHeader({ path: long('pax'), mtime: '1.5' }),
          tarFile('cut', 'pax'),
          gnuLongName(long('gnu')),
          tarFile('cut', 'gnu'),
          paxHeader({ comment: 'for all' }, 'g'),
          tarFile('last', 'last'),
        ),
      );
      expect(files.map(({ path }) => path)).toEqual(['assets/in/prefix/name', long('pax'), long('gnu'), 'last']);
      expect(readFileSync(join(directory, long('gnu')), 'utf8')).toBe('gnu');
    });

    it('what the tar package packs, whatever the names and contents', async () => {
      const segment = fc.string({
        unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789-é試'),
        minLength: 1,
        maxLength: 80,
      });
      const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
      const files = fc.uniqueArray(fc.record({ path, contents: fc.uint8Array({ maxLength: 2000 }) }), {
        minLength: 1,
        // Of one name in two spellings, or a file and a directory of one name, there can be only one.
        selector: ({ path: whole }) => whole.split('/')[0],
      });
      await fc.assert(
        fc.asyncProperty(files, fc.boolean(), fc.integer({ min: 1, max: 3000 }), async (given, gzip, size) => {
          const source = mkdtempSync(join(directory, 'source-'));
          const target = mkdtempSync(join(directory, 'target-'));
          for (const file of given) {
            mkdirSync(dirname(join(source, file.path)), { recursive: true });
            writeFileSync(join(source, file.path), file.contents);
          }
          const packed: Uint8Array[] = [];
          for await (const chunk of create({ cwd: source, gzip }, ['.'])) packed.push(chunk);
          const found = await unpack(Buffer.concat(packed), {}, size, target);
          const expected = given.map((file) => ({
            path: file.path,
            size: file.contents.length,
            sha256: sha256(file.contents),
          }));
          expect(new Map(found.map((file) => [file.path, file]))).toEqual(
            new Map(expected.map((file) => [file.path, file])),
          );
          for (const file of given) expect(readFileSync(join(target, file.path)).equals(file.contents)).toBe(true);
        }),
        { numRuns: 30 },
      );
    });

    it('zeros behind the end, as tar pads to its record size', async () => {
      expect(await unpack(Buffer.concat([archiveOf(MODEL), Buffer.alloc(8192)]))).toHaveLength(1);
    });

    it('no modes', async () => {
      const setuid = tarHeader({ name: 'saved_model.pb' });
      setuid.write('0004777\0', 100);
      setuid.write('        ', 148);
      setuid.write(
        `${setuid
          .reduce((total, byte) => total + byte, 0)
          .toString(8)
          .padStart(6, '0')}\0 `,
        148,
      );
      await unpack(archiveOf(setuid));
      expect(statSync(join(directory, 'saved_model.pb')).mode & 0o7111).toBe(0);
    });
  });

  describe('refuses', () => {
    it.each<[string, Uint8Array[], string, string]>([
      ['a path that leads out', [tarFile('../evil', 'x')], '../evil', 'leads out of the archive'],
      [
        'a path that leads out by a long name',
        [gnuLongName('a/../../evil'), tarFile('evil', 'x')],
        'a/../../evil',
        'leads out',
      ],
      [
        'a path that leads out by an extended header',
        [paxHeader({ path: '../evil' }), tarFile('evil', 'x')],
        '../evil',
        'leads out',
      ],
      ['a path that leads out by a prefix', [tarFile('evil', 'x', { prefix: '..' })], '../evil', 'leads out'],
      ['a directory that leads out', [tarDirectory('../evil/')], '../evil/', 'leads out'],
      ['an absolute path', [tarFile('/tmp/evil', 'x')], '/tmp/evil', 'absolute'],
      [
        'a symbolic link',
        [tarHeader({ name: 'link', type: '2', linkName: '/etc' }), tarFile('link/passwd')],
        'link',
        'a symbolic link',
      ],
      ['a hard link', [tarHeader({ name: 'link', type: '1', linkName: '/etc/passwd' })], 'link', 'a hard link'],
      ['a character device', [tarHeader({ name: 'dev', type: '3' })], 'dev', 'a device'],
      ['a block device', [tarHeader({ name: 'dev', type: '4' })], 'dev', 'a device'],
      ['a pipe', [tarHeader({ name: 'pipe', type: '6' })], 'pipe', 'a pipe'],
      ['a sparse file', [tarHeader({ name: 'sparse', type: 'S' })], 'sparse', 'a sparse file'],
      [
        'a sparse file of the newer kind',
        [paxHeader({ 'GNU.sparse.major': '1' }), tarFile('s')],
        'PaxHeaders/x',
        'a sparse file',
      ],
      ['an unknown type', [tarHeader({ name: 'odd', type: 'Z' })], 'odd', 'of an unknown type'],
      ['a name that is not UTF-8', [tarFile(Buffer.from([0x61, 0xff]), 'x')], 'a\ufffd', 'not UTF-8'],
      ['a file that is there twice', [MODEL, MODEL], 'saved_model.pb', 'is there twice'],
      ['a name in two cases', [MODEL, tarFile('Saved_Model.pb')], 'Saved_Model.pb', 'only in case'],
      [
        'a huge extended header',
        [tarHeader({ name: 'pax', type: 'x', size: 2 ** 24 })],
        'pax',
        'is an extended header of 16777216 bytes',
      ],
    ])('%s', async (_, parts, entry, reason) => {
      const archive = archiveOf(...parts);
      for (const bytes of [archive, gzipSync(archive)]) {
        const target = mkdtempSync(join(directory, 'target-'));
        await expect(unpack(bytes, {}, 65_536, target)).rejects.toMatchObject({
          code: 'ERR_UNSAFE_ARCHIVE',
          entry,
          message: expect.stringContaining(reason),
        });
      }
      expect(listed().filter((name) => name.endsWith('evil'))).toEqual([]);
    });

    const gzipped = gzipSync(archiveOf(MODEL));
    it.each<[string, Uint8Array, string]>([
      ['a tar archive cut in a header', archiveOf(MODEL, MODEL).subarray(0, 1300), 'no end mark'],
      [
        'a tar archive cut in a file',
        archiveOf(tarFile('a', 'x'.repeat(2000))).subarray(0, 1500),
        'cut short within "a"',
      ],
      ['a tar archive cut between files', MODEL, 'no end mark'],
      [
        'a tar archive with half an end mark',
        Buffer.concat([MODEL, Buffer.alloc(512)]),
        'end mark of the tar archive is broken',
      ],
      [
        'a tar archive going on after half an end mark',
        archiveOf(MODEL, Buffer.alloc(512), tarFile('b')),
        'end mark of the tar archive is broken',
      ],
      [
        'a tar archive with something behind',
        Buffer.concat([archiveOf(MODEL), Buffer.from('boo')]),
        'something follows the end of the tar',
      ],
      [
        'two tar archives',
        Buffer.concat([archiveOf(MODEL), archiveOf(tarFile('b'))]),
        'something follows the end of the tar',
      ],
      ['a wrong checksum', archiveOf(MODEL, tarFile('b', '', { checksum: 1 })), 'a tar header is broken: its checksum'],
      ['a negative size', archiveOf(MODEL, tarFile('b', '', { size: Buffer.alloc(12, 0xff) })), 'no valid size'],
      [
        'a size that is no number',
        archiveOf(MODEL, tarFile('b', '', { size: Buffer.from('not a number') })),
        'no valid size',
      ],
      [
        'a size beyond reason',
        archiveOf(MODEL, tarFile('b', '', { size: Buffer.from([0x80, ...Buffer.alloc(11, 0xff)]) })),
        'a number in it beyond reason',
      ],
      ['gzip data cut short', gzipped.subarray(0, -12), 'was cut short'],
      ['gzip data without its trailer', gzipped.subarray(0, -8), 'was cut short'],
      [
        'gzip data with a wrong checksum',
        Buffer.concat([gzipped.subarray(0, -8), Buffer.alloc(8)]),
        'gzip data is broken',
      ],
      ['gzip data of another length', Buffer.concat([gzipped.subarray(0, -4), Buffer.alloc(4)]), 'gzip data is broken'],
      [
        'gzip data with a header of the future',
        Buffer.concat([gzipped.subarray(0, 3), Buffer.of(0xe0), gzipped.subarray(4)]),
        'gzip data is broken',
      ],
      ['gzip data with garbage behind', Buffer.concat([gzipped, Buffer.from('garbage')]), 'something follows'],
      [
        'gzip data with zeros behind',
        Buffer.concat([gzipped, Buffer.alloc(700)]),
        'something follows the end of the gzip data',
      ],
      ['gzip data of no archive', gzipSync('hello'), 'no end mark'],
      ['gzip data of text', gzipSync('hello '.repeat(200)), 'a tar header is broken: its checksum'],
      ['gzip data of gzip data', gzipSync(gzipped), 'no end mark'],
    ])('%s', async (_, bytes, reason) => {
      for (const size of [1, 65_536]) {
        const target = mkdtempSync(join(directory, 'target-'));
        await expect(unpack(bytes, {}, size, target)).rejects.toMatchObject({
          code: 'ERR_CORRUPT_ARCHIVE',
          message: expect.stringContaining(reason),
        });
      }
    });

    it.each<[string, string, string]>([
      ['a page', '<!doctype html><title>Hello</title>', 'beginning "<!doctype html><title>Hello</title>"'],
      ['nothing', '', 'nothing in it'],
      ['a long text with control characters', 'a\x1b[2J\n'.repeat(1000), 'beginning "a [2J a [2J'],
    ])('%s', async (_, text, described) => {
      await expect(unpack(Buffer.from(text))).rejects.toMatchObject({
        code: 'ERR_NOT_AN_ARCHIVE',
        status: 200,
        contentType: 'text/plain',
        message: expect.stringContaining(described),
      });
    });

    it.each<[keyof ArchiveLimits, number, Uint8Array]>([
      ['maxEntries', 2, archiveOf(MODEL, tarDirectory('a'), tarDirectory('b'))],
      ['maxBytes', 4096, archiveOf(MODEL, tarFile('a', 'x'.repeat(4096)))],
      ['maxBytes', 4096, Buffer.concat([tarHeader({ name: 'a', size: 4097 })])],
      ['maxBytes', 4096, gzipSync(Buffer.concat([archiveOf(MODEL), Buffer.alloc(2 ** 20)]))],
      ['maxRatio', 200, gzipSync(archiveOf(MODEL, tarFile('zeros', Buffer.alloc(2 ** 25))))],
    ])('more than %s: %d', async (limit, allowed, bytes) => {
      await expect(unpack(bytes, { [limit]: allowed })).rejects.toMatchObject({
        code: 'ERR_ARCHIVE_LIMIT',
        limit,
        allowed,
      });
    });

    it('anything broken with an error of its own, whatever is broken', async () => {
      const archive = archiveOf(
        paxHeader({ path: 'assets/é' }),
        tarFile('x', 'vocabulary'),
        MODEL,
        tarDirectory('variables'),
      );
      const damage = fc.record({
        at: fc.nat(archive.length - 1),
        byte: fc.nat(255),
        length: fc.nat(archive.length),
        gzip: fc.boolean(),
      });
      const known = ['ERR_CORRUPT_ARCHIVE', 'ERR_UNSAFE_ARCHIVE', 'ERR_NOT_AN_ARCHIVE', 'ERR_ARCHIVE_LIMIT'];
      await fc.assert(
        fc.asyncProperty(
          fc.oneof(damage, fc.uint8Array({ maxLength: 3000 })),
          fc.integer({ min: 1, max: 2000 }),
          async (given, size) => {
            const target = mkdtempSync(join(directory, 'target-'));
            let bytes;
            if (given instanceof Uint8Array) {
              bytes = given;
            } else {
              bytes = given.gzip ? gzipSync(archive) : Buffer.from(archive);
              bytes[given.at % bytes.length] = given.byte;
              if (given.length % 2 === 0) bytes = bytes.subarray(0, given.length % bytes.length);
            }
            await unpack(bytes, {}, size, target).then(
              (files) => expect(listed(target)).toEqual(expect.arrayContaining(files.map(({ path }) => path))),
              (error: { code: string }) => expect(known).toContain(error.code),
            );
          },
        ),
        { numRuns: 300 },
      );
    });
  });

  it('writes nothing any more once it has failed', async () => {
    const files = Array.from({ length: 300 }, (_, index) => tarFile(`assets/${index}`, 'x'.repeat(100)));
    const packed = gzipSync(archiveOf(MODEL, ...files, tarFile('noise', randomBytes(100_000))));
    const failure = new Error('broken off');
    async function* body() {
      yield packed.subarray(0, packed.length - 50_000);
      await new Promise((resolve) => setImmediate(resolve));
      throw failure;
    }
    for (let run = 0; run < 20; run += 1) {
      const target = mkdtempSync(join(directory, 'target-'));
      const incoming = { handle: 'h', url: 'https://example.com/', status: 200, contentType: undefined, body: body() };
      await expect(unpackArchive(incoming, target, DEFAULT_LIMITS)).rejects.toBe(failure);
      rmSync(target, { recursive: true });
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(existsSync(target)).toBe(false);
    }
  });

  it('keeps no more than chunks in memory', async () => {
    const chunk = Buffer.alloc(2 ** 20, 7);
    const count = 256;
    let largest = 0;
    async function* endless() {
      yield MODEL;
      yield tarHeader({ name: 'weights', size: count * chunk.length });
      for (let index = 0; index < count; index += 1) {
        largest = Math.max(largest, process.memoryUsage().arrayBuffers);
        yield chunk;
      }
      yield END_OF_ARCHIVE;
    }
    const before = process.memoryUsage().arrayBuffers;
    await unpackArchive(
      { handle: 'h', url: 'https://example.com/', status: 200, contentType: undefined, body: endless() },
      directory,
      DEFAULT_LIMITS,
    );
    expect(largest - before).toBeLessThan((count / 4) * chunk.length);
  });
});
