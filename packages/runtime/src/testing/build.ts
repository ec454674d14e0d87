import { Graph, type Attribute, type Operation, type SymbolicTensor } from '@tenon/graph';
import { Tensor, type DType, type PartialShape } from '@tenon/tensor';

export const float = (shape: readonly number[], ...values: number[]): Tensor =>
  new Tensor('float32', shape, Float32Array.from(values));

/** Adds operations to a graph with few words. */
export class Builder {
  readonly graph = new Graph();

  operation(
    type: string,
    inputs: readonly SymbolicTensor[] = [],
    attributes: Readonly<Record<string, Attribute>> = {},
    options: { name?: string; controlInputs?: readonly Operation[]; shapes?: readonly PartialShape[] } = {},
  ): Operation {
    return this.graph.addOperation({ type, inputs, attributes: new Map(Object.entries(attributes)), ...options });
  }

  placeholder(name: string, shape: PartialShape = null, dtype: DType = 'float32'): SymbolicTensor {
    const attributes: Record<string, Attribute> = { dtype: { kind: 'dtype', value: dtype } };
    return this.operation('Placeholder', [], attributes, { name, shapes: [shape] }).output();
  }

  constant(value: Tensor, name = 'Const'): SymbolicTensor {
    const attributes: Record<string, Attribute> = {
      dtype: { kind: 'dtype', value: value.dtype },
      value: { kind: 'tensor', value },
    };
    return this.operation('Const', [], attributes, { name, shapes: [value.shape] }).output();
  }

  /** An operation whose only attribute is the data type `T` of its inputs. */
  apply(
    type: string,
    inputs: readonly SymbolicTensor[],
    name = type,
    controlInputs: readonly Operation[] = [],
  ): SymbolicTensor {
    const attributes: Record<string, Attribute> = { T: { kind: 'dtype', value: inputs[0]!.dtype } };
    return this.operation(type, inputs, attributes, { name, controlInputs }).output();
  }

  variable(
    type: 'VarHandleOp' | 'VariableV2',
    name: string,
    shape: readonly number[],
    initial?: Tensor,
  ): SymbolicTensor {
    const attributes: Record<string, Attribute> = {
      dtype: { kind: 'dtype', value: 'float32' },
      shape: { kind: 'shape', value: shape },
    };
    const operation = this.operation(type, [], attributes, { name });
    if (initial) this.graph.initializers.set(operation, [{ value: initial }]);
    return operation.output();
  }

  read(handle: SymbolicTensor, name = 'read', controlInputs: readonly Operation[] = []): SymbolicTensor {
    const attributes: Record<string, Attribute> = { dtype: { kind: 'dtype', value: 'float32' } };
    return this.operation('ReadVariableOp', [handle], attributes, { name, controlInputs }).output();
  }

  assign(handle: SymbolicTensor, value: SymbolicTensor, name = 'assign'): Operation {
    if (handle.isReference)
      return this.operation('Assign', [handle, value], { T: { kind: 'dtype', value: 'float32' } }, { name });
    return this.operation(
      'AssignVariableOp',
      [handle, value],
      { dtype: { kind: 'dtype', value: 'float32' } },
      { name },
    );
  }
}
