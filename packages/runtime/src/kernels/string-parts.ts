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

/**
 * The part of `bytes[start, end)` from `position` on, counted from the end if negative; `undefined` if that is outside. A negative length is, as
 * in TensorFlow, all there is of bytes, and no character.
 */
type Cutter = (
  bytes: Uint8Array,
  start: number,
  end: number,
  position: number,
  length: number,
) => readonly [from: number, to: number] | undefined;

const cutBytes: Cutter = (_, start, end, position, length) => {
  const from = position < 0 ? end + position : start + position;
  return from < start || from > end ? undefined : [from, length < 0 ? end : Math.min(end, from + length)];
};

const cutCharacters: Cutter = (bytes, start, end, position, length) => {
  let count = 0;
  for (let at = start; at < end; at = endOfCharacter(bytes, at, end)) count++;
  const first = position < 0 ? count + position : position;
  if (first < 0 || first > count) return undefined;
  let from = start;
  for (let i = 0; i < first; i++) from = endOfCharacter(bytes, from, end);
  let to = from;
  for (let i = 0; i < length && to < end; i++) to = endOfCharacter(bytes, to, end);
  return [from, to];
};

function prepareSubstring(operation: Operation): Kernel {
  const cut = unitOf(operation) === 'BYTE' ? cutBytes : cutCharacters;
  return ([input, positionTensor, lengthTensor]) => {
    if (positionTensor!.shape.join() !== lengthTensor!.shape.join()) {
      throw new InvalidArgumentError(
        `Positions of shape [${positionTensor!.shape.join(', ')}] and lengths of shape [${lengthTensor!.shape.join(', ')}] differ.`,
      );
    }
    const { bytes, offsets } = input!.data as StringArray;
    const positions = integersOf(positionTensor!);
    const lengths = integersOf(lengthTensor!);
    const { shape, rows, inner, leftStep, rightStep, leftStarts, rightStarts } = broadcast(
      input!.shape,
      positionTensor!.shape,
    );
    const builder = new StringArrayBuilder(bytes.length, sizeOf(shape));
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < inner; i++) {
        const at = leftStarts[row]! + i * leftStep;
        const which = rightStarts[row]! + i * rightStep;
        const part = cut(bytes, offsets[at]!, offsets[at + 1]!, positions[which]!, lengths[which]!);
        if (!part) {
          throw new InvalidArgumentError(
            `Position ${positions[which]} with length ${lengths[which]} is outside string ${at}.`,
          );
        }
        builder.append(bytes, part[0], part[1]);
        builder.end();
      }
    }
    return [new Tensor('string', shape, builder.build())];
  };
}

export const partKernels: readonly KernelDefinition[] = [
  define('StringLength', prepareLength),
  define('StringStrip', () => strip),
  define('Substr', prepareSubstring),
];
