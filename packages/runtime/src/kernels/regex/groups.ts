import { END, type Alphabet } from './alphabet.js';
import type { CharacterSet } from './character-set.js';
import type { Program } from './program.js';
import type { Place } from './syntax.js';

/** One way of matching: where it is in the program, and what it saved. */
interface Thread {
  readonly at: number;
  readonly slots: Int32Array;
}

/**
 * Finds the groups of a match, by following all ways of matching at once, in order of preference: time grows with the text times the program,
 * whatever the pattern.
 */
export class GroupMatcher {
  private readonly visited: Uint32Array;
  private readonly setNumbers = new Map<CharacterSet, number>();
  private generation = 0;

  constructor(
    private readonly program: Program,
    private readonly alphabet: Alphabet,
    private readonly groups: number,
  ) {
    this.visited = new Uint32Array(program.instructions.length);
    for (const instruction of program.instructions) {
      if (instruction.kind === 'set') this.setNumbers.set(instruction.set, alphabet.indexOf(instruction.set));
    }
  }

  /**
   * The slots of the match that begins with the first of `letters`: two per group, -1 where a group took no part; group 0 is not filled in.
   *
   * @param letters Of the text from the match on; the last one is what follows it, or `END`.
   * @param positions Where each of `letters` begins.
   * @param holds Whether an assertion holds before letter `index`.
   */
  run(
    letters: ArrayLike<number>,
    positions: ArrayLike<number>,
    holds: (place: Place, index: number) => boolean,
  ): Int32Array {
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
              if (
                letter !== END &&
                !added.has(instruction.next) &&
                this.alphabet.has(letter, this.setNumbers.get(instruction.set)!)
              ) {
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
