import type { Operation } from '@tenon/graph';
import { isFloating, sizeOf, Tensor } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { prepareBinary } from './binary.js';
import { broadcast } from './broadcast.js';
import { define, isNumber } from './definition.js';
import { fromNumbers, makeNumbers, numbersOf, type NumberArray } from './elements.js';
import { InvalidArgumentError } from './errors.js';
import { integersOf } from './integers.js';
import { ADD } from './math.js';
import { broadcastTo } from './rearranging.js';

/** `exp(x - max) / Σ` of each row; with `isLog` its logarithm. */
function softmaxRows(input: NumberArray, output: NumberArray, columns: number, isLog: boolean): void {
  for (let start = 0; start < input.length; start += columns) {
    const { most, sum } = normalizer(input, start, columns);
    const logSum = Math.log(sum);
    for (let i = start; i < start + columns; i++) {
      output[i] = isLog ? input[i]! - most - logSum : Math.exp(input[i]! - most) / sum;
    }
  }
}

/** The greatest element of a row, and Σ exp(x - max). */
function normalizer(
  input: NumberArray,
  start: number,
  columns: number,
): { readonly most: number; readonly sum: number } {
  let most = -Infinity;
  for (let i = start; i < start + columns; i++) most = Math.max(most, input[i]!);
  let sum = 0;
  for (let i = start; i < start + columns; i++) sum += Math.exp(input[i]! - most);
  return { most, sum };
}

const softmax =
  (isLog: boolean): Kernel =>
  ([logits]) => {
    const { dtype, shape } = logits!;
    const input = numbersOf(logits!);
    const output = makeNumbers(dtype, input.length);
    softmaxRows(input, output, shape.at(-1) ?? 1, isLog);
    return [fromNumbers(dtype, shape, output)];
  };

/** Cross entropy of each row against a distribution, and its gradient. */
const softmaxCrossEntropy: Kernel = ([features, labels]) => {
  const { dtype } = features!;
  const { shape } = broadcast(features!.shape, labels!.shape);
  const logits = numbersOf(broadcastTo(features!, shape));
  const targets = numbersOf(broadcastTo(labels!, shape));
  const [rows, columns] = shape as [number, number];
  const loss = makeNumbers(dtype, rows);
  const gradient = makeNumbers(dtype, rows * columns);
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    const { most, sum } = normalizer(logits, start, columns);
    const logSum = Math.log(sum);
    let total = 0;
    for (let i = start; i < start + columns; i++) {
      const target = targets[i]!;
      if (target !== 0) total += target * (logSum - (logits[i]! - most));
      gradient[i] = Math.exp(logits[i]! - most) / sum - target;
    }
    loss[row] = total;
  }
  return [fromNumbers(dtype, [rows], loss), fromNumbers(dtype, shape, gradient)];
};

/** Cross entropy of each row against one class, and its gradient. */
const sparseSoftmaxCrossEntropy: Kernel = ([features, labels]) => {
  const { dtype, shape } = features!;
  const [rows, columns] = shape as [number, number];
  const logits = numbersOf(features!);
  const classes = integersOf(labels!);
  if (classes.length !== rows) throw new InvalidArgumentError(`${classes.length} labels were given for ${rows} rows.`);
  const loss = makeNumbers(dtype, rows);
  const gradient = makeNumbers(dtype, rows * columns);
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    const label = classes[row]!;
    if (!(label >= 0 && label < columns)) throw new InvalidArgumentError(`Label ${label} is outside [0, ${columns}).`);
    const { most, sum } = normalizer(logits, start, columns);
    loss[row] = Math.log(sum) - (logits[start + label]! - most);
    for (let i = 0; i < columns; i++) {
      gradient[start + i] = Math.exp(logits[start + i]! - most) / sum - (i === label ? 1 : 0);
    }
  }
  return [fromNumbers(dtype, [rows], loss), fromNumbers(dtype, shape, gradient)];
};

