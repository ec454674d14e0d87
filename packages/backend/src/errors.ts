/** One operation that cannot be run, and why. */
export interface UnsupportedOperation {
  /** The op: `Conv2D`. */
  readonly type: string;
  /** The operation's name in the graph. */
  readonly operation: string;
  /** What about it is not supported, where the type alone does not say it: `dtype complex128`. */
  readonly reason?: string;
}

const WHAT_TO_DO =
  "Use a backend that has them: libtensorflow's has all of TensorFlow's (tfjs-node); or feed or fetch tensors around them. " +
  'What an op takes: docs/adding-an-op.md.';

/** Operations that nothing at hand can run: all of them at once, before any weight is read. */
export class UnsupportedOperationError extends Error {
  override readonly name = 'UnsupportedOperationError';
  readonly code = 'ERR_UNSUPPORTED_OPERATION';
  constructor(
    /** The backend that was asked, or `host` for the session's own kernels. */
    readonly backend: string,
    readonly operations: readonly UnsupportedOperation[],
  ) {
    super(
      `${operations.length === 1 ? 'An operation is' : `${operations.length} operations are`} not supported by ${backend}:\n` +
        operations
          .map(
            ({ type, operation, reason }) => `  - ${type} "${operation}"${reason === undefined ? '' : ` (${reason})`}`,
          )
          .join('\n') +
        (operations.every(({ reason }) => reason === undefined) ? `\n${WHAT_TO_DO}` : ''),
    );
  }
}

/** A program that runs as a whole failed. `cause` is what went wrong. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError';
  readonly code = 'ERR_PROGRAM';
  constructor(
    readonly backend: string,
    readonly action: 'compile' | 'run',
    /** The operation that failed, by its name in the graph, where that is known. */
    readonly operation: string | undefined,
    override readonly cause: unknown,
  ) {
    super(
      `${backend} could not ${action} ${operation === undefined ? 'the program' : `"${operation}"`}: ${cause instanceof Error ? cause.message : String(cause)}`,
    );
  }
}
