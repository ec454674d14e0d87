import type { SymbolicTensor } from '@tenon/graph';
import { BuildArgumentError } from '../errors.js';
import { isFullyKnown } from '@tenon/tensor';
import { identity, cast, shapeOf } from '../ops/array.js';
import { greaterEqual, multiply } from '../ops/math.js';
import { randomUniformTensor } from '../ops/random.js';
import { nameScope } from '../scopes.js';

export interface DropoutOptions {
  readonly name?: string;
  /** The share of elements that are dropped, from 0 up to but not including 1: 0.5 by default. */
  readonly rate?: number;
  /** Whether to drop any: false by default. */
  readonly training?: boolean;
  readonly seed?: number;
}

/** In training, a random part of the elements become zero, others in every run, and the rest grow to make up for it. */
export function dropout(
  x: SymbolicTensor,
  { name = 'dropout', rate = 0.5, training = false, seed }: DropoutOptions = {},
): SymbolicTensor {
  if (!(rate >= 0 && rate < 1)) throw new BuildArgumentError('dropout', `the rate must be in [0, 1); it is ${rate}.`);
  const { graph, dtype } = x;
  return nameScope(graph, name, () => {
    if (!training || rate === 0) return identity(x);
    const shape = isFullyKnown(x.shape) ? x.shape : shapeOf(x);
    const kept = greaterEqual(randomUniformTensor(graph, shape, { dtype, seed }), rate);
    return multiply(multiply(x, 1 / (1 - rate)), cast(kept, dtype));
  });
}
