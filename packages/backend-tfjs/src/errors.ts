/** A backend of TensorFlow.js that was asked for is not there, or cannot start. */
export class TfjsUnavailableError extends Error {
  override readonly name = 'TfjsUnavailableError';
  readonly code = 'ERR_TFJS_UNAVAILABLE';
  constructor(
    /** The backends that were tried: `wasm`. */
    readonly backends: readonly string[],
    /** What to install for one of them; none for those that only whoever registers them knows. */
    readonly packages: readonly string[],
    cause: unknown,
  ) {
    const names = backends.map((name) => `"${name}"`).join(' or ');
    super(
      `TensorFlow.js has no backend ${names} that starts here: ${messageOf(cause)} ` +
        (packages.length > 0
          ? `Install it with: npm install @tensorflow/tfjs-core ${packages[0]}`
          : 'Import the package that registers it before anything is computed.'),
      { cause },
    );
  }
}

/** TensorFlow.js failed to prepare or to run an operation. */
export class TfjsError extends Error {
  override readonly name = 'TfjsError';
  readonly code = 'ERR_TFJS';
  constructor(
    readonly action: 'compile' | 'run',
    /** The operation, as `type "name"`. */
    readonly operation: string,
    cause: unknown,
  ) {
    super(`TensorFlow.js could not ${action} ${operation}: ${messageOf(cause)}`, { cause });
  }
}

/** A compiled segment was used after `dispose`. */
export class DisposedError extends Error {
  override readonly name = 'DisposedError';
  readonly code = 'ERR_DISPOSED';
  constructor() {
    super('This compiled segment was disposed; it cannot run any more.');
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
