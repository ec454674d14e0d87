import type { Operation } from '@tenon/graph';
import { sizeOf, stridesOf, Tensor, type Shape } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { conjugate } from './complex.js';
import { define, isNumber } from './definition.js';
import { InvalidArgumentError } from './errors.js';
import { gather } from './gather.js';
import { checkedSize, integersOf, normalizeAxis, shapeFrom } from './integers.js';
import {
  copyStrided,
  defineMovement,
  gatherStrided,
  makeTensor,
  transpose,
  wordsOf,
  wordsPerElement,
} from './movement.js';

const transposeKernel: Kernel = ([tensor, permutation]) => {
  const axes = Array.from(integersOf(permutation!), (axis) => normalizeAxis(axis, tensor!.rank));
  if (axes.length !== tensor!.rank || new Set(axes).size !== axes.length) {
    throw new InvalidArgumentError(`[${axes.join(', ')}] does not order the ${tensor!.rank} axes.`);
  }
  return [axes.every((axis, i) => axis === i) ? tensor! : transpose(tensor!, axes)];
};

const tile: Kernel = ([tensor, multiples]) => {
  const repeats = shapeFrom(multiples!);
  if (repeats.length !== tensor!.rank) {
    throw new InvalidArgumentError(`${repeats.length} multiples were given for a tensor of rank ${tensor!.rank}.`);
  }
  if (repeats.every((count) => count === 1)) return [tensor!];
  const strides = stridesOf(tensor!.shape);
  const shape = tensor!.shape.map((dimension, axis) => dimension * repeats[axis]!);
  checkedSize(shape);
  return [
    gatherStrided(
      tensor!,
      0,
      strides.flatMap((stride) => [0, stride]),
      tensor!.shape.flatMap((dimension, axis) => [repeats[axis]!, dimension]),
    ).reshape(shape),
  ];
};

/** The elements of `tensor` repeated along axes of size 1 and new ones in front. */
export function broadcastTo(tensor: Tensor, shape: Shape): Tensor {
  const offset = shape.length - tensor.rank;
  const strides = stridesOf(tensor.shape);
  const fits =
    offset >= 0 && tensor.shape.every((dimension, axis) => dimension === 1 || dimension === shape[axis + offset]);
  if (!fits)
    throw new InvalidArgumentError(`[${tensor.shape.join(', ')}] does not broadcast to [${shape.join(', ')}].`);
  return gatherStrided(
    tensor,
    0,
    shape.map((_, axis) => (axis < offset || tensor.shape[axis - offset] === 1 ? 0 : strides[axis - offset]!)),
    shape,
  );
}

/** Before and after each axis. */
function paddingsOf(tensor: Tensor, paddings: Tensor): [number, number][] {
  const values = integersOf(paddings);
  if (values.length !== 2 * tensor.rank) {
    throw new InvalidArgumentError(
      `Paddings of shape [${paddings.shape.join(', ')}] do not go with a tensor of rank ${tensor.rank}.`,
    );
  }
  return tensor.shape.map((_, axis) => {
    const pair: [number, number] = [values[2 * axis]!, values[2 * axis + 1]!];
    if (!(pair[0] >= 0 && pair[1] >= 0))
      throw new InvalidArgumentError(`Paddings of ${pair.join(' and ')} are negative.`);
    return pair;
  });
}

/** Zeros, or copies of `value`, around a tensor. */
function pad(tensor: Tensor, paddings: readonly (readonly [number, number])[], value?: Tensor): Tensor {
  if (paddings.every(([before, after]) => before === 0 && after === 0)) return tensor;
  const shape = tensor.shape.map((dimension, axis) => dimension + paddings[axis]![0] + paddings[axis]![1]);
  checkedSize(shape);
  const output = value
    ? gatherStrided(value, 0, new Array<number>(shape.length).fill(0), shape)
    : makeTensor(tensor.dtype, shape);
  const strides = stridesOf(shape);
  const start = paddings.reduce((sum, [before], axis) => sum + before * strides[axis]!, 0);
  const words = wordsPerElement(tensor.dtype);
  copyStrided(wordsOf(tensor), 0, stridesOf(tensor.shape), wordsOf(output), start, strides, tensor.shape, words);
  return output;
}

const padKernel: Kernel = ([tensor, paddings, value]) => [pad(tensor!, paddingsOf(tensor!, paddings!), value)];

function prepareMirrorPad(operation: Operation): Kernel {
  // A reflection does not repeat the border, a symmetric one does.
  const skipped = operation.string('mode') === 'REFLECT' ? 1 : 0;
  return ([tensor, paddings]) => [
    paddingsOf(tensor!, paddings!).reduce((padded, [before, after], axis) => {
      const length = padded.shape[axis]!;
      if (Math.max(before, after) > length - skipped) {
        throw new InvalidArgumentError(
          `Axis ${axis} of ${length} elements cannot be mirrored by ${before} and ${after}.`,
        );
      }
      if (before === 0 && after === 0) return padded;
      const positions = new Int32Array(before + length + after);
      for (let i = 0; i < positions.length; i++) {
        const at = i - before;
        positions[i] = at < 0 ? -at - 1 + skipped : at < length ? at : 2 * length - 1 - skipped - at;
      }
      return gather(padded, new Tensor('int32', [positions.length], positions), axis, 0);
    }, tensor!),
  ];
}

