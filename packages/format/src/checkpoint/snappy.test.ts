import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Tensor } from '@tenon/tensor';
import fc from 'fast-check';
import { readNpz } from '../npz.js';
import { brokenBytes } from '../testing/broken-bytes.js';
import { testData } from '../testing/golden.js';
import { decompressSnappy } from './snappy.js';

const cases = readNpz(readFileSync(testData('snappy.npz')));
const bytesOf = (name: string): Uint8Array => (cases.get(name) as Tensor<'uint8'>).data;

describe('decompressSnappy', () => {
  it.each(['words', 'random', 'run', 'long'])('gives back what TensorFlow compressed: %s', (name) => {
    expect(Buffer.compare(decompressSnappy(bytesOf(`${name}.snappy`)), bytesOf(`${name}.plain`))).toBe(0);
  });

  it('refuses a length that the bytes cannot hold, before it is allocated', () => {
    expect(() => decompressSnappy(Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x40, 0x00, 0x61))).toThrow(RangeError);
  });

  it.each([
    ['a copy from before the start', [4, 0x01, 0x01]],
    ['a copy from nowhere', [8, 0x00, 0x61, 0x01, 0x00]],
    ['too much', [1, 0x04, 0x61, 0x62]],
    ['too little', [3, 0x00, 0x61]],
    ['a literal cut short', [3, 0x08, 0x61]],
    ['nothing', []],
  ])('refuses %s', (_, bytes) => {
    expect(() => decompressSnappy(Uint8Array.from(bytes))).toThrow(RangeError);
  });

  it('refuses or decompresses whatever is broken', () => {
    fc.assert(
      fc.property(brokenBytes(bytesOf('words.snappy')), (bytes) => {
        try {
          decompressSnappy(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});
