import { StringArray, Tensor, type DType } from '@tenon/tensor';
import { VocabularyError } from './errors.js';
import { halvesOf, writeInt64 } from './int64-halves.js';
import { parseFloating, parseInteger } from './number-parsing.js';
import { decodeUtf8 } from './utf8.js';

/** Where the keys or values of a table come from: a column of the file, or one of these two. */
export const WHOLE_LINE = -2;
export const LINE_NUMBER = -1;

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;

export interface VocabularyOptions {
  /** As it is named in messages. */
  readonly path: string;
  readonly keyDType: DType;
  /** A column from 0, `WHOLE_LINE` or `LINE_NUMBER`. */
  readonly keyIndex: number;
  readonly valueDType: DType;
  readonly valueIndex: number;
  /** Lines to read; -1 for all of them. */
  readonly size: number;
  /** One byte. */
  readonly delimiter: number;
  /** Added to line numbers. */
  readonly offset: number;
}

/**
 * The keys and values in a text file, one pair per line, as `InitializeTableFromTextFileV2` reads them.
 *
 * @throws VocabularyError if a line is empty, has too few columns or a field that is not of its data type, or there are too few lines.
 */
export function readVocabulary(
  file: Uint8Array,
  options: VocabularyOptions,
): { readonly keys: Tensor; readonly values: Tensor } {
  const { path, size } = options;
  const lines = splitLines(file, size, path);
  const count = lines.ends.length;
  if (count === 0) throw new VocabularyError(path, undefined, 'It is empty; it must hold at least one entry.');
  if (size >= 0 && count < size) {
    throw new VocabularyError(path, undefined, `It should have ${size} lines, as "vocab_size" says; it has ${count}.`);
  }
  const columns = Math.max(options.keyIndex, options.valueIndex) + 1;
  const fields = columns > 0 ? splitColumns(lines, columns, options) : undefined;
  const read = (index: number, dtype: DType): Tensor => {
    if (index === LINE_NUMBER) return lineNumbers(count, dtype, options);
    return convert(index === WHOLE_LINE ? lines : columnOf(lines, fields!, index, columns), dtype, path);
  };
  return { keys: read(options.keyIndex, options.keyDType), values: read(options.valueIndex, options.valueDType) };
}

/** Pieces of one buffer. */
interface Spans {
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

function splitLines(bytes: Uint8Array, most: number, path: string): Spans {
  let count = 0;
  for (let i = 0; i < bytes.length; i++) if (bytes[i] === NEWLINE) count++;
  if (bytes.length > 0 && bytes[bytes.length - 1] !== NEWLINE) count++;
  if (most >= 0 && most < count) count = most;
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  let start = 0;
  for (let line = 0; line < count; line++) {
    let end = start;
    while (end < bytes.length && bytes[end] !== NEWLINE) end++;
    starts[line] = start;
    ends[line] = end > start && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
    if (ends[line] === start) throw new VocabularyError(path, line + 1, 'It is empty; every line must hold an entry.');
    start = end + 1;
  }
  return { bytes, starts, ends };
}

/** Where the first `columns` fields of each line end, line by line. */
function splitColumns(
  { bytes, starts, ends }: Spans,
  columns: number,
  { path, delimiter }: VocabularyOptions,
): Uint32Array {
  // Before there is room for them: a table may ask for any number of columns.
  for (let line = 0; line < ends.length; line++) {
    let count = 1;
    for (let at = starts[line]!; count < columns && at < ends[line]!; at++) if (bytes[at] === delimiter) count++;
    if (count < columns)
      throw new VocabularyError(path, line + 1, `It has ${count} columns; the table needs at least ${columns}.`);
  }
  const fields = new Uint32Array(ends.length * columns);
  for (let line = 0; line < ends.length; line++) {
    const end = ends[line]!;
    let at = starts[line]!;
    for (let column = 0; column < columns; column++) {
      while (at < end && bytes[at] !== delimiter) at++;
      fields[line * columns + column] = at++;
    }
  }
  return fields;
}

function columnOf({ bytes, starts }: Spans, fields: Uint32Array, column: number, columns: number): Spans {
  return {
    bytes,
    starts: starts.map((start, line) => (column === 0 ? start : fields[line * columns + column - 1]! + 1)),
    ends: starts.map((_, line) => fields[line * columns + column]!),
  };
}

function lineNumbers(count: number, dtype: DType, { path, offset }: VocabularyOptions): Tensor {
  if (dtype !== 'int64')
    throw new VocabularyError(path, undefined, `Line numbers are int64; the table wants ${dtype}.`);
  const numbers = new BigInt64Array(count);
  const halves = halvesOf(numbers);
  for (let line = 0; line < count; line++) writeInt64(halves, line, line + offset);
  return new Tensor('int64', [count], numbers);
}

/** @throws VocabularyError if a field does not spell a value of that data type. */
function convert(spans: Spans, dtype: DType, path: string): Tensor {
  const { bytes, starts, ends } = spans;
  const shape = [ends.length];
  const parse = <V>(read: (start: number, end: number) => V | undefined): V[] =>
    Array.from(ends, (end, line) => {
      const value = read(starts[line]!, end);
      if (value === undefined) {
        const field = decodeUtf8(bytes, starts[line]!, Math.min(end, starts[line]! + 100));
        throw new VocabularyError(path, line + 1, `${JSON.stringify(field)} is not a valid ${dtype}.`);
      }
      return value;
    });
  switch (dtype) {
    case 'string':
      return new Tensor('string', shape, joined(spans));
    case 'int32':
      return new Tensor(
        'int32',
        shape,
        Int32Array.from(
          parse((start, end) => parseInteger('int32', bytes, start, end)),
          Number,
        ),
      );
    case 'int64':
      return new Tensor(
        'int64',
        shape,
        BigInt64Array.from(parse((start, end) => parseInteger('int64', bytes, start, end))),
      );
    case 'float32':
      return new Tensor(
        'float32',
        shape,
        Float32Array.from(parse((start, end) => parseFloating(bytes, start, end, true))),
      );
    case 'float64':
      return new Tensor(
        'float64',
        shape,
        Float64Array.from(parse((start, end) => parseFloating(bytes, start, end, false))),
      );
    default:
      throw new VocabularyError(path, undefined, `A table file cannot hold ${dtype}.`);
  }
}

function joined({ bytes, starts, ends }: Spans): StringArray {
  const offsets = new Uint32Array(ends.length + 1);
  for (let i = 0; i < ends.length; i++) offsets[i + 1] = offsets[i]! + ends[i]! - starts[i]!;
  const target = new Uint8Array(offsets[ends.length]!);
  let at = 0;
  for (let i = 0; i < ends.length; i++) {
    const end = ends[i]!;
    for (let from = starts[i]!; from < end; from++) target[at++] = bytes[from]!;
  }
  return new StringArray(target, offsets);
}
