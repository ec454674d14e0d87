import type { Graph, Operation, SymbolicTensor } from '@tenon/graph';

/** Names of TensorFlow's collections that building adds to. */
export const Collections = {
  variables: 'variables',
  trainableVariables: 'trainable_variables',
  tableInitializers: 'table_initializer',
  updateOps: 'update_ops',
  regularizationLosses: 'regularization_losses',
  losses: 'losses',
  assetPaths: 'asset_filepaths',
} as const;

/** Adds to a graph's collection of that name. */
export function addToCollection(graph: Graph, name: string, member: Operation | SymbolicTensor): void {
  graph.collections.set(name, [...(graph.collections.get(name) ?? []), member]);
}
