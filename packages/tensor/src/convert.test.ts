import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { tensorFrom, type TensorLike } from './convert.js';
import type { DType } from './dtype.js';
import { ConversionError } from './errors.js';
import { toNested } from './nested.js';
import { StringArray } from './string-array.js';
import { Tensor } from './tensor.js';

const refusal = (value: unknown, dtype?: DType, shape?: (number | null)[]): string => {
  try {
    tensorFrom(value as TensorLike, dtype, shape);
  } catch (error) {
    expect(error).toBeInstanceOf(ConversionError);
    return (error as Error).message;
  }
  throw new Error('It was accepted.');
};

describe('tensorFrom', () => {
  it('takes nested arrays, with their shape', () => {
    const tensor = tensorFrom([[1, 2, 3], [4, 5, 6]], 'float32'); // prettier-ignore
    expect(tensor.shape).toEqual([2, 3]);
    expect(tensor.data).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6));
    expect(tensorFrom([], 'float32').shape).toEqual([0]);
    expect(tensorFrom([[], []], 'string').shape).toEqual([2, 0]);
    expect(tensorFrom(7, 'int32').shape).toEqual([]);
    expect(tensorFrom([Float32Array.of(1, 2), [3, 4]], 'float64').data).toEqual(Float64Array.of(1, 2, 3, 4));
  });

  it('knows the data type where none is asked for', () => {
    expect(tensorFrom([1]).dtype).toBe('float32');
    expect(tensorFrom([1n]).dtype).toBe('int64');
    expect(tensorFrom([true]).dtype).toBe('bool');
    expect(tensorFrom(['a']).dtype).toBe('string');
    expect(tensorFrom(Int8Array.of(1)).dtype).toBe('int8');
    expect(tensorFrom({ re: 1, im: 2 }).dtype).toBe('complex64');
  });

  it('gives flat typed arrays the shape that is known, without copying', () => {
    const pixels = new Float32Array(24);
    const tensor = tensorFrom(pixels, 'float32', [null, 2, 2, 3]);
    expect(tensor.shape).toEqual([2, 2, 2, 3]);
    expect(tensor.data).toBe(pixels);
    expect(tensorFrom(new Float32Array(3), 'float32', null).shape).toEqual([3]);
    expect(tensorFrom(new Float32Array(1), 'float32', []).shape).toEqual([]);
    expect(refusal(pixels, 'float32', [null, null, 3])).toMatch(/leaves 2 dimensions open/);
    expect(refusal(pixels, 'float32', [null, 5])).toMatch(/do not fill the shape \[\?, 5\]/);
  });

  it('takes strings as UTF-8 and bytes as they are', () => {
    const tensor = tensorFrom(['é', Uint8Array.of(0xff, 0)], 'string') as Tensor<'string'>;
    expect([...tensor.data.at(0)]).toEqual([0xc3, 0xa9]);
    expect([...tensor.data.at(1)]).toEqual([0xff, 0]);
    expect(tensorFrom(Uint8Array.of(1, 2), 'string').shape).toEqual([]);
    expect(tensorFrom(StringArray.from(['a', 'b']), 'string').shape).toEqual([2]);
    expect(refusal(['\ud800'], 'string')).toMatch(/half a surrogate pair/);
  });

  it('converts typed arrays of other types where nothing is lost', () => {
    expect(tensorFrom(Float64Array.of(0.1), 'float32').data).toEqual(Float32Array.of(0.1));
    expect(tensorFrom(Uint8Array.of(1, 255), 'int64').data).toEqual(BigInt64Array.of(1n, 255n));
    expect(tensorFrom(Uint8Array.of(1, 0), 'bool').data).toEqual(Uint8Array.of(1, 0));
    expect(tensorFrom(Uint8ClampedArray.of(3), 'uint8').data).toEqual(Uint8Array.of(3));
    expect(tensorFrom(Float32Array.of(1, 2), 'complex64').shape).toEqual([1]);
    expect(refusal(Uint8Array.of(1, 2), 'bool')).toMatch(/Element 1 is 2/);
    expect(refusal(Uint16Array.of(1), 'float16')).toMatch(/numbers or bits/);
  });

  it('refuses what would be lost', () => {
    expect(refusal([1, 1.5], 'int32')).toMatch(/Element \[1\]: 1.5 is not a whole number/);
    expect(refusal([[0, 256]], 'uint8')).toMatch(/Element \[0, 1\]: 256 is out of range/);
    expect(refusal(-1, 'uint64')).toMatch(/out of range/);
    expect(refusal(2 ** 53, 'int64')).toMatch(/Pass a bigint/);
    expect(refusal(2n ** 63n, 'int64')).toMatch(/out of range/);
    expect(refusal(2n ** 53n + 1n, 'float64')).toMatch(/exactly/);
    expect(refusal(1e300, 'float32')).toMatch(/out of range of float32/);
    expect(refusal(70000, 'float16')).toMatch(/out of range of float16/);
    expect(refusal(NaN, 'int32')).toMatch(/whole number/);
    expect(tensorFrom(2n ** 63n - 1n, 'int64').data).toEqual(BigInt64Array.of(2n ** 63n - 1n));
    expect(tensorFrom([Infinity, NaN], 'float16').shape).toEqual([2]);
  });

  it('refuses values of another kind', () => {
    expect(refusal([true], 'float32')).toMatch(/the boolean true stands where float32 is wanted/);
    expect(refusal(['1'], 'int32')).toMatch(/the string "1"/);
    expect(refusal([1], 'string')).toMatch(/the number 1/);
    expect(refusal([1], 'bool')).toMatch(/the number 1/);
    expect(refusal([null], 'float32')).toMatch(/null/);
    expect(refusal([undefined], 'float32')).toMatch(/undefined/);
    expect(refusal(new Map(), 'float32')).toMatch(/Map/);
    expect(refusal(tensorFrom([1]), 'int32')).toMatch(/never cast/);
    expect(refusal([1], 'resource')).toMatch(/outside a graph/);
  });

  it('refuses ragged and bottomless arrays', () => {
    expect(refusal([[1, 2], [3]])).toMatch(/one length/);
    expect(refusal([[1, 2], 3])).toMatch(/an element/);
    expect(refusal([1, [2]])).toMatch(/an array/);
    const bottomless: unknown[] = [];
    bottomless.push(bottomless);
    expect(refusal(bottomless)).toMatch(/nested more than/);
  });
});

