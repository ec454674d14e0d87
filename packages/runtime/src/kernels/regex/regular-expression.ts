import { Alphabet, END, isWordByte } from './alphabet.js';
import {
  Automaton,
  DEAD,
  holdsAt,
  NEWLINE_BEFORE,
  NOTHING_BEFORE,
  OTHER_BEFORE,
  WORD_BEFORE,
  type Before,
} from './automaton.js';
import type { CharacterSet } from './character-set.js';
import { decode, decodeBackwards, decodedLength } from './decode.js';
import { GroupMatcher } from './groups.js';
import { parseRegularExpression } from './parser.js';
import { compileProgram, type Program } from './program.js';
import type { Expression } from './syntax.js';

const NEWLINE = 10;

/** What is before a byte, given the one that stands there. */
function beforeOf(byte: number): Before {
  return byte === NEWLINE ? NEWLINE_BEFORE : isWordByte(byte) ? WORD_BEFORE : OTHER_BEFORE;
}

/**
 * A regular expression with RE2's syntax and meaning, over bytes that are mostly UTF-8.
 *
 * Matching takes time in proportion to the text, whatever the pattern. Like RE2, it runs an automaton whose states are made when they are
 * needed: forward to where the leftmost match ends, then backward to where it begins.
 */
export class RegularExpression {
  /** Where the match begins that `search` found. */
  matchStart = 0;
  /** Where it ends. */
  matchEnd = 0;
  /** Capturing groups. */
  readonly groups: number;
  /** What it is if it is no more than one character of a set. */
  readonly singleSet: CharacterSet | undefined;
  /** Groups that are always all of the match: those around the whole pattern. */
  readonly outerGroups: readonly number[];

  private readonly expression: Expression;
  private readonly program: Program;
  private foundAlphabet: Alphabet | undefined;
  private reversed: Program | undefined;
  private forward: Automaton | undefined;
  private whole: Automaton | undefined;
  private backward: Automaton | undefined;
  private groupMatcher: GroupMatcher | undefined;

  /** @throws RegularExpressionError if RE2 would not take it. */
  constructor(readonly pattern: string) {
    const { expression, groups } = parseRegularExpression(pattern);
    this.expression = expression;
    this.groups = groups;
    const outerGroups: number[] = [];
    let inner = expression;
    for (; inner.kind === 'group'; inner = inner.part) outerGroups.push(inner.index);
    this.outerGroups = outerGroups;
    this.singleSet = inner.kind === 'set' ? inner.set : undefined;
    this.program = compileProgram(pattern, expression, false);
  }

  /** Made when an automaton first needs it. */
  private get alphabet(): Alphabet {
    return (this.foundAlphabet ??= new Alphabet(this.program));
  }

  /** Whether all of `bytes[start, end)` matches. */
  matchesAll(bytes: Uint8Array, start: number, end: number): boolean {
    this.whole ??= new Automaton(this.program, this.alphabet, this.program.start, false);
    return this.run(this.whole, NOTHING_BEFORE, bytes, start, end) === end;
  }

  /** Finds the leftmost match at or behind `from` in `bytes[start, end)`; `matchStart` and `matchEnd` say where. */
  search(bytes: Uint8Array, start: number, end: number, from: number): boolean {
    this.forward ??= new Automaton(this.program, this.alphabet, this.program.searchStart, true);
    const before = from === start ? NOTHING_BEFORE : beforeOf(bytes[from - 1]!);
    const matchEnd = this.run(this.forward, before, bytes, from, end);
    if (matchEnd < 0) return false;
    this.matchEnd = matchEnd;
    this.matchStart = this.runBackwards(bytes, start, end, from, matchEnd);
    return true;
  }

  /** Where the groups begin and end of the match that `search` found: two numbers each, -1 for a group that took no part; group 0 is the match. */
  groupsOf(bytes: Uint8Array, start: number, end: number): Int32Array {
    this.groupMatcher ??= new GroupMatcher(this.program, this.alphabet, this.groups);
    const letters: number[] = [];
    const positions: number[] = [];
    let at = this.matchStart;
    while (at < this.matchEnd) {
      letters.push(this.alphabet.letterOf(decode(bytes, at, end)));
      positions.push(at);
      at += decodedLength;
    }
    letters.push(at < end ? this.alphabet.letterOf(decode(bytes, at, end)) : END);
    positions.push(at);
    const slots = this.groupMatcher.run(letters, positions, (place, index) => {
      const position = positions[index]!;
      const before = position === start ? NOTHING_BEFORE : beforeOf(bytes[position - 1]!);
      return holdsAt(place, before, letters[index]!, this.alphabet);
    });
    slots[0] = this.matchStart;
    slots[1] = this.matchEnd;
    return slots;
  }

  /** Runs an automaton from `from` on: where the last match ends that it saw, or -1. */
  private run(automaton: Automaton, before: Before, bytes: Uint8Array, from: number, end: number): number {
    const { alphabet } = this;
    const { ascii } = alphabet;
    let state = automaton.startState(before);
    let { table, stride } = automaton;
    let last = -1;
    let at = from;
    while (at < end) {
      const byte = bytes[at]!;
      let letter: number;
      let length = 1;
      if (byte < 0x80) {
        letter = ascii[byte]!;
      } else {
        letter = alphabet.letterOf(decode(bytes, at, end));
        length = decodedLength;
        if (letter >= stride) {
          automaton.widen();
          ({ table, stride } = automaton);
        }
      }
      let entry = table[state * stride + letter]!;
      if (entry < 0) {
        entry = automaton.step(state, letter);
        ({ table, stride } = automaton);
      }
      if ((entry & 1) === 1) last = at;
      state = entry >> 1;
      if (state === DEAD) return last;
      at += length;
    }
    const entry = table[state * stride + END]!;
    return ((entry < 0 ? automaton.step(state, END) : entry) & 1) === 1 ? end : last;
  }

  /** Where the longest match begins that ends at `matchEnd`. */
  private runBackwards(bytes: Uint8Array, start: number, end: number, from: number, matchEnd: number): number {
    this.reversed ??= compileProgram(this.pattern, this.expression, true);
    this.backward ??= new Automaton(this.reversed, this.alphabet, this.reversed.start, false);
    const { alphabet, backward: automaton } = this;
    const { ascii } = alphabet;
    let state = automaton.startState(matchEnd === end ? NOTHING_BEFORE : beforeOf(bytes[matchEnd]!));
    let { table, stride } = automaton;
    let last = matchEnd;
    let at = matchEnd;
    // One letter beyond `from`, if there is one, for what asks about it.
    for (;;) {
      let letter = END;
      let length = 0;
      if (at > start) {
        const byte = bytes[at - 1]!;
        length = 1;
        if (byte < 0x80) {
          letter = ascii[byte]!;
        } else {
          letter = alphabet.letterOf(decodeBackwards(bytes, at, start));
          length = decodedLength;
          if (letter >= stride) {
            automaton.widen();
            ({ table, stride } = automaton);
          }
        }
      }
      let entry = table[state * stride + letter]!;
      if (entry < 0) {
        entry = automaton.step(state, letter);
        ({ table, stride } = automaton);
      }
      if ((entry & 1) === 1) last = at;
      state = entry >> 1;
      if (state === DEAD || at <= from) return last;
      at -= length;
    }
  }
}
