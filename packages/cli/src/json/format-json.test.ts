import { describe, expect, it } from '@jest/globals';
import { Tensor, tensorFrom, type RaggedTensor } from '@tenon/tensor';
import { formatJson } from './format-json.js';

const splits = (...values: bigint[]): Tensor<'int64'> => tensorFrom(values, 'int64') as Tensor<'int64'>;

describe('formatJson', () => {
  it('writes integers as they are', () => {
    expect(formatJson(tensorFrom([2n ** 63n - 1n, -(2n ** 63n)]))).toBe('[9223372036854775807, -9223372036854775808]');
  });

  it('writes text as text and other bytes as base64', () => {
    const strings = tensorFrom(['é"\n', Uint8Array.of(0xff, 0), ''], 'string');
    expect(formatJson(strings)).toBe('["é\\"\\n", {"b64": "/wA="}, ""]');
  });

  it('gives innermost vectors a line each', () => {
    expect(formatJson(tensorFrom([[[1], [2]]], 'float32'))).toBe('[\n  [\n    [1.0],\n    [2.0]\n  ]\n]');
    expect(formatJson(new Tensor('float32', [2, 0], new Float32Array(0)))).toBe('[\n  [],\n  []\n]');
    expect(formatJson(tensorFrom(true))).toBe('true');
  });

  it('writes complex numbers as objects', () => {
    expect(formatJson(tensorFrom([{ re: 1, im: -2 }]))).toBe('[{"re": 1.0, "im": -2.0}]');
  });

  it('writes sparse values as their parts', () => {
    const sparse = {
      indices: tensorFrom([[0n, 3n]]) as Tensor<'int64'>,
      values: tensorFrom([7], 'float32'),
      denseShape: splits(2n, 5n),
    };
    expect(JSON.parse(formatJson(sparse))).toEqual({ indices: [[0, 3]], values: [7], dense_shape: [2, 5] });
  });

  it('writes ragged values as arrays of uneven lengths', () => {
    const flat: RaggedTensor = { values: tensorFrom([1, 2, 3], 'int32'), rowSplits: [splits(0n, 2n, 2n, 3n)] };
    expect(JSON.parse(formatJson(flat))).toEqual([[1, 2], [], [3]]);
    const deep: RaggedTensor = {
      values: tensorFrom([[1, 2], [3, 4], [5, 6]], 'int32'), // prettier-ignore
      rowSplits: [splits(0n, 1n, 3n), splits(0n, 2n, 2n, 3n)],
    };
    expect(JSON.parse(formatJson(deep))).toEqual([[[[1, 2], [3, 4]]], [[], [[5, 6]]]]); // prettier-ignore
  });
});
