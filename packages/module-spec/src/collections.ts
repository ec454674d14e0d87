import { parse, VariableDefSchema, type CollectionDef, type MetaGraphDef, type VariableDef } from '@tenon/format';
import { Operation, type Graph, type SymbolicTensor } from '@tenon/graph';

/** Names of TensorFlow's collections. */
export const Collections = {
  variables: 'variables',
  trainableVariables: 'trainable_variables',
  modelVariables: 'model_variables',
  tableInitializers: 'table_initializer',
  updateOps: 'update_ops',
  regularizationLosses: 'regularization_losses',
  assetPaths: 'asset_filepaths',
  assets: 'saved_model_assets',
  condContexts: 'cond_context',
  whileContexts: 'while_context',
  attachments: 'hub_module_attachments',
} as const;

/** All that the graph of a TF1 Hub module may have (TF1 Hub contract, Bytes on disk). */
const SUPPORTED: ReadonlySet<string> = new Set<string>(Object.values(Collections));

/** Those of the collections named that a TF1 Hub module may not have: what to drop before a graph becomes one. */
export function getUnsupportedCollections(names: Iterable<string>): string[] {
  return [...names].filter((name) => !SUPPORTED.has(name)).sort();
}

/** Collections of variables, each stored as VariableDef. */
const VARIABLE_COLLECTIONS = new Set<string>([
  Collections.variables,
  Collections.trainableVariables,
  Collections.modelVariables,
  'local_variables',
  'moving_average_variables',
]);

/** Collections whose operations and tensors are part of how a module works, and not notes of whoever made the graph. */
const NODE_COLLECTIONS = [
  Collections.tableInitializers,
  Collections.updateOps,
  Collections.regularizationLosses,
  Collections.assetPaths,
];

const parsed = new WeakMap<CollectionDef, VariableDef[]>();

/** All that is read of a graph's collections. */
const COLLECTIONS: readonly string[] = [...VARIABLE_COLLECTIONS, ...NODE_COLLECTIONS];

/** The variables of a collection, as the file describes them. */
export function variableDefinitions(definition: MetaGraphDef, collection: string): readonly VariableDef[] {
  const stored = definition.collectionDef[collection];
  if (!stored) return [];
  let variables = parsed.get(stored);
  if (!variables) {
    variables = parseVariables(stored, collection);
    parsed.set(stored, variables);
  }
  return variables;
}

function parseVariables({ kind }: CollectionDef, collection: string): VariableDef[] {
  return kind.case === 'bytesList' ? kind.value.value.map((bytes) => parse(VariableDefSchema, bytes, collection)) : [];
}

export function nodeList(definition: MetaGraphDef, collection: string): readonly string[] {
  const kind: CollectionDef['kind'] | undefined = definition.collectionDef[collection]?.kind;
  return kind?.case === 'nodeList' ? kind.value.value : [];
}

/** The operation or tensor that a collection names: `name`, `name:0`, `^name`. */
export function findNode(graph: Graph, name: string): Operation | SymbolicTensor | undefined {
  const bare = name.startsWith('^') ? name.slice(1) : name;
  const colon = bare.lastIndexOf(':');
  if (colon < 0) return graph.operation(bare);
  return graph.operation(bare.slice(0, colon))?.outputs[Number(bare.slice(colon + 1))];
}

/**
 * Gives the graph the collections that the file lists for it.
 *
 * @param names Which collections.
 * @returns The names that are not in the graph.
 */
export function readCollections(definition: MetaGraphDef, graph: Graph, names = COLLECTIONS): string[] {
  const missing: string[] = [];
  const add = (collection: string, names: readonly string[]): void => {
    if (names.length === 0) return;
    const members = names.flatMap((name) => {
      const member = findNode(graph, name);
      if (!member) missing.push(`Collection "${collection}" names "${name}", which is not in the graph.`);
      return member ?? [];
    });
    graph.collections.set(collection, members);
  };
  for (const name of names) {
    const variables = VARIABLE_COLLECTIONS.has(name) ? variableDefinitions(definition, name) : [];
    add(name, [...variables.map(({ variableName }) => operationName(variableName)), ...nodeList(definition, name)]);
  }
  return missing;
}

/** The operations in a graph's collection; of tensors those that they are of. */
export function operationsIn(graph: Graph, collection: string): Operation[] {
  return (graph.collections.get(collection) ?? []).map((member) =>
    member instanceof Operation ? member : member.operation,
  );
}

/** `name` of `name:0`. */
export function operationName(tensorName: string): string {
  return tensorName.replace(/:\d+$/, '');
}
