import type { Operation } from '@tenon/graph';
import { operation, type NameOptions, type TensorInput } from '../operation.js';
import type { Variable } from '../variable.js';

/** Sets a variable, whenever the operation runs. */
export function assign(variable: Variable, value: TensorInput, options?: NameOptions): Operation {
  return operation(variable.graph, 'AssignVariableOp', [variable.handle, value], { dtype: variable.dtype }, options);
}

export function assignAdd(variable: Variable, value: TensorInput, options?: NameOptions): Operation {
  return operation(variable.graph, 'AssignAddVariableOp', [variable.handle, value], { dtype: variable.dtype }, options);
}

export function assignSub(variable: Variable, value: TensorInput, options?: NameOptions): Operation {
  return operation(variable.graph, 'AssignSubVariableOp', [variable.handle, value], { dtype: variable.dtype }, options);
}
