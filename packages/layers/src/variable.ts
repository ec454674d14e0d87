import type { Graph, Operation, SymbolicTensor } from '@tenon/graph';
import type { DType, Shape } from '@tenon/tensor';

/** A variable of a graph: what `getVariable` makes. Operations take it as they take tensors, and read it then. */
export class Variable {
  /** @internal */
  constructor(
    /** `VarHandleOp`, or `VariableV2` of a reference variable: what stands for it in the graph's collections. */
    readonly operation: Operation,
    readonly dtype: DType,
    readonly shape: Shape,
    readonly trainable: boolean,
    /** What it is set to first. */
    readonly initialValue: SymbolicTensor,
    /** Sets it to that. */
    readonly initializer: Operation,
    /** Its value, read anew in every run. */
    readonly value: SymbolicTensor,
  ) {}

  /** With the scopes that it was made in: what checkpoints call it. */
  get name(): string {
    return this.operation.name;
  }

  get graph(): Graph {
    return this.operation.graph;
  }

  /** A resource; of a reference variable the reference. */
  get handle(): SymbolicTensor {
    return this.operation.output();
  }
}
