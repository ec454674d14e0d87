import {
  UnsupportedOperationError,
  type Backend,
  type DeviceTensor,
  type Executable,
  type UnsupportedOperation,
} from '@tenon/backend';
import { Operation, SymbolicTensor, type Graph } from '@tenon/graph';
import { isCompatible, type Tensor, type TensorReference } from '@tenon/tensor';
import { compile } from './compile.js';
import { CompiledProgram } from './compiled-program.js';
import { FeedError, SynchronousRunError, type FeedProblem } from './errors.js';
import { evaluateOnHost, hostProblem } from './host.js';
import type { FileAccess } from './kernel.js';
import { hostKernels } from './kernels/index.js';
import { variableOf } from './kernels/state.js';
import { checkAccesses, findAccesses, type Access } from './permissions.js';
import { plan, type KnownInput, type Plan, type Planning } from './plan.js';
import { ProgramCache } from './program-cache.js';
import type { Resources } from './resources.js';
import type { ReadyBody } from './specialize-control-flow.js';

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
  readonly read: (reference: TensorReference) => Promise<Tensor>;
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
  /**
   * What the operations touch outside of the program, those that initialise its state included, and which of them are refused: with one
   * of these, a run fails.
   */
  readonly accesses: readonly Access[];
}

/** What runs in one place as a whole, the functions of its control flow included. */
function placementsWithin(
  operations: Iterable<Operation>,
  bodies: ReadonlyMap<Operation, ReadyBody>,
  place: string,
): Placement[] {
  return Array.from(operations)
    .filter(({ type }) => !SOURCES.has(type))
    .flatMap((operation) => [
      { operation: operation.name, type: operation.type, place },
      ...(bodies.get(operation)?.plans ?? []).flatMap(({ graph, bodies: inner }) =>
        placementsWithin(graph.operations, inner, place),
      ),
    ]);
}

/** Operations that are values by then, and run nowhere. */
const SOURCES = new Set(['Const', 'Placeholder', '_Arg', 'VarHandleOp']);

/** The key of the program that takes values of any shape. */
const ANY_SHAPE = 'any';

/** So many programs are kept that were specialised to shapes. */
const MOST_PROGRAMS = 8;

interface Planned {
  readonly planned: Plan;
  readonly planning: Planning;
  readonly accesses: readonly Access[];
}

/** What to compute from what, resolved once and run many times. */
export class Callable {
  private readonly programs = new ProgramCache(MOST_PROGRAMS);
  /** Whether a program that knows the shapes fed can give more to the backend than one for all shapes; unknown before the first run. */
  private isSpecialized: boolean | undefined;
  private isInitialized = false;
  /** For values of any shape. */
  private prepared: CompiledProgram | undefined;

  /** @internal Made by `Session.callable`. */
  constructor(
    private readonly host: CallableHost,
    private readonly fetches: readonly (SymbolicTensor | Operation)[],
    private readonly feeds: readonly SymbolicTensor[],
  ) {}

  /**
   * @param values One per feed, in order.
   * @returns One per tensor fetched, in order.
   * @throws FeedError, MissingFeedError, RefusedOperationError, UnsupportedOperationError (naming every operation that nothing can run, before any weight is read),
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
    const { resources, files } = this.host;
    for (;;) {
      const program = await this.select(values);
      if (!this.isInitialized) {
        await initialize(program.state);
        this.isInitialized = true;
      }
      const results = program.run(values, { resources, files, signal });
      if (results) return results;
      // It was retired meanwhile: with the session, or for one that is up to date.
      this.host.throwIfDisposed();
    }
  }

  /** Compiles and initialises now what the first run would. */
  async prepare(signal?: AbortSignal): Promise<void> {
    const program = await this.programs.get(ANY_SHAPE, () => this.compile(this.plan()));
    await this.host.initialize(program.state, signal);
    this.prepared = program;
  }

  runSync(values: readonly (Tensor | DeviceTensor)[]): (Tensor | DeviceTensor)[] {
    this.host.throwIfDisposed();
    this.check(values);
    if (!this.prepared || this.prepared.isStale) throw new SynchronousRunError('it is not prepared');
    const { resources, files } = this.host;
    return this.prepared.runSync(values, { resources, files, signal: undefined, isSynchronous: true });
  }

