import type { SymbolicTensor } from '@tenon/graph';
import { apply, operation, type NameOptions, type TensorInput } from '../operation.js';
import { Variable } from '../variable.js';
import { maximum, multiply, rsqrt, square } from './math.js';
import { reduceSum } from './reduction.js';

export interface MatMulOptions extends NameOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/** The product of matrices; of tensors of more dimensions that of all their matrices. */
export function matMul(
  a: SymbolicTensor | Variable,
  b: TensorInput,
  { transposeA = false, transposeB = false, name }: MatMulOptions = {},
): SymbolicTensor {
  const isBatch = (a.shape?.length ?? 2) > 2 || (b instanceof Variable ? b.shape.length > 2 : rankOf(b) > 2);
  return isBatch
    ? apply('BatchMatMulV2', [a, b], { adj_x: transposeA, adj_y: transposeB }, { name: name ?? 'MatMul' })
    : apply('MatMul', [a, b], { transpose_a: transposeA, transpose_b: transposeB }, { name });
}

function rankOf(value: TensorInput): number {
  return typeof value === 'object' && 'shape' in value ? (value.shape?.length ?? 2) : 2;
}

/** @param bias One per channel: of the last axis. */
export function biasAdd(x: TensorInput, bias: TensorInput, options?: NameOptions): SymbolicTensor {
  return apply('BiasAdd', [x, bias], {}, options);
}

export function einsum(equation: string, tensors: readonly TensorInput[], options?: NameOptions): SymbolicTensor {
  return apply('Einsum', [tensors], { equation }, options);
}

export type Padding = 'same' | 'valid';

/** A number for height and width alike, or one each. */
export type Size2d = number | readonly [height: number, width: number];

export interface WindowOptions extends NameOptions {
  /** 1 by default. */
  readonly strides?: Size2d;
  /** `valid` by default. */
  readonly padding?: Padding;
}

export interface ConvolutionOptions extends WindowOptions {
  /** Distance between the elements of a filter: 1 by default. */
  readonly dilations?: Size2d;
}

/** For TensorFlow's layout of images: `[batch, height, width, channels]`. */
function perAxis(size: Size2d): number[] {
  const [height, width] = typeof size === 'number' ? [size, size] : size;
  return [1, height, width, 1];
}

/**
 * @param images `[batch, height, width, inputs]`
 * @param filters `[height, width, inputs, outputs]`
 */
export function conv2d(
  images: TensorInput,
  filters: TensorInput,
  { strides = 1, padding = 'valid', dilations = 1, name }: ConvolutionOptions = {},
): SymbolicTensor {
  const attributes = { strides: perAxis(strides), padding: padding.toUpperCase(), dilations: perAxis(dilations) };
  return apply('Conv2D', [images, filters], attributes, { name });
}

/**
 * Each channel by filters of its own.
 *
 * @param images `[batch, height, width, channels]`
 * @param filters `[height, width, channels, filters per channel]`
 */
export function depthwiseConv2d(
  images: TensorInput,
  filters: TensorInput,
  { strides = 1, padding = 'valid', dilations = 1, name = 'depthwise' }: ConvolutionOptions = {},
): SymbolicTensor {
  const attributes = { strides: perAxis(strides), padding: padding.toUpperCase(), dilations: perAxis(dilations) };
  return apply('DepthwiseConv2dNative', [images, filters], attributes, { name });
}

/** The largest element of each window. */
export function maxPool(
  images: TensorInput,
  size: Size2d,
  { strides = size, padding = 'valid', name }: WindowOptions = {},
): SymbolicTensor {
  const attributes = { ksize: perAxis(size), strides: perAxis(strides), padding: padding.toUpperCase() };
  return apply('MaxPool', [images], attributes, { name });
}

/** The mean of each window; what padding adds does not count. */
export function averagePool(
  images: TensorInput,
  size: Size2d,
  { strides = size, padding = 'valid', name }: WindowOptions = {},
): SymbolicTensor {
  const attributes = { ksize: perAxis(size), strides: perAxis(strides), padding: padding.toUpperCase() };
  return apply('AvgPool', [images], attributes, { name });
}

/** Along the last axis. */
export function softmax(logits: TensorInput, options?: NameOptions): SymbolicTensor {
  return apply('Softmax', [logits], {}, options);
}

/** Along the last axis. */
export function logSoftmax(logits: TensorInput, options?: NameOptions): SymbolicTensor {
  return apply('LogSoftmax', [logits], {}, options);
}

/** Vectors along an axis (the last by default) scaled to length 1; shorter ones than `epsilon`'s root less. */
export function l2Normalize(
  x: TensorInput,
  { axis = -1, epsilon = 1e-12 }: { readonly axis?: number; readonly epsilon?: number } = {},
): SymbolicTensor {
  return multiply(x, rsqrt(maximum(reduceSum(square(x), { axis, keepDims: true }), epsilon)));
}

/**
 * The cross-entropy of each row, and nothing that needs logarithms of zero.
 *
 * @param logits `[batch, classes]`
 * @param labels `[batch, classes]`: probabilities.
 * @returns `[batch]`
 */
export function softmaxCrossEntropyWithLogits(
  logits: TensorInput,
  labels: TensorInput,
  options?: NameOptions,
): SymbolicTensor {
  return operation(undefined, 'SoftmaxCrossEntropyWithLogits', [logits, labels], {}, options).output(0);
}

/**
 * @param logits `[batch, classes]`
 * @param labels int32 or int64 `[batch]`: which class.
 * @returns `[batch]`
 */
export function sparseSoftmaxCrossEntropyWithLogits(
  logits: TensorInput,
  labels: SymbolicTensor,
  options?: NameOptions,
): SymbolicTensor {
  return operation(undefined, 'SparseSoftmaxCrossEntropyWithLogits', [logits, labels], {}, options).output(0);
}