describe('toNested', () => {
  it('gives back what tensorFrom took', () => {
    const leaf: [DType, fc.Arbitrary<TensorLike>][] = [
      ['float64', fc.double()],
      ['int64', fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
      ['uint8', fc.integer({ min: 0, max: 255 })],
      ['bool', fc.boolean()],
      ['string', fc.string({ unit: 'binary' })],
    ];
    for (const [dtype, arbitrary] of leaf) {
      const rows = fc
        .integer({ min: 1, max: 4 })
        .chain((width) => fc.array(fc.array(arbitrary, { minLength: width, maxLength: width }), { minLength: 1 }));
      fc.assert(
        fc.property(rows, (value) => expect(toNested(tensorFrom(value, dtype))).toEqual(value)),
        { numRuns: 50 },
      );
    }
  });

  it('shows scalars, complex numbers and half precision', () => {
    expect(toNested(tensorFrom(3))).toBe(3);
    expect(toNested(tensorFrom([{ re: 1, im: -2 }]))).toEqual([[1, -2]]);
    expect(toNested(tensorFrom([0.1, -2], 'float16'))).toEqual([0.0999755859375, -2]);
    expect(toNested(tensorFrom([0.1], 'bfloat16'))).toEqual([0.10009765625]);
    expect(toNested(tensorFrom([[], []], 'int32'))).toEqual([[], []]);
    expect(() => toNested(new Tensor('resource', [], [{}]))).toThrow(ConversionError);
  });
});
