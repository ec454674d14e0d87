/** Longer patterns are cut in messages. */
const MOST_SHOWN = 200;

/** A regular expression is not one that RE2 takes. */
export class RegularExpressionError extends Error {
  override readonly name = 'RegularExpressionError';
  readonly code = 'ERR_REGULAR_EXPRESSION';
  constructor(
    readonly pattern: string,
    readonly problem: string,
  ) {
    const shown = pattern.length > MOST_SHOWN ? `${pattern.slice(0, MOST_SHOWN)}…` : pattern;
    super(`The regular expression ${JSON.stringify(shown)} is not valid: ${problem}.`);
  }
}
