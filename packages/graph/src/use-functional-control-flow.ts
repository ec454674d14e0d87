import { isControlFlow } from './control-flow/op-types.js';
import { OperationCopier } from './copy-operations.js';
import { NotInGraphError } from './errors.js';
import type { Graph } from './graph.js';
import { lowerControlFlow } from './lower-control-flow.js';
import type { Operation, SymbolicTensor } from './operation.js';
import { prune } from './prune.js';
import { Replacements } from './rewritten-graph.js';
import { topologicalOrder } from './topological-order.js';
import { useTensorLists } from './use-tensor-lists.js';

/** What became of a graph that now has functional control flow. */
export interface FunctionalGraph {
  /** What stands for a tensor now: itself, unless it is the result of control flow. */
  readonly tensor: (original: SymbolicTensor) => SymbolicTensor;
  /** Makes the graph what it was. */
  readonly undo: () => void;
}

/**
 * Adds to a graph `If` and `While` for TensorFlow 1's control flow that tensors depend on, and lists of tensors for its arrays, and lets
 * what reads the results of that control flow read those of the functional one. The old one stays where it is; nobody else runs it.
 *
 * @see lowerControlFlow, useTensorLists
 * @throws ControlFlowError, GraphCycleError
 */
export function useFunctionalControlFlow(graph: Graph, tensors: readonly SymbolicTensor[]): FunctionalGraph {
  const pruned = prune(graph, tensors, []);
  const isThere = (operation: Operation) => isControlFlow(operation) || operation.type === 'TensorArrayV3';
  if (![...pruned.graph.operations].some(isThere)) return { tensor: (original) => original, undo: () => undefined };
  const lowered = lowerControlFlow(pruned.graph);
  const listed = useTensorLists(lowered.graph);

  const placed = new Replacements(graph, () => 'it is part of control flow');
  const known = new Set(graph.functions.names);
  const undoing: (() => void)[] = [];
  const copier = new OperationCopier(placed);
  for (const operation of topologicalOrder(listed.graph.operations)) {
    const original = graph.operation(operation.name);
    // What rewriting does not change, it hands on: the very attributes.
    if (original?.type === operation.type && original.attributes === operation.attributes) {
      operation.inputs.forEach((input, index) => {
        const [before, after] = [original.input(index), placed.tensor(input)];
        if (before === after) return;
        graph.replaceInput(original, index, after);
        undoing.push(() => graph.replaceInput(original, index, before));
      });
      placed.setOperation(operation, original);
    } else {
      const copy = copier.copy(operation);
      undoing.push(() => graph.remove(copy));
    }
  }
  return {
    tensor: (original) => {
      try {
        return placed.tensor(listed.tensor(lowered.tensor(pruned.tensor(original))));
      } catch (error) {
        if (error instanceof NotInGraphError) return original;
        throw error;
      }
    },
    undo: () => {
      for (const undo of undoing.splice(0).reverse()) undo();
      for (const name of [...graph.functions.names]) if (!known.has(name)) graph.functions.remove(name);
    },
  };
}
