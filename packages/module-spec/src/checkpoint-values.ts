import type { Checkpoint, TensorSlice } from '@tenon/format';
import type { ConstantValue, Operation } from '@tenon/graph';
import { formatShape, isCompatible, type DType, type PartialShape } from '@tenon/tensor';
import { RestoreError, type RestoreProblem } from './errors.js';

/** Which tensor of the checkpoint a variable is restored from. */
export interface Restoration {
  /** What to call the variable in messages. */
  readonly variable: string;
  readonly key: string;
  /** Which piece of it; all if it is left out. */
  readonly slice?: TensorSlice;
  readonly dtype: DType;
  readonly shape: PartialShape;
}

/** Where variables get their first values from. */
export interface VariableValues {
  /** Makes a stored tensor the first value of `operation`. */
  restore(operation: Operation, restoration: Restoration): void;
  /** A stored tensor; undefined where it cannot be read now. */
  read(key: string, slice?: TensorSlice): Promise<ConstantValue | undefined>;
  /** Attaches the values. To be called once, when everything was asked for. */
  finish(): Promise<void>;
}

/**
 * Collects what is to be restored from a checkpoint, so that everything that does not fit is reported at once, and gives the variables
 * their values: references for what lies in one piece, so that nothing is read before it is needed.
 */
export class CheckpointValues implements VariableValues {
  private readonly problems: RestoreProblem[] = [];
  private readonly restorations: [Operation, Restoration][] = [];

  constructor(private readonly checkpoint: Checkpoint) {}

  restore(operation: Operation, restoration: Restoration): void {
    const reason = this.check(restoration);
    if (reason === undefined) this.restorations.push([operation, restoration]);
    else this.problems.push({ variable: restoration.variable, key: restoration.key, reason });
  }

  private check({ key, slice, dtype, shape }: Restoration): string | undefined {
    if (!this.checkpoint.has(key)) return 'the checkpoint has no such tensor.';
    const entry = this.checkpoint.entry(key);
    if (entry.dtype !== dtype) return `it is ${entry.dtype} in the checkpoint; the variable is ${dtype}.`;
    const stored = slice?.shape ?? entry.shape;
    return isCompatible(stored, shape)
      ? undefined
      : `it has the shape ${formatShape(stored)} in the checkpoint; the variable has ${formatShape(shape)}.`;
  }

  /**
   * Reads what must be read now: strings, and slices that are stored in several pieces.
   *
   * @throws RestoreError
   */
  async finish(): Promise<void> {
    if (this.problems.length > 0) throw new RestoreError(this.checkpoint.prefix, this.problems);
    for (const [operation, { key, slice }] of this.restorations) {
      const { initializers } = operation.graph;
      const value = await this.read(key, slice);
      initializers.set(operation, [{ value }, ...(initializers.get(operation) ?? [])]);
    }
  }

  async read(key: string, slice?: TensorSlice): Promise<ConstantValue> {
    return this.checkpoint.reference(key, slice) ?? (await this.checkpoint.read(key, slice));
  }
}
