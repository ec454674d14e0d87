import type { Backend, DeviceTensor } from '@tenon/backend';
import { SymbolicTensor, type Graph, type Operation } from '@tenon/graph';
import { ConversionError, Tensor, tensorFrom, type TensorLike, type TensorReference } from '@tenon/tensor';
import { SessionDisposedError, UnknownTensorError } from './errors.js';
import { NO_FILES } from './host.js';
import type { FileAccess } from './kernel.js';
import { currentValue, variableOf } from './kernels/state.js';
import { Resources } from './resources.js';
import type { Callable } from './callable.js';
import { ProgramState } from './program-state.js';
import { Callable as PartitionedCallable, type CallableHost } from './session-callable.js';
import { runsWhole, WholeCallable } from './whole-callable.js';

/** A tensor or operation of a session's graph, or its name. */
export type Fetch = SymbolicTensor | Operation | string;

export interface SessionOptions {
  /** What runs the heavy operations. Without one, everything runs on the session's own host kernels. */
  readonly backend?: Backend | undefined;
  /** The files that programs may read: none by default. */
  readonly files?: FileAccess | undefined;
}

export interface RunOptions {
  /**
   * Values by tensor, or by its name. Any tensor may be fed, not only placeholders. Plain values become what the tensor is, as far as nothing is
   * lost by it; a flat typed array takes its shape, where that leaves at most one dimension open.
   */
  readonly feeds?: ReadonlyMap<SymbolicTensor | string, TensorLike>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a graph, as TensorFlow 1's `Session` does: only what the fetches need, with variables and tables that live as long as the session.
 *
 * State is initialised before the first run that needs it. Runs may overlap.
 */
export class Session implements AsyncDisposable {
  private readonly host: CallableHost;
  private readonly resources = new Resources();
  /** Of backends that run programs as wholes; for others state is in `resources`. */
  private readonly programState = new ProgramState();
  private readonly values = new WeakMap<TensorReference, Promise<Tensor>>();
  private readonly callables = new Map<string, Callable>();
  private readonly initialized = new Set<Operation>();
  private initializing = Promise.resolve();
  private disposed = false;

  constructor(
    readonly graph: Graph,
    { backend, files = NO_FILES }: SessionOptions = {},
  ) {
    this.host = {
      graph,
      backend,
      files,
      resources: this.resources,
      initialize: (operations, signal) => this.initialize(operations, signal),
      publish: (operation) => this.publish(operation),
      read: (reference) => this.read(reference),
      throwIfDisposed: () => this.throwIfDisposed(),
    };
  }

  get backend(): Backend | undefined {
    return this.host.backend;
  }

  /**
   * Computes tensors and runs operations.
   *
   * @returns One value per tensor fetched, in order; operations give none.
   * @throws UnknownTensorError, FeedError, ConversionError, MissingFeedError, RefusedOperationError (naming every operation that touches what no program
   *   may), UnsupportedOperationError (naming every operation that nothing can run, before any weight is read), OperationError (an
   *   operation failed while it ran).
   */
  async run(fetches: readonly Fetch[], { feeds = new Map(), signal }: RunOptions = {}): Promise<Tensor[]> {
    const callable = this.callable(fetches, [...feeds.keys()]);
    const fed = this.fedTensors([...feeds.keys()]);
    const values = Array.from(feeds.values(), (value, index) => tensorFor(fed[index]!, value));
    return callable.run(values, signal);
  }

  /** Resolves fetches and feeds once, for many runs. */
  callable(fetches: readonly Fetch[], feeds: readonly (SymbolicTensor | string)[] = []): Callable {
    const resolved = this.resolve(fetches);
    const fed = this.fedTensors(feeds);
    const key = [...resolved, null, ...fed].map((item) => item?.name ?? '<').join(' ');
    let callable = this.callables.get(key);
    if (!callable) {
      const { backend } = this.host;
      callable = runsWhole(backend)
        ? new WholeCallable(this.host, backend, this.programState, resolved, fed)
        : new PartitionedCallable(this.host, resolved, fed);
      this.callables.set(key, callable);
    }
    return callable;
  }

