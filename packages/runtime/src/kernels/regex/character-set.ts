import { caseOrbit } from './case-folding.js';

/** The last code point. */
export const LAST = 0x10ffff;

/**
 * What a byte sequence decodes to that is no UTF-8 although it looks like it: over-long, or beyond the last code point. RE2 lets those pass
 * where every character outside ASCII would.
 */
export const LAX = LAST + 1;

/** What a byte decodes to that is part of no character. Nothing matches it. */
export const INVALID = LAST + 2;

/** First and last code point, inclusive. */
export type Range = readonly [first: number, last: number];

/** A set of code points: what one place of a regular expression matches. */
export interface CharacterSet {
  /** What it has of the characters outside ASCII; `LAX` is in it only if it has them all. */
  readonly beyondAscii: 'all' | 'some' | 'none';
  contains(codePoint: number): boolean;
}

/** Ranges, Unicode properties and other sets, joined, perhaps folded, perhaps negated. */
export class UnionSet implements CharacterSet {
  readonly beyondAscii: 'all' | 'some' | 'none';

  constructor(
    private readonly ranges: readonly Range[],
    private readonly sets: readonly CharacterSet[],
    private readonly isFolded: boolean,
    private readonly isNegated: boolean,
  ) {
    const extent = this.extent();
    this.beyondAscii = !isNegated || extent === 'some' ? extent : extent === 'all' ? 'none' : 'all';
  }

  contains(codePoint: number): boolean {
    if (codePoint >= LAX) return codePoint === LAX && this.beyondAscii === 'all';
    return (this.includes(codePoint) || (this.isFolded && this.includesOtherCase(codePoint))) !== this.isNegated;
  }

  private includes(codePoint: number): boolean {
    for (const [first, last] of this.ranges) if (codePoint >= first && codePoint <= last) return true;
    for (const set of this.sets) if (set.contains(codePoint)) return true;
    return false;
  }

  private includesOtherCase(codePoint: number): boolean {
    return caseOrbit(codePoint)?.some((other) => other !== codePoint && this.includes(other)) ?? false;
  }

  /** What it has of the characters outside ASCII before it is negated. */
  private extent(): 'all' | 'some' | 'none' {
    const { ranges, sets } = this;
    if (ranges.some(([first, last]) => first <= 0x80 && last >= LAST) || sets.some((set) => set.beyondAscii === 'all'))
      return 'all';
    if (ranges.some(([, last]) => last >= 0x80) || sets.some((set) => set.beyondAscii === 'some')) return 'some';
    // Two letters outside ASCII are k and s in another case.
    const isAscii = !this.isFolded || ![...'kKsS'].some((letter) => this.includes(letter.charCodeAt(0)));
    return isAscii ? 'none' : 'some';
  }
}

/** One code point, with the others that differ from it by case alone if it `isFolded`. */
export function characterSet(codePoint: number, isFolded: boolean): CharacterSet {
  return new UnionSet([[codePoint, codePoint]], [], isFolded, false);
}

export function rangeSet(ranges: readonly Range[], isFolded = false, isNegated = false): CharacterSet {
  return new UnionSet(ranges, [], isFolded, isNegated);
}

export const EVERYTHING: CharacterSet = { beyondAscii: 'all', contains: (codePoint) => codePoint <= LAX };

/** What an unanchored search skips: broken bytes, too. */
export const SKIPPABLE: CharacterSet = { beyondAscii: 'all', contains: () => true };

export const ALL_BUT_NEWLINE: CharacterSet = {
  beyondAscii: 'all',
  contains: (codePoint) => codePoint <= LAX && codePoint !== 10,
};

class PropertySet implements CharacterSet {
  readonly beyondAscii = 'some';

  constructor(private readonly expression: RegExp) {}

  contains(codePoint: number): boolean {
    return codePoint <= LAST && this.expression.test(String.fromCodePoint(codePoint));
  }
}

/** General categories as RE2 knows them: unassigned code points have none. */
const CATEGORY = /^(?:C[cfos]?|L[lmotu]?|M[cen]?|N[dlo]?|P[cdefios]?|S[ckmo]?|Z[lps]?)$/;
const SCRIPT = /^[A-Z][A-Za-z_]*$/;

const properties = new Map<string, CharacterSet>();

/** A general category or script by RE2's name for it; `undefined` if there is none of that name. */
export function propertySet(name: string): CharacterSet | undefined {
  let set = properties.get(name);
  if (!set) {
    set = makePropertySet(name);
    if (set) properties.set(name, set);
  }
  return set;
}

function makePropertySet(name: string): CharacterSet | undefined {
  if (name === 'Any') return rangeSet([[0, LAST]]);
  // No set of RE2's has the unassigned code points.
  if (name === 'C') return new PropertySet(/^[\p{Cc}\p{Cf}\p{Co}\p{Cs}]$/u);
  if (CATEGORY.test(name)) return new PropertySet(new RegExp(`^\\p{${name}}$`, 'u'));
  if (!SCRIPT.test(name)) return undefined;
  try {
    return new PropertySet(new RegExp(`^\\p{Script=${name}}$`, 'u'));
  } catch {
    return undefined;
  }
}
