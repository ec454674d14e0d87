import {
  ProgramError,
  UnsupportedOperationError,
  type Backend,
  type ProgramExecutable,
  type UnsupportedOperation,
} from '@tenon/backend';
import type { Operation, SymbolicTensor } from '@tenon/graph';
import { Tensor, type TensorReference } from '@tenon/tensor';
import type { Callable } from './callable.js';
import { checkFeeds } from './check-feeds.js';
import { OperationError } from './errors.js';
import { checkAccesses } from './permissions.js';
import { planProgram, type PlannedProgram } from './plan-program.js';
import { isShared, type ProgramState } from './program-state.js';
import type { CallableHost, Preview } from './session-callable.js';

/** Values of state are written together until they are so large. */
const MOST_BYTES_TOGETHER = 1 << 26;

/** Operations that are values, and run nowhere. */
const SOURCES = new Set(['Const', 'Placeholder', 'VarHandleOp', 'NoOp']);

type WholeBackend = Backend & Required<Pick<Backend, 'compileProgram'>>;

/** Whether a backend runs programs as wholes. */
export function runsWhole(backend: Backend | undefined): backend is WholeBackend {
  return backend?.compileProgram !== undefined;
}

/** Compiled, with what is known of the state that it has. */
interface Compiled extends PlannedProgram {
  readonly executable: ProgramExecutable;
  /** The version of each shared state that it has. */
  readonly versions: Map<Operation, number>;
  /** State that is not shared, and has its first value. */
  readonly initialized: Set<Operation>;
  /** Initializers that ran in it. */
  readonly ran: Set<Operation>;
}

/** What to compute from what, on a backend that runs programs as wholes. */
export class WholeCallable implements Callable {
  private compiled: Promise<Compiled> | undefined;

  /** @internal Made by `Session.callable`. */
  constructor(
    private readonly host: CallableHost,
    private readonly backend: WholeBackend,
    private readonly state: ProgramState,
    private readonly fetches: readonly (SymbolicTensor | Operation)[],
    private readonly feeds: readonly SymbolicTensor[],
  ) {}

  async run(values: readonly Tensor[], signal?: AbortSignal): Promise<Tensor[]> {
    this.host.throwIfDisposed();
    signal?.throwIfAborted();
    checkFeeds(this.feeds, values);
    const compiled = await this.compile();
    return this.state.exclusively(async () => {
      this.host.throwIfDisposed();
      await this.bringState(compiled, signal);
      let isDone = false;
      try {
        const results = await attempt(compiled, () => compiled.executable.run(values));
        isDone = true;
        return [...results];
      } finally {
        // What failed may have changed what had a value; whether it gave one to what had none, nobody knows.
        for (const operation of compiled.changed)
          if (isDone || this.state.of(operation).version > 0) this.hold(compiled, operation);
      }
    });
  }

  async prepare(signal?: AbortSignal): Promise<void> {
    const compiled = await this.compile();
    await this.state.exclusively(() => this.bringState(compiled, signal));
  }

  preview(): Preview {
    const { program, accesses, unsupported } = this.plan();
    const placements = Array.from(program.graph.operations)
      .filter(({ type }) => !SOURCES.has(type))
      .map(({ name, type }) => ({ operation: name, type, place: this.backend.name }));
    return { placements, unsupported: withoutRefused(unsupported, accesses), accesses };
  }

  async dispose(): Promise<void> {
    const compiled = await this.compiled?.catch(() => undefined);
    this.compiled = undefined;
    await this.state.exclusively(async () => compiled?.executable.dispose());
  }

  private plan(): PlannedProgram {
    const { graph, files } = this.host;
    return planProgram({ graph, fetches: this.fetches, feeds: this.feeds }, this.backend, files);
  }

  private compile(): Promise<Compiled> {
    this.compiled ??= this.compileNow();
    const { compiled } = this;
    compiled.catch(() => this.compiled === compiled && (this.compiled = undefined));
    return compiled;
  }

  private async compileNow(): Promise<Compiled> {
    const planned = this.plan();
    checkAccesses(planned.accesses);
    if (planned.unsupported.length > 0) throw new UnsupportedOperationError(this.backend.name, planned.unsupported);
    const executable = await this.backend.compileProgram(planned.program);
    return { ...planned, executable, versions: new Map(), initialized: new Set(), ran: new Set() };
  }

