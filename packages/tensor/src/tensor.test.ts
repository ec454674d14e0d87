import { describe, expect, it } from '@jest/globals';
import { tensorFrom } from './convert.js';
import { DTypeError } from './errors.js';
import type { Tensor } from './tensor.js';

describe('a tensor of any data type', () => {
  const tensor: Tensor = tensorFrom([1.5, 2]);

  it('is given as one of its own', () => {
    const data: Float32Array = tensor.as('float32').data;
    expect([...data]).toEqual([1.5, 2]);
    expect(tensor.as('float32')).toBe(tensor);
  });

  it('is refused as one of another', () => {
    expect(() => tensor.as('int32')).toThrow(DTypeError);
    expect(() => tensor.as('int32')).toThrow('A tensor of int32 was asked for; this one is of float32.');
  });
});
