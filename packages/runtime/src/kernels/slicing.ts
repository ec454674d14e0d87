import type { Operation } from '@tenon/graph';
import { isNumeric, sizeOf, stridesOf, type Tensor } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { InvalidArgumentError } from './errors.js';
import { integerOf, integers, integersOf, normalizeAxis } from './integers.js';
import {
  copyStrided,
  copyWords,
  defineMovement,
  gatherStrided,
  makeTensor,
  wordsOf,
  wordsPerElement,
} from './movement.js';
import { readVariable, variableIn } from './state.js';

/** Consecutive elements along every axis. */
function sliceOf(tensor: Tensor, begin: readonly number[], shape: readonly number[]): Tensor {
  const strides = stridesOf(tensor.shape);
  let start = 0;
  begin.forEach((index, axis) => (start += index * strides[axis]!));
  return gatherStrided(tensor, start, strides, shape);
}

const slice: Kernel = ([tensor, beginTensor, sizeTensor]) => {
  const begin = Array.from(integersOf(beginTensor!));
  const { shape } = tensor!;
  const size = Array.from(integersOf(sizeTensor!), (length, axis) =>
    length === -1 ? shape[axis]! - begin[axis]! : length,
  );
  if (begin.length !== shape.length || size.length !== shape.length) {
    throw new InvalidArgumentError(
      `Begin and size must have ${shape.length} entries; they have ${begin.length} and ${size.length}.`,
    );
  }
  shape.forEach((dimension, axis) => {
    if (!(begin[axis]! >= 0 && size[axis]! >= 0 && begin[axis]! + size[axis]! <= dimension)) {
      throw new InvalidArgumentError(
        `The slice of ${size[axis]} from ${begin[axis]} on is outside axis ${axis} of [${shape.join(', ')}].`,
      );
    }
  });
  return [size.every((length, axis) => length === shape[axis]) ? tensor! : sliceOf(tensor!, begin, size)];
};

/** What a `StridedSlice` reads: where it starts, its strides, the shape it reads, and the shape it makes of that. */
export interface StridedRegion {
  readonly start: number;
  readonly strides: readonly number[];
  readonly shape: readonly number[];
  readonly finalShape: readonly number[];
}

export interface StridedSliceMasks {
  readonly begin: number;
  readonly end: number;
  readonly ellipsis: number;
  readonly newAxis: number;
  readonly shrinkAxis: number;
}

export function stridedSliceMasks(operation: Operation): StridedSliceMasks {
  return {
    begin: operation.int('begin_mask'),
    end: operation.int('end_mask'),
    ellipsis: operation.int('ellipsis_mask'),
    newAxis: operation.int('new_axis_mask'),
    shrinkAxis: operation.int('shrink_axis_mask'),
  };
}

/** Python's `tensor[begin:end:step, …, newaxis, index]`, as TensorFlow encodes it in three vectors and five masks. */
export function stridedRegion(
  shape: readonly number[],
  begin: ArrayLike<number>,
  end: ArrayLike<number>,
  step: ArrayLike<number>,
  masks: StridedSliceMasks,
): StridedRegion {
  const rank = shape.length;
  const count = begin.length;
  let named = 0;
  for (let i = 0; i < count; i++) if (!((masks.newAxis | masks.ellipsis) & (1 << i))) named++;
  const tensorStrides = stridesOf(shape);
  let start = 0;
  const strides: number[] = [];
  const read: number[] = [];
  const final: number[] = [];
  let axis = 0;
  const takeWhole = (axes: number): void => {
    for (let i = 0; i < axes; i++, axis++) {
      strides.push(tensorStrides[axis]!);
      read.push(shape[axis]!);
      final.push(shape[axis]!);
    }
  };
  if (named > rank) throw new InvalidArgumentError(`${named} axes are indexed, but the tensor has rank ${rank}.`);
  for (let i = 0; i < count; i++) {
    const bit = 1 << i;
    if (masks.ellipsis & bit) {
      takeWhole(rank - named);
      // Whatever comes after the ellipsis counts from the end.
      continue;
    }
    if (masks.newAxis & bit) {
      final.push(1);
      continue;
    }
    const dimension = shape[axis]!;
    const stride = step[i]!;
    if (stride === 0) throw new InvalidArgumentError(`Stride ${i} is zero.`);
    if (masks.shrinkAxis & bit) {
      const at = begin[i]! < 0 ? begin[i]! + dimension : begin[i]!;
      if (!(at >= 0 && at < dimension)) {
        throw new InvalidArgumentError(`Index ${begin[i]} is outside axis ${axis} of [${shape.join(', ')}].`);
      }
      if (stride < 0) throw new InvalidArgumentError('Only strides above zero go with a single index.');
      start += at * tensorStrides[axis]!;
    } else {
      const low = stride > 0 ? 0 : -1;
      const high = stride > 0 ? dimension : dimension - 1;
      const clamp = (index: number): number => Math.min(Math.max(index < 0 ? index + dimension : index, low), high);
      const first = masks.begin & bit ? (stride > 0 ? low : high) : clamp(begin[i]!);
      const last = masks.end & bit ? (stride > 0 ? high : low) : clamp(end[i]!);
      const length = Math.max(0, Math.ceil((last - first) / stride));
      if (length > 0) start += first * tensorStrides[axis]!;
      strides.push(stride * tensorStrides[axis]!);
      read.push(length);
      final.push(length);
    }
    axis++;
  }
  takeWhole(rank - axis);
  return { start, strides, shape: read, finalShape: final };
}

