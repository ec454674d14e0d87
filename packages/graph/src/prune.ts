import type { Attribute } from './attributes.js';
import { copyOperations } from './copy-operations.js';
import { Graph } from './graph.js';
import { Operation, type SymbolicTensor } from './operation.js';
import { Replacements, type RewrittenGraph } from './rewritten-graph.js';
import { topologicalOrder } from './topological-order.js';

/**
 * Copies the part of a graph that is needed for `fetches`, in topological order, names kept.
 *
 * Nothing is needed for a tensor that is fed: a `Placeholder` stands for it in the copy, whatever operation it is an output of.
 * Collections and initializers stay behind.
 *
 * @param fetches Tensors to compute and operations to run for their effect.
 * @param feeds Any tensors of the graph.
 * @throws GraphCycleError
 */
export function prune(
  graph: Graph,
  fetches: readonly (SymbolicTensor | Operation)[],
  feeds: readonly SymbolicTensor[],
): RewrittenGraph {
  const fed = new Set(feeds);
  const needed = findNeeded(fetches, fed);
  const pruned = new Graph(graph.functions);
  const replacements = new Replacements(pruned, () => 'it was not needed for what was fetched');
  for (const feed of fed) {
    const isReplaced = !needed.has(feed.operation) && feed.operation.outputs.length === 1;
    const placeholder = pruned.addOperation({
      type: 'Placeholder',
      name: isReplaced ? feed.operation.name : `${feed.operation.name}/fed_${feed.index}`,
      attributes: new Map<string, Attribute>([
        ['dtype', { kind: 'dtype', value: feed.dtype }],
        ['shape', declaredShape(feed)],
      ]),
      shapes: [feed.shape],
    });
    replacements.setTensor(feed, placeholder.output());
    // Whoever waits for a placeholder waits for its value.
    if (isPlaceholder(feed.operation)) replacements.setOperation(feed.operation, placeholder);
  }
  // In the order of the graph, so that the copy has the same order.
  const inOrder = function* () {
    for (const operation of graph.operations) if (needed.has(operation)) yield operation;
  };
  const order = topologicalOrder(inOrder(), (consumer, index) => fed.has(consumer.inputs[index]!));
  copyOperations(
    order.filter((operation) => needed.has(operation)),
    replacements,
  );
  return replacements;
}

function findNeeded(
  fetches: readonly (SymbolicTensor | Operation)[],
  fed: ReadonlySet<SymbolicTensor>,
): Set<Operation> {
  const needed = new Set<Operation>();
  const pending: Operation[] = [];
  const needOperation = (operation: Operation) => {
    // Whoever waits for a placeholder waits for its value, not for the operation, which cannot run.
    if (needed.has(operation) || (isPlaceholder(operation) && fed.has(operation.output()))) return;
    needed.add(operation);
    pending.push(operation);
  };
  const needTensor = (tensor: SymbolicTensor) => {
    if (!fed.has(tensor)) needOperation(tensor.operation);
  };
  for (const fetch of fetches) {
    if (fetch instanceof Operation) needOperation(fetch);
    else needTensor(fetch);
  }
  for (let operation = pending.pop(); operation; operation = pending.pop()) {
    operation.inputs.forEach(needTensor);
    operation.controlInputs.forEach(needOperation);
  }
  return needed;
}

function isPlaceholder({ type }: Operation): boolean {
  return type === 'Placeholder' || type === 'PlaceholderV2' || type === '_Arg';
}

function declaredShape({ operation, shape }: SymbolicTensor): Attribute {
  const declared = isPlaceholder(operation) ? operation.find('shape') : undefined;
  return declared ?? { kind: 'shape', value: shape };
}
