import { UnsupportedOperationError, type Backend, type Executable, type UnsupportedOperation } from '@tenon/backend';
import { Operation, SymbolicTensor, type Graph } from '@tenon/graph';
import { isCompatible, type Tensor, type TensorReference } from '@tenon/tensor';
import { compile } from './compile.js';
import { FeedError, type FeedProblem } from './errors.js';
import { evaluateOnHost, hostProblem } from './host.js';
import type { FileAccess } from './kernel.js';
import { hostKernels } from './kernels/index.js';
import { variableOf } from './kernels/state.js';
import { plan, type KnownInput, type Plan, type Planning } from './plan.js';
import type { Program } from './program.js';
import type { Resources, Variable } from './resources.js';

/** What a callable needs of the session that made it. */
export interface CallableHost {
  readonly graph: Graph;
  readonly backend: Backend | undefined;
  readonly files: FileAccess;
  readonly resources: Resources;
  /** Gives state its first values. */
  initialize(operations: Iterable<Operation>, signal: AbortSignal | undefined): Promise<void>;
  /** Gives a variable the value that it was published with, unread. */
  publish(operation: Operation): void;
  /** Reads a constant, once for all programs of the session. */
  read(reference: TensorReference): Promise<Tensor>;
  throwIfDisposed(): void;
}

/** Where an operation runs. */
export interface Placement {
  readonly operation: string;
  /** The op: `MatMul`. */
  readonly type: string;
  /** `host`, or the backend's name. */
  readonly place: string;
}

/** How fetches would run. Operations that were folded away are not listed. */
export interface Preview {
  readonly placements: readonly Placement[];
  /** Operations that can run nowhere: with one of these, a run fails. */
  readonly unsupported: readonly UnsupportedOperation[];
}

/** So many programs that were specialised to the shapes fed are kept. */
const MOST_SPECIALIZED = 8;

interface Compiled {
  readonly program: Program;
  readonly executables: readonly Executable[];
  /** Variables that the program takes for constants. */
  readonly frozen: readonly Variable[];
  /** State to be initialised before the program runs. */
  readonly state: readonly Operation[];
  /** Whether the backend could take more of it if the shapes fed were known. */
  readonly wantsShapes: boolean;
}

/** What to compute from what, resolved once and run many times. */
export class Callable {
  private compiled: Promise<Compiled> | undefined;
  private readonly specialized = new Map<string, Promise<Compiled>>();
  private initialized = false;

  /** @internal Made by `Session.callable`. */
  constructor(
    private readonly host: CallableHost,
    private readonly fetches: readonly (SymbolicTensor | Operation)[],
    private readonly feeds: readonly SymbolicTensor[],
  ) {}

  /**
   * @param values One per feed, in order.
   * @returns One per tensor fetched, in order.
   * @throws FeedError, MissingFeedError, UnsupportedOperationError (naming every operation that nothing can run, before any weight is read),
   *   OperationError (an operation failed while it ran).
   */
  async run(
    values: readonly Tensor[],
    signal?: AbortSignal,
    /** @internal How state gets its first values, where that is not the session's ordinary way. */
    initialize: (state: readonly Operation[]) => Promise<void> = (state) => this.host.initialize(state, signal),
  ): Promise<Tensor[]> {
    this.host.throwIfDisposed();
    signal?.throwIfAborted();
    this.check(values);
    const compiled = await this.select(values);
    if (!this.initialized) {
      await initialize(compiled.state);
      this.initialized = true;
    }
    const { resources, files } = this.host;
    return compiled.program.run(values, { resources, files, signal });
  }

  /** Compiles and initialises now what the first run would. */
  async prepare(signal?: AbortSignal): Promise<void> {
    const { state } = await this.general();
    await this.host.initialize(state, signal);
  }

  /** How it would run. Nothing is compiled or read to tell. */
  preview(): Preview {
    const { planned, planning } = this.plan();
    const place = { host: 'host', backend: this.host.backend?.name ?? 'host' };
    const placements = (at: Plan): Placement[] =>
      at.parts.flatMap((part) =>
        part.operations.flatMap((operation) => [
          { operation: operation.name, type: operation.type, place: place[part.place] },
          ...(at.bodies.get(operation)?.plans.flatMap(placements) ?? []),
        ]),
      );
    return { placements: placements(planned), unsupported: planning.unsupported };
  }

