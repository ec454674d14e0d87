import type { Operation } from './operation.js';

/** An operation lacks an attribute, or has it of another kind than its op wants. */
export class AttributeError extends Error {
  override readonly name = 'AttributeError';
  readonly code = 'ERR_ATTRIBUTE';
  readonly operation: string;
  constructor(
    operation: Operation,
    readonly attribute: string,
    readonly expected: string,
    readonly actual: string | undefined,
  ) {
    super(
      `${operation.type} "${operation.name}" needs the ${expected} attribute "${attribute}"; ` +
        (actual === undefined ? 'it has none.' : `it has one of kind ${actual}.`),
    );
    this.operation = operation.name;
  }
}

/** A graph cannot be what it says: a missing input, a name given twice, an op that TensorFlow does not have. Names every problem found. */
export class InvalidGraphError extends Error {
  override readonly name = 'InvalidGraphError';
  readonly code = 'ERR_INVALID_GRAPH';
  constructor(readonly problems: readonly string[]) {
    super(problems.length === 1 ? problems[0] : `The graph is not valid:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}
