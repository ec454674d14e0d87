import type { Operation } from '@tenon/graph';
import { Tensor, type StringArray } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define } from './definition.js';
import { InvalidArgumentError } from './errors.js';
import { StringArrayBuilder } from './string-array-builder.js';

/** The alphabet that is safe in URLs, the only one that TensorFlow takes. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const CHARACTERS = new TextEncoder().encode(ALPHABET);
const PAD = 0x3d;
const NONE = 0xff;

const VALUES = new Uint8Array(256).fill(NONE);
CHARACTERS.forEach((character, value) => {
  VALUES[character] = value;
});

function prepareEncode(operation: Operation): Kernel {
  const pads = operation.bool('pad');
  return ([input]) => {
    const { bytes, offsets, length } = input!.data as StringArray;
    const builder = new StringArrayBuilder(Math.ceil(bytes.length / 3) * 4, length);
    for (let i = 0; i < length; i++) {
      const end = offsets[i + 1]!;
      for (let at = offsets[i]!; at < end; at += 3) {
        const group =
          (bytes[at]! << 16) | (at + 1 < end ? bytes[at + 1]! << 8 : 0) | (at + 2 < end ? bytes[at + 2]! : 0);
        const characters = Math.min(3, end - at) + 1;
        for (let k = 0; k < characters; k++) builder.appendByte(CHARACTERS[(group >> (18 - 6 * k)) & 63]!);
        if (pads) for (let k = characters; k < 4; k++) builder.appendByte(PAD);
      }
      builder.end();
    }
    return [new Tensor('string', input!.shape, builder.build())];
  };
}

const decode: Kernel = ([input]) => {
  const { bytes, offsets, length } = input!.data as StringArray;
  const builder = new StringArrayBuilder(Math.ceil(bytes.length / 4) * 3, length);
  for (let i = 0; i < length; i++) {
    const start = offsets[i]!;
    let end = offsets[i + 1]!;
    // Padding may be left out, but what is there must fill the last four characters.
    for (let pads = 0; pads < 2 && end > start && (end - start + pads) % 4 === 0 && bytes[end - 1] === PAD; pads++)
      end--;
    if ((end - start) % 4 === 1)
      throw new InvalidArgumentError(
        `String ${i} is not base64: ${end - start} characters are one too many or too few.`,
      );
    for (let at = start; at < end; at += 4) {
      const characters = Math.min(4, end - at);
      let group = 0;
      for (let k = 0; k < characters; k++) {
        const value = VALUES[bytes[at + k]!]!;
        if (value === NONE)
          throw new InvalidArgumentError(
            `String ${i} is not base64 in the alphabet of URLs: byte ${at + k - start} is none of it.`,
          );
        group |= value << (18 - 6 * k);
      }
      for (let k = 1; k < characters; k++) builder.appendByte((group >> (24 - 8 * k)) & 0xff);
    }
    builder.end();
  }
  return [new Tensor('string', input!.shape, builder.build())];
};

export const base64Kernels: readonly KernelDefinition[] = [
  define('EncodeBase64', prepareEncode),
  define('DecodeBase64', () => decode),
];
