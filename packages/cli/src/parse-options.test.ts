import { describe, expect, it } from '@jest/globals';
import { UsageError } from './errors.js';
import { parseList, parseOptions } from './parse-options.js';

const OPTIONS = { output: { type: 'string' }, json: { type: 'boolean' } } as const;

describe('parseOptions', () => {
  it('takes negative numbers for values', () => {
    const { positionals, values } = parseOptions(
      ['-1', '--json', '-.5', '-2e3', '--output', 'x.json', '-Infinity'],
      OPTIONS,
    );
    expect(positionals).toEqual(['-1', '-.5', '-2e3', '-Infinity']);
    expect(values).toEqual({ json: true, output: 'x.json' });
  });

  it('takes everything behind -- for values', () => {
    expect(parseOptions(['--', '--json', '-1'], OPTIONS).positionals).toEqual(['--json', '-1']);
  });

  it('refuses options that are none, or lack their value', () => {
    expect(() => parseOptions(['--frob'], OPTIONS)).toThrow(/^Unknown option '--frob'\.$/);
    expect(() => parseOptions(['--output'], OPTIONS)).toThrow(UsageError);
    expect(() => parseOptions(['--json=1'], OPTIONS)).toThrow(UsageError);
  });
});

describe('parseList', () => {
  it('is empty for the empty text', () => {
    expect(parseList('')).toEqual([]);
    expect(parseList('b, a')).toEqual(['b', 'a']);
  });
});
