import type { MetaGraphDef, SaveSliceInfoDef } from '@tenon/format';
import type { Graph, Initializer } from '@tenon/graph';
import { Collections, operationName, variableDefinitions } from './collections.js';
import type { VariableValues } from './checkpoint-values.js';
import type { ModuleVariable, VariablePart } from './module-graph.js';
import { variableType } from './variable-type.js';

/**
 * The variables of a TF1 Hub module, as its collections list them. Each gets its first value from the checkpoint; without one, from the
 * operation that initialised it when the module was made (TF1 Hub contract, Instantiation).
 *
 * @returns The variables, and what is wrong with the others.
 */
export function readHubVariables(
  definition: MetaGraphDef,
  graph: Graph,
  values: VariableValues | undefined,
): { readonly variables: ModuleVariable[]; readonly problems: string[] } {
  const trainable = new Set(
    variableDefinitions(definition, Collections.trainableVariables).map(({ variableName }) => variableName),
  );
  const problems: string[] = [];
  const variables = variableDefinitions(definition, Collections.variables).flatMap((variable): ModuleVariable[] => {
    const name = operationName(variable.variableName);
    const operation = graph.operation(name);
    if (!operation?.outputs[0]) {
      problems.push(`The variable "${name}" is not in the graph.`);
      return [];
    }
    const part = variable.saveSliceInfoDef && readPart(variable.saveSliceInfoDef);
    const key = part ? name.slice(0, Math.max(0, name.lastIndexOf('/'))) : name;
    const { dtype, shape } = variableType(operation);
    const initializer = graph.operation(operationName(variable.initializerName));
    if (values) values.restore(operation, { variable: name, key, dtype, shape, ...(part && { slice: part }) });
    else if (initializer) graph.initializers.set(operation, [{ operation: initializer } satisfies Initializer]);
    return [
      { name, key, operation, dtype, shape, trainable: trainable.has(variable.variableName), ...(part && { part }) },
    ];
  });
  return { variables, problems };
}

function readPart({ fullName, fullShape, varOffset, varShape }: SaveSliceInfoDef): VariablePart {
  return {
    fullName,
    fullShape: fullShape.map(Number),
    offset: varOffset.map(Number),
    shape: varShape.map(Number),
  };
}
