import type { SymbolicTensor } from '@tenon/graph';
import { addToCollection, Collections } from '../collections.js';
import { BuildArgumentError } from '../errors.js';
import { getVariable } from '../get-variable.js';
import { ones, zeros, type VariableInitializer } from '../initializers.js';
import { operation, readVariable } from '../operation.js';
import { stopGradient } from '../ops/array.js';
import { add, multiply, negate, rsqrt, squaredDifference, subtract } from '../ops/math.js';
import { reduceMean } from '../ops/reduction.js';
import { assignSub } from '../ops/state.js';
import type { Regularizer } from '../regularizers.js';
import { layerScope, nameScope } from '../scopes.js';
import type { Variable } from '../variable.js';

export interface BatchNormalizationOptions {
  readonly name?: string | undefined;
  /** Whether to normalise by the batch, and to move the averages by it; false by default. */
  readonly training?: boolean;
  /** How much of the moving averages stays at each step: 0.99 by default. */
  readonly momentum?: number;
  /** Is added to the variance: 0.001 by default. */
  readonly epsilon?: number;
  /** Whether to add `beta`: true by default. */
  readonly center?: boolean;
  /** Whether to multiply by `gamma`: true by default. */
  readonly scale?: boolean;
  readonly betaInitializer?: VariableInitializer | undefined;
  readonly gammaInitializer?: VariableInitializer | undefined;
  readonly gammaRegularizer?: Regularizer | undefined;
  readonly trainable?: boolean | undefined;
}

/**
 * Batch normalisation along the last axis; variables `gamma`, `beta`, `moving_mean` and `moving_variance`, one element per channel.
 *
 * In training, what moves the averages goes to the collection `update_ops`: run it beside the training step, or have `minimize` do so.
 *
 * @param x `[batch, channels]` or `[batch, height, width, channels]`: the last dimension must be known.
 */
export function batchNormalization(x: SymbolicTensor, options: BatchNormalizationOptions = {}): SymbolicTensor {
  const { name, training = false, momentum = 0.99, epsilon = 0.001, center = true, scale = true } = options;
  const { betaInitializer = zeros(), gammaInitializer = ones(), gammaRegularizer, trainable = true } = options;
  const rank = x.shape?.length;
  const channels = x.shape?.at(-1);
  if ((rank !== 2 && rank !== 4) || channels == null) {
    const reason = 'its input must have 2 or 4 dimensions, the last one known.';
    throw new BuildArgumentError('batchNormalization', reason);
  }
  const { graph } = x;
  return layerScope(graph, name, 'batch_normalization', () => {
    const variable = (own: string, initializer: VariableInitializer, isTrained: boolean, regularizer?: Regularizer) =>
      getVariable(graph, {
        name: own,
        shape: [channels],
        dtype: rank === 4 ? 'float32' : x.dtype,
        initializer,
        trainable: isTrained && trainable,
        regularizer,
      });
    const gamma = scale ? variable('gamma', gammaInitializer, true, gammaRegularizer) : undefined;
    const beta = center ? variable('beta', betaInitializer, true) : undefined;
    const mean = variable('moving_mean', zeros(), false);
    const variance = variable('moving_variance', ones(), false);
    const parts = { gamma, beta, mean, variance, epsilon, training, channels };
    const normalized = rank === 4 ? normalizeImages(x, parts) : normalizeRows(x, parts);
    if (training) {
      move(mean, normalized.mean, momentum);
      move(variance, normalized.variance, momentum);
    }
    return normalized.y;
  });
}

interface Parts {
  readonly gamma: Variable | undefined;
  readonly beta: Variable | undefined;
  readonly mean: Variable;
  readonly variance: Variable;
  readonly epsilon: number;
  readonly training: boolean;
  readonly channels: number;
}

interface Normalized {
  readonly y: SymbolicTensor;
  /** Of the batch, in training. */
  readonly mean: SymbolicTensor;
  readonly variance: SymbolicTensor;
}

function normalizeImages(images: SymbolicTensor, parts: Parts): Normalized {
  const { gamma, beta, mean, variance, epsilon, training, channels } = parts;
  const none = new Float32Array();
  const { outputs } = operation(
    images.graph,
    'FusedBatchNormV3',
    [
      images,
      gamma ?? new Float32Array(channels).fill(1),
      beta ?? new Float32Array(channels),
      training ? none : mean,
      training ? none : variance,
    ],
    { U: 'float32', epsilon, is_training: training },
  );
  return { y: outputs[0]!, mean: outputs[1]!, variance: outputs[2]! };
}

/** The op for images corrects the variance for what a sample lacks; that of rows moves its average uncorrected, in TensorFlow too. */
function normalizeRows(rows: SymbolicTensor, { gamma, beta, training, epsilon, ...averages }: Parts): Normalized {
  const mean = training ? reduceMean(rows, { axis: 0 }) : averages.mean.value;
  const variance = training
    ? reduceMean(squaredDifference(rows, stopGradient(mean)), { axis: 0 })
    : averages.variance.value;
  const inverse = rsqrt(add(variance, epsilon));
  const factor = gamma ? multiply(inverse, gamma) : inverse;
  const shift = multiply(mean, factor);
  return { y: add(multiply(rows, factor), beta ? subtract(beta, shift) : negate(shift)), mean, variance };
}

/** Moves an average towards what it is of the batch. */
function move(average: Variable, ofBatch: SymbolicTensor, momentum: number): void {
  const { graph } = average;
  const update = nameScope(graph, 'AssignMovingAvg', (scope) => {
    const distance = subtract(readVariable(average, `${scope}/ReadVariableOp`), ofBatch);
    return assignSub(average, multiply(distance, 1 - momentum));
  });
  addToCollection(graph, Collections.updateOps, update);
}