const l2Loss: Kernel = ([tensor]) => {
  const values = numbersOf(tensor!);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  const output = makeNumbers(tensor!.dtype, 1);
  output[0] = sum / 2;
  return [fromNumbers(tensor!.dtype, [], output)];
};

/** Where the channels are: the axis, or the one after the batch for `NCHW` and its like. */
export function channelAxis(format: string, rank: number): number {
  return format.startsWith('NC') ? 1 : rank - 1;
}

function prepareBiasAdd(operation: Operation): Kernel {
  const format = operation.find('data_format') ? operation.string('data_format') : 'NHWC';
  const add = prepareBinary(ADD)(operation);
  return (inputs, context) => {
    const [value, bias] = inputs as [Tensor, Tensor];
    if (bias.rank !== 1 || value.rank < 2)
      throw new InvalidArgumentError('A bias is a vector, and is added to at least two axes.');
    const axis = channelAxis(format, value.rank);
    if (value.shape[axis] !== bias.size) {
      throw new InvalidArgumentError(
        `A bias of ${bias.size} does not go with the channels of [${value.shape.join(', ')}].`,
      );
    }
    if (axis === value.rank - 1) return add(inputs, context);
    return add([value, bias.reshape([bias.size, ...value.shape.slice(axis + 1).map(() => 1)])], context);
  };
}

/** The sum of a gradient over everything but the channels. */
function prepareBiasAddGrad(operation: Operation): Kernel {
  const format = operation.string('data_format');
  return ([gradient]) => {
    const { dtype, shape, rank } = gradient!;
    const axis = channelAxis(format, rank);
    const channels = shape[axis]!;
    const inner = sizeOf(shape.slice(axis + 1));
    const values = numbersOf(gradient!);
    const sums = new Float64Array(channels);
    for (let i = 0; i < values.length; i++) sums[Math.floor(i / inner) % channels]! += values[i]!;
    const output = makeNumbers(dtype, channels);
    output.set(sums);
    return [fromNumbers(dtype, [channels], output)];
  };
}

function prepareLeakyReluGrad(operation: Operation): Kernel {
  const alpha = operation.float('alpha');
  return prepareBinary({ number: (gradient, feature) => (feature > 0 ? gradient : gradient * alpha) })(operation);
}

/** Local response normalisation: each channel divided by a power of the squares around it. */
function prepareLrn(operation: Operation): Kernel {
  const radius = operation.int('depth_radius');
  const bias = operation.float('bias');
  const alpha = operation.float('alpha');
  const beta = operation.float('beta');
  return ([tensor]) => {
    const { dtype, shape } = tensor!;
    const channels = shape.at(-1)!;
    const input = numbersOf(tensor!);
    const output = makeNumbers(dtype, input.length);
    for (let start = 0; start < input.length; start += channels) {
      for (let channel = 0; channel < channels; channel++) {
        let squares = 0;
        const last = Math.min(channels - 1, channel + radius);
        for (let i = Math.max(0, channel - radius); i <= last; i++) squares += input[start + i]! ** 2;
        output[start + channel] = input[start + channel]! / (bias + alpha * squares) ** beta;
      }
    }
    return [fromNumbers(dtype, shape, output)];
  };
}

export const activationKernels: readonly KernelDefinition[] = [
  define('Softmax', () => softmax(false), isFloating),
  define('LogSoftmax', () => softmax(true), isFloating),
  define('SoftmaxCrossEntropyWithLogits', () => softmaxCrossEntropy, isFloating),
  define(
    'SparseSoftmaxCrossEntropyWithLogits',
    () => sparseSoftmaxCrossEntropy,
    (dtype) => isFloating(dtype) || dtype === 'int32' || dtype === 'int64',
  ),
  define('L2Loss', () => l2Loss, isFloating),
  define('BiasAdd', prepareBiasAdd, isNumber),
  define('BiasAddV1', prepareBiasAdd, isNumber),
  define('BiasAddGrad', prepareBiasAddGrad, isFloating),
  define('LeakyReluGrad', prepareLeakyReluGrad, isFloating),
  define('LRN', prepareLrn, isFloating),
];
