/** What `tenon doctor` found; `--json` prints it as it is. */
export interface DoctorReport {
  readonly tenon: string;
  readonly node: string;
  /** Operating system and processor architecture. */
  readonly platform: string;
  readonly checks: readonly CheckReport[];
}

/** How one way of running modules did. */
export interface CheckReport {
  /** `host`, `onnx:cuda`. */
  readonly name: string;
  /**
   * `right`: it computes what TensorFlow does. `wrong`: it does not, or a module failed. `unavailable`: it does not load here.
   * `crashed`: its process died, or had nothing to say in time.
   */
  readonly outcome: 'right' | 'wrong' | 'unavailable' | 'crashed';
  /** Of the library that computes. */
  readonly version?: string;
  /** Why it is not right. */
  readonly reason?: string;
  readonly modules?: readonly ModuleReport[];
}

export interface ModuleReport {
  readonly name: string;
  /** Null where a result is no number, has another type or shape, or a text differs: as far off as can be. */
  readonly largestDifference: number | null;
  /** Operations that the backend runs, of all that a call of the module takes. */
  readonly onBackend: number;
  readonly operations: number;
  /** Milliseconds that loading and the first call took. */
  readonly firstCall: number;
  /** Milliseconds that the same call took, once more. */
  readonly nextCall: number;
  /** What it failed with. */
  readonly error?: string;
}

/** Differences that rounding explains, relative to one plus the value: other orders of sums, and the shorter floats that GPUs multiply. */
export const TOLERANCE = 1e-3;
