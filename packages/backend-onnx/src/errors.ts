/** The package `onnxruntime-node` is not there, or its library does not load on this machine. */
export class OnnxRuntimeUnavailableError extends Error {
  override readonly name = 'OnnxRuntimeUnavailableError';
  readonly code = 'ERR_ONNX_RUNTIME_UNAVAILABLE';
  constructor(cause: unknown) {
    super(`ONNX Runtime cannot be loaded: ${messageOf(cause)}. Install it with: npm install onnxruntime-node`, {
      cause,
    });
  }
}

/** An execution provider that was asked for cannot be used here. */
export class ExecutionProviderError extends Error {
  override readonly name = 'ExecutionProviderError';
  readonly code = 'ERR_EXECUTION_PROVIDER';
  constructor(
    /** The provider: `cuda`. */
    readonly provider: string,
    /** The providers that this build of ONNX Runtime brings along. */
    readonly available: readonly string[],
    cause?: unknown,
  ) {
    super(
      `ONNX Runtime cannot use the execution provider "${provider}"` +
        `${cause === undefined ? '' : `: ${messageOf(cause)}`}\n${adviceFor(provider, available)}`,
      { cause },
    );
  }
}

/** ONNX Runtime refused a segment when it was compiled, or failed when it ran. */
export class OnnxRuntimeError extends Error {
  override readonly name = 'OnnxRuntimeError';
  readonly code = 'ERR_ONNX_RUNTIME';
  constructor(
    readonly action: 'compile' | 'run',
    /** The operations of the segment, as `type "name"`. */
    readonly operations: readonly string[],
    cause: unknown,
  ) {
    const shown = operations.slice(0, MOST_SHOWN).join(', ');
    const rest = operations.length > MOST_SHOWN ? ` and ${operations.length - MOST_SHOWN} more` : '';
    super(`ONNX Runtime could not ${action} a segment of ${shown}${rest}: ${messageOf(cause)}`, { cause });
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

const MOST_SHOWN = 8;

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function adviceFor(provider: string, available: readonly string[]): string {
  if (!available.includes(provider)) return `This build has: ${available.join(', ')}.`;
  if (provider !== 'cuda' && provider !== 'tensorrt') return 'See what it says above; the provider "cpu" always works.';
  return (
    'Its files are not part of the npm package; where there is a network, they come with: ' +
    'npm rebuild onnxruntime-node --ignore-scripts=false. CUDA and cuDNN must be installed, too.'
  );
}
