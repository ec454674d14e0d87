import type { Graph, Operation, SymbolicTensor } from '@tenon/graph';
import { addToCollection, Collections } from './collections.js';
import { BuildArgumentError } from './errors.js';
import { graphOf, type TensorInput } from './operation.js';
import { cast, onesLike } from './ops/array.js';
import {
  abs,
  add,
  addN,
  divideNoNaN,
  exp,
  log1p,
  multiply,
  negate,
  notEqual,
  relu,
  squaredDifference,
  subtract,
} from './ops/math.js';
import { softmaxCrossEntropyWithLogits, sparseSoftmaxCrossEntropyWithLogits } from './ops/nn.js';
import { reduceMean, reduceSum } from './ops/reduction.js';
import { nameScope } from './scopes.js';

export interface LossOptions {
  /** One number for all, or one per loss: how much each counts. Those that are 0 do not count among the losses. */
  readonly weights?: TensorInput;
}

/** The mean of losses, which goes to the collection `losses`: the sum by the number of weights that are not zero, as TensorFlow 1 has it. */
function total(losses: SymbolicTensor, { weights }: LossOptions): SymbolicTensor {
  const loss = weights === undefined ? reduceMean(losses) : weightedMean(losses, weights);
  addToCollection(losses.graph, Collections.losses, loss);
  return loss;
}

function weightedMean(losses: SymbolicTensor, weights: TensorInput): SymbolicTensor {
  const present = cast(notEqual(multiply(onesLike(losses), weights), 0), losses.dtype);
  return divideNoNaN(reduceSum(multiply(losses, weights)), reduceSum(present));
}

const scoped = (scope: string, inputs: readonly TensorInput[], body: () => SymbolicTensor): SymbolicTensor =>
  nameScope(graphOf(scope, inputs), scope, body);

/** The mean of the squared differences. */
export function meanSquaredError(
  labels: TensorInput,
  predictions: TensorInput,
  options: LossOptions = {},
): SymbolicTensor {
  return scoped('mean_squared_error', [labels, predictions], () =>
    total(squaredDifference(predictions, labels), options),
  );
}

/** The mean of the differences' absolute values. */
export function absoluteDifference(
  labels: TensorInput,
  predictions: TensorInput,
  options: LossOptions = {},
): SymbolicTensor {
  return scoped('absolute_difference', [labels, predictions], () => total(abs(subtract(predictions, labels)), options));
}

/**
 * The mean cross-entropy of classes that exclude each other.
 *
 * @param labels `[batch, classes]`: probabilities.
 * @param logits `[batch, classes]`
 */
export function softmaxCrossEntropy(
  labels: TensorInput,
  logits: TensorInput,
  options: LossOptions = {},
): SymbolicTensor {
  return scoped('softmax_cross_entropy_loss', [labels, logits], () =>
    total(softmaxCrossEntropyWithLogits(logits, labels), options),
  );
}

/**
 * The mean cross-entropy of classes that exclude each other.
 *
 * @param labels int32 or int64 `[batch]`: which class.
 * @param logits `[batch, classes]`
 */
export function sparseSoftmaxCrossEntropy(
  labels: SymbolicTensor,
  logits: TensorInput,
  options: LossOptions = {},
): SymbolicTensor {
  return scoped('sparse_softmax_cross_entropy_loss', [labels, logits], () =>
    total(sparseSoftmaxCrossEntropyWithLogits(logits, labels), options),
  );
}

/**
 * The mean cross-entropy of classes that do not exclude each other.
 *
 * @param labels Probabilities, of the shape of `logits`.
 */
export function sigmoidCrossEntropy(
  labels: TensorInput,
  logits: SymbolicTensor,
  options: LossOptions = {},
): SymbolicTensor {
  return scoped('sigmoid_cross_entropy_loss', [labels, logits], () => {
    // The form that neither overflows nor loses digits for logits far from zero.
    const linear = subtract(relu(logits), multiply(logits, labels));
    return total(add(linear, log1p(exp(negate(abs(logits))))), options);
  });
}

/** The collection `regularization_losses`: those of variables with regularizers, and of modules that are trained. */
export function regularizationLosses(graph: Graph): SymbolicTensor[] {
  return (graph.collections.get(Collections.regularizationLosses) ?? []).map(tensorOf);
}

/**
 * The sum of all losses in the collections `losses` and `regularization_losses`: what training makes small.
 *
 * @throws BuildArgumentError if there are none.
 */
export function totalLoss(graph: Graph): SymbolicTensor {
  const losses = [...(graph.collections.get(Collections.losses) ?? []).map(tensorOf), ...regularizationLosses(graph)];
  if (losses.length === 0) throw new BuildArgumentError('totalLoss', 'the graph has no losses.');
  return addN(losses, { name: 'total_loss' });
}

function tensorOf(member: Operation | SymbolicTensor): SymbolicTensor {
  return 'operation' in member ? member : member.output();
}
