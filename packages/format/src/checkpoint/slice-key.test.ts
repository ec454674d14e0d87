import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sliceKey } from './slice-key.js';

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

describe('sliceKey', () => {
  it('writes what TensorFlow writes', () => {
    // From the index of testdata/partitioned: a slice of "grid", all of its last axis.
    const key = sliceKey('grid', [
      { start: 2n, length: 3n },
      { start: 100n, length: 200n },
      { start: 0n, length: undefined },
    ]);
    expect(Buffer.from(key, 'latin1').toString('hex')).toBe('0067726964000101038283c064c0c8807f');
  });

  it('sorts as the numbers in it do', () => {
    fc.assert(
      fc.property(int64, int64, (a, b) => {
        const [first, second] = [a, b].map((start) => sliceKey('t', [{ start, length: 1n }]));
        expect(first! < second!).toBe(a < b);
      }),
    );
  });

  it('keeps names apart that hold what ends a name', () => {
    const none = sliceKey('a\x00\x01', []);
    expect(none).toBe('\x00a\x00\xff\x01\x00\x01\x00');
    expect(sliceKey('\xff', [])).toBe('\x00\xff\x00\x00\x01\x00');
  });
});
