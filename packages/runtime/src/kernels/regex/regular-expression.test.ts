import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { RegularExpression } from './regular-expression.js';
import { SetScanner } from './set-scanner.js';

/** Every match in a text, with its groups, found one after the other as RE2's `GlobalReplace` does. */
function matchesOf(pattern: string, text: string): number[][] {
  const expression = new RegularExpression(pattern);
  const bytes = Buffer.from(text);
  const found: number[][] = [];
  let from = 0;
  while (from <= bytes.length && expression.search(bytes, 0, bytes.length, from)) {
    const { matchStart, matchEnd } = expression;
    found.push(Array.from(expression.groupsOf(bytes, 0, bytes.length)));
    from =
      matchEnd > matchStart
        ? matchEnd
        : matchEnd +
          (bytes.subarray(matchEnd).toString().codePointAt(0)! > 0xffff ? 4 : characterLength(bytes, matchEnd));
  }
  return found;
}

function characterLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/** The same from another implementation of RE2. */
function referenceMatchesOf(pattern: string, text: string): number[][] {
  const matcher = RE2JS.compile(pattern).matcher(Buffer.from(text));
  const found: number[][] = [];
  while (matcher.find()) {
    found.push(
      Array.from({ length: matcher.groupCount() + 1 }, (_, group) => [matcher.start(group), matcher.end(group)]).flat(),
    );
  }
  return found;
}

const characters = ['a', 'b', 'c', 'K', ' ', '\n', '_', '1', 'é', 'É', 'ſ', '日', '🙂', '.'];
const text = fc.array(fc.constantFrom(...characters), { maxLength: 12 }).map((parts) => parts.join(''));

const atom = fc.constantFrom(
  'a',
  'b',
  'c',
  'k',
  'é',
  '日',
  '🙂',
  '.',
  '\\d',
  '\\w',
  '\\W',
  '\\s',
  '\\pL',
  '\\PL',
  '\\p{Lu}',
  '[ab]',
  '[^a]',
  '[^\\w\\s]',
  '[a-cé]',
  '\\x{1F642}',
  '[[:alpha:]]',
  '^',
  '$',
  '\\b',
  '\\B',
  '\\A',
  '\\z',
  '(?i)',
  '(?m)',
  '(?s)',
  '',
);

const { pattern } = fc.letrec<{ pattern: string; piece: string }>((tie) => ({
  piece: fc.oneof(
    { maxDepth: 3, depthSize: 'xsmall', withCrossShrink: true },
    atom,
    fc
      .tuple(tie('pattern'), fc.constantFrom('(', '(?:', '(?i:', '(?m:', '(?s:', '(?U:'))
      .map(([inside, open]) => `${open}${inside})`),
    fc
      .tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '*?', '+?', '??', '{2}', '{1,3}', '{0,2}?', '{2,}'))
      .map(([inside, repetition]) => `(?:${inside})${repetition}`),
  ),
  pattern: fc
    .array(fc.array(tie('piece'), { maxLength: 3 }), { minLength: 1, maxLength: 2 })
    .map((choices) => choices.map((pieces) => pieces.join('')).join('|')),
}));

describe('regular expressions', () => {
  it('match what another implementation of RE2 matches, groups and all', () => {
    fc.assert(
      fc.property(pattern, text, (expression, subject) => {
        expect(matchesOf(expression, subject)).toEqual(referenceMatchesOf(expression, subject));
      }),
      { numRuns: 1000 },
    );
  });

  it('find groups in long texts, too', () => {
    const subject = `${'ab'.repeat(10_000)}c${'ba'.repeat(10_000)}`;
    for (const expression of ['((a|b)*?)(c)((?:ba)+)$', '(a+)?(b)(.*)(c)(.*?)(a)$', '(?:(a)|(b)|(c))*']) {
      expect(matchesOf(expression, subject)).toEqual(referenceMatchesOf(expression, subject));
    }
  });

  it('match whole texts as another implementation of RE2 does', () => {
    fc.assert(
      fc.property(pattern, text, (expression, subject) => {
        const bytes = Buffer.from(subject);
        expect(new RegularExpression(expression).matchesAll(bytes, 0, bytes.length)).toBe(
          RE2JS.compile(expression).matches(bytes),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('find the characters of a set alike with and without an automaton, in any bytes', () => {
    const sets = fc.constantFrom(
      '\\pP',
      '[^\\w\\s]',
      '.',
      '[^a]',
      '\\PL',
      '[é-\\x{FFFF}]',
      '(?i)[ks]',
      '[^\\x00-\\x7f]',
      '\\W',
    );
    const pieces = fc.oneof(
      fc.uint8Array({ maxLength: 3 }).map((bytes) => Buffer.from(bytes)),
      fc.constantFrom(...characters, '“', '\u212a').map((character) => Buffer.from(character)),
    );
    fc.assert(
      fc.property(sets, fc.array(pieces), (set, parts) => {
        const bytes = Buffer.concat(parts);
        const expression = new RegularExpression(set);
        const scanner = new SetScanner(expression.singleSet!);
        for (let at = 0; at < bytes.length;) {
          const next = scanner.stops[bytes[at]!] === 1 ? scanner.endAt(bytes, at, bytes.length) : -(at + 1);
          const isFound = expression.search(bytes, 0, bytes.length, at) && expression.matchStart === at;
          expect(isFound).toBe(next > 0);
          if (isFound) expect(expression.matchEnd).toBe(next);
          at = Math.abs(next);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('are never slower than the text is long', () => {
    const bytes = Buffer.from('a'.repeat(30_000));
    for (const hostile of ['(a*)*b', '(a|aa)+b', '(a|a)*b', '(.*a){12}b', '(x+x+)+y|(a?){100}a{100}b']) {
      const expression = new RegularExpression(hostile);
      expect(expression.matchesAll(bytes, 0, bytes.length)).toBe(false);
      expect(expression.search(bytes, 0, bytes.length, 0)).toBe(false);
    }
  });

  it('refuse what would take too much memory', () => {
    expect(() => new RegularExpression('((a{100}){10}){10}')).toThrow('copies');
    expect(() => new RegularExpression('(\\w{1000}|\\d{1000}){0,1}'.repeat(100))).toThrow('too large');
    expect(() => new RegularExpression(`${'('.repeat(5000)}a${')'.repeat(5000)}`)).toThrow('nested');
  });
});
