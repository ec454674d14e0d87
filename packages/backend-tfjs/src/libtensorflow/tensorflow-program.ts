import { ProgramError, type ProgramExecutable } from '@tenon/backend';
import type { Operation } from '@tenon/graph';
import type { Tensor } from '@tenon/tensor';
import { DisposedError } from '../errors.js';
import type { DirectoryLease } from './derived-directories.js';
import type { DerivedGraph, Port } from './derived-graph.js';
import type { TensorFlowSession } from './tensorflow-session.js';

/** A derived program, loaded. */
export class TensorFlowProgram implements ProgramExecutable {
  private session: TensorFlowSession | undefined;
  /**
   * Whether inputs go into variables first, in a run that cannot fail: tfjs-node never frees what was fed to a run that did. Once one has, more
   * may.
   */
  private isStaging = false;

  constructor(
    private readonly backend: string,
    private readonly derived: DerivedGraph,
    session: TensorFlowSession,
    private readonly lease: DirectoryLease,
  ) {
    this.session = session;
  }

  async run(inputs: readonly Tensor[]): Promise<readonly Tensor[]> {
    return this.runSync(inputs);
  }

  runSync(values: readonly Tensor[]): readonly Tensor[] {
    const { inputs, staging, outputs, effects } = this.derived;
    const targets = effects === undefined ? [] : [effects];
    if (!this.isStaging || !staging) return this.attempt(inputs, values, outputs, targets);
    this.attempt(staging.inputs, values, [], [staging.write]);
    return this.attempt([], [], outputs, targets);
  }

  async initialize(operation: Operation): Promise<void> {
    this.attempt([], [], [], [this.derived.initializers.get(operation)!]);
  }

  async readState(state: Operation): Promise<readonly Tensor[]> {
    return this.attempt([], [], this.derived.state.get(state)!.reads, []);
  }

  async writeState(values: ReadonlyMap<Operation, readonly Tensor[]>): Promise<void> {
    const writes = [...values.keys()].map((state) => this.derived.state.get(state)!);
    const ports = writes.flatMap((state) => state.writes);
    const effects = writes.map(({ write }) => write);
    this.attempt(ports, [...values.values()].flat(), [], effects);
  }

  async dispose(): Promise<void> {
    this.session?.dispose();
    this.session = undefined;
    this.lease.release();
  }

  private attempt(
    inputs: readonly Port[],
    values: readonly Tensor[],
    outputs: readonly Port[],
    effects: readonly string[],
  ): Tensor[] {
    if (!this.session) throw new DisposedError();
    try {
      return this.session.run(inputs, values, outputs, effects);
    } catch (error) {
      this.isStaging = true;
      const [, operation] = /\{\{node ([^}]+)\}\}/.exec(String(error)) ?? [];
      const name = operation && (this.derived.names.get(operation) ?? operation);
      throw new ProgramError(this.backend, 'run', name, error);
    }
  }
}
