import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BLOCK, decodePaxRecords, decodeTarHeader } from './tar-header.js';
import { paxRecords, tarHeader } from './testing/tar-bytes.js';

describe('decodeTarHeader', () => {
  it('takes no bytes for a header that are none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: BLOCK, maxLength: BLOCK }), (bytes) => {
        expect(decodeTarHeader(Buffer.from(bytes))).toBeUndefined();
      }),
    );
    expect(decodeTarHeader(Buffer.alloc(BLOCK))).toBeUndefined();
  });

  it.each<[string, Uint8Array, number | undefined]>([
    ['nothing', Buffer.alloc(12), undefined],
    ['octal digits', Buffer.from('00000000017\0'), 15],
    ['octal digits without an end', Buffer.from('000000000017'), 15],
    ['octal digits between spaces', Buffer.from('     17 \0\0\0\0'), 15],
    ['a binary number', Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1]), 2 ** 33 + 1],
    ['a negative one', Buffer.alloc(12, 0xff), undefined],
    ['a sign', Buffer.from('-0000000017\0'), undefined],
    ['words', Buffer.from('not a number'), undefined],
  ])('reads a size: %s', (_, size, expected) => {
    expect(decodeTarHeader(tarHeader({ name: 'a', size }))!.size).toBe(expected);
  });

  it('refuses sizes beyond reason', () => {
    expect(
      decodeTarHeader(tarHeader({ name: 'a', size: Buffer.from([0x80, ...Buffer.alloc(11, 0xff)]) })),
    ).toBeUndefined();
  });
});

describe('decodePaxRecords', () => {
  const decode = (text: string) => decodePaxRecords(Buffer.from(text));

  it('reads names and sizes, and leaves out the rest', () => {
    const records = { path: 'assets/wörd', size: '1234', mtime: '1700.25', 'LIBARCHIVE.xattr.user.a': 'eA' };
    expect(decode(paxRecords(records))).toEqual({ path: 'assets/wörd', size: 1234, isSparse: false });
    expect(decode(paxRecords({ 'GNU.sparse.major': '1' }))).toEqual({ isSparse: true });
    expect(decode(paxRecords({ size: '1e3' }))).toEqual({ size: NaN, isSparse: false });
    expect(decode('')).toEqual({ isSparse: false });
  });

  it('takes digits for a name, and what looks like a record within a value for the value', () => {
    expect(decode(paxRecords({ path: '123' }))).toEqual({ path: '123', isSparse: false });
    expect(decode(paxRecords({ comment: 'x\n16 path=../evil', path: 'a' }))).toEqual({ path: 'a', isSparse: false });
  });

  it.each([
    'path=a\n',
    '8 path=a\n',
    '11 path=a\n',
    '9 path=a ',
    '09 path=a',
    '999999999 path=a\n',
    '99 path=a\n',
    '3 \n',
    '0 path=a\n',
    '-1 path=a\n',
    '8 =path\n',
    '7 path\n',
    '\0',
  ])('refuses %j', (text) => {
    expect(() => decode(text)).toThrow(/a record has/);
  });

  it('ends, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodePaxRecords(Buffer.from(bytes));
        } catch (error) {
          expect((error as Error).message).toMatch(/a record has/);
        }
      }),
    );
  });
});
