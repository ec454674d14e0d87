import type { Graph, SymbolicTensor } from '@tenon/graph';

/**
 * A pure piece of graph for a backend: no state, no control dependencies, no cycles.
 *
 * Its `Placeholder` operations are its inputs. State enters as inputs and leaves as outputs.
 * Constants are `Const` operations whose `value` attribute is a `Tensor` or a `TensorReference` (source, offset, length, dtype, shape):
 * a backend that can map weights from disk uses the reference, any other reads it.
 */
export interface Segment {
  /** The piece as a graph of its own, in topological order, shapes inferred. */
  readonly graph: Graph;
  /** Outputs of the placeholders, in the order in which `Executable.run` takes values. */
  readonly inputs: readonly SymbolicTensor[];
  /** What to compute, in the order in which `Executable.run` returns values. A constant or an input may be among them. */
  readonly outputs: readonly SymbolicTensor[];
}
