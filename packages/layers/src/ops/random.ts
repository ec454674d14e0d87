import type { Graph, SymbolicTensor } from '@tenon/graph';
import type { DType, Shape } from '@tenon/tensor';
import { operation, type NameOptions } from '../operation.js';
import { seedsFor } from '../scopes.js';
import { add, multiply } from './math.js';

export interface RandomTensorOptions extends NameOptions {
  /** What is the same in every session then; see `setRandomSeed`. */
  readonly seed?: number | undefined;
  /** float32 by default. */
  readonly dtype?: DType;
}

type Source = (graph: Graph, shape: SymbolicTensor | Shape, options: RandomTensorOptions) => SymbolicTensor;

const source =
  (type: string): Source =>
  (graph, shape, { seed, dtype = 'float32', name }) => {
    const dimensions = 'operation' in shape ? shape : Int32Array.from(shape);
    return operation(graph, type, [dimensions], { dtype, ...seedsFor(graph, seed) }, { name }).output();
  };

const uniform = source('RandomUniform');
const normal = source('RandomStandardNormal');

/** Numbers evenly spread over `[min, max)`: 0 and 1 by default. New ones in every run. */
export function randomUniformTensor(
  graph: Graph,
  shape: SymbolicTensor | Shape,
  { min = 0, max = 1, ...options }: RandomTensorOptions & { readonly min?: number; readonly max?: number } = {},
): SymbolicTensor {
  const numbers = uniform(graph, shape, options);
  return min === 0 && max === 1 ? numbers : add(multiply(numbers, max - min), min);
}

/** Normally distributed numbers, of mean 0 and standard deviation 1 by default. New ones in every run. */
export function randomNormalTensor(
  graph: Graph,
  shape: SymbolicTensor | Shape,
  { mean = 0, stddev = 1, ...options }: RandomTensorOptions & { readonly mean?: number; readonly stddev?: number } = {},
): SymbolicTensor {
  const numbers = normal(graph, shape, options);
  return mean === 0 && stddev === 1 ? numbers : add(multiply(numbers, stddev), mean);
}
