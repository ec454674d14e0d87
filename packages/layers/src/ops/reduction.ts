import { SymbolicTensor } from '@tenon/graph';
import type { DType } from '@tenon/tensor';
import { apply, graphOf, operation, type NameOptions, type TensorInput } from '../operation.js';
import { constant } from '../sources.js';
import { Variable } from '../variable.js';

export interface ReductionOptions extends NameOptions {
  /** Which axes to reduce; negative ones count from the end. All by default. */
  readonly axis?: number | readonly number[] | undefined;
  /** Whether axes that are reduced stay, with a length of 1. */
  readonly keepDims?: boolean;
}

type Reduction = (x: TensorInput, options?: ReductionOptions) => SymbolicTensor;

const reduction =
  (type: string): Reduction =>
  (x, { axis, keepDims = false, name } = {}) =>
    apply(type, [x, axesOf(x, axis)], { keep_dims: keepDims }, { name });

/** @throws BuildArgumentError if all axes are meant and `x` is a value. */
function axesOf(x: TensorInput, axis: number | readonly number[] | undefined): TensorInput {
  if (axis !== undefined) return typeof axis === 'number' ? Int32Array.of(axis) : Int32Array.from(axis);
  const graph = graphOf('a reduction', [x]);
  const { shape } = x instanceof Variable || x instanceof SymbolicTensor ? x : { shape: null };
  if (shape) return Int32Array.from(shape.keys());
  const [rank] = operation(graph, 'Rank', [x]).outputs;
  return apply('Range', [constant(graph, 0, { dtype: 'int32' }), rank!, 1]);
}

export const reduceSum = reduction('Sum');
export const reduceMean = reduction('Mean');
export const reduceMax = reduction('Max');
export const reduceMin = reduction('Min');
export const reduceProduct = reduction('Prod');
/** Of bools. */
export const reduceAny = reduction('Any');
/** Of bools. */
export const reduceAll = reduction('All');

export interface ArgumentOptions extends NameOptions {
  /** 0 by default. */
  readonly axis?: number;
  /** int64 by default. */
  readonly dtype?: Extract<DType, 'int32' | 'int64'>;
}

/** Where along an axis the largest element is; the first of several. */
export function argMax(x: TensorInput, { axis = 0, dtype = 'int64', name }: ArgumentOptions = {}): SymbolicTensor {
  return apply('ArgMax', [x, axis], { output_type: dtype }, { name });
}

/** Where along an axis the smallest element is; the first of several. */
export function argMin(x: TensorInput, { axis = 0, dtype = 'int64', name }: ArgumentOptions = {}): SymbolicTensor {
  return apply('ArgMin', [x, axis], { output_type: dtype }, { name });
}