  /** How it would run. Nothing is compiled or read to tell. */
  preview(): Preview {
    const { planned, planning, accesses } = this.plan();
    const refused = new Set(accesses.flatMap(({ operation, refusal }) => (refusal === undefined ? [] : operation)));
    const unsupported = planning.unsupported.filter(({ operation }) => !refused.has(operation));
    const place = { host: 'host', backend: this.host.backend?.name ?? 'host' };
    const placements = (at: Plan): Placement[] =>
      at.parts.flatMap((part) =>
        part.operations.flatMap((operation) => {
          const region = at.regions.get(operation);
          if (region) return placementsWithin(region.operations, region.bodies, place[part.place]);
          return [
            { operation: operation.name, type: operation.type, place: place[part.place] },
            ...(at.bodies.get(operation)?.plans.flatMap(placements) ?? []),
          ];
        }),
      );
    return { placements: placements(planned), unsupported, accesses };
  }

  /** Frees what the backend holds, when runs in flight have finished. */
  async dispose(): Promise<void> {
    await this.programs.clear();
  }

  private check(values: readonly (Tensor | DeviceTensor)[]): void {
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

  private select(values: readonly Tensor[]): Promise<CompiledProgram> {
    // The first plan decides which key there is.
    const planned = this.isSpecialized === undefined ? this.planFor(values) : undefined;
    const key = this.isSpecialized ? values.map(({ shape }) => shape.join()).join(';') : ANY_SHAPE;
    return this.programs.get(key, () => this.compile(planned ?? this.planFor(values)));
  }

  /** A plan for all shapes, unless one for the shapes fed leaves less to the host that the backend is there for. */
  private planFor(values: readonly Tensor[]): Planned {
    const known = values.map(({ shape }) => ({ shape }));
    if (this.isSpecialized) return this.plan(known);
    const general = this.plan();
    if (this.isSpecialized === undefined && general.planning.wanting.length > 0 && values.length > 0) {
      const special = this.plan(known);
      this.isSpecialized = special.planning.wanting.length < general.planning.wanting.length;
      if (this.isSpecialized) return special;
    }
    this.isSpecialized = false;
    return general;
  }

  private plan(known: readonly KnownInput[] = []): Planned {
    const planning = this.newPlanning();
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
    const initialization = this.isInitialized ? [] : this.planInitialization(planning.state);
    const accesses = [planned, ...initialization].flatMap((at) => findAccesses(at, this.host.files));
    return { planned, planning, accesses };
  }

  /** What will give state its first values: looked at now, since a program that is refused must leave nothing half done. */
  private planInitialization(state: ReadonlySet<Operation>): Plan[] {
    const { graph } = this.host;
    const plans: Plan[] = [];
    const seen = new Set<Operation>();
    for (let pending = [...state]; pending.length > 0;) {
      for (const operation of pending) seen.add(operation);
      const targets = pending.flatMap((operation) =>
        (graph.initializers.get(operation) ?? []).flatMap((initializer) =>
          'operation' in initializer ? initializer.operation : [],
        ),
      );
      if (targets.length === 0) break;
      const planning = this.newPlanning();
      plans.push(plan({ graph, fetches: [], targets, feeds: [], known: [] }, planning));
      pending = [...planning.state].filter((operation) => !seen.has(operation));
    }
    return plans;
  }

  private newPlanning(): Planning {
    return {
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
  }

  private async compile({ planned, planning, accesses }: Planned): Promise<CompiledProgram> {
    const { backend, read } = this.host;
    checkAccesses(accesses);
    if (planning.unsupported.length > 0)
      throw new UnsupportedOperationError(backend?.name ?? 'host', planning.unsupported);
    const executables: Executable[] = [];
    try {
      const program = await compile(planned, { backend, kernels: hostKernels, read, executables });
      return new CompiledProgram(program, executables, [...planning.frozen], [...planning.state]);
    } catch (error) {
      await Promise.all(executables.map((executable) => executable.dispose()));
      throw error;
    }
  }
}
