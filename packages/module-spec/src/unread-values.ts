import type { Operation } from '@tenon/graph';
import { isFullyKnown, isNumeric, TensorReference, type ByteSource } from '@tenon/tensor';
import type { Restoration, VariableValues } from './checkpoint-values.js';
import { UnreadWeightsError } from './errors.js';

/** Stands for a checkpoint that is not at hand: it is taken to hold what the graph wants of it. */
export class UnreadValues implements VariableValues {
  /** @param module What to call it in messages. */
  constructor(private readonly module: string) {}

  restore(operation: Operation, { variable, dtype, shape }: Restoration): void {
    if (!isNumeric(dtype) || !isFullyKnown(shape)) return;
    const source: ByteSource = {
      name: this.module,
      size: Infinity,
      read: () => Promise.reject(new UnreadWeightsError(this.module, variable)),
    };
    const { initializers } = operation.graph;
    const value = new TensorReference(dtype, shape, source, 0);
    initializers.set(operation, [{ value }, ...(initializers.get(operation) ?? [])]);
  }

  async read(): Promise<undefined> {}

  async finish(): Promise<void> {}
}
