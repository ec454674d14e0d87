import type { Graph } from '../graph.js';
import type { SymbolicTensor } from '../operation.js';
import { ShapeInferenceError } from './errors.js';
import type { PartialValue, TensorFacts } from './facts.js';
import { inferGraph } from './infer-graph.js';

export interface InferShapesOptions {
  /**
   * What is known of tensors beside what follows: of tensors that will be fed, of a function's arguments. It stands in place of what
   * the operations say.
   */
  readonly known?: ReadonlyMap<SymbolicTensor, TensorFacts>;
}

/** What inference found out. */
export interface InferredFacts {
  /** What is known of a tensor of the graph. */
  readonly facts: (tensor: SymbolicTensor) => TensorFacts;
  /**
   * The elements of a small integer or bool tensor, row by row, `null` where one is not known; `undefined` if nothing is.
   * So the target of a `Reshape` is known to be `[?, 4, 4, 6]`.
   */
  readonly partialValue: (tensor: SymbolicTensor) => PartialValue | undefined;
}

/**
 * Works out, for every tensor of a graph, what is known of its shape before it runs, and writes it there. What a tensor's shape says
 * already is taken for true, and only added to; what cannot be known stays unknown.
 *
 * Follows the elements of small integer tensors too, since shapes are computed with them; the shapes of variables, tensor lists and tables
 * through their handles; and all of it into functions, whose own tensors are left as they are. Takes time in proportion to the graph.
 *
 * @throws ShapeInferenceError if operations cannot take what they are given. Within functions and branches that may never run, nothing is
 *   known of the results of such operations, and it is no error.
 * @throws GraphCycleError
 */
export function inferShapes(graph: Graph, options: InferShapesOptions = {}): InferredFacts {
  const { facts, problems } = inferGraph(graph, options.known);
  if (problems.length > 0) throw new ShapeInferenceError(problems);
  for (const { outputs } of graph.operations) {
    for (const output of outputs) output.shape = facts(output).shape;
  }
  return { facts, partialValue: (tensor) => facts(tensor).value };
}
