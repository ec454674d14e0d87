import { readFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import { StringArray, type Tensor } from '@tenon/tensor';

/** A tensor as the generators under tools/tensorflow describe it. */
export interface GoldenTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Of the elements, hexadecimal. */
  readonly bytes?: string;
  /** Of each string, hexadecimal. */
  readonly strings?: readonly string[];
}

/** The path of a file in packages/format/testdata. */
export function testData(name: string): string {
  return `${__dirname}/../../testdata/${name}`;
}

export function readJson<T>(name: string): T {
  return JSON.parse(readFileSync(testData(name), 'utf8')) as T;
}

/** Expects a tensor to be the golden one, to the last bit. */
export function expectGolden(tensor: Tensor, { dtype, shape, bytes, strings }: GoldenTensor): void {
  expect({ dtype: tensor.dtype, shape: tensor.shape }).toEqual({ dtype, shape });
  const { data } = tensor;
  if (data instanceof StringArray) {
    expect(Array.from({ length: data.length }, (_, index) => hex(data.at(index)))).toEqual(strings);
  } else if (ArrayBuffer.isView(data)) {
    expect(hex(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))).toBe(bytes);
  } else {
    throw new Error(`No golden tensors are of ${tensor.dtype}.`);
  }
}

export function fromHex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
