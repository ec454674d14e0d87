import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ModuleCache } from '@tenon/cache';
import type { ArchiveLimits } from './archive-limits.js';
import { httpResolver } from './http-resolver.js';
import { resolve } from './resolve.js';
import {
  archiveOf,
  gnuLongName,
  MODEL,
  paxHeader,
  paxRecords,
  tarDirectory,
  tarFile,
  tarHeader,
} from './testing/tar-bytes.js';
import { startServer, type TestServer } from './testing/test-server.js';

const EVIL = 'evil';
const MEGABYTE = 2 ** 20;
const evil = (name: string | Uint8Array, fields = {}) => tarFile(name, EVIL, fields);
const link = (type: '1' | '2', name: string, linkName: string) => tarHeader({ name, type, linkName });
const zeros = (megabytes: number) => archiveOf(MODEL, tarFile('zeros', Buffer.alloc(megabytes * MEGABYTE)));

type Case = [what: string, archive: Uint8Array, code: string, limits?: Partial<ArchiveLimits>];
const unsafe = (what: string, ...parts: Uint8Array[]): Case => [what, archiveOf(MODEL, ...parts), 'ERR_UNSAFE_ARCHIVE'];
const corrupt = (what: string, archive: Uint8Array): Case => [what, archive, 'ERR_CORRUPT_ARCHIVE'];

