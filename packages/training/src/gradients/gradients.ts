import { inferShapes, type Graph, type SymbolicTensor } from '@tenon/graph';
import { GradientArgumentError } from '../errors.js';
import { Flow, isFloating } from './flow.js';
import { functionalControlFlow } from './functional-control-flow.js';
import { GradientBuilder } from './gradient-builder.js';
import type { Gradient } from './indexed-slices.js';

export interface GradientsOptions {
  /** One per `y`: what to multiply its gradient by, of its shape and data type. Default: ones. */
  readonly initial?: readonly SymbolicTensor[];
  /** Tensors to take as constants: nothing flows through them. */
  readonly stopAt?: Iterable<SymbolicTensor>;
  /** The name scope of the operations that are added. Default: `gradients`. */
  readonly name?: string;
}

/**
 * Adds to a graph the operations that compute the derivative of the sum of `ys` with respect to each of `xs`.
 *
 * They are TensorFlow's own gradient operations, in the graph of `ys` themselves, so whatever runs the graph trains it. `xs` may be any
 * tensors between; of a variable, its handle (or, in TensorFlow 1's way, its reference).
 *
 * @param ys Real floating-point tensors.
 * @returns One per `x`, of its shape and data type: `undefined` where no `y` depends on it; `IndexedSlices` for tables of which some rows
 *   were looked up.
 * @throws GradientArgumentError
 * @throws NoGradientError naming every operation between that has no gradient; the graph is as it was then.
 */
export function gradients(
  ys: readonly SymbolicTensor[],
  xs: readonly SymbolicTensor[],
  { initial, stopAt = [], name = 'gradients' }: GradientsOptions = {},
): (Gradient | undefined)[] {
  const graph = checkArguments(ys, xs, initial);
  if (!graph) return [];
  const stops = [...stopAt];
  const functional = functionalControlFlow(graph, ys, new Flow(ys, xs, new Set(stops)));
  let build: GradientBuilder | undefined;
  try {
    const [from, by, until] = [ys, xs, stops].map((tensors) => tensors.map(functional.tensor));
    const flow = new Flow(from!, by!, new Set(until));
    flow.check();
    build = new GradientBuilder(graph, graph.uniqueScope(name), inferShapes(graph), Flow);
    return flow.backwards(build, initial);
  } catch (error) {
    build?.undo();
    functional.undo();
    throw error;
  }
}

function checkArguments(
  ys: readonly SymbolicTensor[],
  xs: readonly SymbolicTensor[],
  initial: readonly SymbolicTensor[] | undefined,
): Graph | undefined {
  const all = [...ys, ...xs, ...(initial ?? [])];
  const graph = all[0]?.graph;
  const problems = all
    .filter((tensor) => tensor.graph !== graph)
    .map((tensor) => `"${tensor.name}" is in another graph than "${all[0]!.name}".`);
  for (const { name, dtype } of ys) {
    if (!isFloating(dtype)) problems.push(`"${name}" is ${dtype}; only real floating-point tensors have gradients.`);
  }
  if (initial && initial.length !== ys.length) {
    problems.push(`There are ${initial.length} initial gradients for ${ys.length} tensors; there must be one each.`);
  }
  initial?.forEach(({ name, dtype }, index) => {
    const y = ys[index];
    if (y && y.dtype !== dtype)
      problems.push(`The initial gradient "${name}" is ${dtype}; "${y.name}", which it is for, is ${y.dtype}.`);
  });
  if (problems.length > 0) throw new GradientArgumentError(problems);
  return graph;
}
