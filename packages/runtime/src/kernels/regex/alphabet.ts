import { InvalidArgumentError } from '../errors.js';
import type { CharacterSet } from './character-set.js';
import type { Program } from './program.js';

const NEWLINE = 10;

/** Digits, letters and the underscore of ASCII: what `\b` calls a word, as in RE2. */
export function isWordByte(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || byte === 0x5f || (byte >= 0x61 && byte <= 0x7a)
  );
}

/** The letter that stands for the end of the text. */
export const END = 0;

/**
 * The letters over which the automata of one regular expression work: characters that no set of it tells apart are one letter. Letters are found
 * as characters come, so that no set, be it as large as `\pL`, is ever spelled out.
 */
export class Alphabet {
  /** The letters of the ASCII characters. */
  readonly ascii = new Uint16Array(128);
  private readonly sets: readonly CharacterSet[];
  private readonly numbers = new Map<CharacterSet, number>();
  /** By letter, whether each set has it. */
  private readonly members: Uint8Array[] = [new Uint8Array(0)];
  private readonly words: boolean[] = [false];
  private readonly newlines: boolean[] = [false];
  private readonly bySignature = new Map<string, number>();
  /** Letters by code point, 256 to a page; 0 where not known yet. */
  private readonly pages: (Uint16Array | undefined)[] = [];

  /** @param program Of the regular expression; one that reads backward has the same sets. */
  constructor(program: Program) {
    for (const instruction of program.instructions) {
      if (instruction.kind === 'set' && !this.numbers.has(instruction.set))
        this.numbers.set(instruction.set, this.numbers.size);
    }
    this.sets = [...this.numbers.keys()];
    for (let byte = 0; byte < 128; byte++) this.ascii[byte] = this.classify(byte);
  }

  /** The number of letters known so far. */
  get size(): number {
    return this.members.length;
  }

  /** The number of a set among those of the regular expression. */
  indexOf(set: CharacterSet): number {
    return this.numbers.get(set) ?? -1;
  }

  /** The letter of a code point, of `LAX` or of `INVALID`. */
  letterOf(codePoint: number): number {
    let page = this.pages[codePoint >> 8];
    if (!page) {
      page = new Uint16Array(256);
      this.pages[codePoint >> 8] = page;
    }
    const known = page[codePoint & 255]!;
    if (known !== 0) return known;
    const letter = this.classify(codePoint);
    page[codePoint & 255] = letter;
    return letter;
  }

  /** Whether set number `set` has `letter`. */
  has(letter: number, set: number): boolean {
    return this.members[letter]![set] === 1;
  }

  isWord(letter: number): boolean {
    return this.words[letter]!;
  }

  isNewline(letter: number): boolean {
    return this.newlines[letter]!;
  }

  private classify(codePoint: number): number {
    const isWord = isWordByte(codePoint);
    const isNewline = codePoint === NEWLINE;
    const members = Uint8Array.from(this.sets, (set) => (set.contains(codePoint) ? 1 : 0));
    const signature = `${members.join('')}${isWord ? 'w' : ''}${isNewline ? 'n' : ''}`;
    const known = this.bySignature.get(signature);
    if (known !== undefined) return known;
    const letter = this.members.push(members) - 1;
    if (letter > 0xffff)
      throw new InvalidArgumentError('A regular expression tells more than 65,535 kinds of characters apart.');
    this.words.push(isWord);
    this.newlines.push(isNewline);
    this.bySignature.set(signature, letter);
    return letter;
  }
}
