import {
  ALL_BUT_NEWLINE,
  characterSet,
  EVERYTHING,
  LAST,
  propertySet,
  rangeSet,
  UnionSet,
  type CharacterSet,
  type Range,
} from './character-set.js';
import { RegularExpressionError } from './errors.js';
import type { Expression, Place } from './syntax.js';

/** Parentheses inside parentheses, as RE2 allows. */
const MOST_NESTED = 1000;
/** Copies that repetitions inside repetitions may ask for, as RE2 allows. */
const MOST_REPEATED = 1000;

interface Flags {
  readonly isFolded: boolean;
  readonly isMultiLine: boolean;
  readonly dotMatchesNewline: boolean;
  readonly isUngreedy: boolean;
}

const DIGITS: Range[] = [[0x30, 0x39]];
const SPACES: Range[] = [
  [9, 10],
  [12, 13],
  [32, 32],
];
const WORD: Range[] = [...DIGITS, [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]];

const PERL_CLASSES: Readonly<Record<string, readonly Range[]>> = { d: DIGITS, s: SPACES, w: WORD };

const POSIX_CLASSES: ReadonlyMap<string, readonly Range[]> = new Map<string, readonly Range[]>([
  ['alnum', [...DIGITS, [0x41, 0x5a], [0x61, 0x7a]]],
  [
    'alpha',
    [
      [0x41, 0x5a],
      [0x61, 0x7a],
    ],
  ],
  ['ascii', [[0, 0x7f]]],
  [
    'blank',
    [
      [9, 9],
      [32, 32],
    ],
  ],
  [
    'cntrl',
    [
      [0, 31],
      [127, 127],
    ],
  ],
  ['digit', DIGITS],
  ['graph', [[33, 126]]],
  ['lower', [[0x61, 0x7a]]],
  ['print', [[32, 126]]],
  [
    'punct',
    [
      [33, 47],
      [58, 64],
      [91, 96],
      [123, 126],
    ],
  ],
  [
    'space',
    [
      [9, 13],
      [32, 32],
    ],
  ],
  ['upper', [[0x41, 0x5a]]],
  ['word', WORD],
  ['xdigit', [...DIGITS, [0x41, 0x46], [0x61, 0x66]]],
]);

const ESCAPES: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

const PLACES: Readonly<Record<string, Place>> = {
  A: 'begin-text',
  z: 'end-text',
  b: 'word-boundary',
  B: 'no-word-boundary',
};

export interface ParsedExpression {
  readonly expression: Expression;
  /** Capturing groups. */
  readonly groups: number;
}

/**
 * Parses RE2's syntax (https://github.com/google/re2/wiki/Syntax), but for `\C`, which would match half a character.
 *
 * @throws RegularExpressionError where RE2 refuses the pattern.
 */
export function parseRegularExpression(pattern: string): ParsedExpression {
  return new Parser(pattern).parse();
}

class Parser {
  private readonly characters: readonly string[];
  private at = 0;
  private depth = 0;
  private groups = 0;
  private readonly literals = new Map<number, CharacterSet>();
  private flags: Flags = { isFolded: false, isMultiLine: false, dotMatchesNewline: false, isUngreedy: false };

  constructor(private readonly pattern: string) {
    this.characters = [...pattern];
  }

  parse(): ParsedExpression {
    const expression = this.parseChoice();
    if (this.at < this.characters.length) this.fail('there is a ")" without "("');
    this.checkRepetitions(expression, 1);
    return { expression, groups: this.groups };
  }

  private fail(problem: string): never {
    throw new RegularExpressionError(this.pattern, problem);
  }

  private peek(offset = 0): string | undefined {
    return this.characters[this.at + offset];
  }

  private take(text: string): boolean {
    for (let i = 0; i < text.length; i++) if (this.peek(i) !== text[i]) return false;
    this.at += text.length;
    return true;
  }

  private parseChoice(): Expression {
    if (++this.depth > MOST_NESTED) this.fail(`groups are nested more than ${MOST_NESTED} deep`);
    const choices = [this.parseSequence()];
    while (this.take('|')) choices.push(this.parseSequence());
    this.depth--;
    return choices.length === 1 ? choices[0]! : { kind: 'choice', choices };
  }

  private parseSequence(): Expression {
    const parts: Expression[] = [];
    let canRepeat = false;
    for (;;) {
      const character = this.peek();
      if (character === undefined || character === '|' || character === ')') break;
      const repetition = this.parseRepetition();
      if (repetition) {
        const part = canRepeat ? parts.pop() : undefined;
        if (!part) this.fail(`there is nothing for "${character}" to repeat`);
        parts.push({ kind: 'repeat', part, ...repetition });
        canRepeat = false;
        if (this.peek() !== undefined && '*+?'.includes(this.peek()!)) this.fail('a repetition is repeated');
        const { at } = this;
        if (this.parseRepetition()) this.fail('a repetition is repeated');
        this.at = at;
        continue;
      }
      const before = parts.length;
      this.parseAtom(parts);
      canRepeat = parts.length > before;
    }
    return parts.length === 0 ? { kind: 'empty' } : parts.length === 1 ? parts[0]! : { kind: 'sequence', parts };
  }