const HOSTILE: Record<string, Case[]> = {
  'paths that lead out': [
    unsafe('upwards', evil('../evil')),
    unsafe('far upwards', evil('../'.repeat(12) + 'evil')),
    unsafe('down and further up', evil('assets/../../evil')),
    unsafe('down and up to where they were', evil('assets/../evil')),
    unsafe('by a GNU long name', gnuLongName('../evil'), evil('harmless')),
    unsafe('by an extended header', paxHeader({ path: '../evil' }), evil('harmless')),
    unsafe('by an extended header for all entries', paxHeader({ path: '../evil' }, 'g'), evil('harmless')),
    unsafe('by the prefix of their name', evil('evil', { prefix: '..' })),
    unsafe('a directory', tarDirectory('../evil/')),
    unsafe('with backslashes', evil('..\\evil')),
    unsafe('through a name that ends early', paxHeader({ path: 'a\0/../../evil' }), evil('harmless')),
  ],
  'absolute paths': [
    unsafe('of Unix', evil('/tmp/tenon-evil')),
    unsafe('of two slashes', evil('//tmp/tenon-evil')),
    unsafe('of Windows', evil('C:/evil')),
    unsafe('of Windows, relative to a drive', evil('C:evil')),
    unsafe('of a Windows host', evil('\\\\host\\share\\evil')),
    unsafe('by an extended header', paxHeader({ path: '/tmp/tenon-evil' }), evil('harmless')),
    unsafe('by a prefix', evil('tenon-evil', { prefix: '/tmp' })),
  ],
  links: [
    unsafe('a hard one to a file elsewhere', link('1', 'a', '/etc/passwd')),
    unsafe('a hard one to a file of the archive', link('1', 'a', 'saved_model.pb')),
    unsafe('a hard one that is then written to', link('1', 'a', '../../canary'), evil('a')),
    unsafe('a symbolic one to a file elsewhere', link('2', 'a', '/etc/passwd')),
    unsafe('a symbolic one to a file of the archive', link('2', 'a', 'saved_model.pb')),
    unsafe('a symbolic one that is then written to', link('2', 'a', '../../canary'), evil('a')),
    unsafe('a symbolic one to a directory, and a file below it', link('2', 'assets', '../..'), evil('assets/evil')),
    unsafe(
      'a chain of them',
      link('2', 'a', '.'),
      link('2', 'a/b', '..'),
      link('2', 'a/b/c', '..'),
      evil('a/b/c/evil'),
    ),
    unsafe(
      'one in the place of a directory',
      tarDirectory('assets'),
      link('2', 'assets', '../..'),
      evil('assets/evil'),
    ),
    unsafe(
      'one to a name in an extended header',
      paxHeader({ linkpath: '../..' }),
      link('2', 'a', 'b'),
      evil('a/evil'),
    ),
    unsafe('one to a GNU long name', tarFile('././@LongLink', '../..\0', { type: 'K' }), link('2', 'a', 'b')),
  ],
  'what is neither file nor directory': [
    unsafe('a character device', tarHeader({ name: 'a', type: '3' })),
    unsafe('a block device', tarHeader({ name: 'a', type: '4' })),
    unsafe('a pipe', tarHeader({ name: 'a', type: '6' })),
    unsafe('a label of a volume', tarHeader({ name: 'a', type: 'V' })),
    unsafe('a list of directory contents', tarHeader({ name: 'a', type: 'D' })),
    unsafe('the rest of a file of another volume', tarHeader({ name: 'a', type: 'M' })),
    unsafe('something that nobody knows', tarHeader({ name: 'a', type: '\xff' })),
    corrupt('a directory with contents', archiveOf(MODEL, evil('a/'))),
    unsafe('a directory that was said to have contents', paxHeader({ size: '512' }), evil('a/')),
  ],
  'names that are there twice': [
    unsafe('a file', evil('saved_model.pb')),
    unsafe('a file by another path', evil('./saved_model.pb')),
    unsafe('a file by another path still', evil('.//./saved_model.pb')),
    unsafe('a file that was a directory', tarDirectory('a'), evil('a')),
    unsafe('a file that files are in', evil('a/b'), evil('a')),
    unsafe('a directory that was a file', evil('a'), tarDirectory('a')),
    unsafe('a directory in the place of a file', evil('a'), evil('a/b')),
  ],
  'names that file systems take for one': [
    unsafe('by case', evil('Saved_Model.pb')),
    unsafe('by the case of a directory', evil('assets/a'), evil('Assets/b')),
    unsafe('by the case of other scripts', evil('assets/ΟΔΟΣ'), evil('assets/οδος')),
    unsafe('by the case of a sharp s', evil('assets/straße'), evil('assets/STRASSE')),
    unsafe('by the composition of letters', evil('assets/\u00e9'), evil('assets/e\u0301')),
    unsafe('by what cannot be seen', evil('assets/a'), evil('assets/a\u200b')),
  ],
  'names that are no good': [
    unsafe('not UTF-8', evil(Buffer.from('caf\xe9', 'latin1'))),
    unsafe(
      'not UTF-8, in a GNU long name',
      tarFile('L', Buffer.from('\xff\xfe\0', 'latin1'), { type: 'L' }),
      evil('a'),
    ),
    unsafe(
      'not UTF-8, in an extended header',
      tarFile('x', Buffer.from(paxRecords({ path: 'caf!' }).replace('!', '\xe9'), 'latin1'), { type: 'x' }),
      evil('a'),
    ),
    unsafe(
      'surrogates',
      tarFile('x', Buffer.from(paxRecords({ path: '!!!' }).replace('!!!', '\xed\xa0\x80'), 'latin1'), { type: 'x' }),
      evil('a'),
    ),
    unsafe('of more than 255 bytes', paxHeader({ path: `assets/${'a'.repeat(256)}` }), evil('a')),
    unsafe('of fewer than 256 characters, and more than 255 bytes', gnuLongName('é'.repeat(128)), evil('a')),
    unsafe('of a directory of more than 255 bytes', gnuLongName(`${'a'.repeat(256)}/b`), evil('a')),
    unsafe('that lead deep', gnuLongName('a/'.repeat(1500) + 'b'), evil('a')),
    unsafe('of control characters', evil('a\x1b]0;title\x07')),
    unsafe('of line breaks', paxHeader({ path: 'a\nb' }), evil('a')),
    unsafe('none', evil('')),
    unsafe('none in an extended header', paxHeader({ path: '' }), evil('a')),
    unsafe('a dot', evil('.')),
  ],
  'sparse files': [
    unsafe('of GNU', tarHeader({ name: 'a', type: 'S', size: 512 }), Buffer.alloc(512)),
    unsafe('of version 0.0', paxHeader({ 'GNU.sparse.size': '99999999999', 'GNU.sparse.numblocks': '0' }), evil('a')),
    unsafe('of version 0.1', paxHeader({ 'GNU.sparse.map': '0,1,8589934592,1' }), evil('a')),
    unsafe('of version 1.0', paxHeader({ 'GNU.sparse.major': '1', 'GNU.sparse.name': '../evil' }), evil('a')),
    unsafe('for all entries', paxHeader({ 'GNU.sparse.major': '1' }, 'g'), evil('a')),
  ],
  'headers of huge sizes': [
    unsafe('an extended one', tarHeader({ name: 'x', type: 'x', size: 2 ** 33 - 1 })),
    unsafe('one for all entries', tarHeader({ name: 'g', type: 'g', size: 2 ** 24 })),
    unsafe('a long name', tarHeader({ name: 'L', type: 'L', size: 2 ** 24 })),
    unsafe('many in a row', ...Array.from({ length: 1000 }, () => paxHeader({ comment: 'x'.repeat(5000) })), evil('a')),
    unsafe(
      'many for all entries',
      ...Array.from({ length: 1000 }, (_, key) => paxHeader({ [key]: 'x' }, 'g')),
      evil('a'),
    ),
    [
      'a file larger than any disk',
      archiveOf(tarHeader({ name: 'a', size: 2 ** 33 - 1 })),
      'ERR_ARCHIVE_LIMIT',
      { maxBytes: 2 ** 32 },
    ],
    [
      'a file of exabytes',
      archiveOf(paxHeader({ size: String(2 ** 52) }), tarHeader({ name: 'a' })),
      'ERR_ARCHIVE_LIMIT',
    ],
    unsafe(
      'another size, so that contents are taken for a header',
      paxHeader({ size: '0' }),
      tarFile('a', evil('../evil')),
    ),
    corrupt('a size beyond all numbers', archiveOf(paxHeader({ size: '9'.repeat(400) }), tarHeader({ name: 'a' }))),
    corrupt('a negative size', archiveOf(paxHeader({ size: '-512' }), tarHeader({ name: 'a' }))),
    corrupt('records beyond their header', archiveOf(tarFile('x', '99999999 path=a\n', { type: 'x' }), evil('a'))),
  ],
  bombs: [
    ['a file of zeros', gzipSync(zeros(32)), 'ERR_ARCHIVE_LIMIT'],
    [
      'zeros behind the end',
      gzipSync(Buffer.concat([archiveOf(MODEL), Buffer.alloc(32 * MEGABYTE)])),
      'ERR_ARCHIVE_LIMIT',
    ],
    [
      'zeros in many members',
      Buffer.concat([
        gzipSync(zeros(32).subarray(0, 2048)),
        ...Array<Buffer>(40).fill(gzipSync(Buffer.alloc(MEGABYTE))),
      ]),
      'ERR_ARCHIVE_LIMIT',
    ],
    ['more bytes than may be', gzipSync(zeros(2)), 'ERR_ARCHIVE_LIMIT', { maxBytes: MEGABYTE }],
    ['more bytes than may be, not gzipped', zeros(2), 'ERR_ARCHIVE_LIMIT', { maxBytes: MEGABYTE }],
    ['a bomb within', gzipSync(gzipSync(gzipSync(zeros(32)))), 'ERR_CORRUPT_ARCHIVE'],
    [
      'more files than may be',
      archiveOf(MODEL, ...Array.from({ length: 101 }, (_, index) => tarFile(`${index}`))),
      'ERR_ARCHIVE_LIMIT',
      { maxEntries: 100 },
    ],
    [
      'more directories than may be',
      archiveOf(MODEL, ...Array.from({ length: 101 }, (_, index) => tarDirectory(`${index}`))),
      'ERR_ARCHIVE_LIMIT',
      { maxEntries: 100 },
    ],
    [
      'one directory too often',
      archiveOf(MODEL, ...Array<Buffer>(101).fill(tarDirectory('a'))),
      'ERR_ARCHIVE_LIMIT',
      { maxEntries: 100 },
    ],
    [
      'more directories than may be, on the way to few files',
      archiveOf(
        MODEL,
        ...Array.from({ length: 20 }, (_, index) => [gnuLongName(`${index}${'/a'.repeat(9)}`), tarFile('a')]).flat(),
      ),
      'ERR_ARCHIVE_LIMIT',
      { maxEntries: 100 },
    ],
  ],
  'what follows the end': [
    corrupt('garbage', Buffer.concat([archiveOf(MODEL), Buffer.from('garbage')])),
    corrupt('garbage, far away', Buffer.concat([archiveOf(MODEL), Buffer.alloc(MEGABYTE), Buffer.from('garbage')])),
    corrupt('another archive', Buffer.concat([archiveOf(MODEL), archiveOf(evil('a'))])),
    corrupt('garbage behind gzip data', Buffer.concat([gzipSync(archiveOf(MODEL)), Buffer.from('garbage')])),
    corrupt('zeros behind gzip data', Buffer.concat([gzipSync(archiveOf(MODEL)), Buffer.alloc(512)])),
    corrupt('an archive behind gzip data', Buffer.concat([gzipSync(archiveOf(MODEL)), archiveOf(evil('a'))])),
    corrupt(
      'a member with another archive',
      Buffer.concat([gzipSync(archiveOf(MODEL)), gzipSync(archiveOf(evil('a')))]),
    ),
    corrupt('a member with garbage', Buffer.concat([gzipSync(archiveOf(MODEL)), gzipSync('garbage')])),
    corrupt('half a member', Buffer.concat([gzipSync(archiveOf(MODEL)), gzipSync('').subarray(0, 12)])),
  ],
};

