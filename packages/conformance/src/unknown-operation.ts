import type { Graph, Operation, OperationDefinition, SymbolicTensor } from '@tenon/graph';

/** An op that no backend has, and no session. */
const UNKNOWN: OperationDefinition = {
  name: 'OpOfTheConformanceSuite',
  inputs: [{ name: 'x', type: { dtype: 'float32' }, isReference: false }],
  outputs: [{ name: 'y', type: { dtype: 'float32' }, isReference: false }],
  attributes: new Map(),
  isStateful: false,
};

export function addUnknown(graph: Graph, name: string, input: SymbolicTensor): Operation {
  return graph.addOperation({ type: UNKNOWN.name, definition: UNKNOWN, name, inputs: [input], shapes: [[null]] });
}
