/** An operation that gradients would have to flow through. */
export interface UndifferentiableOperation {
  /** The op: `Cholesky`. */
  readonly type: string;
  /** The operation's name. */
  readonly operation: string;
  /** Why there is no gradient. */
  readonly reason: string;
  /** Names of operations, from the one that is differentiated, through this one, to the one that it is differentiated by. */
  readonly path: readonly string[];
}

/** Operations between what is differentiated and what it is differentiated by have no gradient. Names all of them; the graph is as it was. */
export class NoGradientError extends Error {
  override readonly name = 'NoGradientError';
  readonly code = 'ERR_NO_GRADIENT';
  constructor(readonly operations: readonly UndifferentiableOperation[]) {
    super(
      `There is no gradient through ${operations.length === 1 ? 'an operation' : `${operations.length} operations`}. ` +
        'Cut them off with a StopGradient, or leave out what they lead to:\n' +
        operations
          .map(
            ({ type, operation, reason, path }) =>
              `  - ${type} "${operation}": ${reason} (${shorten(path).join(' ← ')})`,
          )
          .join('\n'),
    );
  }
}

/** What was asked of `gradients` cannot be: tensors of several graphs, or initial gradients that do not fit. Names every problem. */
export class GradientArgumentError extends Error {
  override readonly name = 'GradientArgumentError';
  readonly code = 'ERR_GRADIENT_ARGUMENT';
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

/** What an optimizer is to train cannot be: no variables, or some that are none. Names every problem. */
export class OptimizerArgumentError extends Error {
  override readonly name = 'OptimizerArgumentError';
  readonly code = 'ERR_OPTIMIZER_ARGUMENT';
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

/** A checkpoint does not have what a graph's variables need. Names every one. */
export class RestoreVariablesError extends Error {
  override readonly name = 'RestoreVariablesError';
  readonly code = 'ERR_RESTORE_VARIABLES';
  constructor(
    readonly checkpoint: string,
    readonly problems: readonly string[],
  ) {
    super(
      `Variables cannot be restored from ${checkpoint}:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
  }
}

/** The ends of a long path are what people know it by. */
function shorten(path: readonly string[]): readonly string[] {
  return path.length <= 8 ? path : [...path.slice(0, 4), '…', ...path.slice(-3)];
}
