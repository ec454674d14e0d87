import { SKIPPABLE, type CharacterSet } from './character-set.js';
import { RegularExpressionError } from './errors.js';
import { canBeEmpty, type Expression, type Place } from './syntax.js';

/** One step of a program; steps are named by their position. */
export type Instruction =
  /** Goes on at `next`, and, if that leads nowhere, at `otherwise`. */
  | { readonly kind: 'fork'; next: number; otherwise: number }
  /** Takes one character. */
  | { readonly kind: 'set'; readonly set: CharacterSet; readonly next: number }
  | { readonly kind: 'place'; readonly place: Place; readonly next: number }
  /** Remembers where the text stands: the start of group `i` in slot `2 * i`, its end behind that. */
  | { readonly kind: 'save'; readonly slot: number; readonly next: number }
  | { readonly kind: 'match' };

/** A regular expression as a nondeterministic automaton over characters. */
export interface Program {
  readonly instructions: readonly Instruction[];
  /** Where a match begins. */
  readonly start: number;
  /** Where a search begins: it skips characters until a match begins. */
  readonly searchStart: number;
}

/** What RE2's default memory budget allows, about. */
const MOST_INSTRUCTIONS = 100_000;

const MIRRORED: Readonly<Record<Place, Place>> = {
  'begin-text': 'end-text',
  'end-text': 'begin-text',
  'begin-line': 'end-line',
  'end-line': 'begin-line',
  'word-boundary': 'word-boundary',
  'no-word-boundary': 'no-word-boundary',
};

/**
 * @param isReversed Whether the program reads text backwards; such a one saves nothing.
 * @throws RegularExpressionError if it would be too large.
 */
export function compileProgram(pattern: string, expression: Expression, isReversed: boolean): Program {
  const instructions: Instruction[] = [];

  const add = (instruction: Instruction): number => {
    if (instructions.length >= MOST_INSTRUCTIONS) throw new RegularExpressionError(pattern, 'it is too large');
    return instructions.push(instruction) - 1;
  };

  /** Either goes into `part` or past it. */
  const fork = (part: number, past: number, isGreedy: boolean): Instruction =>
    isGreedy ? { kind: 'fork', next: part, otherwise: past } : { kind: 'fork', next: past, otherwise: part };

  /** One or more times. */
  const plus = (part: Expression, isGreedy: boolean, next: number): number => {
    const loop: Instruction & { kind: 'fork' } = { kind: 'fork', next, otherwise: next };
    const again = add(loop);
    const start = emit(part, again);
    if (isGreedy) loop.next = start;
    else loop.otherwise = start;
    return start;
  };

  const repeat = (part: Expression, least: number, most: number, isGreedy: boolean, next: number): number => {
    let start = next;
    if (most === Infinity) {
      if (least > 0) start = plus(part, isGreedy, next);
      else if (canBeEmpty(part)) start = add(fork(plus(part, isGreedy, next), next, isGreedy));
      else {
        const loop: Instruction & { kind: 'fork' } = { kind: 'fork', next, otherwise: next };
        start = add(loop);
        const inside = emit(part, start);
        if (isGreedy) loop.next = inside;
        else loop.otherwise = inside;
      }
    } else {
      for (let i = least; i < most; i++) start = add(fork(emit(part, start), next, isGreedy));
      if (least > 0) start = emit(part, start);
    }
    for (let i = 1; i < least; i++) start = emit(part, start);
    return start;
  };

  /** Adds what matches `expression` and goes on at `next`; returns where it begins. */
  const emit = (expression: Expression, next: number): number => {
    switch (expression.kind) {
      case 'empty':
        return next;
      case 'set':
        return add({ kind: 'set', set: expression.set, next });
      case 'place':
        return add({ kind: 'place', place: isReversed ? MIRRORED[expression.place] : expression.place, next });
      case 'sequence': {
        const { parts } = expression;
        return isReversed
          ? parts.reduce((at, part) => emit(part, at), next)
          : parts.reduceRight((at, part) => emit(part, at), next);
      }
      case 'choice':
        return expression.choices
          .map((choice) => emit(choice, next))
          .reduceRight((otherwise, choice) => add({ kind: 'fork', next: choice, otherwise }));
      case 'repeat':
        return repeat(expression.part, expression.least, expression.most, expression.isGreedy, next);
      case 'group': {
        if (isReversed) return emit(expression.part, next);
        const end = add({ kind: 'save', slot: 2 * expression.index + 1, next });
        return add({ kind: 'save', slot: 2 * expression.index, next: emit(expression.part, end) });
      }
    }
  };

  const match = add({ kind: 'match' });
  const start = emit(expression, match);
  const search: Instruction & { kind: 'fork' } = { kind: 'fork', next: start, otherwise: start };
  const searchStart = add(search);
  search.otherwise = add({ kind: 'set', set: SKIPPABLE, next: searchStart });
  return { instructions, start, searchStart };
}
