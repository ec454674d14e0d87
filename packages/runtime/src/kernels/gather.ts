import type { Operation } from '@tenon/graph';
import { sizeOf, stridesOf, type Tensor } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define } from './definition.js';
import { InvalidArgumentError } from './errors.js';
import { integerOf, integers, integersOf, normalizeAxis } from './integers.js';
import { copyWords, defineMovement, makeTensor, moveElements, wordsOf, wordsPerElement } from './movement.js';
import { readVariable, variableIn } from './state.js';

function checkIndex(index: number, limit: number): void {
  if (!(index >= 0 && index < limit)) throw new InvalidArgumentError(`Index ${index} is outside [0, ${limit}).`);
}

/**
 * Rows of `tensor` along `axis`, by indices that have the first `batchDims` axes in common with it.
 *
 * @throws InvalidArgumentError if an index is outside the axis.
 */
export function gather(tensor: Tensor, indices: Tensor, axis: number, batchDims: number): Tensor {
  const at = normalizeAxis(axis, Math.max(tensor.rank, 1));
  const shared = batchDims < 0 ? batchDims + indices.rank : batchDims;
  if (!(shared >= 0 && shared <= at && shared <= indices.rank)) {
    throw new InvalidArgumentError(
      `${batchDims} batch dimensions do not go with axis ${at} and indices of rank ${indices.rank}.`,
    );
  }
  for (let i = 0; i < shared; i++) {
    if (tensor.shape[i] !== indices.shape[i]) {
      throw new InvalidArgumentError(
        `Shapes [${tensor.shape.join(', ')}] and [${indices.shape.join(', ')}] differ in the first ${shared} dimensions.`,
      );
    }
  }
  const shape = [...tensor.shape.slice(0, at), ...indices.shape.slice(shared), ...tensor.shape.slice(at + 1)];
  const output = makeTensor(tensor.dtype, shape);
  const batches = sizeOf(indices.shape.slice(0, shared));
  const outer = sizeOf(tensor.shape.slice(shared, at));
  const limit = tensor.shape[at]!;
  const run = sizeOf(tensor.shape.slice(at + 1)) * wordsPerElement(tensor.dtype);
  const count = sizeOf(indices.shape.slice(shared));
  const positions = integersOf(indices);
  const source = wordsOf(tensor);
  const target = wordsOf(output);
  for (let i = 0; i < positions.length; i++) checkIndex(positions[i]!, limit);
  let to = 0;
  for (let batch = 0; batch < batches; batch++) {
    for (let row = 0; row < outer; row++) {
      const from = (batch * outer + row) * limit;
      for (let i = 0; i < count; i++, to += run) {
        copyWords(source, (from + positions[batch * count + i]!) * run, target, to, run);
      }
    }
  }
  return output;
}

function prepareGatherV2(operation: Operation): Kernel {
  const batchDims = operation.int('batch_dims');
  return ([tensor, indices, axis]) => [gather(tensor!, indices!, integerOf(axis!), batchDims)];
}

/** Where the rows that `indices` `[…, k]` name start in a tensor of shape `shape`, in elements. */
export function rowStarts(indices: Tensor, shape: readonly number[]): Float64Array {
  const depth = indices.shape.at(-1) ?? 0;
  if (indices.rank === 0 || depth > shape.length) {
    throw new InvalidArgumentError(
      `Indices of shape [${indices.shape.join(', ')}] do not index a tensor of shape [${shape.join(', ')}].`,
    );
  }
  const strides = stridesOf(shape);
  const count = sizeOf(indices.shape.slice(0, -1));
  const positions = integersOf(indices);
  const starts = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let start = 0;
    for (let axis = 0; axis < depth; axis++) {
      const index = positions[i * depth + axis]!;
      checkIndex(index, shape[axis]!);
      start += index * strides[axis]!;
    }
    starts[i] = start;
  }
  return starts;
}

function gatherNd(tensor: Tensor, indices: Tensor): Tensor {
  const depth = indices.shape.at(-1) ?? 0;
  const starts = rowStarts(indices, tensor.shape);
  const rest = tensor.shape.slice(depth);
  const output = makeTensor(tensor.dtype, [...indices.shape.slice(0, -1), ...rest]);
  const words = wordsPerElement(tensor.dtype);
  const run = sizeOf(rest) * words;
  const source = wordsOf(tensor);
  const target = wordsOf(output);
  for (let i = 0; i < starts.length; i++) copyWords(source, starts[i]! * words, target, i * run, run);
  return output;
}

/** Rows of a variable that programs change; of one that they do not, its value is a constant and this a plain `GatherV2`. */
function prepareResourceGather(operation: Operation): Kernel {
  const batchDims = operation.int('batch_dims');
  return ([handle, indices]) => {
    const value = readVariable(variableIn(handle));
    return moveElements([value], ([tensor]) => [gather(tensor!, indices!, batchDims, batchDims)]);
  };
}

const resourceGatherNd: Kernel = ([handle, indices]) =>
  moveElements([readVariable(variableIn(handle))], ([tensor]) => [gatherNd(tensor!, indices!)]);

