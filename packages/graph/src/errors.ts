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
    super(problems.length === 1 ? problems[0] : `The graph is not valid:\n${listed(problems)}`);
  }
}

/** Operations wait for each other in a circle that is not a loop of TensorFlow 1, so none of them could ever run. */
export class GraphCycleError extends Error {
  override readonly name = 'GraphCycleError';
  readonly code = 'ERR_GRAPH_CYCLE';
  constructor(
    /** Their names; each waits for the next, and the last for the first. */
    readonly operations: readonly string[],
  ) {
    const names = operations.length > MOST_LISTED ? [...operations.slice(0, MOST_LISTED), '…'] : [...operations];
    super(`Operations wait for each other in a circle: ${[...names, operations[0]].join(' ← ')}.`);
  }
}

/** A function calls itself, directly or through others, so it cannot be inlined. */
export class RecursiveFunctionError extends Error {
  override readonly name = 'RecursiveFunctionError';
  readonly code = 'ERR_RECURSIVE_FUNCTION';
  constructor(
    /** Each calls the next, and the last calls the first. */
    readonly functions: readonly string[],
  ) {
    super(
      `A function calls itself: ${[...functions, functions[0]].join(' → ')}. Recursive functions are not supported.`,
    );
  }
}

/** An operation or tensor was asked for that a rewritten graph has nothing in place of. */
export class NotInGraphError extends Error {
  override readonly name = 'NotInGraphError';
  readonly code = 'ERR_NOT_IN_GRAPH';
  constructor(
    /** The name of the operation or tensor in the original graph. */
    readonly missing: string,
    reason: string,
  ) {
    super(`Nothing stands for "${missing}" in the rewritten graph: ${reason}.`);
  }
}

/** Nobody can say what an operation is colocated with after it was copied. */
export class ColocationError extends Error {
  override readonly name = 'ColocationError';
  readonly code = 'ERR_COLOCATION';
  constructor(
    readonly operation: string,
    /** The colocation constraint that cannot be rewritten, without `loc:@`. */
    readonly target: string,
    reason: string,
  ) {
    super(
      `Failed to rewrite colocation constraints: "${operation}" is colocated with "${target}", and ${reason}. ` +
        'Give all outputs of that operation the same substitute, or none.',
    );
  }
}

/** Control flow of TensorFlow 1 (`Switch`, `Merge`, `Enter`, …) is put together in a way that has no functional form. */
export class ControlFlowError extends Error {
  override readonly name = 'ControlFlowError';
  readonly code = 'ERR_CONTROL_FLOW';
  constructor(
    reason: string,
    /** The operations concerned, by name. */
    readonly operations: readonly string[],
  ) {
    super(`${reason}: ${operations.slice(0, MOST_LISTED).join(', ')}${operations.length > MOST_LISTED ? ', …' : ''}.`);
  }
}

/** A graph holds what cannot be written to a file. Names every problem. */
export class UnwritableGraphError extends Error {
  override readonly name = 'UnwritableGraphError';
  readonly code = 'ERR_UNWRITABLE_GRAPH';
  constructor(readonly problems: readonly string[]) {
    super(problems.length === 1 ? problems[0] : `The graph cannot be written:\n${listed(problems)}`);
  }
}

/** More than these would bury the message; the error's fields have them all. */
const MOST_LISTED = 20;

function listed(problems: readonly string[]): string {
  const rest = problems.length - MOST_LISTED;
  return [
    ...problems.slice(0, MOST_LISTED).map((problem) => `  - ${problem}`),
    ...(rest > 0 ? [`  and ${rest} more.`] : []),
  ].join('\n');
}
