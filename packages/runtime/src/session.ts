import type { Backend } from '@tenon/backend';
import { SymbolicTensor, type Graph, type Operation } from '@tenon/graph';
import type { Tensor, TensorReference } from '@tenon/tensor';
import { SessionDisposedError, UnknownTensorError } from './errors.js';
import { NO_FILES } from './host.js';
import type { FileAccess } from './kernel.js';
import { variableOf, VARIABLE } from './kernels/state.js';
import { Resources, Variable } from './resources.js';
import { Callable, type CallableHost } from './session-callable.js';

/** A tensor or operation of a session's graph, or its name. */
export type Fetch = SymbolicTensor | Operation | string;

export interface SessionOptions {
  /** What runs the heavy operations. Without one, everything runs on the session's own host kernels. */
  readonly backend?: Backend | undefined;
  /** The files that programs may read: none by default. */
  readonly files?: FileAccess | undefined;
}

export interface RunOptions {
  /** Values by tensor, or by its name. Any tensor may be fed, not only placeholders. */
  readonly feeds?: ReadonlyMap<SymbolicTensor | string, Tensor>;
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
  private readonly values = new WeakMap<TensorReference, Promise<Tensor>>();
  private readonly callables = new Map<string, Callable>();
  private readonly initialized = new Map<Operation, Promise<void>>();
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
   * @throws UnknownTensorError, FeedError, MissingFeedError, UnsupportedOperationError (naming every operation that nothing can run,
   *   before any weight is read), OperationError (an operation failed while it ran).
   */
  async run(fetches: readonly Fetch[], { feeds = new Map(), signal }: RunOptions = {}): Promise<Tensor[]> {
    return this.callable(fetches, [...feeds.keys()]).run([...feeds.values()], signal);
  }

  /** Resolves fetches and feeds once, for many runs. */
  callable(fetches: readonly Fetch[], feeds: readonly (SymbolicTensor | string)[] = []): Callable {
    const resolved = this.resolve(fetches);
    const fed = this.resolve(
      feeds.map((feed) => (typeof feed === 'string' && !feed.includes(':') ? `${feed}:0` : feed)),
    ).filter((item) => item instanceof SymbolicTensor);
    const key = [...resolved, null, ...fed].map((item) => item?.name ?? '<').join(' ');
    let callable = this.callables.get(key);
    if (!callable) {
      callable = new Callable(this.host, resolved, fed);
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
    for (const operation of operations) {
      let done = this.initialized.get(operation);
      if (!done) {
        done = this.runInitializers(operation, signal);
        this.initialized.set(operation, done);
        // Whoever waits sees the error; the next run tries again.
        done.catch(() => this.initialized.delete(operation));
      }
      await done;
    }
  }

  private async runInitializers(operation: Operation, signal: AbortSignal | undefined): Promise<void> {
    const initializers = this.graph.initializers.get(operation) ?? [];
    for (const initializer of initializers) {
      if ('operation' in initializer) {
        await this.run([initializer.operation], { signal });
        if (operation.type === 'VarHandleOp' || operation.outputs[0]?.isReference) {
          // What an initialiser assigned is the first value, not a change.
          for (const variable of this.resources.ofKind(VARIABLE)) {
            if (variable instanceof Variable && variable.name === nameOf(operation)) variable.assignments = 0;
          }
        }
      } else this.publish(operation);
    }
  }

  /** Gives a variable the value it was published with, without reading it. */
  private publish(operation: Operation): void {
    const last = this.graph.initializers.get(operation)?.at(-1);
    if (!last || !('value' in last)) return;
    const variable = variableOf(operation, { resources: this.resources });
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

function nameOf(operation: Operation): string {
  return operation.string('shared_name') || operation.name;
}
