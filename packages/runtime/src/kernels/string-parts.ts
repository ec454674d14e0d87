import type { Operation } from '@tenon/graph';
import { sizeOf, Tensor, type StringArray } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { broadcast } from './broadcast.js';
import { define } from './definition.js';
import { InvalidArgumentError } from './errors.js';
import { integersOf } from './integers.js';
import { StringArrayBuilder } from './string-array-builder.js';

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

/** Characters of UTF-8: bytes that begin one. */
function countCharacters(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let i = start; i < end; i++) if (!isContinuation(bytes[i]!)) count++;
  return count;
}

/** Where the character ends that begins at `at`. */
function endOfCharacter(bytes: Uint8Array, at: number, end: number): number {
  let next = at + 1;
  while (next < end && isContinuation(bytes[next]!)) next++;
  return next;
}

type Unit = 'BYTE' | 'UTF8_CHAR';

function unitOf(operation: Operation): Unit {
  const unit = operation.string('unit');
  if (unit !== 'BYTE' && unit !== 'UTF8_CHAR')
    throw new InvalidArgumentError(`The unit ${JSON.stringify(unit)} is neither "BYTE" nor "UTF8_CHAR".`);
  return unit;
}

function prepareLength(operation: Operation): Kernel {
  const unit = unitOf(operation);
  return ([input]) => {
    const { bytes, offsets, length } = input!.data as StringArray;
    const lengths = new Int32Array(length);
    for (let i = 0; i < length; i++) {
      lengths[i] =
        unit === 'BYTE' ? offsets[i + 1]! - offsets[i]! : countCharacters(bytes, offsets[i]!, offsets[i + 1]!);
    }
    return [new Tensor('int32', input!.shape, lengths)];
  };
}

function isSpace(byte: number): boolean {
  return byte === 32 || (byte >= 9 && byte <= 13);
}

const strip: Kernel = ([input]) => {
  const { bytes, offsets, length } = input!.data as StringArray;
  const builder = new StringArrayBuilder(bytes.length, length);
  for (let i = 0; i < length; i++) {
    let start = offsets[i]!;
    let end = offsets[i + 1]!;
    while (start < end && isSpace(bytes[start]!)) start++;
    while (end > start && isSpace(bytes[end - 1]!)) end--;
    builder.append(bytes, start, end);
    builder.end();
  }
  return [new Tensor('string', input!.shape, builder.build())];
};