function prepareStridedSlice(operation: Operation): Kernel {
  const masks = stridedSliceMasks(operation);
  return ([tensor, begin, end, step]) => {
    const region = stridedRegion(tensor!.shape, integersOf(begin!), integersOf(end!), integersOf(step!), masks);
    return [gatherStrided(tensor!, region.start, region.strides, region.shape).reshape(region.finalShape)];
  };
}

/** Zeros but for the gradient where the slice was read. */
function prepareStridedSliceGrad(operation: Operation): Kernel {
  const masks = stridedSliceMasks(operation);
  return ([shape, begin, end, step, gradient]) => {
    const output = makeTensor(gradient!.dtype, Array.from(integersOf(shape!)));
    putRegion(
      output,
      gradient!,
      stridedRegion(output.shape, integersOf(begin!), integersOf(end!), integersOf(step!), masks),
    );
    return [output];
  };
}

/** The tensor with a slice of it replaced. */
function prepareTensorStridedSliceUpdate(operation: Operation): Kernel {
  const masks = stridedSliceMasks(operation);
  return ([tensor, begin, end, step, value]) => [replaceSlice(tensor!, [begin!, end!, step!], value!, masks)];
}

/** Replaces a slice of a variable. */
function prepareResourceStridedSliceAssign(operation: Operation): Kernel {
  const masks = stridedSliceMasks(operation);
  return ([handle, begin, end, step, value]) => {
    const variable = variableIn(handle);
    variable.assign(replaceSlice(readVariable(variable), [begin!, end!, step!], value!, masks));
    return [];
  };
}

function replaceSlice(
  tensor: Tensor,
  [begin, end, step]: readonly [begin: Tensor, end: Tensor, step: Tensor],
  value: Tensor,
  masks: StridedSliceMasks,
): Tensor {
  const output = makeTensor(tensor.dtype, tensor.shape);
  wordsOf(output).set(wordsOf(tensor));
  putRegion(output, value, stridedRegion(tensor.shape, integersOf(begin), integersOf(end), integersOf(step), masks));
  return output;
}

function putRegion(output: Tensor, value: Tensor, region: StridedRegion): void {
  const rank = region.shape.length;
  const size = sizeOf(region.shape);
  // A value of one element goes everywhere.
  const strides = value.size === 1 && size !== 1 ? new Array<number>(rank).fill(0) : stridesOf(region.shape);
  if (value.size !== size && value.size !== 1) {
    throw new InvalidArgumentError(
      `A value of shape [${value.shape.join(', ')}] does not fill [${region.finalShape.join(', ')}].`,
    );
  }
  const words = wordsPerElement(value.dtype);
  copyStrided(wordsOf(value), 0, strides, wordsOf(output), region.start, region.strides, region.shape, words);
}

/** Joins tensors along an axis. */
export function concatenate(parts: readonly Tensor[], axis: number): Tensor {
  const first = parts[0]!;
  const at = normalizeAxis(axis, first.rank);
  let length = 0;
  for (const { shape } of parts) {
    if (shape.length !== first.rank || shape.some((dimension, i) => i !== at && dimension !== first.shape[i])) {
      throw new InvalidArgumentError(
        `Shapes [${first.shape.join(', ')}] and [${shape.join(', ')}] differ beside axis ${at}; they cannot be joined.`,
      );
    }
    length += shape[at]!;
  }
  const shape = first.shape.map((dimension, i) => (i === at ? length : dimension));
  const output = makeTensor(first.dtype, shape);
  const words = wordsPerElement(first.dtype);
  const inner = sizeOf(first.shape.slice(at + 1)) * words;
  const outer = sizeOf(first.shape.slice(0, at));
  const target = wordsOf(output);
  let offset = 0;
  for (const part of parts) {
    const run = part.shape[at]! * inner;
    const source = wordsOf(part);
    for (let row = 0; row < outer; row++) copyWords(source, row * run, target, row * length * inner + offset, run);
    offset += run;
  }
  return output;
}

/** Consecutive parts of a tensor along an axis, of these lengths. */
export function splitAxis(tensor: Tensor, axis: number, lengths: readonly number[]): Tensor[] {
  let begin = 0;
  const starts = new Array<number>(tensor.rank).fill(0);
  return lengths.map((length) => {
    starts[axis] = begin;
    begin += length;
    return sliceOf(
      tensor,
      starts,
      tensor.shape.map((dimension, i) => (i === axis ? length : dimension)),
    );
  });
}