function reverse(tensor: Tensor, isReversed: (axis: number) => boolean): Tensor {
  const strides = stridesOf(tensor.shape);
  if (tensor.size === 0) return tensor;
  let start = 0;
  const reversed = strides.map((stride, axis) => {
    if (!isReversed(axis)) return stride;
    start += (tensor.shape[axis]! - 1) * stride;
    return -stride;
  });
  return gatherStrided(tensor, start, reversed, tensor.shape);
}

const reverseV2: Kernel = ([tensor, axesTensor]) => {
  const axes = new Set(Array.from(integersOf(axesTensor!), (axis) => normalizeAxis(axis, tensor!.rank)));
  return [reverse(tensor!, (axis) => axes.has(axis))];
};

const reverseV1: Kernel = ([tensor, flags]) => [reverse(tensor!, (axis) => (flags!.data as Uint8Array)[axis] !== 0)];

/** Reverses the first `lengths[b]` elements of each sequence. */
function prepareReverseSequence(operation: Operation): Kernel {
  const sequenceAxis = operation.int('seq_dim');
  const batchAxis = operation.int('batch_dim');
  return ([tensor, lengths]) => {
    const { shape, rank, dtype } = tensor!;
    const sequence = normalizeAxis(sequenceAxis, rank);
    const batch = normalizeAxis(batchAxis, rank);
    const counts = integersOf(lengths!);
    if (counts.length !== shape[batch]) {
      throw new InvalidArgumentError(`${counts.length} lengths were given for ${shape[batch]} sequences.`);
    }
    const output = makeTensor(dtype, shape);
    const source = wordsOf(tensor!);
    const target = wordsOf(output);
    target.set(source);
    const strides = stridesOf(shape);
    const rest = shape.map((dimension, axis) => (axis === batch ? 1 : dimension));
    const reversedStrides = strides.map((stride, axis) => (axis === sequence ? -stride : stride));
    const words = wordsPerElement(dtype);
    for (let i = 0; i < counts.length; i++) {
      const count = counts[i]!;
      if (!(count >= 0 && count <= shape[sequence]!)) {
        throw new InvalidArgumentError(
          `A sequence of ${count} elements does not lie in axis ${sequence} of [${shape.join(', ')}].`,
        );
      }
      if (count < 2) continue;
      rest[sequence] = count;
      const start = i * strides[batch]!;
      copyStrided(
        source,
        start + (count - 1) * strides[sequence]!,
        reversedStrides,
        target,
        start,
        strides,
        rest,
        words,
      );
    }
    return [output];
  };
}

const roll: Kernel = ([tensor, shiftTensor, axesTensor]) => {
  const shifts = integersOf(shiftTensor!);
  const axes = integersOf(axesTensor!);
  if (shifts.length !== axes.length)
    throw new InvalidArgumentError(`${shifts.length} shifts were given for ${axes.length} axes.`);
  const total = new Array<number>(tensor!.rank).fill(0);
  for (let i = 0; i < axes.length; i++) total[normalizeAxis(axes[i]!, tensor!.rank)]! += shifts[i]!;
  return [
    total.reduce((rolled, shift, axis) => {
      const length = rolled.shape[axis]!;
      const by = length === 0 ? 0 : ((shift % length) + length) % length;
      if (by === 0) return rolled;
      const positions = Int32Array.from({ length }, (_, i) => (i + length - by) % length);
      return gather(rolled, new Tensor('int32', [length], positions), axis, 0);
    }, tensor!),
  ];
};

/** Moves blocks of space into the batch. */
function spaceToBatch(tensor: Tensor, block: readonly number[], paddings: Tensor): Tensor {
  const values = integersOf(paddings);
  const { shape } = tensor;
  const spatial = block.length;
  const padded = pad(
    tensor,
    shape.map((_, axis) => (axis === 0 || axis > spatial ? [0, 0] : [values[2 * axis - 2]!, values[2 * axis - 1]!])),
  );
  const from = padded.shape;
  block.forEach((size, i) => {
    if (!(size >= 1) || from[i + 1]! % size !== 0) {
      throw new InvalidArgumentError(
        `Padded axis ${i + 1} of ${from[i + 1]} elements is no multiple of the block size ${size}.`,
      );
    }
  });
  const rest = shape.slice(1 + spatial);
  const split = [from[0]!, ...block.flatMap((size, i) => [from[i + 1]! / size, size]), ...rest];
  const permutation = [
    ...block.map((_, i) => 2 + 2 * i),
    0,
    ...block.map((_, i) => 1 + 2 * i),
    ...rest.map((_, i) => 1 + 2 * spatial + i),
  ];
  return transpose(padded.reshape(split), permutation).reshape([
    from[0]! * sizeOf(block),
    ...block.map((size, i) => from[i + 1]! / size),
    ...rest,
  ]);
}

