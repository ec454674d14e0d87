import { Writer } from '../generated/protobuf.js';
import { ENUM_VALUES, TEXT_FIELDS, type TextField } from '../generated/text-fields.js';
import { MOST_DIGITS, parseFloating, parseInteger } from './numbers.js';
import type { TextScanner } from './text-scanner.js';

/** How deep messages may nest, as in the binary form. */
const MAX_DEPTH = 100;

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

const WIRE_TYPES: Readonly<Record<string, number>> = {
  double: FIXED64,
  float: FIXED32,
  fixed32: FIXED32,
  bytes: DELIMITED,
  string: DELIMITED,
};

const ANY = 'tensorflow.Any';
const [TYPE_URL, VALUE] = [1, 2];

/** Least and greatest of each kind of integer. */
const RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  fixed32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  sint64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
};

const CLOSING: Readonly<Record<string, string>> = { '{': '}', '<': '>' };

/** Writes the binary form of what a scanner reads, as it reads it: no tree of the whole is made. */
export class TextTranscoder {
  private readonly writer = new Writer();
  private depth = 0;

  constructor(private readonly scanner: TextScanner) {}

  transcode(typeName: string): Uint8Array<ArrayBuffer> {
    while (!this.scanner.isAtEnd()) this.field(typeName);
    return this.writer.finish();
  }

  private field(typeName: string): void {
    const { scanner } = this;
    if (scanner.take('[')) {
      const name = scanner.bracketed();
      if (typeName === ANY) this.any(name);
      else this.skipValue();
    } else {
      const name = scanner.word();
      if (name === '') scanner.fail(`the name of a field was expected instead of ${scanner.describeNext()}`);
      const fields = TEXT_FIELDS[typeName]!;
      if (Object.hasOwn(fields, name)) this.values(fields[name]!, name);
      else this.skipValue();
    }
    if (!scanner.take(',')) scanner.take(';');
  }

  /** The one value of a field, or a list of several. */
  private values(field: TextField, name: string): void {
    const { scanner } = this;
    const isMessage = Object.hasOwn(TEXT_FIELDS, field[1]);
    const hasColon = scanner.take(':');
    if (!hasColon && !isMessage) scanner.fail(`":" was expected after "${name}" instead of ${scanner.describeNext()}`);
    if (!scanner.take('[')) {
      this.value(field, name);
      return;
    }
    if (scanner.take(']')) return;
    do this.value(field, name);
    while (scanner.take(','));
    scanner.expect(']');
  }

  private value([number, kind]: TextField, name: string): void {
    const { writer } = this;
    if (Object.hasOwn(TEXT_FIELDS, kind)) {
      writer.uint32(8 * number + DELIMITED);
      this.message(kind);
    } else {
      writer.uint32(8 * number + (WIRE_TYPES[kind] ?? VARINT));
      this.scalar(kind, name);
    }
  }

  private message(typeName: string): void {
    const mark = this.writer.open();
    this.body(() => this.field(typeName));
    this.writer.close(mark);
  }

  /** Braces or angles, and the fields between them. */
  private body(readField: () => void): void {
    const { scanner } = this;
    const start = scanner.mark();
    const closing = scanner.isAt('<') ? CLOSING['<']! : CLOSING['{']!;
    if (!scanner.take('<')) scanner.expect('{');
    if (++this.depth > MAX_DEPTH) scanner.fail(`messages nest deeper than ${MAX_DEPTH}`, start);
    while (!scanner.take(closing)) {
      if (scanner.isAtEnd()) scanner.fail(`a message does not end; "${closing}" was expected`, start);
      readField();
    }
    this.depth--;
  }

  private any(url: string): void {
    const { scanner, writer } = this;
    const typeName = url.slice(url.lastIndexOf('/') + 1);
    writer.uint32(8 * TYPE_URL + DELIMITED);
    writer.string(url);
    if (Object.hasOwn(TEXT_FIELDS, typeName)) {
      scanner.take(':');
      writer.uint32(8 * VALUE + DELIMITED);
      this.message(typeName);
    } else this.skipValue();
  }

  private scalar(kind: string, name: string): void {
    const { scanner, writer } = this;
    const start = scanner.mark();
    if (kind === 'string' || kind === 'bytes') {
      writer.take(scanner.strings());
      return;
    }
    const isNegative = scanner.take('-');
    const word = scanner.word();
    const refuse = (expected: string): never => scanner.fail(`"${name}" should be ${expected}`, start);
    switch (kind) {
      case 'float':
      case 'double': {
        const value = parseFloating(word) ?? refuse('a number');
        writer[kind](isNegative ? -value : value);
        return;
      }
      case 'bool': {
        const value = isNegative ? undefined : boolOf(word);
        writer.bool(value ?? refuse('true or false'));
        return;
      }
    }
    if (kind.startsWith('enum ') && /^[A-Za-z_]/.test(word) && !isNegative) {
      const values = ENUM_VALUES[kind.slice('enum '.length)]!;
      writer.int32(Object.hasOwn(values, word) ? values[word]! : 0);
      return;
    }
    const scalarKind = kind.startsWith('enum ') ? 'int32' : kind;
    const size = word.length > MOST_DIGITS ? undefined : parseInteger(word);
    const value = size !== undefined && isNegative ? -size : size;
    const [least, greatest] = RANGES[scalarKind]!;
    if (value === undefined || value < least || value > greatest) refuse(`an ${scalarKind}`);
    else this.integer(scalarKind, value);
  }

  private integer(kind: string, value: bigint): void {
    const { writer } = this;
    switch (kind) {
      case 'int64':
      case 'uint64':
      case 'sint64':
        writer[kind](value);
        return;
      case 'int32':
      case 'uint32':
      case 'fixed32':
        writer[kind](Number(value));
        return;
      default:
        throw new TypeError(`There are no integers of the kind ${kind}.`);
    }
  }

  /** Passes over the value of a field that is not known, and the colon before it. */
  private skipValue(): void {
    const { scanner } = this;
    if (!scanner.take(':') && !scanner.isAt('{') && !scanner.isAt('<') && !scanner.isAt('[')) scanner.expect(':');
    if (!scanner.take('[')) {
      this.skipOne();
      return;
    }
    if (scanner.take(']')) return;
    do this.skipOne();
    while (scanner.take(','));
    scanner.expect(']');
  }

  private skipOne(): void {
    const { scanner } = this;
    if (scanner.isAt('{') || scanner.isAt('<')) {
      this.body(() => this.skipField());
    } else if (scanner.isAtString()) {
      scanner.strings();
    } else {
      scanner.take('-');
      if (scanner.word() === '') scanner.fail(`a value was expected instead of ${scanner.describeNext()}`);
    }
  }

  private skipField(): void {
    const { scanner } = this;
    if (scanner.take('[')) scanner.bracketed();
    else if (scanner.word() === '')
      scanner.fail(`the name of a field was expected instead of ${scanner.describeNext()}`);
    this.skipValue();
    if (!scanner.take(',')) scanner.take(';');
  }
}

function boolOf(word: string): boolean | undefined {
  if (['true', 'True', 't', '1'].includes(word)) return true;
  return ['false', 'False', 'f', '0'].includes(word) ? false : undefined;
}
