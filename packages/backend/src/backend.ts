import type { Operation } from '@tenon/graph';
import type { DType, Shape, Tensor } from '@tenon/tensor';
import type { Program, ProgramExecutable } from './program.js';
import type { Segment } from './segment.js';

/**
 * Something that runs pieces of TensorFlow graphs: ONNX Runtime, TensorFlow.js, yours.
 *
 * A backend is small on purpose. It says which operations it can run (`supports`) and turns a segment, a pruned piece of graph
 * all of whose operations it supports, into something that runs (`compile`). Everything else is the session's work: pruning,
 * inlining, control flow, state, strings, lookup tables, and every operation that a backend does not support runs on the session's
 * own host kernels.
 *
 * Backends are made by a factory that takes options, `onnx({ executionProviders: ['cuda'] })`, and handed to `hub.load` or
 * `hub.session`. Nothing registers itself anywhere.
 */
export interface Backend {
  /** A short name for messages and reports: `onnx`. */
  readonly name: string;

  /**
   * Whether values are at home on this backend's device, and come from it and go back to it where a program begins and ends. What costs a trip
   * then is the host: everything that this backend supports and that works on floats is given to it, however cheap.
   */
  readonly isResident?: boolean;

  /**
   * Whether this backend can run `operation` itself, given its data types, its attributes and what is known of the shapes and
   * constant inputs.
   *
   * It is asked after shapes were inferred and constants folded, once per operation of a program; it must be quick and must not
   * read weights. An operation it says yes to may end up in any segment; an operation that it can run only with some inputs constant
   * must look whether they are (`operation.inputs[i].operation.type === 'Const'`).
   *
   * A `PartitionedCall` is control flow that the backend may take whole, and what makes and reads the lists that go through it: its function,
   * `operation.graph.functions.find(operation.attribute('f', 'function').name)`, holds `While`, `If`, tensor lists and the like, which are never asked for alone. A backend that
   * cannot run all of it says no, and the session drives the control flow.
   */
  supports(operation: Operation): boolean;

  /**
   * Turns a segment into an executable. Called once per segment, with unknown dimensions left unknown; the executable then runs with
   * every value of them.
   *
   * @throws UnsupportedOperationError, naming every operation that this backend does not support. Sessions never ask for that.
   */
  compile(segment: Segment): Promise<Executable>;

  /**
   * Turns everything that fetches need into an executable that owns its variables and tables. A backend that has this runs whole graphs:
   * a session gives it nothing in pieces, and runs nothing on kernels of its own. `supports` then says which operations a program may hold.
   *
   * @throws UnsupportedOperationError, naming every operation that this backend does not support. Sessions never ask for that.
   */
  compileProgram?(program: Program): Promise<ProgramExecutable>;
}

/** A compiled segment. */
export interface Executable {
  /**
   * Runs the segment.
   *
   * @param inputs One per `segment.inputs`, in that order: host tensors, or device tensors that this backend's own executables returned.
   *   The backend must neither change nor keep them.
   * @returns One per `segment.outputs`, in that order: host tensors, or device tensors, which the caller reads and disposes.
   */
  run(inputs: readonly (Tensor | DeviceTensor)[]): Promise<readonly (Tensor | DeviceTensor)[]>;

  /**
   * As `run`, without waiting; only backends that can compute synchronously have it.
   */
  runSync?(inputs: readonly (Tensor | DeviceTensor)[]): readonly (Tensor | DeviceTensor)[];

  /** Frees native memory. Runs in flight finish first. */
  dispose(): Promise<void>;
}

/** A value on a backend's device. People never see one; sessions pass it from one segment of a backend to the next. */
export interface DeviceTensor {
  readonly dtype: DType;
  readonly shape: Shape;
  /** Copies the value to the host. */
  read(): Promise<Tensor>;
  /** As `read`, without waiting; only values of backends that can compute synchronously have it. */
  readSync?(): Tensor;
  dispose(): void;
}
