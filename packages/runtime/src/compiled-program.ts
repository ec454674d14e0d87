import type { DeviceTensor, Executable } from '@tenon/backend';
import type { Operation } from '@tenon/graph';
import type { Tensor } from '@tenon/tensor';
import { SynchronousRunError } from './errors.js';
import type { Program, RunContext } from './program.js';
import type { Variable } from './resources.js';

/** A program with what the backend holds for it. That is freed when the program was retired and no run uses it any more. */
export class CompiledProgram {
  private users = 0;
  private isRetired = false;
  private readonly freed: Promise<void>;
  private free!: () => void;

  constructor(
    private readonly program: Program,
    executables: readonly Executable[],
    /** Variables that the program takes for constants. */
    private readonly frozen: readonly Variable[],
    /** State to be initialised before the program runs. */
    readonly state: readonly Operation[],
  ) {
    this.freed = new Promise<void>((resolve) => (this.free = resolve)).then(async () => {
      await Promise.all(executables.map((executable) => executable.dispose()));
    });
  }

  /** Whether a variable that it takes for a constant was assigned. */
  get isStale(): boolean {
    for (const { assignments } of this.frozen) if (assignments > 0) return true;
    return false;
  }

  /** Runs it; `undefined` if it was retired before. */
  run(values: readonly Tensor[], context: RunContext): Promise<Tensor[]> | undefined {
    return this.isRetired ? undefined : this.use(() => this.program.run(values, context));
  }

  /**
   * Runs it at once, see `Program.runSync`.
   *
   * @throws SynchronousRunError if a step has to wait, or it was retired before.
   */
  runSync(values: readonly (Tensor | DeviceTensor)[], context: RunContext): (Tensor | DeviceTensor)[] {
    if (this.isRetired) throw new SynchronousRunError('it was replaced meanwhile');
    return this.program.runSync(values, context);
  }

  private async use<T>(run: () => T | Promise<T>): Promise<T> {
    this.users++;
    try {
      return await run();
    } finally {
      this.users--;
      this.freeIfUnused();
    }
  }

  /** Lets no run begin any more. @returns when what the backend held is freed, after the runs in flight. */
  retire(): Promise<void> {
    this.isRetired = true;
    this.freeIfUnused();
    return this.freed;
  }

  private freeIfUnused(): void {
    if (this.isRetired && this.users === 0) this.free();
  }
}
