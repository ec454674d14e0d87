import { useFunctionalControlFlow, type FunctionalGraph, type Graph, type SymbolicTensor } from '@tenon/graph';
import type { GradientFlow } from './gradient-builder.js';

/** TensorFlow 1's control flow, and its arrays of tensors. Those that take references are what `tf.cond` once made of variables. */
const VERSION_1 = /^(Ref)?(Switch|Merge|Enter|Exit|NextIteration)$|^TensorArray\w+V3$/;

/** Makes control flow functional where gradients have to flow through TensorFlow 1's: that has none. */
export function functionalControlFlow(
  graph: Graph,
  tensors: readonly SymbolicTensor[],
  flow: GradientFlow,
): FunctionalGraph {
  if (flow.types().some((type) => VERSION_1.test(type))) return useFunctionalControlFlow(graph, tensors);
  return { tensor: (original) => original, undo: () => undefined };
}
