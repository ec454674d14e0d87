import type { Graph, SymbolicTensor } from '@tenon/graph';
import { Tensor, tensorFrom, type DType, type PartialShape, type TensorLike } from '@tenon/tensor';
import { addConstant, operation, type NameOptions } from './operation.js';
import { joinScopes, nameScope, stateOf } from './scopes.js';

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
  const added = operation(graph, 'Placeholder', [], { dtype, shape: { kind: 'shape', value: shape } }, { name });
  return added.output();
}

/** A sparse tensor of a graph. */
export interface SparsePlaceholder {
  /** int64 `[n, rank]` */
  readonly indices: SymbolicTensor;
  /** `[n]` */
  readonly values: SymbolicTensor;
  /** int64 `[rank]` */
  readonly denseShape: SymbolicTensor;
}

/**
 * Adds a sparse tensor whose parts are fed when a session runs.
 *
 * What is known of its shape stands in the default of its dense shape, with -1 for dimensions that are not known, as in TensorFlow.
 */
export function sparsePlaceholder(
  graph: Graph,
  { dtype, shape = null, name = 'SparsePlaceholder' }: PlaceholderOptions,
): SparsePlaceholder {
  const rank = shape?.length ?? null;
  return nameScope(graph, name, () => ({
    indices: placeholder(graph, { dtype: 'int64', shape: [null, rank], name: 'indices' }),
    values: placeholder(graph, { dtype, shape: [null], name: 'values' }),
    denseShape: shape
      ? denseShapeOf(graph, shape)
      : placeholder(graph, { dtype: 'int64', shape: [rank], name: 'shape' }),
  }));
}

function denseShapeOf(graph: Graph, shape: readonly (number | null)[]): SymbolicTensor {
  const dimensions = BigInt64Array.from(shape, (dimension) => BigInt(dimension ?? -1));
  const fallback = constant(graph, new Tensor('int64', [shape.length], dimensions), { name: 'shape/default' });
  const attributes = { shape: { kind: 'shape', value: [shape.length] } } as const;
  return operation(graph, 'PlaceholderWithDefault', [fallback], attributes, { name: 'shape' }).output();
}

export interface ConstantOptions extends NameOptions {
  /** By default what the value is: float32 for numbers, int64 for bigints. */
  readonly dtype?: DType;
}

/**
 * Adds a constant.
 *
 * @throws ConversionError if the value is none of that data type.
 */
export function constant(
  graph: Graph,
  value: Tensor | TensorLike,
  { dtype, name = 'Const' }: ConstantOptions = {},
): SymbolicTensor {
  const tensor = Tensor.isTensor(value) ? value : tensorFrom(value, dtype);
  return addConstant(graph, tensor, graph.uniqueScope(joinScopes(stateOf(graph).nameScope, name)));
}
