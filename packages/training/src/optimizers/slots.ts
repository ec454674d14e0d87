import type { Graph } from '@tenon/graph';
import { getVariable, type Variable, type VariableInitializer } from '@tenon/layers';
import type { TrainedVariable } from './trained-variable.js';

/** Makes what an optimizer keeps beside a variable: a variable of the same shape, named after it, that is saved with the rest. */
export function makeSlot(variable: TrainedVariable, name: string, initializer: VariableInitializer): Variable {
  const { handle, shape, dtype } = variable;
  const { graph } = handle;
  const slot = freeName(graph, `${variable.name}/${name}`);
  // An operation that changes a reference takes what is kept beside it as references, too.
  const useResource = !handle.isReference;
  return getVariable(graph, { name: slot, shape, dtype, initializer, trainable: false, useResource });
}

/** Makes a number, float32, that an optimizer keeps for all variables. */
export function makeCounter(graph: Graph, name: string, initializer: VariableInitializer): Variable {
  return getVariable(graph, { name: freeName(graph, name), shape: [], initializer, trainable: false });
}

/** `Adam`, `Adam_1`, … as TensorFlow names the slots of one variable. */
function freeName(graph: Graph, name: string): string {
  let free = name;
  for (let suffix = 1; graph.operation(free); suffix++) free = `${name}_${suffix}`;
  return free;
}
