import type { CharacterSet } from './character-set.js';

/** Places between characters where an assertion holds. */
export type Place = 'begin-text' | 'end-text' | 'begin-line' | 'end-line' | 'word-boundary' | 'no-word-boundary';

/** A regular expression, parsed. */
export type Expression =
  | { readonly kind: 'empty' }
  | { readonly kind: 'set'; readonly set: CharacterSet }
  | { readonly kind: 'place'; readonly place: Place }
  | { readonly kind: 'sequence'; readonly parts: readonly Expression[] }
  | { readonly kind: 'choice'; readonly choices: readonly Expression[] }
  | {
      readonly kind: 'repeat';
      readonly part: Expression;
      readonly least: number;
      /** `Infinity` if there is no limit. */
      readonly most: number;
      readonly isGreedy: boolean;
    }
  | { readonly kind: 'group'; readonly part: Expression; /** From 1. */ readonly index: number };

/** Whether it matches the empty text somewhere. */
export function canBeEmpty(expression: Expression): boolean {
  switch (expression.kind) {
    case 'empty':
    case 'place':
      return true;
    case 'set':
      return false;
    case 'sequence':
      return expression.parts.every(canBeEmpty);
    case 'choice':
      return expression.choices.some(canBeEmpty);
    case 'repeat':
      return expression.least === 0 || canBeEmpty(expression.part);
    case 'group':
      return canBeEmpty(expression.part);
  }
}
