import { END, type Alphabet } from './alphabet.js';
import type { Program } from './program.js';
import type { Place } from './syntax.js';

/** What stands before a place in the text, in the direction of reading: all that assertions ask about it. */
export type Before = 0 | 1 | 2 | 3;
export const NOTHING_BEFORE: Before = 0;
export const NEWLINE_BEFORE: Before = 1;
export const WORD_BEFORE: Before = 2;
export const OTHER_BEFORE: Before = 3;

/** Whether an assertion holds between what is before and the next letter. */
export function holdsAt(place: Place, before: Before, letter: number, alphabet: Alphabet): boolean {
  switch (place) {
    case 'begin-text':
      return before === NOTHING_BEFORE;
    case 'end-text':
      return letter === END;
    case 'begin-line':
      return before === NOTHING_BEFORE || before === NEWLINE_BEFORE;
    case 'end-line':
      return letter === END || alphabet.isNewline(letter);
    case 'word-boundary':
      return (before === WORD_BEFORE) !== alphabet.isWord(letter);
    case 'no-word-boundary':
      return (before === WORD_BEFORE) === alphabet.isWord(letter);
  }
}

/** The state from which nothing can match any more. */
export const DEAD = 0;

/** States are forgotten when there are more: patterns can have exponentially many. */
const MOST_STATES = 4096;
const MOST_ENTRIES = 1 << 22;
/** Threads that all states together may hold. */
const MOST_THREADS = 1 << 20;

const UNKNOWN = -1;

/**
 * A program as a deterministic automaton, whose states are made when they are first reached.
 *
 * Entry `state * stride + letter` of `table` is `2 * next + 1` if a match ends before that letter, else `2 * next`; negative if it must be asked
 * of `step`.
 */
export class Automaton {
  table: Int32Array;
  /** Letters for which a row has room. */
  stride: number;
  private states: { readonly threads: Int32Array; readonly before: Before }[] = [];
  private readonly byKey = new Map<string, number>();
  /** Threads of all states. */
  private threads = 0;
  private starts: number[] = [UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN];

  private readonly setNumbers: Int32Array;
  private readonly visited: Uint32Array;
  private generation = 0;
  private readonly stack: number[] = [];
  /** Whether assertions look at lines or words: states are told apart by what stands before only as far as anyone asks. */
  private readonly asks: { readonly text: boolean; readonly lines: boolean; readonly words: boolean };

  /**
   * @param isFirst Whether a match cuts off what a backtracking matcher would have tried later, as searching wants it; else all matches count, so that
   *   the last one seen is the longest.
   */
  constructor(
    private readonly program: Program,
    private readonly alphabet: Alphabet,
    private readonly start: number,
    private readonly isFirst: boolean,
  ) {
    const { instructions } = program;
    this.setNumbers = Int32Array.from(instructions, (instruction) =>
      instruction.kind === 'set' ? alphabet.indexOf(instruction.set) : -1,
    );
    this.visited = new Uint32Array(instructions.length);
    const places = new Set(
      instructions.map((instruction) => (instruction.kind === 'place' ? instruction.place : undefined)),
    );
    this.asks = {
      text: places.has('begin-text') || places.has('begin-line'),
      lines: places.has('begin-line'),
      words: places.has('word-boundary') || places.has('no-word-boundary'),
    };
    this.stride = 8;
    while (this.stride < alphabet.size + 1) this.stride *= 2;
    this.table = new Int32Array(0);
    this.forget();
  }

  /** The state in which to begin at a place in the text. */
  startState(before: Before): number {
    const relevant = this.relevant(before);
    const known = this.starts[relevant]!;
    if (known !== UNKNOWN) return known;
    const state = this.stateOf(Int32Array.of(this.start), relevant);
    this.starts[relevant] = state;
    return state;
  }

  /** Finds the entry for a letter. The table may be another one afterwards, and states other than the one returned may be gone. */
  step(state: number, letter: number): number {
    const { threads, before } = this.states[state]!;
    const next: number[] = [];
    const isMatch = this.advance(threads, before, letter, next);
    const after = letter === END ? DEAD : this.stateOf(Int32Array.from(next), this.relevant(this.beforeNext(letter)));
    const entry = 2 * after + (isMatch ? 1 : 0);
    // The state may have been forgotten to make room for the next one.
    if (this.states[state]?.threads === threads) this.table[state * this.stride + letter] = entry;
    return entry;
  }

  /** Makes room for letters that the alphabet has learnt since. */
  widen(): void {
    const { table, stride } = this;
    while (this.stride <= this.alphabet.size) this.stride *= 2;
    this.table = new Int32Array((table.length / stride) * this.stride).fill(UNKNOWN);
    for (let row = 0; row * stride < table.length; row++) {
      this.table.set(table.subarray(row * stride, (row + 1) * stride), row * this.stride);
    }
  }

  /** Follows all threads over one letter, in order of preference. */
  private advance(threads: Int32Array, before: Before, letter: number, next: number[]): boolean {
    const { alphabet, visited, stack, setNumbers } = this;
    const { instructions } = this.program;
    this.generation++;
    const added = new Set<number>();
    let isMatch = false;
    for (const thread of threads) {
      stack.length = 0;
      stack.push(thread);
      while (stack.length > 0) {
        const at = stack.pop()!;
        if (visited[at] === this.generation) continue;
        visited[at] = this.generation;
        const instruction = instructions[at]!;
        switch (instruction.kind) {
          case 'fork':
            stack.push(instruction.otherwise, instruction.next);
            break;
          case 'save':
            stack.push(instruction.next);
            break;
          case 'place':
            if (holdsAt(instruction.place, before, letter, alphabet)) stack.push(instruction.next);
            break;
          case 'set':
            if (letter !== END && alphabet.has(letter, setNumbers[at]!) && !added.has(instruction.next)) {
              added.add(instruction.next);
              next.push(instruction.next);
            }
            break;
          case 'match':
            isMatch = true;
            if (this.isFirst) return true;
        }
      }
    }
    return isMatch;
  }

  private beforeNext(letter: number): Before {
    return this.alphabet.isNewline(letter) ? NEWLINE_BEFORE : this.alphabet.isWord(letter) ? WORD_BEFORE : OTHER_BEFORE;
  }

  private relevant(before: Before): Before {
    const { text, lines, words } = this.asks;
    const isAsked =
      before === NOTHING_BEFORE ? text : before === NEWLINE_BEFORE ? lines : before === WORD_BEFORE ? words : false;
    return isAsked ? before : OTHER_BEFORE;
  }

  private stateOf(threads: Int32Array, before: Before): number {
    if (threads.length === 0) return DEAD;
    const key = `${before}:${threads.join()}`;
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    const isFull = this.states.length >= MOST_STATES || this.states.length * this.stride >= MOST_ENTRIES;
    if (isFull || this.threads + threads.length > MOST_THREADS) this.forget();
    this.threads += threads.length;
    const state = this.states.push({ threads, before }) - 1;
    this.byKey.set(key, state);
    if (this.states.length * this.stride > this.table.length) {
      const table = new Int32Array(2 * this.table.length).fill(UNKNOWN);
      table.set(this.table);
      this.table = table;
    }
    return state;
  }

  private forget(): void {
    this.states = [{ threads: new Int32Array(0), before: OTHER_BEFORE }];
    this.byKey.clear();
    this.threads = 0;
    this.starts = [UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN];
    this.table = new Int32Array(16 * this.stride).fill(UNKNOWN);
  }
}
