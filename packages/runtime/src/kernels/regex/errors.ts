/** A regular expression is not one that RE2 takes. */
export class RegularExpressionError extends Error {
  override readonly name = 'RegularExpressionError';
  readonly code = 'ERR_REGULAR_EXPRESSION';
  constructor(
    readonly pattern: string,
    readonly problem: string,
  ) {
    super(`The regular expression ${JSON.stringify(pattern)} is not valid: ${problem}.`);
  }
}
