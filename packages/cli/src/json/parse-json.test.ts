import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { JsonSyntaxError } from '../errors.js';
import { parseJson, type JsonValue } from './parse-json.js';

const plain = (value: JsonValue): unknown => {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  // Object.fromEntries defines members, "__proto__" among them; it never sets them.
  return value instanceof Map ? Object.fromEntries([...value].map(([key, item]) => [key, plain(item)])) : value;
};

describe('parseJson', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(plain(parseJson(text))).toEqual(JSON.parse(text));
      }),
    );
  });

  it('keeps whole numbers exact', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), (value) => {
        const [read] = parseJson(`[${value}]`) as [number | bigint];
        expect(BigInt(read)).toBe(value);
      }),
    );
    expect(parseJson('9007199254740993')).toBe(9007199254740993n);
    expect(parseJson('-0')).toBe(-0);
    expect(parseJson('1e30')).toBe(1e30);
  });

  it('reads the numbers that JSON lacks', () => {
    expect(parseJson(' [NaN, Infinity, -Infinity] ')).toEqual([NaN, Infinity, -Infinity]);
  });

  it('never fails in any other way than by its error', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'[]{}":,\\0-1.eEn tfNaI/') }), (text) => {
        try {
          parseJson(text);
        } catch (error) {
          expect(error).toBeInstanceOf(JsonSyntaxError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['', /ends too early at position 0/],
    ['[1,', /ends too early/],
    ['[1 2]', /"]" is missing at position 3/],
    ['{"a" 1}', /":" is missing/],
    ['{a: 1}', /A name in double quotes is missing/],
    ['{"a": 1, "a": 2}', /The name "a" is there twice/],
    ['"a', /does not end/],
    ['"\\x"', /not well-formed/],
    ['01', /Something follows the value/],
    ['nul', /A value is missing/],
    [`${'['.repeat(600)}`, /nested more than 512 deep/],
  ])('refuses %j', (text, message) => {
    expect(() => parseJson(text)).toThrow(message);
  });

  it('takes time in proportion to the text', () => {
    expect(parseJson(`"${'\\"'.repeat(500_000)}"`)).toHaveLength(500_000);
    expect(parseJson(`[${'1,'.repeat(500_000)}1]`)).toHaveLength(500_001);
  });
});
