import { join } from 'node:path';
import { constants, deflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import type { StringArray } from '@tenon/tensor';
import fc from 'fast-check';
import { readGoldenCases } from '../../testing/golden-cases.js';
import { InvalidArgumentError } from '../errors.js';
import { decodeBmp } from './bmp.js';
import { decodeGif } from './gif.js';
import { inflate } from './inflate.js';
import { decodeJpeg } from './jpeg.js';
import { decodePng } from './png.js';
import { decodeWav } from './wav.js';

const decoders: readonly (readonly [op: string, magic: number, decode: (bytes: Uint8Array) => unknown])[] = [
  ['DecodeJpeg', 0xff, (bytes) => decodeJpeg(bytes, { channels: 3, isSmooth: true, isAccurate: false })],
  ['DecodePng', 0x89, (bytes) => decodePng(bytes, 4, 8)],
  ['DecodeGif', 0x47, (bytes) => decodeGif(bytes)],
  ['DecodeBmp', 0x42, (bytes) => decodeBmp(bytes, 0)],
  ['DecodeWav', 0x52, (bytes) => decodeWav(bytes)],
];

const goldens = readGoldenCases(join(__dirname, '../../../testdata/kernels/decoding.json.gz'));

describe.each(decoders)('the decoder behind %s', (op, magic, decode) => {
  const files = goldens
    .filter(({ graph }) => [...graph.operations].some(({ type }) => type === op))
    .map(({ feeds }) => ([...feeds.values()][0]!.data as StringArray).at(0))
    .filter((bytes) => bytes[0] === magic);

  it('decodes what is spoilt, or says what is wrong with it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)), { maxLength: 4 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (file, changes, kept) => {
          const bytes = file.slice(0, kept < 0.5 ? Math.round(file.length * 2 * kept) : file.length);
          for (const [place, value] of changes) bytes[Math.floor(place * bytes.length)] = value;
          try {
            decode(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidArgumentError);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

it('does not make room for an image that a header alone claims', () => {
  const header = Uint8Array.of(0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0xff, 0xff, 0xff, 0xff, 1, 1, 0x11, 0);
  expect(() => decodeJpeg(header, { channels: 0, isSmooth: true, isAccurate: false })).toThrow(InvalidArgumentError);
});

describe('inflate', () => {
  const strategy = fc.constantFrom(
    constants.Z_DEFAULT_STRATEGY,
    constants.Z_FIXED,
    constants.Z_HUFFMAN_ONLY,
    constants.Z_RLE,
  );

  it('gives back what zlib compressed', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.uint8Array({ maxLength: 300 }),
            fc.nat(700).map((size) => new Uint8Array(size)),
          ),
          { maxLength: 8 },
        ),
        fc.integer({ min: 0, max: 9 }),
        strategy,
        (pieces, level, kind) => {
          const bytes = Buffer.concat(pieces);
          expect(Buffer.compare(inflate(deflateSync(bytes, { level, strategy: kind }), bytes.length), bytes)).toBe(0);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('refuses data that has fewer bytes than are wanted', () => {
    const packed = deflateSync(new Uint8Array(1000));
    expect(() => inflate(packed, 1001)).toThrow(InvalidArgumentError);
    expect(() => inflate(packed, 2 ** 29)).toThrow(InvalidArgumentError);
  });
});
