import { controlFlowType, isControlFlow } from './control-flow/op-types.js';
import { Liveness } from './control-flow/liveness.js';
import { Loops, type Loop } from './control-flow/loops.js';
import { newScope, RegionBuilder, type Scope } from './control-flow/region-builder.js';
import { RegionFinder, wholeRegion, type Targets } from './control-flow/region.js';
import { findRequiredEffects } from './control-flow/required-effects.js';
import { NotInGraphError } from './errors.js';
import { FunctionLibrary } from './function-library.js';
import type { Graph } from './graph.js';
import type { Operation, SymbolicTensor } from './operation.js';
import { unchanged, type RewrittenGraph } from './rewritten-graph.js';
import { topologicalOrder } from './topological-order.js';

/**
 * Copies a graph with functional control flow in the place of TensorFlow 1's: `Switch` and `Merge` become `If`, loops from `Enter` to
 * `Exit` become `While`, and what they hold becomes functions in a library of the copy. `StatelessIf` and `StatelessWhile` stand where
 * nothing in the functions has state.
 *
 * Only the structure of the graph says what a condition or a loop is. All operations of the graph are taken to be needed, so prune it
 * first: those with effects keep them, also where nothing that leaves a branch or loop depends on them. What computes a value in a branch
 * that nobody reads outside is left out.
 *
 * A tensor inside a branch or loop has nothing that stands for it. For an operation inside, the `If` or `While` around it does.
 *
 * @returns The graph itself if there is no such control flow in it.
 * @throws ControlFlowError if there is no functional form.
 * @throws GraphCycleError
 */
export function lowerControlFlow(graph: Graph): RewrittenGraph {
  if (![...graph.operations].some(isControlFlow)) return unchanged(graph);
  const operations = topologicalOrder(graph.operations);
  const liveness = new Liveness(operations, new Loops(operations));
  const required = findRequiredEffects(liveness);

  const library = new FunctionLibrary([...graph.functions.names].map((name) => graph.functions.find(name)!));
  for (const [name, gradient] of graph.functions.gradients) library.gradients.set(name, gradient);
  const read = new Set(operations.flatMap(({ inputs }) => inputs));
  const finder = new RegionFinder(liveness, required);
  const builder = new RegionBuilder(finder, library, (tensor) => read.has(tensor));

  const scope = newScope(library);
  builder.fill(finder.contentOf(wholeRegion(liveness), targetsOf(liveness, required.outside)), scope);
  return {
    graph: scope.graph,
    tensor: (original) => findTensor(original, scope, liveness),
    operation: (original) => findOperation(original, scope),
  };
}

/** Everything that runs in any case, and effects that do not. */
function targetsOf(liveness: Liveness, effects: readonly (Operation | Loop)[]): Targets {
  const results = liveness.order.filter(
    (operation) =>
      !isInside(operation, liveness) &&
      (!isControlFlow(operation) ||
        controlFlowType(operation) === 'Exit' ||
        liveness.choiceOf(operation) !== undefined),
  );
  return { subjects: [...results, ...effects] };
}

function isInside(operation: Operation, liveness: Liveness): boolean {
  return liveness.loops.of(operation) !== undefined || liveness.stateOf(operation) !== liveness.sets.always;
}

function findTensor(original: SymbolicTensor, { values }: Scope, liveness: Liveness): SymbolicTensor {
  const isThere = !isInside(original.operation, liveness) && liveness.stateOfTensor(original) === liveness.sets.always;
  const found = isThere ? values.get(liveness.resolve(original)) : undefined;
  if (!found)
    throw new NotInGraphError(original.name, 'it is inside a branch or a loop, so it has no one value outside');
  return found;
}

function findOperation(original: Operation, { operations, containers }: Scope): Operation {
  const found = operations.get(original) ?? containers.get(original);
  if (found) return found;
  throw new NotInGraphError(original.name, 'it is part of a branch or loop that does not need it');
}
