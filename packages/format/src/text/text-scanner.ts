import { TextFormatError } from '../errors.js';
import { BytesBuilder } from './bytes-builder.js';

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const HASH = 0x23;
const APOSTROPHE = 0x27;
const PLUS = 0x2b;
const MINUS = 0x2d;
const DOT = 0x2e;
const BACKSLASH = 0x5c;
const UNDERSCORE = 0x5f;
const CAPITAL_U = 0x55;
const U = 0x75;
const CAPITAL_X = 0x58;
const X = 0x78;

/** The bytes of what may follow a backslash, and of what it stands for. */
const SIMPLE_ESCAPES: ReadonlyMap<number, number> = new Map(
  Object.entries({
    a: 7,
    b: 8,
    t: 9,
    n: 10,
    v: 11,
    f: 12,
    r: 13,
    '"': QUOTE,
    "'": APOSTROPHE,
    '?': 63,
    '\\': BACKSLASH,
  }).map(([letter, byte]) => [letter.charCodeAt(0), byte]),
);

const MOST_OF_A_TOKEN = 40;

/** What is shorter than this is made quicker without a decoder. */
const SHORT_TEXT = 40;
const latin1 = new TextDecoder('latin1');

/** Reads the tokens of protobuf's text form, one after another. Works on bytes: texts are larger than JavaScript's strings may be. */
export class TextScanner {
  private position = 0;
  private readonly builder = new BytesBuilder();

  constructor(
    private readonly bytes: Uint8Array,
    private readonly file: string,
  ) {
    const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
    if (hasMark) this.position = 3;
    this.skipSpace();
  }

  isAtEnd(): boolean {
    return this.position >= this.bytes.length;
  }

  /** Whether the next token begins with this character, which is ASCII. */
  isAt(character: string): boolean {
    return this.bytes[this.position] === character.charCodeAt(0);
  }

  isAtString(): boolean {
    return this.isAt('"') || this.isAt("'");
  }

  /** Reads a token of one character, if that is next. */
  take(character: string): boolean {
    if (!this.isAt(character)) return false;
    this.position++;
    this.skipSpace();
    return true;
  }

  expect(character: string): void {
    if (!this.take(character)) this.fail(`"${character}" was expected instead of ${this.describeNext()}`);
  }

  /** Reads a name, or a number without its sign. Empty if neither is next. */
  word(): string {
    const start = this.position;
    while (isPartOfWord(this.bytes[this.position], this.bytes[this.position - 1], this.bytes[start]!)) this.position++;
    const word = this.textBetween(start, this.position);
    this.skipSpace();
    return word;
  }

  /** Reads the name of a type or an extension up to its closing bracket, which is read too. */
  bracketed(): string {
    const start = this.position;
    while (!this.isAtEnd() && !this.isAt(']')) {
      if (this.bytes[this.position] === NEWLINE) this.fail('a name in brackets does not end', start);
      this.position++;
    }
    const name = this.textBetween(start, this.position).trim();
    this.expect(']');
    return name;
  }

  /** Reads adjacent strings as one. The result is good until the next is read. */
  strings(): Uint8Array {
    if (!this.isAtString()) this.fail(`a string was expected instead of ${this.describeNext()}`);
    this.builder.clear();
    while (this.isAtString()) {
      this.string();
      this.skipSpace();
    }
    return this.builder.view();
  }

  private string(): void {
    const { bytes, builder } = this;
    const start = this.position++;
    const quote = bytes[start];
    for (;;) {
      const byte = bytes[this.position];
      if (byte === undefined || byte === NEWLINE) this.fail('a string does not end', start);
      this.position++;
      if (byte === quote) return;
      if (byte === BACKSLASH) this.escape();
      else builder.add(byte);
    }
  }

  /** Reads what follows a backslash. */
  private escape(): void {
    const start = this.position - 1;
    const letter = this.bytes[this.position] ?? 0;
    const simple = SIMPLE_ESCAPES.get(letter);
    if (simple !== undefined) {
      this.position++;
      this.builder.add(simple);
    } else if (digitOf(letter) < 8) {
      const value = this.digits(8, 3);
      if (value > 255) this.fail('an octal escape stands for more than a byte', start);
      this.builder.add(value);
    } else {
      this.position++;
      const isByte = letter === X || letter === CAPITAL_X;
      const most = isByte ? 2 : letter === U ? 4 : letter === CAPITAL_U ? 8 : 0;
      const value = this.digits(16, most);
      const read = this.position - start - 2;
      if (read === 0 || (!isByte && read < most)) this.fail('a string has an escape that is none', start);
      if (isByte) this.builder.add(value);
      else this.character(value, start);
    }
  }

  private character(value: number, start: number): void {
    if (value > 0x10ffff) this.fail('an escape stands for no character', start);
    let text = String.fromCodePoint(value);
    // Characters beyond 16 bits may be written as the two halves that UTF-16 has for them.
    const isFirstHalf = value >= 0xd800 && value < 0xdc00;
    if (isFirstHalf && this.textBetween(this.position, this.position + 2) === '\\u') {
      this.position += 2;
      text += String.fromCharCode(this.digits(16, 4));
    }
    if (/\p{Surrogate}/u.test(text)) this.fail('an escape stands for half a character', start);
    for (const byte of new TextEncoder().encode(text)) this.builder.add(byte);
  }

  /** Reads up to so many digits, and returns what they stand for. */
  private digits(base: number, most: number): number {
    let value = 0;
    for (let read = 0; read < most; read++) {
      const digit = digitOf(this.bytes[this.position] ?? 0);
      if (digit >= base) break;
      value = base * value + digit;
      this.position++;
    }
    return value;
  }

  private skipSpace(): void {
    const { bytes } = this;
    for (; this.position < bytes.length; this.position++) {
      const byte = bytes[this.position]!;
      if (byte === HASH) {
        while (this.position < bytes.length && bytes[this.position] !== NEWLINE) this.position++;
      } else if (byte !== 0x20 && (byte < 0x09 || byte > 0x0d)) return;
    }
  }

  private textBetween(start: number, end: number): string {
    if (end - start > SHORT_TEXT) return latin1.decode(this.bytes.subarray(start, end));
    let text = '';
    for (let index = start; index < Math.min(end, this.bytes.length); index++) {
      text += String.fromCharCode(this.bytes[index]!);
    }
    return text;
  }

  /** Where the next token is, for `fail`. */
  mark(): number {
    return this.position;
  }

  describeNext(): string {
    if (this.isAtEnd()) return 'the end';
    const rest = this.textBetween(this.position, this.position + MOST_OF_A_TOKEN);
    return JSON.stringify(/^(?:[\w.+-]+|.)/s.exec(rest)![0]);
  }

  fail(problem: string, at = this.position): never {
    const before = new TextDecoder().decode(this.bytes.subarray(0, at));
    const lines = before.split('\n');
    throw new TextFormatError(this.file, lines.length, lines.at(-1)!.length + 1, problem);
  }
}

function isPartOfWord(byte: number | undefined, before: number | undefined, first: number): boolean {
  if (byte === undefined) return false;
  if (isDigit(byte) || byte === UNDERSCORE || isLetter(byte)) return true;
  const isNumber = isDigit(first) || first === DOT;
  if (byte === DOT) return isNumber;
  // The sign of an exponent.
  return isNumber && (byte === PLUS || byte === MINUS) && (before === 0x65 || before === 0x45);
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isLetter(byte: number): boolean {
  return (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
}

/** What a hexadecimal digit stands for; of no digit Infinity. */
function digitOf(byte: number): number {
  if (isDigit(byte)) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : Infinity;
}
