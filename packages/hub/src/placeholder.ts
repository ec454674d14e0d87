import type { Attribute, Graph, SymbolicTensor } from '@tenon/graph';
import type { DType, PartialShape } from '@tenon/tensor';

export interface PlaceholderOptions {
  readonly dtype: DType;
  /** What is known of the shape of what will be fed: nothing, if it is left out. */
  readonly shape?: PartialShape;
  /** `Placeholder` if it is left out; a suffix makes it unique. */
  readonly name?: string;
}

/**
 * Adds to a graph a tensor whose value is fed when a session runs.
 *
 * @example
 * const sentences = placeholder(graph, { dtype: 'string', shape: [null] });
 */
export function placeholder(
  graph: Graph,
  { dtype, shape = null, name = 'Placeholder' }: PlaceholderOptions,
): SymbolicTensor {
  const attributes = new Map<string, Attribute>([
    ['dtype', { kind: 'dtype', value: dtype }],
    ['shape', { kind: 'shape', value: shape }],
  ]);
  return graph.addOperation({ type: 'Placeholder', name, attributes, shapes: [shape] }).output();
}