  /**
   * Initialises state now that runs would initialise when they need it.
   *
   * @param operations State operations, or all that the graph has initialisers for.
   */
  async initialize(
    operations: Iterable<Operation> = this.graph.initializers.keys(),
    signal?: AbortSignal,
  ): Promise<void> {
    const pending = [...operations].filter((operation) => !this.initialized.has(operation));
    if (pending.length === 0) return;
    // One at a time: two runs may need the same state, and initialisers may need each other's.
    const turn = this.initializing.catch(() => undefined).then(() => this.initializeInTurn(pending, new Set(), signal));
    this.initializing = turn;
    await turn;
  }

  /** @param begun State whose initialisers are running and wait for this. */
  private async initializeInTurn(
    operations: Iterable<Operation>,
    begun: ReadonlySet<Operation>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    for (const operation of operations) {
      if (this.initialized.has(operation) || begun.has(operation)) continue;
      const running = new Set([...begun, operation]);
      for (const initializer of this.graph.initializers.get(operation) ?? []) {
        if ('value' in initializer) this.publish(operation);
        else {
          const callable = this.callable([initializer.operation]);
          await callable.run([], signal, (state) => this.initializeInTurn(state, running, signal));
        }
      }
      this.initialized.add(operation);
      // What an initialiser assigned is the first value, not a change.
      if (isVariable(operation)) variableOf(operation, this.host).assignments = 0;
    }
  }

  /**
   * Gives a variable a value, as running an operation that assigns it does, at once.
   *
   * @param operation The variable in the session's graph, which must have been initialised.
   * @param value On the host; or on the backend's device, from where it can be read at once: it stays the caller's, and must be there for as
   *   long as the variable has it.
   */
  assign(operation: Operation, value: Tensor | DeviceTensor): void {
    this.throwIfDisposed();
    variableOf(operation, this.host).assign(value);
  }

  /** What a variable that is initialised was last given, by `assign` or by a run, where it is. @throws UninitializedError */
  valueOf(operation: Operation): Tensor | DeviceTensor {
    this.throwIfDisposed();
    return currentValue(variableOf(operation, this.host));
  }

  /** Gives a variable the value it was published with, without reading it. */
  private publish(operation: Operation): void {
    const last = this.graph.initializers.get(operation)?.at(-1);
    if (!last || !('value' in last)) return;
    const variable = variableOf(operation, this.host);
    if (variable.assignments === 0) variable.value ??= last.value;
  }

  private read(reference: TensorReference): Promise<Tensor> {
    let value = this.values.get(reference);
    if (!value) {
      value = reference.read();
      this.values.set(reference, value);
      value.catch(() => this.values.delete(reference));
    }
    return value;
  }

  private fedTensors(feeds: readonly (SymbolicTensor | string)[]): SymbolicTensor[] {
    return this.resolve(
      feeds.map((feed) => (typeof feed === 'string' && !feed.includes(':') ? `${feed}:0` : feed)),
    ).filter((item) => item instanceof SymbolicTensor);
  }

  private resolve(items: readonly Fetch[]): (SymbolicTensor | Operation)[] {
    this.throwIfDisposed();
    const unknown: string[] = [];
    const resolved = items.flatMap((item) => {
      const found = typeof item === 'string' ? this.find(item) : item.graph === this.graph ? item : undefined;
      if (!found) unknown.push(typeof item === 'string' ? item : item.name);
      return found ?? [];
    });
    if (unknown.length > 0) throw new UnknownTensorError(unknown);
    return resolved;
  }

  private find(name: string): SymbolicTensor | Operation | undefined {
    const colon = name.lastIndexOf(':');
    if (colon < 0) return this.graph.operation(name);
    return this.graph.operation(name.slice(0, colon))?.outputs[Number(name.slice(colon + 1))];
  }

  private throwIfDisposed(): void {
    if (this.disposed) throw new SessionDisposedError();
  }

  /** Frees what the backend holds. Runs that come later fail. */
  async dispose(): Promise<void> {
    this.disposed = true;
    await Promise.all([...this.callables.values()].map((callable) => callable.dispose()));
    this.callables.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }
}

function tensorFor({ name, dtype, shape }: SymbolicTensor, value: TensorLike): Tensor {
  // Tensors are never cast: what runs says all at once of those that do not fit.
  if (Tensor.isTensor(value)) return value;
  try {
    return tensorFrom(value, dtype, shape);
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    throw new ConversionError(`"${name}" cannot be fed this: ${error.message}`, { cause: error });
  }
}

function isVariable({ type }: Operation): boolean {
  return type === 'VarHandleOp' || type === 'VariableV2' || type === 'Variable';
}
