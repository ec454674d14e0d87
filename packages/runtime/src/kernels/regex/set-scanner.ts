import type { CharacterSet } from './character-set.js';
import { decode, decodedLength } from './decode.js';

const NO = 1;
const YES = 2;

/** Finds the characters of one set, without an automaton: most patterns that clean text up are one set. */
export class SetScanner {
  /** By byte: 1 where one must look: the ASCII characters of the set, and all that begins beyond ASCII. */
  readonly stops = new Uint8Array(256).fill(1, 128);
  /** What is known of code points outside ASCII, 256 to a page. */
  private readonly pages: (Uint8Array | undefined)[] = [];

  constructor(private readonly set: CharacterSet) {
    for (let byte = 0; byte < 128; byte++) this.stops[byte] = set.contains(byte) ? 1 : 0;
  }

  /** Where the character at a stop ends; negated if it is not in the set. */
  endAt(bytes: Uint8Array, at: number, end: number): number {
    if (bytes[at]! < 0x80) return at + 1;
    const isIn = this.contains(decode(bytes, at, end));
    return isIn ? at + decodedLength : -(at + decodedLength);
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
