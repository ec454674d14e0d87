import type { Attribute, FunctionGraph, FunctionReference, Graph, SymbolicTensor } from '@tenon/graph';
import type { DType } from '@tenon/tensor';
import { UndifferentiableError } from './undifferentiable-error.js';

/** A list of data types, as an attribute. */
export function typeList(tensors: readonly { readonly dtype: DType }[]): Attribute {
  return { kind: 'list', value: tensors.map(({ dtype }): Attribute => ({ kind: 'dtype', value: dtype })) };
}

/** The attribute `output_shapes`, if it is there and says anything, with what more outputs are. */
export function moreShapes(known: Attribute | undefined, more: readonly SymbolicTensor['shape'][]): Attribute {
  const shapes = known?.kind === 'list' ? known.value : [];
  if (shapes.length === 0) return { kind: 'list', value: [] };
  return { kind: 'list', value: [...shapes, ...more.map((value): Attribute => ({ kind: 'shape', value }))] };
}

/** The function of an operation. @throws UndifferentiableError if there is none. */
export function functionIn(graph: Graph, { name, attributes }: FunctionReference): FunctionGraph {
  const entry = graph.functions.find(name);
  if (!entry) throw new UndifferentiableError(`there is no function "${name}"`);
  return entry.instantiate(attributes);
}

/** TensorFlow takes such control flow apart where it can, so that parts of it run at once. */
export const LOWERED: readonly [string, Attribute] = ['_lower_using_switch_merge', { kind: 'bool', value: true }];