  async dispose(): Promise<void> {
    const compiled = [this.compiled, ...this.specialized.values()];
    this.compiled = undefined;
    this.specialized.clear();
    await Promise.all(compiled.map(release));
  }

  private check(values: readonly Tensor[]): void {
    const problems = this.feeds.flatMap((feed, index): FeedProblem[] => {
      const value = values[index]!;
      if (value.dtype === feed.dtype && isCompatible(value.shape, feed.shape)) return [];
      return [
        {
          tensor: feed.name,
          expected: { dtype: feed.dtype, shape: feed.shape },
          actual: { dtype: value.dtype, shape: value.shape },
        },
      ];
    });
    if (problems.length > 0) throw new FeedError(problems);
  }

  private async select(values: readonly Tensor[]): Promise<Compiled> {
    const general = await this.general();
    if (!general.wantsShapes) return general;
    const key = values.map(({ shape }) => shape.join()).join(';');
    let specialized = this.specialized.get(key);
    if (specialized && isStale(await specialized)) specialized = undefined;
    if (!specialized) {
      specialized = this.compile(values.map(({ shape }) => ({ shape })));
      this.specialized.set(key, specialized);
      specialized.catch(() => this.specialized.delete(key));
      const [oldest] = this.specialized.keys();
      if (this.specialized.size > MOST_SPECIALIZED && oldest !== undefined) {
        void release(this.specialized.get(oldest));
        this.specialized.delete(oldest);
      }
    }
    return specialized;
  }

  /** The program for any shape; compiled anew when a variable that it took for a constant was assigned. */
  private async general(): Promise<Compiled> {
    if (this.compiled) {
      const compiled = await this.compiled;
      if (!isStale(compiled)) return compiled;
      if ((await this.compiled) === compiled) {
        void release(this.compiled);
        this.compiled = undefined;
      }
    }
    if (!this.compiled) {
      const compiling = this.compile();
      this.compiled = compiling;
      compiling.catch(() => {
        if (this.compiled === compiling) this.compiled = undefined;
      });
    }
    return this.compiled;
  }

  private plan(known: readonly KnownInput[] = []): { planned: Plan; planning: Planning } {
    const planning: Planning = {
      backend: this.host.backend,
      variableOf: (operation) => variableOf(operation, this.host),
      publish: (operation) => this.host.publish(operation),
      evaluate: evaluateOnHost,
      hostProblem,
      frozen: new Set(),
      state: new Set(),
      unsupported: [],
      wanting: [],
    };
    const planned = plan(
      {
        graph: this.host.graph,
        fetches: this.fetches.filter((fetch) => fetch instanceof SymbolicTensor),
        targets: this.fetches.filter((fetch) => fetch instanceof Operation),
        feeds: this.feeds,
        known,
      },
      planning,
    );
    return { planned, planning };
  }

  private async compile(known?: readonly KnownInput[]): Promise<Compiled> {
    const { backend, read } = this.host;
    const { planned, planning } = this.plan(known);
    if (planning.unsupported.length > 0)
      throw new UnsupportedOperationError(backend?.name ?? 'host', planning.unsupported);
    const executables: Executable[] = [];
    try {
      const program = await compile(planned, { backend, kernels: hostKernels, read, executables });
      return {
        program,
        executables,
        frozen: [...planning.frozen],
        state: [...planning.state],
        wantsShapes: planning.wanting.length > 0 && this.feeds.length > 0,
      };
    } catch (error) {
      await Promise.all(executables.map((executable) => executable.dispose()));
      throw error;
    }
  }
}

function isStale({ frozen }: Compiled): boolean {
  return frozen.some(({ assignments }) => assignments > 0);
}

async function release(compiled: Promise<Compiled> | undefined): Promise<void> {
  const { executables } = (await compiled?.catch(() => undefined)) ?? { executables: [] };
  await Promise.all(executables.map((executable) => executable.dispose()));
}
