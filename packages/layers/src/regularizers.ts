import type { SymbolicTensor } from '@tenon/graph';
import { apply } from './operation.js';
import { abs, addN, multiply, square } from './ops/math.js';
import { reduceSum } from './ops/reduction.js';

/** Makes a scalar loss of a variable's value. */
export type Regularizer = (value: SymbolicTensor) => SymbolicTensor;

/** `factor` times the sum of the absolute values. */
export function l1Regularizer(factor: number): Regularizer {
  return (value) => multiply(reduceSum(abs(value)), factor);
}

/** `factor` times half the sum of the squares (TensorFlow 1's `l2_regularizer`). */
export function l2Regularizer(factor: number): Regularizer {
  return (value) => multiply(apply('L2Loss', [value]), factor);
}

/** `l1` times the sum of the absolute values, and `l2` times the sum of the squares (Keras' `L1L2`). */
export function l1l2Regularizer({ l1 = 0, l2 = 0 }: { readonly l1?: number; readonly l2?: number }): Regularizer {
  return (value) => addN([multiply(reduceSum(abs(value)), l1), multiply(reduceSum(square(value)), l2)]);
}
