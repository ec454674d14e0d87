import type { GraphDef, MetaGraphDef, NodeDef, TensorInfo } from '@tenon/format';
import { Collections, nodeList, operationName, variableDefinitions } from './collections.js';

/**
 * The nodes of a TF1 Hub module that calls of its signatures need: most of the others make initial values of variables, which the
 * checkpoint replaces, and importing them costs more than all else that starting a module does.
 *
 * @param isRestored Whether the variables come from a checkpoint.
 */
export function pruneToCalls(definition: MetaGraphDef, graphDef: GraphDef, isRestored: boolean): GraphDef {
  const nodes = new Map(graphDef.node.map((node) => [node.name, node]));
  const needed = new Set<NodeDef>();
  const pending = Object.values(definition.signatureDef).flatMap(({ inputs, outputs }) =>
    [...Object.values(inputs), ...Object.values(outputs)].flatMap(tensorNames),
  );
  for (const name of nodeList(definition, Collections.tableInitializers)) pending.push(name);
  for (const { variableName, initializerName } of variableDefinitions(definition, Collections.variables)) {
    pending.push(variableName);
    if (!isRestored) pending.push(initializerName);
  }
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const node = nodes.get(operationName(name.startsWith('^') ? name.slice(1) : name));
    if (!node || needed.has(node)) continue;
    needed.add(node);
    for (const input of node.input) pending.push(input);
  }
  return { ...graphDef, node: graphDef.node.filter((node) => needed.has(node)) };
}

function tensorNames({ encoding }: TensorInfo): string[] {
  switch (encoding.case) {
    case 'name':
      return [encoding.value];
    case 'cooSparse':
      return [encoding.value.indicesTensorName, encoding.value.valuesTensorName, encoding.value.denseShapeTensorName];
    case 'compositeTensor':
      return encoding.value.components.flatMap(tensorNames);
    default:
      return [];
  }
}
