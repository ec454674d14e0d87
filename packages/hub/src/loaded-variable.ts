import type { Attribute, Operation, SymbolicTensor } from '@tenon/graph';
import type { ModuleVariable, VariablePart } from '@tenon/module-spec';
import type { Session } from '@tenon/runtime';
import type { DType, PartialShape, Tensor } from '@tenon/tensor';

/** A variable of a module that is loaded. */
export class LoadedVariable implements ModuleVariable {
  readonly name: string;
  readonly key: string;
  readonly operation: Operation;
  readonly dtype: DType;
  readonly shape: PartialShape;
  readonly trainable: boolean;
  readonly part?: VariablePart;
  private value: SymbolicTensor | undefined;

  /** @internal */
  constructor(
    variable: ModuleVariable,
    private readonly session: Session,
  ) {
    this.name = variable.name;
    this.key = variable.key;
    this.operation = variable.operation;
    this.dtype = variable.dtype;
    this.shape = variable.shape;
    this.trainable = variable.trainable;
    if (variable.part) this.part = variable.part;
  }

  /** Its value now. */
  async read(signal?: AbortSignal): Promise<Tensor> {
    this.value ??= this.readOperation();
    const [value] = await this.session.run([this.value], { signal });
    return value!;
  }

  private readOperation(): SymbolicTensor {
    const variable = this.operation.output();
    if (variable.dtype !== 'resource') return variable;
    const read = this.operation.graph.addOperation({
      type: 'ReadVariableOp',
      name: `${this.operation.name}/ReadVariableOp`,
      inputs: [variable],
      attributes: new Map<string, Attribute>([['dtype', { kind: 'dtype', value: this.dtype }]]),
      shapes: [this.shape],
    });
    return read.output();
  }
}