  /** `*`, `+`, `?` and `{2,5}`, with the `?` that makes them lazy; `undefined`, and nothing taken, if there is none. */
  private parseRepetition(): { readonly least: number; readonly most: number; readonly isGreedy: boolean } | undefined {
    let least = 0;
    let most = Infinity;
    if (this.take('?')) most = 1;
    else if (this.take('+')) least = 1;
    else if (!this.take('*')) {
      const counts = /^\{(\d+)(,(\d*))?\}/.exec(this.characters.slice(this.at, this.at + 32).join(''));
      if (!counts) return undefined;
      least = Number(counts[1]);
      most = counts[2] === undefined ? least : counts[3] === '' ? Infinity : Number(counts[3]);
      if (least > MOST_REPEATED || (most !== Infinity && most > MOST_REPEATED) || most < least) {
        this.fail(`a repetition of "${counts[0]}" is not possible; ${MOST_REPEATED} is the most`);
      }
      this.at += counts[0].length;
    }
    return { least, most, isGreedy: this.take('?') === this.flags.isUngreedy };
  }

  /** Appends what stands next, unless it only changes flags. */
  private parseAtom(parts: Expression[]): void {
    const character = this.peek()!;
    switch (character) {
      case '(':
        return this.parseGroup(parts);
      case '[':
        parts.push({ kind: 'set', set: this.parseClass() });
        return;
      case '.':
        this.at++;
        parts.push({ kind: 'set', set: this.flags.dotMatchesNewline ? EVERYTHING : ALL_BUT_NEWLINE });
        return;
      case '^':
        this.at++;
        parts.push({ kind: 'place', place: this.flags.isMultiLine ? 'begin-line' : 'begin-text' });
        return;
      case '$':
        this.at++;
        parts.push({ kind: 'place', place: this.flags.isMultiLine ? 'end-line' : 'end-text' });
        return;
      case '\\':
        return this.parseEscape(parts);
      default:
        this.at++;
        parts.push(this.literal(character.codePointAt(0)!));
    }
  }

  private literal(codePoint: number): Expression {
    // Equal letters share a set: fewer sets make fewer kinds of characters to tell apart.
    const key = this.flags.isFolded ? -codePoint : codePoint;
    let set = this.literals.get(key);
    if (!set) {
      set = characterSet(codePoint, this.flags.isFolded);
      this.literals.set(key, set);
    }
    return { kind: 'set', set };
  }

  private parseGroup(parts: Expression[]): void {
    this.at++;
    const { flags } = this;
    let index: number | undefined;
    if (this.take('?P<')) {
      const rest = this.characters.slice(this.at);
      const name = rest.slice(0, Math.max(0, rest.indexOf('>'))).join('');
      if (!/^[\p{L}\p{M}\p{N}\p{Pc}]+$/u.test(name)) this.fail(`"${name}" cannot name a group`);
      this.at += [...name].length + 1;
      index = ++this.groups;
    } else if (this.take('?')) {
      // Flags alone hold to the end of the group that they stand in.
      if (this.parseFlags() === ')') return;
    } else {
      index = ++this.groups;
    }
    const part = this.parseChoice();
    if (!this.take(')')) this.fail('a ")" is missing');
    this.flags = flags;
    parts.push(index === undefined ? part : { kind: 'group', part, index });
  }

  /** `i-s:` or `m)`: says which of the two it ended with. */
  private parseFlags(): ':' | ')' {
    let value = true;
    let isPending = false;
    for (;;) {
      const flag = this.peek();
      this.at++;
      if (flag === ':' || flag === ')') {
        if (isPending) this.fail('there is no flag behind "-"');
        return flag;
      }
      if (flag === '-' && value) {
        value = false;
        isPending = true;
        continue;
      }
      isPending = false;
      if (flag === 'i') this.flags = { ...this.flags, isFolded: value };
      else if (flag === 'm') this.flags = { ...this.flags, isMultiLine: value };
      else if (flag === 's') this.flags = { ...this.flags, dotMatchesNewline: value };
      else if (flag === 'U') this.flags = { ...this.flags, isUngreedy: value };
      else this.fail(`"(?${flag ?? ''}" is not understood`);
    }
  }

  private parseEscape(parts: Expression[]): void {
    const letter = this.peek(1);
    if (letter === 'Q') {
      this.at += 2;
      while (this.peek() !== undefined && !this.take('\\E')) {
        parts.push(this.literal(this.peek()!.codePointAt(0)!));
        this.at++;
      }
      return;
    }
    const place = letter === undefined ? undefined : PLACES[letter];
    if (place) {
      this.at += 2;
      parts.push({ kind: 'place', place });
      return;
    }
    const set = this.parseNamedClass();
    parts.push(set ? { kind: 'set', set } : this.literal(this.parseEscapedCharacter()));
  }

