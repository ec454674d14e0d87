import { isState, type Graph, type Operation, type SymbolicTensor } from '@tenon/graph';
import { Collections } from '../collections.js';
import { BuildArgumentError } from '../errors.js';
import { stateOf, withoutControlInputs } from '../scopes.js';

/** What a function built in a graph, to become a function of the graph. */
export interface Traced<T> {
  readonly result: T;
  readonly isInside: (operation: Operation) => boolean;
  /** What was built, without what belongs to the graph as a whole. */
  readonly operations: () => Operation[];
  /** Builds more of it. */
  readonly within: <R>(build: () => R) => R;
  /** Takes it out of the graph. */
  readonly discard: () => void;
}

/** What may be fetched from outside, or runs beside the graph: it cannot be inside of a branch or a loop. */
const OF_THE_WHOLE = [Collections.updateOps, Collections.losses];

/**
 * Notes what `build` adds to a graph. State that it makes, variables and tables, with what gives it its first value, is of the graph as a
 * whole and stays there.
 *
 * @param given Tensors that are there only inside.
 * @throws BuildArgumentError if it adds something to the graph's collections that only makes sense as a whole; nothing is left of it then.
 */
export function traceOperations<T>(
  graph: Graph,
  what: string,
  build: () => T,
  given: readonly SymbolicTensor[] = [],
): Traced<T> {
  const inside = new Set<Operation>();
  const discard = () => {
    for (const operation of inside) graph.remove(operation);
  };
  const members = new Map(OF_THE_WHOLE.map((name) => [name, graph.collections.get(name) ?? []]));
  const within = <R>(body: () => R): R => {
    const before = new Set(graph.operations);
    try {
      return withoutControlInputs(graph, body);
    } finally {
      for (const operation of graph.operations) if (!before.has(operation)) inside.add(operation);
      keepState(graph, inside);
    }
  };
  try {
    const result = within(build);
    checkCollections(graph, what, members);
    for (const { operation } of given) {
      const user = [...graph.operations].find((one) => !inside.has(one) && one.inputs.some((input) => input.operation === operation)); // prettier-ignore
      if (user) throw new BuildArgumentError(what, `the first value of "${user.name}" depends on what is inside.`);
    }
    return { result, isInside: (operation) => inside.has(operation), operations: () => [...inside], within, discard };
  } catch (error) {
    for (const [name, known] of members) if (graph.collections.has(name)) graph.collections.set(name, [...known]);
    discard();
    throw error;
  }
}

function checkCollections(graph: Graph, what: string, members: ReadonlyMap<string, readonly unknown[]>): void {
  const added = [...members].flatMap(([name, known]) => {
    const count = (graph.collections.get(name)?.length ?? 0) - known.length;
    return count > 0 ? [`${count} in "${name}"`] : [];
  });
  if (added.length === 0) return;
  throw new BuildArgumentError(
    what,
    `what is inside of it adds to collections of the graph (${added.join(', ')}), which have no meaning there. ` +
      'Build layers in inference there, or modules without tags for training, and losses outside.',
  );
}

/** Leaves state outside, what initialises it, and what collections and variables of the graph name. */
function keepState(graph: Graph, inside: Set<Operation>): void {
  const { variables } = stateOf(graph);
  const roots: Operation[] = [];
  for (const operation of inside) {
    if (isState(operation)) roots.push(operation);
    for (const initializer of graph.initializers.get(operation) ?? [])
      if ('operation' in initializer) roots.push(initializer.operation);
    if (operation.type === 'VarIsInitializedOp') roots.push(operation);
  }
  for (const { operation, value, initialValue } of variables.values())
    if (inside.has(operation)) roots.push(value.operation, initialValue.operation);
  for (const [name, members] of graph.collections) {
    if (OF_THE_WHOLE.includes(name as never)) continue;
    for (const member of members) roots.push('operation' in member ? member.operation : member);
  }
  const kept = new Set(roots.filter((operation) => inside.has(operation)));
  for (const { inputs, controlInputs } of kept) {
    for (const { operation } of inputs) if (inside.has(operation)) kept.add(operation);
    for (const operation of controlInputs) if (inside.has(operation)) kept.add(operation);
  }
  for (const operation of kept) inside.delete(operation);
}
