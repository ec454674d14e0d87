import { END, type Alphabet } from './alphabet.js';
import type { Program } from './program.js';
import type { Place } from './syntax.js';

/** One way of matching: where it is in the program, and what it saved. */
interface Thread {
  readonly at: number;
  readonly slots: Int32Array;
}

/** Tells whether an assertion holds before letter `index`. */
type PlaceCheck = (place: Place, index: number) => boolean;

/** Up to this many pairs of instruction and letter, it is quicker to try one way of matching after the other, never the same pair twice. */
const MOST_PAIRS = 1 << 16;

/**
 * Finds the groups of a match. Time grows with the text times the program, whatever the pattern.
 */
export class GroupMatcher {
  private readonly visited: Uint32Array;
  private readonly setNumbers: Int32Array;
  private generation = 0;
  /** By instruction and letter: whether that pair was tried. */
  private tried = new Uint8Array(0);
  /** Pairs to try, and slots to restore, each as two numbers. */
  private readonly stack: number[] = [];

  constructor(
    private readonly program: Program,
    private readonly alphabet: Alphabet,
    private readonly groups: number,
  ) {
    const { instructions } = program;
    this.visited = new Uint32Array(instructions.length);
    this.setNumbers = Int32Array.from(instructions, (instruction) =>
      instruction.kind === 'set' ? alphabet.indexOf(instruction.set) : -1,
    );
  }

  /**
   * The slots of the match that begins with the first of `letters`: two per group, -1 where a group took no part; group 0 is not filled in.
   *
   * @param letters Of the text from the match on; the last one is what follows it, or `END`.
   * @param positions Where each of `letters` begins.
   */
  run(letters: ArrayLike<number>, positions: ArrayLike<number>, holds: PlaceCheck): Int32Array {
    return letters.length * this.program.instructions.length <= MOST_PAIRS
      ? this.runOneByOne(letters, positions, holds)
      : this.runAtOnce(letters, positions, holds);
  }

  /** Tries one way after the other, the preferred ones first: the first that gets through is the match. */
  private runOneByOne(letters: ArrayLike<number>, positions: ArrayLike<number>, holds: PlaceCheck): Int32Array {
    const { alphabet, stack, setNumbers } = this;
    const { instructions, start } = this.program;
    const slots = new Int32Array(2 * (this.groups + 1)).fill(-1);
    const pairs = letters.length * instructions.length;
    if (this.tried.length < pairs) this.tried = new Uint8Array(2 * pairs);
    const { tried } = this;
    tried.fill(0, 0, pairs);
    stack.length = 0;
    stack.push(start, 0);
    while (stack.length > 0) {
      let index = stack.pop()!;
      let at = stack.pop()!;
      if (at < 0) {
        slots[~at] = index;
        continue;
      }
      while (tried[at * letters.length + index] === 0) {
        tried[at * letters.length + index] = 1;
        const instruction = instructions[at]!;
        if (instruction.kind === 'match') return slots;
        if (instruction.kind === 'fork') {
          stack.push(instruction.otherwise, index);
        } else if (instruction.kind === 'save') {
          stack.push(~instruction.slot, slots[instruction.slot]!);
          slots[instruction.slot] = positions[index]!;
        } else if (instruction.kind === 'place') {
          if (!holds(instruction.place, index)) break;
        } else {
          // The last letter lies behind the match.
          if (index + 1 === letters.length || !alphabet.has(letters[index]!, setNumbers[at]!)) break;
          index++;
        }
        at = instruction.next;
      }
    }
    return slots;
  }

  /** Follows all ways of matching together, in order of preference. */
  private runAtOnce(letters: ArrayLike<number>, positions: ArrayLike<number>, holds: PlaceCheck): Int32Array {
    const { instructions } = this.program;
    let threads: Thread[] = [{ at: this.program.start, slots: new Int32Array(2 * (this.groups + 1)).fill(-1) }];
    let found = threads[0]!.slots;
    for (let index = 0; index < letters.length && threads.length > 0; index++) {
      const letter = letters[index]!;
      const next: Thread[] = [];
      const added = new Set<number>();
      const stack: Thread[] = [];
      this.generation++;
      search: for (const thread of threads) {
        stack.length = 0;
        stack.push(thread);
        while (stack.length > 0) {
          const { at, slots } = stack.pop()!;
          if (this.visited[at] === this.generation) continue;
          this.visited[at] = this.generation;
          const instruction = instructions[at]!;
          switch (instruction.kind) {
            case 'fork':
              stack.push({ at: instruction.otherwise, slots }, { at: instruction.next, slots });
              break;
            case 'save': {
              const saved = slots.slice();
              saved[instruction.slot] = positions[index]!;
              stack.push({ at: instruction.next, slots: saved });
              break;
            }
            case 'place':
              if (holds(instruction.place, index)) stack.push({ at: instruction.next, slots });
              break;
            case 'set':
              if (letter !== END && !added.has(instruction.next) && this.alphabet.has(letter, this.setNumbers[at]!)) {
                added.add(instruction.next);
                next.push({ at: instruction.next, slots });
              }
              break;
            case 'match':
              found = slots;
              break search;
          }
        }
      }
      threads = next;
    }
    return found;
  }
}