describe('a hostile archive', () => {
  let served: Uint8Array;
  let server: TestServer;
  let sandbox: string;
  let cache: ModuleCache;
  beforeAll(async () => {
    server = await startServer((_, response) => response.end(served));
  });
  afterAll(() => server.close());
  beforeEach(() => {
    sandbox = mkdtempSync(join(tmpdir(), 'tenon-hostile-'));
    cache = new ModuleCache({ directory: join(sandbox, 'inner/cache') });
    mkdirSync(join(sandbox, 'inner'));
    for (const place of ['canary', 'inner/canary']) writeFileSync(join(sandbox, place), 'alive');
  });
  afterEach(() => rmSync(sandbox, { recursive: true }));
  const get = (limits: Partial<ArchiveLimits> = {}) =>
    resolve(`${server.url}/m`, { cache, resolvers: [httpResolver({ retries: 0, limits })] });
  const expectNothing = () => {
    expect(readdirSync(sandbox, { recursive: true }).sort()).toEqual([
      'canary',
      'inner',
      'inner/cache',
      'inner/canary',
    ]);
    for (const place of ['canary', 'inner/canary']) expect(readFileSync(join(sandbox, place), 'utf8')).toBe('alive');
  };

  describe.each(Object.entries(HOSTILE))('with %s', (_, cases) => {
    it.each(cases.map((given) => ({ given, what: given[0] })))(
      '($what) is refused, and leaves nothing',
      async ({ given: [, archive, code, limits] }) => {
        const isGzip = archive[0] === 0x1f && archive[1] === 0x8b;
        for (const bytes of isGzip ? [archive] : [archive, gzipSync(archive)]) {
          served = bytes;
          await expect(get(limits)).rejects.toMatchObject({ code });
          expectNothing();
        }
      },
    );
  });

  it('cut anywhere is refused, and leaves nothing', async () => {
    const archive = archiveOf(MODEL, tarFile('assets/a', 'x'.repeat(700)));
    const packed = gzipSync(archive);
    for (let step = 0; step < 24; step += 1) {
      served = packed.subarray(0, Math.floor((packed.length * step) / 24));
      await expect(get()).rejects.toMatchObject({ code: expect.stringMatching(/^ERR_(CORRUPT|NOT_AN)_ARCHIVE$/) });
      served = archive.subarray(0, Math.floor((archive.length * step) / 24));
      await expect(get()).rejects.toMatchObject({ code: expect.stringMatching(/^ERR_(CORRUPT|NOT_AN)_ARCHIVE$/) });
    }
    expectNothing();
  });

  it('is not what comes in several gzip members', async () => {
    const archive = archiveOf(MODEL, tarFile('assets/a', 'x'.repeat(700)));
    const members = [archive.subarray(0, 600), Buffer.alloc(0), archive.subarray(600)].map((part) => gzipSync(part));
    served = Buffer.concat(members);
    expect(gunzipSync(served).equals(archive)).toBe(true);
    const module = await get();
    expect(readFileSync(join(module, 'assets/a'), 'utf8')).toBe('x'.repeat(700));
  });
});
