import type { Operation, SymbolicTensor } from '@tenon/graph';
import { tensorFrom, type DType, type TensorLike } from '@tenon/tensor';
import { apply, operation, type NameOptions, type TensorInput } from '../operation.js';

export function identity(x: TensorInput, options?: NameOptions): SymbolicTensor {
  return apply('Identity', [x], {}, options);
}

/** What no gradient flows through. */
export function stopGradient(x: TensorInput, options?: NameOptions): SymbolicTensor {
  return apply('StopGradient', [x], {}, options);
}

export function zerosLike(x: TensorInput, options?: NameOptions): SymbolicTensor {
  return apply('ZerosLike', [x], {}, options);
}

export function onesLike(x: TensorInput, options?: NameOptions): SymbolicTensor {
  return apply('OnesLike', [x], {}, options);
}

/** Numbers of another data type; floating-point ones are cut off where integers are wanted. */
export function cast(x: TensorInput, dtype: DType, options?: NameOptions): SymbolicTensor {
  return apply('Cast', [x], { DstT: dtype }, options);
}

/** int32 `[rank]` */
export function shapeOf(x: TensorInput, options?: NameOptions): SymbolicTensor {
  return apply('Shape', [x], {}, options);
}

/** @param shape One dimension may be -1: what is left. */
export function reshape(
  x: TensorInput,
  shape: SymbolicTensor | readonly number[],
  options?: NameOptions,
): SymbolicTensor {
  return apply('Reshape', [x, integers(shape)], {}, options);
}

/** All dimensions but the first as one. */
export function flatten(x: SymbolicTensor, options?: NameOptions): SymbolicTensor {
  const rest = x.shape?.slice(1);
  const size = rest?.every((dimension) => dimension !== null) ? rest.reduce<number>((a, b) => a * b, 1) : -1;
  if (size !== -1) return reshape(x, [-1, size], options);
  const batch = slice(shapeOf(x), [0], [1]);
  return reshape(x, concat([batch, [-1]], 0), options);
}

export function expandDims(x: TensorInput, axis: number, options?: NameOptions): SymbolicTensor {
  return apply('ExpandDims', [x, axis], {}, options);
}

/** @param axes Which dimensions, of length 1, to take out: all such by default. */
export function squeeze(x: TensorInput, axes: readonly number[] = [], options?: NameOptions): SymbolicTensor {
  return apply('Squeeze', [x], { squeeze_dims: axes }, options);
}

export function transpose(x: TensorInput, permutation: readonly number[], options?: NameOptions): SymbolicTensor {
  return apply('Transpose', [x, Int32Array.from(permutation)], {}, options);
}

export function concat(tensors: readonly TensorInput[], axis: number, options?: NameOptions): SymbolicTensor {
  return apply('ConcatV2', [tensors, axis], {}, options);
}

/** Tensors of one shape along a new axis. */
export function stack(tensors: readonly TensorInput[], axis = 0, options?: NameOptions): SymbolicTensor {
  return apply('Pack', [tensors], { axis }, options);
}

/** The slices along an axis, of which there are `count`. */
export function unstack(x: TensorInput, count: number, axis = 0, options?: NameOptions): readonly SymbolicTensor[] {
  return operation(undefined, 'Unpack', [x], { num: count, axis }, options).outputs;
}

/** `count` equal parts along an axis. */
export function split(x: TensorInput, count: number, axis = 0, options?: NameOptions): readonly SymbolicTensor[] {
  return operation(undefined, 'Split', [axis, x], { num_split: count }, options).outputs;
}

/** @param size Per axis; -1 is all that is left. */
export function slice(
  x: TensorInput,
  begin: readonly number[],
  size: readonly number[],
  options?: NameOptions,
): SymbolicTensor {
  return apply('Slice', [x, Int32Array.from(begin), Int32Array.from(size)], {}, options);
}

/** The slices of `x` along an axis that `indices` name; plain numbers are int32. */
export function gather(
  x: TensorInput,
  indices: TensorInput,
  { axis = 0, name }: NameOptions & { readonly axis?: number } = {},
): SymbolicTensor {
  const isPlain =
    typeof indices === 'number' || (Array.isArray(indices) && typeof indices.flat(Infinity)[0] === 'number');
  const places = isPlain ? tensorFrom(indices as TensorLike, 'int32') : indices;
  return apply('GatherV2', [x, places, tensorFrom(axis, 'int32')], {}, { name });
}

/**
 * @param paddings Per axis how many elements to put before and after it.
 */
export function pad(
  x: TensorInput,
  paddings: readonly (readonly [before: number, after: number])[],
  {
    value,
    mode = 'constant',
    name,
  }: NameOptions & {
    /** 0 by default. */
    readonly value?: number;
    readonly mode?: 'constant' | 'reflect' | 'symmetric';
  } = {},
): SymbolicTensor {
  const amounts = paddings.map(([before, after]) => Int32Array.of(before, after));
  if (mode !== 'constant') return apply('MirrorPad', [x, amounts], { mode: mode.toUpperCase() }, { name });
  return value === undefined
    ? apply('Pad', [x, amounts], {}, { name })
    : apply('PadV2', [x, amounts, value], {}, { name });
}

/** `x` repeated along each axis. */
export function tile(x: TensorInput, multiples: readonly number[], options?: NameOptions): SymbolicTensor {
  return apply('Tile', [x, Int32Array.from(multiples)], {}, options);
}

export interface OneHotOptions extends NameOptions {
  /** float32 by default. */
  readonly dtype?: DType;
  /** Where the new axis goes: last by default. */
  readonly axis?: number;
}

/** For each index a vector of `depth` elements that is 1 there and 0 elsewhere. */
export function oneHot(
  indices: TensorInput,
  depth: number,
  { dtype = 'float32', axis = -1, name }: OneHotOptions = {},
): SymbolicTensor {
  return apply('OneHot', [indices, depth, 1, 0], { T: dtype, axis }, { name });
}

/** The `k` largest elements along the last axis, and where they are (int32). */
export function topK(
  x: TensorInput,
  k: number,
  options?: NameOptions,
): { readonly values: SymbolicTensor; readonly indices: SymbolicTensor } {
  const { outputs } = operation(undefined, 'TopKV2', [x, k], {}, options);
  return { values: outputs[0]!, indices: outputs[1]! };
}

/** An operation that does nothing but run others: all of them in one fetch. */
export function group(operations: readonly [Operation, ...Operation[]], options: NameOptions = {}): Operation {
  const { graph } = operations[0];
  const name = graph.uniqueScope(options.name ?? 'group_deps');
  return graph.addOperation({ type: 'NoOp', name, controlInputs: operations });
}

function integers(values: SymbolicTensor | readonly number[]): TensorInput {
  return 'operation' in values ? values : Int32Array.from(values);
}
