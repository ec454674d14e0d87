import type { CompiledProgram } from './compiled-program.js';

/** Programs by key, each compiled once for all who ask meanwhile; the one asked for longest ago leaves when there are too many. */
export class ProgramCache {
  private readonly programs = new Map<string, Promise<CompiledProgram>>();

  constructor(private readonly most: number) {}

  /** The program of that key; `compile` makes it where there is none, or one that is out of date. */
  async get(key: string, compile: () => Promise<CompiledProgram>): Promise<CompiledProgram> {
    const known = this.programs.get(key);
    if (known && !(await known).isStale) return known;
    // Whoever saw the same stale program first has put another in its place.
    const current = this.programs.get(key);
    if (current && current !== known) return current;
    this.remove(key);
    const program = compile();
    this.programs.set(key, program);
    program.catch(() => this.programs.get(key) === program && this.programs.delete(key));
    const [oldest] = this.programs.keys();
    if (this.programs.size > this.most && oldest !== undefined) this.remove(oldest);
    return program;
  }

  private remove(key: string): void {
    const program = this.programs.get(key);
    this.programs.delete(key);
    void program?.then(
      (compiled) => compiled.retire(),
      () => undefined,
    );
  }

  /** Retires all programs. @returns when everything is freed. */
  async clear(): Promise<void> {
    const programs = [...this.programs.values()];
    this.programs.clear();
    await Promise.all(programs.map(async (program) => (await program.catch(() => undefined))?.retire()));
  }
}