function prepareSplit(operation: Operation): Kernel {
  const count = operation.int('num_split');
  return ([axis, tensor]) => {
    const at = normalizeAxis(integerOf(axis!), tensor!.rank);
    const length = tensor!.shape[at]! / count;
    if (!Number.isInteger(length)) {
      throw new InvalidArgumentError(
        `Axis ${at} of [${tensor!.shape.join(', ')}] does not split into ${count} equal parts.`,
      );
    }
    return splitAxis(tensor!, at, new Array<number>(count).fill(length));
  };
}

const splitV: Kernel = ([tensor, sizes, axis]) => {
  const at = normalizeAxis(integerOf(axis!), tensor!.rank);
  const lengths = Array.from(integersOf(sizes!));
  const rest = lengths.indexOf(-1);
  if (rest >= 0) lengths[rest] = tensor!.shape[at]! - lengths.reduce((sum, length) => sum + length, 1);
  if (lengths.some((length) => length < 0) || lengths.reduce((sum, length) => sum + length, 0) !== tensor!.shape[at]) {
    throw new InvalidArgumentError(
      `Axis ${at} of [${tensor!.shape.join(', ')}] does not split into parts of ${lengths.join(', ')}.`,
    );
  }
  return splitAxis(tensor!, at, lengths);
};

/** Stacks tensors of one shape along a new axis. */
export function stack(parts: readonly Tensor[], axis: number): Tensor {
  const at = normalizeAxis(axis, parts[0]!.rank + 1);
  const { shape } = parts[0]!;
  const wrong = parts.find(
    (part) => part.rank !== shape.length || part.shape.some((dimension, i) => dimension !== shape[i]),
  );
  if (wrong) {
    throw new InvalidArgumentError(
      `Shapes [${shape.join(', ')}] and [${wrong.shape.join(', ')}] differ; they cannot be stacked.`,
    );
  }
  const finalShape = [...shape.slice(0, at), parts.length, ...shape.slice(at)];
  if (parts[0]!.rank === 0) {
    const output = makeTensor(parts[0]!.dtype, finalShape);
    const target = wordsOf(output);
    const words = wordsPerElement(output.dtype);
    parts.forEach((part, i) => copyWords(wordsOf(part), 0, target, i * words, words));
    return output;
  }
  const widened = [...shape.slice(0, at), 1, ...shape.slice(at)];
  return concatenate(
    parts.map((part) => part.reshape(widened)),
    at,
  );
}

/** The parts of a tensor along an axis, without that axis. */
export function unstack(tensor: Tensor, axis: number): Tensor[] {
  const at = normalizeAxis(axis, tensor.rank);
  const shape = tensor.shape.filter((_, i) => i !== at);
  return splitAxis(tensor, at, new Array<number>(tensor.shape[at]!).fill(1)).map((part) => part.reshape(shape));
}

function prepareUnpack(operation: Operation): Kernel {
  const axis = operation.int('axis');
  const count = operation.int('num');
  return ([tensor]) => {
    const parts = unstack(tensor!, axis);
    if (parts.length !== count) throw new InvalidArgumentError(`The axis holds ${parts.length} parts, not ${count}.`);
    return parts;
  };
}

/** Positions from which each of several shapes, equal but along one axis, starts in their concatenation. */
const concatOffset: Kernel = ([axis, ...shapes]) => {
  const at = normalizeAxis(integerOf(axis!), shapes[0]!.size);
  let offset = 0;
  return shapes.map((shape) => {
    const starts = new Float64Array(shape.size);
    starts[at] = offset;
    offset += integersOf(shape)[at]!;
    return integers(shape.dtype, shape.shape, starts);
  });
};

export const slicingKernels: readonly KernelDefinition[] = [
  defineMovement('Slice', () => slice),
  defineMovement('StridedSlice', prepareStridedSlice),
  defineMovement('StridedSliceGrad', prepareStridedSliceGrad),
  defineMovement('TensorStridedSliceUpdate', prepareTensorStridedSliceUpdate),
  {
    type: 'ResourceStridedSliceAssign',
    unsupported: (operation) => {
      const { dtype } = operation.input(4);
      return isNumeric(dtype) ? undefined : `dtype ${dtype}`;
    },
    prepare: prepareResourceStridedSliceAssign,
  },
  defineMovement('ConcatV2', () => (inputs) => [concatenate(inputs.slice(0, -1), integerOf(inputs.at(-1)!))]),
  defineMovement('Concat', () => ([axis, ...parts]) => [concatenate(parts, integerOf(axis!))]),
  defineMovement('ConcatOffset', () => concatOffset),
  defineMovement('Split', prepareSplit),
  defineMovement('SplitV', () => splitV),
  defineMovement('Pack', (operation) => {
    const axis = operation.int('axis');
    return (inputs) => [stack(inputs, axis)];
  }),
  defineMovement('Unpack', prepareUnpack),
];
