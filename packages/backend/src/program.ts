import type { Graph, Operation, SymbolicTensor } from '@tenon/graph';
import type { Tensor } from '@tenon/tensor';

/**
 * Everything that fetches need, for a backend that runs whole graphs (`Backend.compileProgram`): variables, lookup tables, text and control
 * flow included. Functions are inlined; those that operations take as attributes (`While`, `If`) are in the graph's library. Whether its
 * operations may touch what they touch was checked before.
 */
export interface Program {
  /** The piece as a graph of its own, operations named as in the session's graph. */
  readonly graph: Graph;
  /** Outputs of `Placeholder` operations, in the order in which `ProgramExecutable.run` takes values. */
  readonly inputs: readonly SymbolicTensor[];
  /** What to compute, in the order in which `ProgramExecutable.run` returns values. */
  readonly outputs: readonly SymbolicTensor[];
  /** Operations to run for their effect, with every run. */
  readonly targets: readonly Operation[];
  /** Operations that a session runs by themselves: those that give state its first value. */
  readonly initializers: readonly Operation[];
  /** The variables, and the lookup tables that can change: what a session reads and writes, and shares between programs. */
  readonly state: readonly Operation[];
  /** What operations read that take the path of a file as an input. Such a path is not to be followed: it is the contents that were allowed. */
  readonly files: readonly ProgramFile[];
}

/** The contents of a file that an operation reads. */
export interface ProgramFile {
  readonly operation: Operation;
  /** Which of its inputs is the path. */
  readonly input: number;
  readonly path: string;
  readonly contents: Uint8Array;
}

/** A compiled program, with state of its own, which has no value until it is written or initialised. */
export interface ProgramExecutable {
  /**
   * @param inputs One per `program.inputs`, in that order. The backend must neither change nor keep them.
   * @returns One per `program.outputs`, in that order.
   * @throws ProgramError
   */
  run(inputs: readonly Tensor[]): Promise<readonly Tensor[]>;

  /** Runs one of `program.initializers`. @throws ProgramError */
  initialize(operation: Operation): Promise<void>;

  /**
   * The value of one of `program.state`: of a variable its tensor, of a table its keys and its values.
   *
   * @throws ProgramError, also if it has no value.
   */
  readState(state: Operation): Promise<readonly Tensor[]>;

  /** Gives some of `program.state` values, in the form in which `readState` returns them. A table holds nothing else afterwards. */
  writeState(values: ReadonlyMap<Operation, readonly Tensor[]>): Promise<void>;

  /** Frees native memory. Runs in flight finish first. */
  dispose(): Promise<void>;
}
