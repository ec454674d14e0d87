import type { SymbolicTensor } from '@tenon/graph';
import { BuildArgumentError } from '../errors.js';
import { getVariable } from '../get-variable.js';
import { zeros } from '../initializers.js';
import { biasAdd, matMul } from '../ops/nn.js';
import { concat, reshape, shapeOf, slice } from '../ops/array.js';
import { layerScope } from '../scopes.js';
import type { WeightsOptions } from './weights.js';

export interface DenseOptions extends WeightsOptions {
  /** How many outputs there are. */
  readonly units: number;
}

/**
 * `activation(x · kernel + bias)` along the last axis; variables `kernel` `[inputs, units]` and `bias` `[units]`.
 *
 * @param x `[…, inputs]`: the last dimension must be known.
 * @returns `[…, units]`
 */
export function dense(
  x: SymbolicTensor,
  {
    units,
    name,
    activation,
    useBias = true,
    kernelInitializer,
    biasInitializer = zeros(),
    kernelRegularizer,
    biasRegularizer,
    trainable = true,
  }: DenseOptions,
): SymbolicTensor {
  const inputs = x.shape?.at(-1);
  if (inputs == null) throw new BuildArgumentError('dense', 'the last dimension of its input must be known.');
  const { graph, dtype } = x;
  return layerScope(graph, name, 'dense', () => {
    const kernel = getVariable(graph, {
      name: 'kernel',
      shape: [inputs, units],
      dtype,
      initializer: kernelInitializer,
      regularizer: kernelRegularizer,
      trainable,
    });
    const isMatrix = x.shape!.length === 2;
    let y = matMul(isMatrix ? x : reshape(x, [-1, inputs]), kernel);
    if (useBias) {
      const bias = getVariable(graph, {
        name: 'bias',
        shape: [units],
        dtype,
        initializer: biasInitializer,
        regularizer: biasRegularizer,
        trainable,
      });
      y = biasAdd(y, bias);
    }
    if (!isMatrix) {
      const leading = slice(shapeOf(x), [0], [x.shape!.length - 1]);
      y = reshape(y, concat([leading, [units]], 0));
    }
    return activation ? activation(y) : y;
  });
}
