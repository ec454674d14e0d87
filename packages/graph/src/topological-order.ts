import { GraphCycleError } from './errors.js';
import type { Operation } from './operation.js';

/** Whether an edge of data closes a version 1 loop: the one kind of cycle that a graph may have. */
export function isBackEdge(producer: { readonly type: string }, consumer: { readonly type: string }): boolean {
  return (
    (producer.type === 'NextIteration' || producer.type === 'RefNextIteration') &&
    (consumer.type === 'Merge' || consumer.type === 'RefMerge')
  );
}

/**
 * Puts operations, and whatever they need, in an order in which each comes after what it reads and waits for, back edges of loops
 * aside. Operations that are in such an order keep it.
 *
 * @param isCut Tells inputs that are not needed, because something else stands for them.
 * @throws GraphCycleError
 */
export function topologicalOrder(
  operations: Iterable<Operation>,
  isCut: (consumer: Operation, inputIndex: number) => boolean = () => false,
): Operation[] {
  return sortByDependencies(operations, (operation) => {
    const dependencies: Operation[] = [];
    operation.inputs.forEach((input, index) => {
      if (!isBackEdge(input.operation, operation) && !isCut(operation, index)) dependencies.push(input.operation);
    });
    for (const control of operation.controlInputs) dependencies.push(control);
    return dependencies;
  });
}

/**
 * Puts nodes, and whatever they depend on, in an order in which each comes after its dependencies. Takes time in proportion to nodes
 * and edges, and no more stack for a long chain.
 *
 * @throws GraphCycleError
 */
export function sortByDependencies<N extends { readonly name: string }>(
  nodes: Iterable<N>,
  dependenciesOf: (node: N) => readonly N[],
): N[] {
  const sorted: N[] = [];
  const isDone = new Map<N, boolean>();
  const path: { readonly node: N; readonly dependencies: readonly N[]; next: number }[] = [];
  const enter = (node: N) => {
    isDone.set(node, false);
    path.push({ node, dependencies: dependenciesOf(node), next: 0 });
  };
  for (const root of nodes) {
    if (!isDone.has(root)) enter(root);
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const dependency = top.dependencies[top.next++];
      if (dependency === undefined) {
        isDone.set(top.node, true);
        sorted.push(top.node);
        path.pop();
      } else if (!isDone.has(dependency)) {
        enter(dependency);
      } else if (!isDone.get(dependency)) {
        const start = path.findIndex(({ node }) => node === dependency);
        throw new GraphCycleError(path.slice(start).map(({ node }) => node.name));
      }
    }
  }
  return sorted;
}
