/** One operation that cannot be converted, and why. */
export interface UnconvertibleOperation {
  /** The op: `Conv2D`. */
  readonly type: string;
  /** The operation's name in the graph. */
  readonly operation: string;
  /** `no ONNX operator for it`, `the rank of input 0 is unknown`. */
  readonly reason: string;
}

/** Operations of a graph that ONNX, or ONNX Runtime's kernels, cannot express: all of them at once. */
export class UnconvertibleOperationsError extends Error {
  override readonly name = 'UnconvertibleOperationsError';
  readonly code = 'ERR_UNCONVERTIBLE_OPERATIONS';
  constructor(readonly operations: readonly UnconvertibleOperation[]) {
    super(
      `${operations.length === 1 ? 'An operation' : `${operations.length} operations`} cannot be converted to ONNX:\n` +
        operations.map(({ type, operation, reason }) => `  - ${type} "${operation}": ${reason}`).join('\n'),
    );
  }
}

/** Thrown inside a converter; whoever called it adds the operation. */
export class Unconvertible extends Error {
  override readonly name = 'Unconvertible';
  constructor(readonly reason: string) {
    super(reason);
  }
}
