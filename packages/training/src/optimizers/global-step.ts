import type { Graph } from '@tenon/graph';
import { addToCollection, getVariable, variablesOf, zeros, type Variable } from '@tenon/layers';

const GLOBAL_STEP = 'global_step';

/** The variable that counts the steps of training, int64 and called `global_step`; made if it is not there yet. */
export function globalStep(graph: Graph): Variable {
  const known = variablesOf(graph).find(({ name }) => name === GLOBAL_STEP);
  if (known) return known;
  const options = { name: GLOBAL_STEP, shape: [], dtype: 'int64', initializer: zeros(), trainable: false } as const;
  const made = getVariable(graph, options);
  addToCollection(graph, GLOBAL_STEP, made.operation);
  return made;
}
