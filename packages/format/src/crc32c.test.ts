import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { crc32c, maskCrc32c } from './crc32c.js';

describe('crc32c', () => {
  // RFC 3720, appendix B.4.
  it.each([
    ['32 zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['32 rising', Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
    ['32 falling', Uint8Array.from({ length: 32 }, (_, index) => 31 - index), 0x113fdb5c],
    ['nothing', new Uint8Array(), 0],
    ['nine digits', new TextEncoder().encode('123456789'), 0xe3069283],
  ])('has the published checksum of %s', (_, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });

  it('goes on from what came before, wherever the bytes are cut and however they are aligned', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(), fc.nat({ max: 7 }), (bytes, at, shift) => {
        const shifted = new Uint8Array(bytes.length + shift).subarray(shift);
        shifted.set(bytes);
        const cut = at % (bytes.length + 1);
        expect(crc32c(shifted.subarray(cut), crc32c(shifted.subarray(0, cut)))).toBe(crc32c(bytes));
      }),
    );
  });

  it('masks as tables do', () => {
    // Masking rotates by 15 bits and adds a constant: that of nothing is the constant.
    expect(maskCrc32c(0)).toBe(0xa282ead8);
    expect(maskCrc32c(0xffffffff)).toBe(0xa282ead7);
  });
});
