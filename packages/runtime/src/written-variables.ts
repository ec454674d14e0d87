import type { FunctionReference, Graph, Operation, SymbolicTensor } from '@tenon/graph';

/** Ops that take a variable's handle and leave the variable as it is. */
const READERS = new Set([
  'ReadVariableOp',
  'ResourceGather',
  'ResourceGatherNd',
  'VariableShape',
  'VarIsInitializedOp',
  'Identity',
]);

/** The functions that an operation calls: the branches of an `If`, the condition and body of a `While`. */
export function calledFunctions(operation: Operation): FunctionReference[] {
  return [...operation.attributes.values()].flatMap((attribute) => {
    if (attribute.kind === 'function') return [attribute.value];
    if (attribute.kind !== 'list') return [];
    return attribute.value.flatMap((item) => (item.kind === 'function' ? [item.value] : []));
  });
}

/**
 * The `VarHandleOp`s whose variables running a graph may change.
 *
 * @param running Those of its operations that run, in its order.
 */
export function writtenVariables(
  graph: Graph,
  running: Iterable<Operation> = graph.operations,
): ReadonlySet<Operation> {
  const written = new Set<Operation>();
  const visited = new Set<string>();

  const visit = (
    operations: Iterable<Operation>,
    library: Graph['functions'],
    sources: Map<SymbolicTensor, Operation>,
  ) => {
    for (const operation of operations) {
      if (operation.type === 'VarHandleOp') sources.set(operation.output(), operation);
      const handles = operation.inputs.map((input) => sources.get(input));
      if (operation.type === 'Identity' && handles[0]) sources.set(operation.output(), handles[0]);
      if (READERS.has(operation.type) || handles.every((handle) => handle === undefined)) continue;
      const called = calledFunctions(operation);
      if (called.length === 0) {
        for (const handle of handles) if (handle) written.add(handle);
        continue;
      }
      // An `If` passes its inputs but the first, a `While` all of them.
      const passed = handles.slice(operation.type === 'While' || operation.type === 'StatelessWhile' ? 0 : 1);
      for (const { name, attributes } of called) {
        const key = `${name} ${passed.map((handle) => handle?.name ?? '').join(' ')}`;
        const entry = library.find(name);
        if (!entry || visited.has(key)) continue;
        visited.add(key);
        const body = entry.instantiate(attributes);
        const inner = new Map<SymbolicTensor, Operation>();
        body.inputs.forEach((input, index) => passed[index] && inner.set(input, passed[index]));
        visit(body.graph.operations, body.graph.functions, inner);
      }
    }
  };
  visit(running, graph.functions, new Map());
  return written;
}
