import type { Operation } from '@tenon/graph';
import {
  allocate,
  bytesPerElement,
  isNumeric,
  sizeOf,
  stridesOf,
  StringArray,
  Tensor,
  type DType,
  type NumericDType,
  type Shape,
  type TypedArray,
} from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { InvalidArgumentError } from './errors.js';
import { checkedSize } from './integers.js';

/**
 * Elements as machine words, for kernels that only move them: three kinds of array serve all data types, and a 64-bit integer moves without
 * becoming a BigInt.
 */
export type Words = Uint8Array | Uint16Array | Int32Array;

export function wordsOf(tensor: Tensor): Words {
  return asWords(tensor.dtype as NumericDType, tensor.data as TypedArray);
}

export function asWords(dtype: NumericDType, data: TypedArray): Words {
  switch (bytesPerElement(dtype)) {
    case 1:
      return data instanceof Uint8Array ? data : new Uint8Array(data.buffer, data.byteOffset, data.length);
    case 2:
      return data instanceof Uint16Array ? data : new Uint16Array(data.buffer, data.byteOffset, data.length);
    default:
      return data instanceof Int32Array ? data : new Int32Array(data.buffer, data.byteOffset, data.byteLength >> 2);
  }
}

/** Words that one element takes. */
export function wordsPerElement(dtype: DType): number {
  const bytes = bytesPerElement(dtype as NumericDType);
  return bytes <= 4 ? 1 : bytes >> 2;
}

/** A zeroed tensor. Kernels fill it before anyone else sees it. */
export function makeTensor(dtype: DType, shape: Shape): Tensor {
  return new Tensor(dtype as NumericDType, shape, allocate(dtype as NumericDType, sizeOf(shape)));
}

/** Runs of at least this many words are copied by `set`. */
const LONG_RUN = 160;

/** Copies `count` words that lie one after the other. */
export function copyWords(source: Words, from: number, target: Words, to: number, count: number): void {
  if (count >= LONG_RUN) target.set(source.subarray(from, from + count), to);
  else for (let i = 0; i < count; i++) target[to + i] = source[from + i]!;
}

/**
 * Copies a block of elements, of any strides on both sides: slices, transposes, tiles (stride 0), reversals (negative strides) and all
 * their relatives are calls of this.
 *
 * @param shape How many elements to copy along each axis.
 * @param sourceStart The first element, in elements; so are the strides.
 * @param words Words of one element.
 */
export function copyStrided(
  source: Words,
  sourceStart: number,
  sourceStrides: readonly number[],
  target: Words,
  targetStart: number,
  targetStrides: readonly number[],
  shape: Shape,
  words: number,
): void {
  // Axes that lie one after the other on both sides are one axis; those of one element are none.
  const sizes: number[] = [];
  const from: number[] = [];
  const to: number[] = [];
  for (let axis = 0; axis <= shape.length; axis++) {
    const isWords = axis === shape.length;
    const size = isWords ? words : shape[axis]!;
    if (size === 0) return;
    if (size === 1) continue;
    const sourceStride = isWords ? 1 : sourceStrides[axis]! * words;
    const targetStride = isWords ? 1 : targetStrides[axis]! * words;
    const last = sizes.length - 1;
    if (last >= 0 && from[last] === size * sourceStride && to[last] === size * targetStride) {
      sizes[last]! *= size;
      from[last] = sourceStride;
      to[last] = targetStride;
    } else {
      sizes.push(size);
      from.push(sourceStride);
      to.push(targetStride);
    }
  }
  let s = sourceStart * words;
  let t = targetStart * words;
  const rank = sizes.length;
  if (rank === 0) {
    target[t] = source[s]!;
    return;
  }
  const inner = sizes[rank - 1]!;
  const innerFrom = from[rank - 1]!;
  const innerTo = to[rank - 1]!;
  const isRun = innerFrom === 1 && innerTo === 1 && inner >= LONG_RUN;
  const counters = new Array<number>(rank).fill(0);
  for (;;) {
    if (isRun) target.set(source.subarray(s, s + inner), t);
    else for (let i = 0, p = s, q = t; i < inner; i++, p += innerFrom, q += innerTo) target[q] = source[p]!;
    let axis = rank - 2;
    for (; axis >= 0; axis--) {
      s += from[axis]!;
      t += to[axis]!;
      if (++counters[axis]! < sizes[axis]!) break;
      s -= from[axis]! * sizes[axis]!;
      t -= to[axis]! * sizes[axis]!;
      counters[axis] = 0;
    }
    if (axis < 0) return;
  }
}

