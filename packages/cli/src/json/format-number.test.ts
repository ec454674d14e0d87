import { describe, expect, it } from '@jest/globals';
import { decodeFloat16, encodeFloat16 } from '@tenon/tensor';
import fc from 'fast-check';
import { formatFloat } from './format-number.js';

describe('formatFloat', () => {
  // As repr(numpy.float32(value)) has it.
  it.each([
    [0.1, '0.1'],
    [1 / 3, '0.33333334'],
    [3.4028234663852886e38, '3.4028235e+38'],
    [1.401298464324817e-45, '1e-45'],
    [1.1754943508222875e-38, '1.1754944e-38'],
    [1e-7, '1e-7'],
    [123456.7890625, '123456.79'],
    [6.666666649834951e-6, '0.0000066666666'],
  ])('writes the float32 %d as numpy does', (value, text) => {
    expect(formatFloat(Math.fround(value), 'float32')).toBe(text);
  });

  it('writes every digit of whole numbers', () => {
    expect(formatFloat(50331648, 'float32')).toBe('50331648.0');
    expect(formatFloat(1, 'float64')).toBe('1.0');
    expect(formatFloat(1e30, 'float64')).toBe('1e+30');
  });

  it('writes what is no number, and negative zero', () => {
    expect([NaN, Infinity, -Infinity, -0].map((value) => formatFloat(value, 'float32'))).toEqual(['NaN', 'Infinity', '-Infinity', '-0.0']); // prettier-ignore
  });

  it('can be read back', () => {
    fc.assert(
      fc.property(fc.float(), (value) => {
        expect(Math.fround(Number(formatFloat(value, 'float32')))).toBe(value);
      }),
      { numRuns: 5000 },
    );
    fc.assert(
      fc.property(fc.double(), (value) => {
        expect(Number(formatFloat(value, 'float64'))).toBe(value);
      }),
    );
  });

  it('writes half precision with as many digits as it has', () => {
    // As numpy.float16 prints them.
    expect([0.1, 1 / 3, 6e-8].map((value) => formatFloat(decodeFloat16(encodeFloat16(value)), 'float16'))).toEqual(['0.1', '0.3333', '6e-8']); // prettier-ignore
    for (let bits = 0; bits < 0x7c00; bits++) {
      expect(encodeFloat16(Number(formatFloat(decodeFloat16(bits), 'float16')))).toBe(bits);
    }
  });
});
