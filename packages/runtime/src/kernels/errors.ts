/** An operation was given values that it cannot work with: an index outside its bounds, shapes that do not fit together. */
export class InvalidArgumentError extends Error {
  override readonly name = 'InvalidArgumentError';
  readonly code = 'ERR_INVALID_ARGUMENT';
}

/** Integers were divided by zero. */
export class DivisionByZeroError extends Error {
  override readonly name = 'DivisionByZeroError';
  readonly code = 'ERR_DIVISION_BY_ZERO';
  constructor() {
    super('Integer division by zero. Keep zeros out of the divisor.');
  }
}

/** An `Assert` of the program failed. */
export class AssertionFailedError extends Error {
  override readonly name = 'AssertionFailedError';
  readonly code = 'ERR_ASSERTION_FAILED';
  constructor(
    /** What the program prints with the failure, one text per tensor. */
    readonly data: readonly string[],
  ) {
    super(`Assertion failed: ${data.join(' ')}`);
  }
}

/** The file of a lookup table cannot be read as the table wants it: an empty line, too few columns, a field that is no number. */
export class VocabularyError extends Error {
  override readonly name = 'VocabularyError';
  readonly code = 'ERR_VOCABULARY';
  constructor(
    readonly path: string,
    /** From 1; `undefined` where the whole file is meant. */
    readonly line: number | undefined,
    readonly problem: string,
  ) {
    super(`${line === undefined ? 'The' : `Line ${line} of the`} vocabulary file "${path}": ${problem}`);
  }
}
