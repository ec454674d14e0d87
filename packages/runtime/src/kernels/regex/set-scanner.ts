import type { CharacterSet } from './character-set.js';
import { decode, decodedLength } from './decode.js';

const NO = 1;
const YES = 2;

/** Finds the characters of one set, without an automaton: most patterns that clean text up are one set. */
export class SetScanner {
  /** By byte: whether it is in the set; bytes outside ASCII say nothing. */
  private readonly ascii = new Uint8Array(128);
  /** What is known of code points outside ASCII, 256 to a page. */
  private readonly pages: (Uint8Array | undefined)[] = [];

  constructor(private readonly set: CharacterSet) {
    for (let byte = 0; byte < 128; byte++) this.ascii[byte] = set.contains(byte) ? 1 : 0;
  }

  /** Where the next character of the set stands at or behind `from`; `end` if there is none. */
  find(bytes: Uint8Array, from: number, end: number): number {
    const { ascii } = this;
    let at = from;
    while (at < end) {
      const byte = bytes[at]!;
      if (byte < 0x80) {
        if (ascii[byte] === 1) return at;
        at++;
      } else {
        if (this.contains(decode(bytes, at, end))) return at;
        at += decodedLength;
      }
    }
    return end;
  }

  /** Where the character at `at` ends. */
  endOf(bytes: Uint8Array, at: number, end: number): number {
    if (bytes[at]! < 0x80) return at + 1;
    decode(bytes, at, end);
    return at + decodedLength;
  }

  private contains(codePoint: number): boolean {
    let page = this.pages[codePoint >> 8];
    if (!page) {
      page = new Uint8Array(256);
      this.pages[codePoint >> 8] = page;
    }
    if (page[codePoint & 255] === 0) page[codePoint & 255] = this.set.contains(codePoint) ? YES : NO;
    return page[codePoint & 255] === YES;
  }
}
