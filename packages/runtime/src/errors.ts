import { formatShape, type DType, type PartialShape, type Shape } from '@tenon/tensor';
import type { Access } from './permissions.js';

/** One feed that its tensor cannot take. */
export interface FeedProblem {
  readonly tensor: string;
  readonly expected: { readonly dtype: DType; readonly shape: PartialShape };
  readonly actual: { readonly dtype: DType; readonly shape: Shape };
}

/** Values of a wrong data type or shape were fed. Names every one of them. */
export class FeedError extends Error {
  override readonly name = 'FeedError';
  readonly code = 'ERR_FEED';
  constructor(readonly problems: readonly FeedProblem[]) {
    super(
      problems
        .map(
          ({ tensor, expected, actual }) =>
            `"${tensor}" takes ${expected.dtype} ${formatShape(expected.shape)}; it was fed ${actual.dtype} ${formatShape(actual.shape)}.`,
        )
        .join('\n'),
    );
  }
}

/** Placeholders that the fetches need were not fed. Names every one of them. */
export class MissingFeedError extends Error {
  override readonly name = 'MissingFeedError';
  readonly code = 'ERR_MISSING_FEED';
  constructor(readonly placeholders: readonly string[]) {
    super(
      `The fetches need ${placeholders.map((name) => `"${name}"`).join(', ')}; feed ${placeholders.length === 1 ? 'it' : 'them'}.`,
    );
  }
}

/** A fetch or feed names nothing in the session's graph. Names every one of them. */
export class UnknownTensorError extends Error {
  override readonly name = 'UnknownTensorError';
  readonly code = 'ERR_UNKNOWN_TENSOR';
  constructor(readonly names: readonly string[]) {
    super(
      `The session's graph has no ${names.map((name) => `"${name}"`).join(', ')}. Fetch and feed tensors and operations of that graph.`,
    );
  }
}

/** A variable or table was read before anything gave it a value. */
export class UninitializedError extends Error {
  override readonly name = 'UninitializedError';
  readonly code = 'ERR_UNINITIALIZED';
  constructor(readonly resource: string) {
    super(`"${resource}" has no value yet: it has no initialiser, and nothing was assigned or restored.`);
  }
}

/** An operation failed while it ran. `cause` is what went wrong. */
export class OperationError extends Error {
  override readonly name = 'OperationError';
  readonly code = 'ERR_OPERATION';
  constructor(
    readonly type: string,
    readonly operation: string,
    override readonly cause: unknown,
  ) {
    super(`${type} "${operation}": ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

/** A program asked for a file that it may not read, or that cannot be read. */
export class FileAccessError extends Error {
  override readonly name = 'FileAccessError';
  readonly code = 'ERR_FILE_ACCESS';
  constructor(
    readonly path: string,
    reason: string,
  ) {
    super(`The module may not read "${path}": ${reason}`);
  }
}

/** One operation that may not run. */
export interface RefusedOperation extends Access {
  readonly refusal: string;
}

/**
 * A program touches what it may not: it writes files, reads others than its module's assets, reaches other processes, or runs code
 * that is not in its graph. Names every such operation, with the permission that would let it run; nothing of the program has run.
 */
export class RefusedOperationError extends Error {
  override readonly name = 'RefusedOperationError';
  readonly code = 'ERR_REFUSED_OPERATION';
  constructor(readonly operations: readonly RefusedOperation[]) {
    super(
      `${operations.length === 1 ? 'An operation is' : `${operations.length} operations are`} refused:\n` +
        operations
          .map(
            ({ type, operation, refusal, permission }) =>
              `  - ${type} "${operation}": ${refusal} (${permission === undefined ? 'no option lets it run' : `if you trust the module: allow "${permission}"`})`,
          )
          .join('\n'),
    );
  }
}

/** The session was disposed. */
export class SessionDisposedError extends Error {
  override readonly name = 'SessionDisposedError';
  readonly code = 'ERR_SESSION_DISPOSED';
  constructor() {
    super('The session was disposed; make a new one.');
  }
}

/** A program was to run at once, and cannot. */
export class SynchronousRunError extends Error {
  override readonly name = 'SynchronousRunError';
  readonly code = 'ERR_SYNCHRONOUS_RUN';
  constructor(readonly reason: string) {
    super(
      `The program cannot run at once: ${reason}. Use run(), or prepare() it on a backend that computes synchronously.`,
    );
  }
}