/** Interleaves rows: element `indices[i][j]` of the result is `data[i][j]`; a later one wins. */
const dynamicStitch: Kernel = (inputs) => {
  const count = inputs.length / 2;
  const indices = inputs.slice(0, count);
  const data = inputs.slice(count);
  const rest = data[0]!.shape.slice(indices[0]!.rank);
  let length = 0;
  const positions = indices.map((tensor) => {
    const values = integersOf(tensor);
    for (let i = 0; i < values.length; i++) {
      if (!(values[i]! >= 0)) throw new InvalidArgumentError(`Index ${values[i]} is negative.`);
      length = Math.max(length, values[i]! + 1);
    }
    return values;
  });
  data.forEach((tensor, i) => {
    const expected = [...indices[i]!.shape, ...rest];
    if (tensor.rank !== expected.length || tensor.shape.some((dimension, axis) => dimension !== expected[axis])) {
      throw new InvalidArgumentError(
        `Part ${i} has shape [${tensor.shape.join(', ')}]; it must be [${expected.join(', ')}].`,
      );
    }
  });
  const output = makeTensor(data[0]!.dtype, [length, ...rest]);
  const run = sizeOf(rest) * wordsPerElement(output.dtype);
  const target = wordsOf(output);
  data.forEach((tensor, part) => {
    const source = wordsOf(tensor);
    const values = positions[part]!;
    for (let i = 0; i < values.length; i++) copyWords(source, i * run, target, values[i]! * run, run);
  });
  return [output];
};

/** Rows by the number of the partition that each belongs to. */
function prepareDynamicPartition(operation: Operation): Kernel {
  const count = operation.int('num_partitions');
  return ([tensor, partitions]) => {
    const values = integersOf(partitions!);
    const lengths = new Array<number>(count).fill(0);
    for (let i = 0; i < values.length; i++) {
      checkIndex(values[i]!, count);
      lengths[values[i]!]!++;
    }
    const rest = tensor!.shape.slice(partitions!.rank);
    const outputs = lengths.map((length) => makeTensor(tensor!.dtype, [length, ...rest]));
    const targets = outputs.map(wordsOf);
    const run = sizeOf(rest) * wordsPerElement(tensor!.dtype);
    const source = wordsOf(tensor!);
    const filled = new Array<number>(count).fill(0);
    for (let i = 0; i < values.length; i++) {
      const part = values[i]!;
      copyWords(source, i * run, targets[part]!, filled[part]!, run);
      filled[part]! += run;
    }
    return outputs;
  };
}

/** A copy of `tensor` with the rows that `indices` name replaced by those of `updates`. */
export function scatterUpdate(tensor: Tensor, indices: Tensor, updates: Tensor): Tensor {
  const output = makeTensor(tensor.dtype, tensor.shape);
  wordsOf(output).set(wordsOf(tensor));
  const depth = indices.shape.at(-1) ?? 0;
  const starts = rowStarts(indices, tensor.shape);
  const words = wordsPerElement(tensor.dtype);
  const run = sizeOf(tensor.shape.slice(depth)) * words;
  checkUpdates(updates, starts.length * sizeOf(tensor.shape.slice(depth)));
  const source = wordsOf(updates);
  const target = wordsOf(output);
  for (let i = 0; i < starts.length; i++) copyWords(source, i * run, target, starts[i]! * words, run);
  return output;
}

export function checkUpdates(updates: Tensor, expected: number): void {
  if (updates.size !== expected) {
    throw new InvalidArgumentError(
      `Updates of shape [${updates.shape.join(', ')}] do not fill the ${expected} elements that are named.`,
    );
  }
}

/** Positions in a tensor, counted through all its elements, as an index for each axis. */
const unravelIndex: Kernel = ([indices, dims]) => {
  const shape = Array.from(integersOf(dims!));
  const strides = stridesOf(shape);
  const places = integersOf(indices!);
  const size = sizeOf(shape);
  const found = new Float64Array(shape.length * places.length);
  for (let i = 0; i < places.length; i++) {
    const place = places[i]!;
    if (!(place >= 0 && place < size))
      throw new InvalidArgumentError(`Index ${place} is outside a tensor of shape [${shape.join(', ')}].`);
    shape.forEach((dimension, axis) => {
      found[axis * places.length + i] = Math.floor(place / strides[axis]!) % dimension;
    });
  }
  return [integers(indices!.dtype, [shape.length, ...(indices!.rank === 0 ? [] : [places.length])], found)];
};

export const gatherKernels: readonly KernelDefinition[] = [
  define('UnravelIndex', () => unravelIndex),
  defineMovement('Gather', () => ([tensor, indices]) => [gather(tensor!, indices!, 0, 0)]),
  defineMovement('GatherV2', prepareGatherV2),
  defineMovement('GatherNd', () => ([tensor, indices]) => [gatherNd(tensor!, indices!)]),
  define('ResourceGather', prepareResourceGather),
  define('ResourceGatherNd', () => resourceGatherNd),
  defineMovement('DynamicStitch', () => dynamicStitch),
  defineMovement('ParallelDynamicStitch', () => dynamicStitch),
  defineMovement('DynamicPartition', prepareDynamicPartition),
  defineMovement('TensorScatterUpdate', () => ([tensor, indices, updates]) => [
    scatterUpdate(tensor!, indices!, updates!),
  ]),
];
