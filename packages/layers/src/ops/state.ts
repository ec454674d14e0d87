import type { Operation } from '@tenon/graph';
import { operation, type NameOptions, type TensorInput } from '../operation.js';
import type { Variable } from '../variable.js';

/** Sets a variable, whenever the operation runs. */
export function assign(variable: Variable, value: TensorInput, options?: NameOptions): Operation {
  return change('Assign', variable, value, options);
}

export function assignAdd(variable: Variable, value: TensorInput, options?: NameOptions): Operation {
  return change('AssignAdd', variable, value, options);
}

export function assignSub(variable: Variable, value: TensorInput, options?: NameOptions): Operation {
  return change('AssignSub', variable, value, options);
}

function change(op: string, variable: Variable, value: TensorInput, options: NameOptions = {}): Operation {
  const { graph, handle, dtype } = variable;
  if (handle.isReference) return operation(graph, op, [handle, value], { T: dtype }, options);
  return operation(graph, `${op}VariableOp`, [handle, value], { dtype }, options);
}
