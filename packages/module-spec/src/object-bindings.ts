import type { MetaGraphDef, SavedObjectGraph } from '@tenon/format';
import type { Graph, Operation, SymbolicTensor } from '@tenon/graph';
import { operationName } from './collections.js';
import type { ModuleVariable, ObjectBindings } from './module-graph.js';
import { isState } from './trace-calls.js';

/**
 * Finds what the nodes of a SavedModel's object graph are in its graph of operations: variables by their key in the checkpoint, tables
 * by the shared name that the function which creates them gives, constants and assets by the operations they name.
 *
 * @param keys The checkpoint keys of nodes.
 * @returns Also the variables, with the names and the trainability that the object graph gives them.
 */
export function bindObjects(
  graph: Graph,
  objects: SavedObjectGraph,
  definition: MetaGraphDef,
  keys: ReadonlyMap<number, string>,
  variables: readonly ModuleVariable[],
): ObjectBindings & { readonly variables: readonly ModuleVariable[] } {
  const byKey = new Map(variables.map((variable) => [variable.key, variable]));
  const captured = capturedByCalls(graph, objects);
  const described = new Map<ModuleVariable, ModuleVariable>();
  for (const [node, key] of keys) {
    const object = objects.nodes[node]?.kind;
    const variable = byKey.get(key);
    if (object?.case !== 'variable' || !variable || described.has(variable)) continue;
    described.set(variable, {
      ...variable,
      name: object.value.name || variable.name,
      trainable: object.value.trainable,
    });
  }
  const find = (node: number): SymbolicTensor | string => {
    const object = objects.nodes[node];
    const called = captured.get(node);
    switch (object?.kind.case) {
      case 'variable': {
        const variable = byKey.get(keys.get(node) ?? '');
        return (
          variable?.operation.outputs[0] ??
          called ??
          `the variable "${object.kind.value.name}" is not in the checkpoint.`
        );
      }
      case 'constant':
        return (
          graph.operation(object.kind.value.operation)?.outputs[0] ??
          called ??
          `the constant "${object.kind.value.operation}" is not in the graph.`
        );
      case 'asset': {
        const encoding = definition.assetFileDef[object.kind.value.assetFileDefIndex]?.tensorInfo?.encoding;
        const name = encoding?.case === 'name' ? operationName(encoding.value) : '';
        return graph.operation(name)?.outputs[0] ?? called ?? `the asset "${name}" is not in the graph.`;
      }
      default:
        return (
          called ??
          createdResource(graph, objects, node) ??
          `it captures ${object?.kind.case ?? 'nothing'} ${node}, which is not supported.`
        );
    }
  };
  return { graph: objects, find, variables: variables.map((variable) => described.get(variable) ?? variable) };
}

/** The calls that the graph itself makes pass captured objects after their arguments, in the order that the object graph lists them in. */
function capturedByCalls(graph: Graph, objects: SavedObjectGraph): ReadonlyMap<number, SymbolicTensor> {
  const captured = new Map<number, SymbolicTensor>();
  for (const operation of graph.operations) {
    const bound = objects.concreteFunctions[calledFunction(operation) ?? '']?.boundInputs ?? [];
    const first = operation.inputs.length - bound.length;
    if (first < 0) continue;
    bound.forEach((node, index) => {
      if (!captured.has(node)) captured.set(node, operation.input(first + index));
    });
  }
  return captured;
}

function calledFunction({ type, attributes }: Operation): string | undefined {
  if (type !== 'PartitionedCall' && type !== 'StatefulPartitionedCall') return undefined;
  const called = attributes.get('f');
  return called?.kind === 'function' ? called.value.name : undefined;
}

/** The table that the function creating this object creates: both have one shared name, and that is what tells resources apart. */
function createdResource(graph: Graph, objects: SavedObjectGraph, node: number): SymbolicTensor | undefined {
  const creator = objects.nodes[node]?.children.find(({ localName }) => localName === '_create_resource');
  const creating = creator && objects.nodes[creator.nodeId]?.kind;
  const name = creating?.case === 'function' ? creating.value.concreteFunctions[0] : undefined;
  const body = name === undefined ? undefined : graph.functions.find(name)?.instantiate(new Map());
  for (const created of body?.graph.operations ?? []) {
    if (!isState(created)) continue;
    for (const operation of graph.operations) {
      if (
        operation.type === created.type &&
        sharedName(operation) !== '' &&
        sharedName(operation) === sharedName(created)
      ) {
        return operation.outputs[0];
      }
    }
  }
  return undefined;
}

function sharedName(operation: Operation): string {
  return operation.find('shared_name')?.kind === 'bytes' ? operation.string('shared_name') : '';
}