  /** Gives the program's state the values that it has in the session: its first ones, or those that other programs have. */
  private async bringState(compiled: Compiled, signal: AbortSignal | undefined): Promise<void> {
    const { program, initializers, versions } = compiled;
    const work = {
      targets: new Set(program.targets),
      begun: new Set<Operation>(),
      pending: new PendingWrites(compiled),
      signal,
    };
    try {
      for (const operation of new Set([...program.state, ...initializers.keys()]))
        await this.initialize(compiled, operation, work);
      for (const operation of program.state) {
        const { version, holder } = this.state.of(operation);
        if (!holder || versions.get(operation) === version) continue;
        // Two operations may stand for the same variable.
        if (holder.executable !== compiled.executable)
          await work.pending.add(operation, await holder.executable.readState(holder.operation));
        versions.set(operation, version);
      }
      await work.pending.flush();
    } catch (error) {
      // What was not written for certain is brought again.
      for (const operation of program.state) {
        const state = this.state.of(operation);
        if (state.holder?.executable !== compiled.executable) versions.delete(operation);
        else if (work.begun.has(operation)) Object.assign(state, { version: 0, holder: undefined });
      }
      throw error;
    }
  }

  private async initialize(compiled: Compiled, operation: Operation, work: Initialization): Promise<void> {
    const { targets, begun, pending, signal } = work;
    const isDone = isShared(operation) ? this.state.of(operation).version > 0 : compiled.initialized.has(operation);
    const initializers = compiled.initializers.get(operation) ?? [];
    // A run that initialises needs nothing initialised for it.
    const isTarget =
      initializers.length > 0 && initializers.every((one) => 'operation' in one && targets.has(one.operation));
    if (isDone || isTarget || begun.has(operation)) return;
    begun.add(operation);
    for (const initializer of initializers) {
      signal?.throwIfAborted();
      if ('value' in initializer) await pending.add(operation, [initializer.value]);
      else {
        for (const needed of compiled.needs.get(initializer.operation) ?? [])
          await this.initialize(compiled, needed, work);
        await pending.flush();
        await this.runInitializer(compiled, initializer.operation);
      }
    }
    if (!isShared(operation)) compiled.initialized.add(operation);
    else if (initializers.length > 0) this.hold(compiled, operation);
  }

  private async runInitializer(compiled: Compiled, operation: Operation): Promise<void> {
    if (compiled.ran.has(operation)) return;
    await attempt(compiled, () => compiled.executable.initialize(operation));
    compiled.ran.add(operation);
    // It may have written over what came from other programs.
    for (const needed of compiled.needs.get(operation) ?? [])
      if (isShared(needed) && this.state.of(needed).holder?.executable !== compiled.executable)
        compiled.versions.delete(needed);
  }

  /** From now on this program has the newest value. */
  private hold(compiled: Compiled, operation: Operation): void {
    const state = this.state.of(operation);
    state.version++;
    state.holder = { executable: compiled.executable, operation };
    compiled.versions.set(operation, state.version);
  }
}

interface Initialization {
  /** What the run itself runs. */
  readonly targets: ReadonlySet<Operation>;
  /** State whose initialisation has begun. */
  readonly begun: Set<Operation>;
  readonly pending: PendingWrites;
  readonly signal: AbortSignal | undefined;
}

/** Values that wait to be written together, so that many small ones cost one call, and large ones no memory for long. */
class PendingWrites {
  private readonly values = new Map<Operation, readonly Tensor[]>();
  private bytes = 0;

  constructor(private readonly compiled: Compiled) {}

  async add(operation: Operation, values: readonly (Tensor | TensorReference)[]): Promise<void> {
    const read: Tensor[] = [];
    for (const value of values) read.push(Tensor.isTensor(value) ? value : await value.read());
    this.values.set(operation, read);
    for (const { data } of read) this.bytes += ArrayBuffer.isView(data) ? data.byteLength : 0;
    if (this.bytes >= MOST_BYTES_TOGETHER) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.values.size === 0) return;
    await attempt(this.compiled, () => this.compiled.executable.writeState(this.values));
    this.values.clear();
    this.bytes = 0;
  }
}

/** Names the operation that failed as sessions do. */
async function attempt<T>({ program }: PlannedProgram, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const failed =
      error instanceof ProgramError && error.operation !== undefined
        ? program.graph.operation(error.operation)
        : undefined;
    throw failed ? new OperationError(failed.type, failed.name, (error as ProgramError).cause) : error;
  }
}

function withoutRefused(
  unsupported: readonly UnsupportedOperation[],
  accesses: Preview['accesses'],
): readonly UnsupportedOperation[] {
  const refused = new Set(accesses.flatMap(({ operation, refusal }) => (refusal === undefined ? [] : operation)));
  return unsupported.filter(({ operation }) => !refused.has(operation));
}