  /** `\d`, `\W`, `\pL`, `\P{Greek}`; `undefined`, and nothing taken, if there is none. */
  private parseNamedClass(): CharacterSet | undefined {
    const letter = this.peek(1);
    if (this.peek() !== '\\' || letter === undefined) return undefined;
    const lower = letter.toLowerCase();
    const ranges = PERL_CLASSES[lower];
    if (ranges) {
      this.at += 2;
      return rangeSet(ranges, this.flags.isFolded, letter !== lower);
    }
    if (lower !== 'p') return undefined;
    this.at += 2;
    let name = this.peek() ?? '';
    this.at++;
    if (name === '{') {
      const end = this.characters.indexOf('}', this.at);
      if (end < 0) this.fail('a "}" is missing');
      name = this.characters.slice(this.at, end).join('');
      this.at = end + 1;
    }
    const isInverse = name.startsWith('^');
    const set = propertySet(isInverse ? name.slice(1) : name);
    if (!set) this.fail(`there is no character class "\\${letter}{${name}}"`);
    const isNegated = (letter === 'P') !== isInverse;
    return new UnionSet([], [set], this.flags.isFolded, isNegated);
  }

  private parseEscapedCharacter(): number {
    this.at++;
    const letter = this.peek();
    if (letter === undefined) this.fail('it ends with "\\"');
    this.at++;
    if (/[1-7]/.test(letter) ? /[0-7]/.test(this.peek() ?? '') : letter === '0') {
      let digits = letter;
      while (digits.length < 3 && /[0-7]/.test(this.peek() ?? '')) digits += this.characters[this.at++];
      return Number.parseInt(digits, 8);
    }
    if (letter === 'x') return this.parseHexadecimal();
    const control = ESCAPES[letter];
    if (control !== undefined) return control;
    const codePoint = letter.codePointAt(0)!;
    if (codePoint < 0x80 && !/\w/.test(letter)) return codePoint;
    return this.fail(`"\\${letter}" is not understood`);
  }

  private parseHexadecimal(): number {
    const digits = /^(?:([0-9a-f]{2})|\{([0-9a-f]{1,64})\})/i.exec(
      this.characters.slice(this.at, this.at + 66).join(''),
    );
    const codePoint = digits ? Number.parseInt(digits[1] ?? digits[2]!, 16) : Infinity;
    if (codePoint > LAST) this.fail('"\\x" is not followed by a code point');
    this.at += digits![0].length;
    return codePoint;
  }

  private parseClass(): CharacterSet {
    this.at++;
    const isNegated = this.take('^');
    const ranges: Range[] = [];
    const sets: CharacterSet[] = [];
    for (let isFirst = true; isFirst || this.peek() !== ']'; isFirst = false) {
      if (this.peek() === undefined) this.fail('a "]" is missing');
      const set = this.parsePosixClass() ?? this.parseNamedClass();
      if (set) sets.push(set);
      else ranges.push(this.parseRange());
    }
    this.at++;
    return new UnionSet(ranges, sets, this.flags.isFolded, isNegated);
  }

  /** `[:alpha:]`, `[:^alpha:]`; `undefined`, and nothing taken, if there is none. */
  private parsePosixClass(): CharacterSet | undefined {
    if (this.peek() !== '[' || this.peek(1) !== ':') return undefined;
    let end = this.at + 2;
    while (end < this.characters.length && !(this.characters[end] === ':' && this.characters[end + 1] === ']')) end++;
    if (end >= this.characters.length) return undefined;
    const name = this.characters.slice(this.at + 2, end).join('');
    const ranges = POSIX_CLASSES.get(name.replace(/^\^/, ''));
    if (!ranges) this.fail(`there is no character class "[:${name}:]"`);
    this.at = end + 2;
    return rangeSet(ranges, this.flags.isFolded, name.startsWith('^'));
  }

  private parseRange(): Range {
    const first = this.parseClassCharacter();
    if (this.peek() !== '-' || this.peek(1) === undefined || this.peek(1) === ']') return [first, first];
    this.at++;
    const last = this.parseClassCharacter();
    if (last < first) this.fail(`"${String.fromCodePoint(first)}-${String.fromCodePoint(last)}" is an empty range`);
    return [first, last];
  }

  private parseClassCharacter(): number {
    const character = this.peek();
    if (character === undefined) this.fail('a "]" is missing');
    if (character === '\\') return this.parseEscapedCharacter();
    this.at++;
    return character.codePointAt(0)!;
  }

  /** Repetitions multiply: `((a{100}){100}){100}` would be a million copies. */
  private checkRepetitions(expression: Expression, copies: number): void {
    switch (expression.kind) {
      case 'sequence':
        return expression.parts.forEach((part) => this.checkRepetitions(part, copies));
      case 'choice':
        return expression.choices.forEach((choice) => this.checkRepetitions(choice, copies));
      case 'group':
        return this.checkRepetitions(expression.part, copies);
      case 'repeat': {
        const times = Math.max(1, expression.most === Infinity ? expression.least : expression.most);
        if (copies * times > MOST_REPEATED)
          this.fail(`repetitions inside repetitions ask for more than ${MOST_REPEATED} copies`);
        return this.checkRepetitions(expression.part, copies * times);
      }
    }
  }
}