/** Moves blocks of the batch into space, and crops. */
function batchToSpace(tensor: Tensor, block: readonly number[], crops: Tensor): Tensor {
  const { shape } = tensor;
  const spatial = block.length;
  const batch = shape[0]! / sizeOf(block);
  if (!Number.isInteger(batch)) {
    throw new InvalidArgumentError(`A batch of ${shape[0]} is no multiple of the block sizes ${block.join(' x ')}.`);
  }
  const rest = shape.slice(1 + spatial);
  const permutation = [
    spatial,
    ...block.flatMap((_, i) => [spatial + 1 + i, i]),
    ...rest.map((_, i) => 2 * spatial + 1 + i),
  ];
  const merged = [batch, ...block.map((size, i) => size * shape[i + 1]!), ...rest];
  const whole = transpose(tensor.reshape([...block, batch, ...shape.slice(1)]), permutation).reshape(merged);
  const values = integersOf(crops);
  const strides = stridesOf(merged);
  let start = 0;
  const cropped = merged.map((dimension, axis) => {
    if (axis === 0 || axis > spatial) return dimension;
    const before = values[2 * (axis - 1)]!;
    const after = values[2 * (axis - 1) + 1]!;
    if (!(before >= 0 && after >= 0 && before + after <= dimension)) {
      throw new InvalidArgumentError(
        `Axis ${axis} of ${dimension} elements cannot be cropped by ${before} and ${after}.`,
      );
    }
    start += before * strides[axis]!;
    return dimension - before - after;
  });
  return gatherStrided(whole, start, strides, cropped);
}

function prepareDepthSpace(isToDepth: boolean): (operation: Operation) => Kernel {
  return (operation) => {
    const block = operation.int('block_size');
    const format = operation.string('data_format');
    return ([tensor]) => {
      const input = format === 'NCHW' ? transpose(tensor!, [0, 2, 3, 1]) : tensor!;
      const [batch, height, width, depth] = input.shape as [number, number, number, number];
      const divides = isToDepth ? height % block === 0 && width % block === 0 : depth % (block * block) === 0;
      if (!divides)
        throw new InvalidArgumentError(`[${tensor!.shape.join(', ')}] does not divide into blocks of ${block}.`);
      const output = isToDepth
        ? transpose(
            input.reshape([batch, height / block, block, width / block, block, depth]),
            [0, 1, 3, 2, 4, 5],
          ).reshape([batch, height / block, width / block, depth * block * block])
        : transpose(
            input.reshape([batch, height, width, block, block, depth / block / block]),
            [0, 1, 3, 2, 4, 5],
          ).reshape([batch, height * block, width * block, depth / block / block]);
      return [format === 'NCHW' ? transpose(output, [0, 3, 1, 2]) : output];
    };
  };
}

export const rearrangingKernels: readonly KernelDefinition[] = [
  defineMovement('Transpose', () => transposeKernel),
  define(
    'ConjugateTranspose',
    () => (inputs, context) => conjugate(transposeKernel(inputs, context), context),
    isNumber,
  ),
  defineMovement('Tile', () => tile),
  defineMovement('BroadcastTo', () => ([tensor, shape]) => [broadcastTo(tensor!, shapeFrom(shape!))]),
  defineMovement('Pad', () => padKernel),
  defineMovement('PadV2', () => padKernel),
  defineMovement('MirrorPad', prepareMirrorPad),
  defineMovement('ReverseV2', () => reverseV2),
  defineMovement('Reverse', () => reverseV1),
  defineMovement('ReverseSequence', prepareReverseSequence),
  defineMovement('Roll', () => roll),
  defineMovement('SpaceToBatchND', () => ([tensor, block, paddings]) => [
    spaceToBatch(tensor!, shapeFrom(block!), paddings!),
  ]),
  defineMovement('BatchToSpaceND', () => ([tensor, block, crops]) => [
    batchToSpace(tensor!, shapeFrom(block!), crops!),
  ]),
  defineMovement('SpaceToBatch', (operation) => {
    const block = operation.int('block_size');
    return ([tensor, paddings]) => [spaceToBatch(tensor!, [block, block], paddings!)];
  }),
  defineMovement('BatchToSpace', (operation) => {
    const block = operation.int('block_size');
    return ([tensor, crops]) => [batchToSpace(tensor!, [block, block], crops!)];
  }),
  defineMovement('SpaceToDepth', prepareDepthSpace(true)),
  defineMovement('DepthToSpace', prepareDepthSpace(false)),
];
