import {
  UnsupportedOperationError,
  type Backend,
  type Executable,
  type Segment,
  type UnsupportedOperation,
} from '@tenon/backend';
import type { Operation } from '@tenon/graph';
import { currentBackend, startBackend } from './engine.js';
import { AsyncExecutable, DeviceExecutable, SyncExecutable } from './executables.js';
import type { TfjsOptions } from './options.js';
import { SegmentProgram } from './segment-program.js';
import { whyUnsupported } from './supported.js';
import { Weights } from './weights.js';

/** What is tried, in this order, where nobody has chosen. */
const DEFAULT_BACKENDS = ['wasm', 'cpu'];

/** What TensorFlow.js calls those whose memory can be read at once. */
const SYNCHRONOUS: readonly string[] = ['cpu', 'wasm', 'tensorflow'];

/**
 * A backend that runs segments on the kernels of TensorFlow.js, one by one.
 *
 * @example
 * ```ts
 * const session = await hub.session(graph, { backend: tfjs({ backend: 'wasm' }) });
 * ```
 */
export function tfjs(options: TfjsOptions = {}): Backend {
  const chosen = options.backend ?? currentBackend();
  return new TfjsBackend(chosen === undefined ? DEFAULT_BACKENDS : [chosen], options.results ?? 'host');
}

class TfjsBackend implements Backend {
  readonly name = 'tfjs';
  readonly isResident: boolean;
  private readonly weights = new Weights();

  /** @param backends Of these the first that starts is used; only what all of them support is supported. */
  constructor(
    private readonly backends: readonly string[],
    private readonly results: NonNullable<TfjsOptions['results']>,
  ) {
    this.isResident = results === 'device';
  }

  supports(operation: Operation): boolean {
    return whyUnsupported(operation, this.backends) === undefined;
  }

  async compile(segment: Segment): Promise<Executable> {
    const unsupported = Array.from(segment.graph.operations).flatMap((operation): UnsupportedOperation[] => {
      const { type, name } = operation;
      if (type === 'Const' || type === 'Placeholder') return [];
      const reason = whyUnsupported(operation, this.backends);
      return reason === undefined ? [] : [{ type, operation: name, reason }];
    });
    if (unsupported.length > 0) throw new UnsupportedOperationError(this.name, unsupported);
    const backend = await startBackend(this.backends);
    const program = await SegmentProgram.compile(segment, this.weights, backend);
    if (this.results === 'device') return new DeviceExecutable(program, backend);
    return SYNCHRONOUS.includes(backend) ? new SyncExecutable(program, backend) : new AsyncExecutable(program, backend);
  }
}
