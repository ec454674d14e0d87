/** What a function that builds was given cannot be: a value of no known type, tensors of several graphs, a rate out of range. */
export class BuildArgumentError extends Error {
  override readonly name = 'BuildArgumentError';
  readonly code = 'ERR_BUILD_ARGUMENT';
  constructor(
    /** What was being built: `Conv2D`, `dropout`. */
    readonly what: string,
    readonly reason: string,
  ) {
    super(`${what}: ${reason}`);
  }
}

/** A variable of that name is in the graph already. */
export class VariableExistsError extends Error {
  override readonly name = 'VariableExistsError';
  readonly code = 'ERR_VARIABLE_EXISTS';
  constructor(readonly variable: string) {
    super(
      `There is a variable "${variable}" in the graph already. Build in a variable scope of another name, or in one with reuse: true to share it.`,
    );
  }
}

/** A variable was to be shared that is not there, or is another than the one wanted. */
export class VariableReuseError extends Error {
  override readonly name = 'VariableReuseError';
  readonly code = 'ERR_VARIABLE_REUSE';
  constructor(
    readonly variable: string,
    reason: string,
  ) {
    super(`Variable "${variable}" cannot be shared: ${reason}`);
  }
}