/** The elements of `tensor` from `start` on with the given strides, in a new row-major tensor. */
export function gatherStrided(tensor: Tensor, start: number, strides: readonly number[], shape: Shape): Tensor {
  const output = makeTensor(tensor.dtype, shape);
  const words = wordsPerElement(tensor.dtype);
  copyStrided(wordsOf(tensor), start, strides, wordsOf(output), 0, stridesOf(shape), shape, words);
  return output;
}

/** The axes of a tensor in another order: output axis `i` is input axis `permutation[i]`. */
export function transpose(tensor: Tensor, permutation: readonly number[]): Tensor {
  const strides = stridesOf(tensor.shape);
  const shape = permutation.map((axis) => tensor.shape[axis]!);
  return gatherStrided(
    tensor,
    0,
    permutation.map((axis) => strides[axis]!),
    shape,
  );
}

/**
 * A kernel that only moves elements, written for numeric tensors, made to work for all.
 *
 * Strings and host objects are replaced by their positions, counted from 1 through all inputs of that kind; where the kernel moved them says
 * which element goes where, and a zero that it filled in is the empty string.
 */
export function defineMovement(type: string, prepare: (operation: Operation) => Kernel): KernelDefinition {
  return {
    type,
    prepare(operation) {
      const kernel = prepare(operation);
      return operation.inputs.every(({ dtype }) => isNumeric(dtype)) ? kernel : movingPositions(kernel);
    },
  };
}

const movingPositions =
  (kernel: Kernel): Kernel =>
  (inputs, context) =>
    moveElements(inputs, (numeric) => kernel(numeric, context));

/** Lets `move`, which knows only numeric tensors, move the elements of any; see `defineMovement`. */
export function moveElements(
  inputs: readonly Tensor[],
  move: (inputs: readonly Tensor[]) => readonly Tensor[],
): readonly Tensor[] {
  const sources: Tensor[] = [];
  let next = 1;
  const replaced = inputs.map((input) => {
    if (isNumeric(input.dtype)) return input;
    sources.push(input);
    // Under the name of a data type that nothing else here has; 32-bit words all the same.
    return new Tensor(
      'qint32',
      input.shape,
      Int32Array.from({ length: input.size }, () => next++),
    );
  });
  if (sources.length === 0) return move(inputs);
  return move(replaced).map((output) =>
    output.is('qint32') ? takeElements(sources, output.data, output.shape) : output,
  );
}

/** The elements at `positions`, counted from 1 through all sources of strings or host objects; 0 is the empty string. */
export function takeElements(sources: readonly Tensor[], positions: Int32Array, shape: Shape): Tensor {
  const { dtype } = sources[0]!;
  if (dtype !== 'string') {
    const all = sources.flatMap(({ data }) => data as readonly unknown[]);
    const values = Array.from(positions, (position) => all[position - 1]);
    if (positions.includes(0)) throw new InvalidArgumentError(`There is no ${dtype} to fill in.`);
    return new Tensor(dtype as 'variant', shape, values);
  }
  return new Tensor(
    'string',
    shape,
    takeStrings(
      sources.map(({ data }) => data as StringArray),
      positions,
    ),
  );
}

/** The strings at `positions`, counted from 1 through all arrays; 0 is the empty string. */
function takeStrings(sources: readonly StringArray[], positions: Int32Array): StringArray {
  const source = sources.length === 1 ? sources[0]! : concatenateStrings(sources);
  const { bytes, offsets: starts } = source;
  const offsets = new Uint32Array(positions.length + 1);
  let size = 0;
  for (let i = 0; i < positions.length; i++) {
    const position = positions[i]!;
    if (position > 0) size += starts[position]! - starts[position - 1]!;
    offsets[i + 1] = size;
  }
  checkedSize([size]);
  const taken = new Uint8Array(size);
  for (let i = 0; i < positions.length; i++) {
    const first = positions[i]!;
    if (first === 0) continue;
    const to = offsets[i]!;
    while (i + 1 < positions.length && positions[i + 1] === positions[i]! + 1) i++;
    copyWords(bytes, starts[first - 1]!, taken, to, offsets[i + 1]! - to);
  }
  return new StringArray(taken, offsets);
}

function concatenateStrings(sources: readonly StringArray[]): StringArray {
  const length = sources.reduce((sum, source) => sum + source.length, 0);
  const offsets = new Uint32Array(length + 1);
  let i = 0;
  let size = 0;
  for (const source of sources) {
    for (let j = 0; j < source.length; j++) {
      size += source.offsets[j + 1]! - source.offsets[j]!;
      offsets[++i] = size;
    }
  }
  const bytes = new Uint8Array(size);
  size = 0;
  for (const source of sources) {
    const part = source.bytes.subarray(source.offsets[0], source.offsets[source.length]);
    bytes.set(part, size);
    size += part.length;
  }
  return new StringArray(bytes, offsets);
}
