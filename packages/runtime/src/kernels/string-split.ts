import { Tensor, type StringArray } from '@tenon/tensor';
import type { KernelDefinition } from '../kernel.js';
import { InvalidArgumentError } from './errors.js';
import { halvesOf } from './int64-halves.js';
import { StringArrayBuilder } from './string-array-builder.js';

/** Appends the pieces of `bytes[start, end)` to `pieces`. */
type Splitter = (bytes: Uint8Array, start: number, end: number, pieces: StringArrayBuilder) => void;

/** Splits every element of a vector, into the sparse matrix of the pieces: `[indices, values, denseShape]`. */
function splitAll(strings: StringArray, split: Splitter): readonly Tensor[] {
  const { bytes, offsets, length } = strings;
  const pieces = new StringArrayBuilder(bytes.length, length * 8);
  const ends = new Uint32Array(length);
  for (let row = 0; row < length; row++) {
    split(bytes, offsets[row]!, offsets[row + 1]!, pieces);
    ends[row] = pieces.length;
  }
  const indices = new BigInt64Array(pieces.length * 2);
  const halves = halvesOf(indices);
  let longest = 0;
  let index = 0;
  for (let row = 0; row < length; row++) {
    const count = ends[row]! - index;
    if (count > longest) longest = count;
    for (let column = 0; column < count; column++, index++) {
      halves[4 * index] = row;
      halves[4 * index + 2] = column;
    }
  }
  const denseShape = new BigInt64Array(2);
  halvesOf(denseShape).set([length, 0, longest, 0]);
  return [
    new Tensor('int64', [pieces.length, 2], indices),
    new Tensor('string', [pieces.length], pieces.build()),
    new Tensor('int64', [2], denseShape),
  ];
}

/** Every byte of `delimiters` separates; with none, every byte is a piece. */
function splitOnBytes(delimiters: Uint8Array, skipEmpty: boolean): Splitter {
  if (delimiters.length === 0) {
    return (bytes, start, end, pieces) => {
      for (let i = start; i < end; i++) {
        pieces.appendByte(bytes[i]!);
        pieces.end();
      }
    };
  }
  const separates = new Uint8Array(256);
  for (const byte of delimiters) separates[byte] = 1;
  return (bytes, start, end, pieces) => {
    if (start < end) pieces.appendPieces(bytes, start, end, separates, skipEmpty);
  };
}

/** ASCII white space, as C's `isspace` has it. */
function isSpace(byte: number): boolean {
  return byte === 32 || (byte >= 9 && byte <= 13);
}

/** Runs of white space separate; after `most` splits, if it is not negative, the rest is one piece. */
function splitOnSpace(most: number): Splitter {
  return (bytes, start, end, pieces) => {
    let at = start;
    if (most === 0) {
      pieces.append(bytes, start, end);
      pieces.end();
      return;
    }
    for (let splits = 0; ;) {
      while (at < end && isSpace(bytes[at]!)) at++;
      if (most > 0 && splits === most) {
        pieces.append(bytes, at, end);
        pieces.end();
        return;
      }
      if (at === end) return;
      const from = at;
      while (at < end && !isSpace(bytes[at]!)) at++;
      pieces.append(bytes, from, at);
      pieces.end();
      splits++;
    }
  };
}

/** Where `separator` next stands in `bytes[from, end)`; -1 if nowhere. */
function find(bytes: Uint8Array, from: number, end: number, separator: Uint8Array): number {
  const first = separator[0]!;
  const last = end - separator.length;
  for (let at = from; at <= last; at++) {
    if (bytes[at] !== first) continue;
    let length = 1;
    while (length < separator.length && bytes[at + length] === separator[length]) length++;
    if (length === separator.length) return at;
  }
  return -1;
}

/** `separator` separates, empty pieces and all; after `most` splits, if it is not negative, the rest is one piece. */
function splitOnSeparator(separator: Uint8Array, most: number): Splitter {
  return (bytes, start, end, pieces) => {
    let from = start;
    for (let splits = 0; most < 0 || splits < most; splits++) {
      const at = find(bytes, from, end, separator);
      if (at < 0) break;
      pieces.append(bytes, from, at);
      pieces.end();
      from = at + separator.length;
    }
    pieces.append(bytes, from, end);
    pieces.end();
  };
}

function requireVector(input: Tensor): StringArray {
  if (input.rank !== 1)
    throw new InvalidArgumentError(`What is split must be a vector; it has ${input.rank} dimensions.`);
  return input.data as StringArray;
}

export const splitKernels: readonly KernelDefinition[] = [
  {
    type: 'StringSplit',
    prepare(operation) {
      const skipEmpty = operation.bool('skip_empty');
      return ([input, delimiter]) => {
        const delimiters = delimiter!.data as StringArray;
        if (delimiter!.rank !== 0)
          throw new InvalidArgumentError(`The delimiter must be a scalar; it has ${delimiter!.rank} dimensions.`);
        return splitAll(requireVector(input!), splitOnBytes(delimiters.at(0), skipEmpty));
      };
    },
  },
  {
    type: 'StringSplitV2',
    prepare(operation) {
      const most = operation.int('maxsplit');
      return ([input, separator]) => {
        const separators = separator!.data as StringArray;
        if (separator!.rank !== 0)
          throw new InvalidArgumentError(`The separator must be a scalar; it has ${separator!.rank} dimensions.`);
        const bytes = separators.at(0);
        const strings = requireVector(input!);
        return splitAll(strings, bytes.length === 0 ? splitOnSpace(most) : splitOnSeparator(bytes, most));
      };
    },
  },
];
