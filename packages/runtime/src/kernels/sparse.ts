import type { Operation } from '@tenon/graph';
import { sizeOf, stridesOf, Tensor, type Shape } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define } from './definition.js';
import { InvalidArgumentError } from './errors.js';
import { halvesOf, readInt64, writeInt64 } from './int64-halves.js';
import { int64From } from './int64.js';
import { checkedSize, integersOf, shapeFrom } from './integers.js';
import { copyWords, defineMovement, makeTensor, wordsOf, wordsPerElement } from './movement.js';

/** Where the entries of a sparse tensor stand: an int64 matrix, one row per entry. */
export function checkIndices(indices: Tensor, values: Tensor, shape: Shape): void {
  if (
    indices.rank !== 2 ||
    indices.shape[1] !== shape.length ||
    values.rank !== 1 ||
    values.shape[0] !== indices.shape[0]
  ) {
    throw new InvalidArgumentError(
      `Indices of shape [${indices.shape.join(', ')}] and values of shape [${values.shape.join(', ')}] do not make a sparse tensor ` +
        `of shape [${shape.join(', ')}].`,
    );
  }
}

/** A dense shape that came as data: its dimensions need not fit into a tensor, for only entries are kept. */
export function denseShapeOf(tensor: Tensor): number[] {
  const shape = Array.from(integersOf(tensor));
  if (tensor.rank !== 1 || shape.some((size) => !(size >= 0))) {
    throw new InvalidArgumentError(
      `The shape of a sparse tensor must be a vector of sizes; it is [${shape.join(', ')}].`,
    );
  }
  return shape;
}

/** @throws InvalidArgumentError naming the entry, if one lies outside `shape`. */
export function checkBounds(positions: ArrayLike<number>, shape: Shape): void {
  const rank = shape.length;
  for (let i = 0; i < positions.length; i++) {
    const position = positions[i]!;
    if (!(position >= 0 && position < shape[i % rank]!)) {
      const entry = Math.floor(i / rank);
      const index = Array.from({ length: rank }, (_, axis) => positions[entry * rank + axis]);
      throw new InvalidArgumentError(`Entry ${entry}, at [${index.join(', ')}], is outside [${shape.join(', ')}].`);
    }
  }
}

/** The elements of `values` at these positions, in a vector. */
export function takeValues(values: Tensor, positions: ArrayLike<number>): Tensor {
  const output = makeTensor(values.dtype, [positions.length]);
  const words = wordsPerElement(values.dtype);
  const source = wordsOf(values);
  const target = wordsOf(output);
  for (let i = 0; i < positions.length; i++) copyWords(source, positions[i]! * words, target, i * words, words);
  return output;
}

/** @throws InvalidArgumentError unless entries rise in row-major order, none coming twice. */
function checkOrder(positions: ArrayLike<number>, depth: number): void {
  for (let i = depth; i < positions.length; i += depth) {
    let axis = 0;
    while (axis < depth && positions[i + axis] === positions[i + axis - depth]) axis++;
    if (axis < depth && positions[i + axis]! > positions[i + axis - depth]!) continue;
    const entry = i / depth;
    throw new InvalidArgumentError(
      `Entry ${entry} is ${axis < depth ? 'out of order' : 'repeated'}; entries must rise in row-major order.`,
    );
  }
}

const sparseToDense =
  (mustBeOrdered: boolean): Kernel =>
  ([indices, outputShape, values, missing]) => {
    const shape = shapeFrom(outputShape!);
    // A scalar or vector of indices stands for entries of a vector.
    const depth = indices!.rank === 2 ? indices!.shape[1]! : 1;
    const count = indices!.rank === 0 ? 1 : indices!.shape[0]!;
    if (indices!.rank > 2 || depth !== shape.length) {
      throw new InvalidArgumentError(
        `Indices of shape [${indices!.shape.join(', ')}] do not index a tensor of shape [${shape.join(', ')}].`,
      );
    }
    if (values!.rank > 0 && values!.size !== count)
      throw new InvalidArgumentError(`There are ${count} indices, but ${values!.size} values.`);
    if (missing!.rank !== 0) throw new InvalidArgumentError('The default value must be a scalar.');
    const positions = integersOf(indices!);
    checkBounds(positions, shape);
    if (mustBeOrdered) checkOrder(positions, depth);
    const words = wordsPerElement(values!.dtype);
    const output = makeTensor(values!.dtype, shape);
    const target = wordsOf(output);
    const filler = wordsOf(missing!);
    if (filler.some((word) => word !== 0)) for (let i = 0; i < target.length; i++) target[i] = filler[i % words]!;
    const source = wordsOf(values!);
    const strides = stridesOf(shape);
    const step = values!.rank === 0 ? 0 : words;
    for (let entry = 0; entry < count; entry++) {
      let at = 0;
      for (let axis = 0; axis < depth; axis++) at += positions[entry * depth + axis]! * strides[axis]!;
      copyWords(source, entry * step, target, at * words, words);
    }
    return [output];
  };

/** The sizes that `SparseReshape` is asked for, with its -1 worked out. */
function reshapedSizes(from: Shape, wanted: number[]): number[] {
  const unknown = wanted.indexOf(-1);
  if (wanted.some((size, axis) => size < 0 && axis !== unknown)) {
    throw new InvalidArgumentError(
      `A sparse tensor cannot have the shape [${wanted.join(', ')}]; at most one size may be -1.`,
    );
  }
  const size = sizeOf(from);
  const shape = [...wanted];
  if (unknown >= 0) {
    shape[unknown] = 1;
    const others = sizeOf(shape);
    if (others === 0 || size % others !== 0) {
      throw new InvalidArgumentError(
        `A shape of [${from.join(', ')}] cannot become [${wanted.join(', ')}]: ${size} is no multiple of ${others}.`,
      );
    }
    shape[unknown] = size / others;
  }
  if (!(size <= Number.MAX_SAFE_INTEGER))
    throw new InvalidArgumentError(`A sparse tensor of shape [${from.join(', ')}] is too large to reshape.`);
  if (sizeOf(shape) !== size) {
    throw new InvalidArgumentError(
      `A shape of [${from.join(', ')}] cannot become [${shape.join(', ')}]: it has ${size} elements.`,
    );
  }
  return shape;
}

const sparseReshape: Kernel = ([indices, inputShape, newShape]) => {
  const from = denseShapeOf(inputShape!);
  const to = reshapedSizes(from, Array.from(integersOf(newShape!)));
  const outputShape = new Tensor('int64', [to.length], int64From(to));
  if (indices!.rank !== 2 || indices!.shape[1] !== from.length) {
    throw new InvalidArgumentError(
      `Indices of shape [${indices!.shape.join(', ')}] do not index a tensor of shape [${from.join(', ')}].`,
    );
  }
  if (from.length === to.length && from.every((size, axis) => size === to[axis])) return [indices!, outputShape];
  const count = indices!.shape[0]!;
  const source = halvesOf(indices!.data as BigInt64Array);
  const data = new BigInt64Array(count * to.length);
  const target = halvesOf(data);
  const strides = stridesOf(from);
  const newStrides = stridesOf(to);
  for (let entry = 0; entry < count; entry++) {
    let at = 0;
    for (let axis = 0; axis < from.length; axis++) at += readInt64(source, entry * from.length + axis) * strides[axis]!;
    for (let axis = 0; axis < to.length; axis++) {
      const stride = newStrides[axis]!;
      const index = stride > 0 ? Math.floor(at / stride) : 0;
      at -= index * stride;
      writeInt64(target, entry * to.length + axis, index);
    }
  }
  return [new Tensor('int64', [count, to.length], data), outputShape];
};

/** Gives every row without an entry one, in its first column, of the default value. */
const sparseFillEmptyRows: Kernel = ([indices, values, denseShape, missing]) => {
  const shape = denseShapeOf(denseShape!);
  checkIndices(indices!, values!, shape);
  if (missing!.rank !== 0) throw new InvalidArgumentError('The default value must be a scalar.');
  if (shape.length === 0) throw new InvalidArgumentError('The sparse tensor must have rows.');
  const rows = checkedSize(shape.slice(0, 1));
  const rank = shape.length;
  const count = indices!.shape[0]!;
  const source = halvesOf(indices!.data as BigInt64Array);
  const next = new Uint32Array(rows + 1);
  let isOrdered = true;
  let last = 0;
  for (let entry = 0; entry < count; entry++) {
    const row = readInt64(source, entry * rank);
    if (!(row >= 0 && row < rows))
      throw new InvalidArgumentError(`Entry ${entry} is in row ${row}, outside [0, ${rows}).`);
    next[row]!++;
    if (row < last) isOrdered = false;
    last = row;
  }
  const isEmpty = new Uint8Array(rows);
  let size = 0;
  let empty = 0;
  for (let row = 0; row < rows; row++) {
    const entries = next[row]!;
    if (entries === 0) {
      isEmpty[row] = 1;
      empty++;
    }
    next[row] = size;
    size += entries || 1;
  }
  const map = new BigInt64Array(count);
  const mapped = halvesOf(map);
  const indicator = new Tensor('bool', [rows], isEmpty);
  if (empty === 0 && isOrdered) {
    for (let entry = 0; entry < count; entry++) mapped[2 * entry] = entry;
    return [indices!, values!, indicator, new Tensor('int64', [count], map)];
  }
  const filledIndices = new BigInt64Array(size * rank);
  const target = halvesOf(filledIndices);
  const filled = makeTensor(values!.dtype, [size]);
  const words = wordsPerElement(values!.dtype);
  const from = wordsOf(values!);
  const to = wordsOf(filled);
  const filler = wordsOf(missing!);
  for (let row = 0; row < rows; row++) {
    if (isEmpty[row] === 0) continue;
    target[2 * next[row]! * rank] = row;
    copyWords(filler, 0, to, next[row]! * words, words);
  }
  for (let entry = 0; entry < count; entry++) {
    const at = next[readInt64(source, entry * rank)]!++;
    mapped[2 * entry] = at;
    copyWords(source, 2 * entry * rank, target, 2 * at * rank, 2 * rank);
    copyWords(from, entry * words, to, at * words, words);
  }
  return [new Tensor('int64', [size, rank], filledIndices), filled, indicator, new Tensor('int64', [count], map)];
};

/** The numbers of the entries in row-major order; entries at the same place keep theirs. */
export function rowMajorOrder(positions: ArrayLike<number>, rank: number): Uint32Array {
  const order = Uint32Array.from({ length: rank === 0 ? 0 : positions.length / rank }, (_, entry) => entry);
  return order.sort((a, b) => {
    for (let axis = 0; axis < rank; axis++) {
      const difference = positions[a * rank + axis]! - positions[b * rank + axis]!;
      if (difference !== 0) return difference;
    }
    return a - b;
  });
}

/** Rows of an index matrix. */
export function takeIndices(indices: Tensor, entries: ArrayLike<number>): Tensor<'int64'> {
  const rank = indices.shape[1]!;
  const data = new BigInt64Array(entries.length * rank);
  const source = halvesOf(indices.data as BigInt64Array);
  const target = halvesOf(data);
  for (let i = 0; i < entries.length; i++) copyWords(source, 2 * rank * entries[i]!, target, 2 * rank * i, 2 * rank);
  return new Tensor('int64', [entries.length, rank], data);
}

const sparseReorder: Kernel = ([indices, values, denseShape]) => {
  const shape = denseShapeOf(denseShape!);
  checkIndices(indices!, values!, shape);
  const order = rowMajorOrder(integersOf(indices!), shape.length);
  return [takeIndices(indices!, order), takeValues(values!, order)];
};

function prepareConcat(operation: Operation): Kernel {
  const wanted = operation.int('concat_dim');
  const parts = operation.int('N');
  return (inputs) => {
    const shapes = inputs.slice(2 * parts).map(denseShapeOf);
    const shape = [...shapes[0]!];
    const axis = wanted < 0 ? wanted + shape.length : wanted;
    if (!(axis >= 0 && axis < shape.length))
      throw new InvalidArgumentError(`Axis ${wanted} is outside a rank of ${shape.length}.`);
    shape[axis] = 0;
    const positions: number[] = [];
    const values: Tensor[] = [];
    for (let part = 0; part < parts; part++) {
      const partShape = shapes[part]!;
      if (partShape.length !== shape.length || partShape.some((size, at) => at !== axis && size !== shape[at])) {
        throw new InvalidArgumentError(
          `Shapes [${shapes[0]!.join(', ')}] and [${partShape.join(', ')}] cannot be joined along axis ${axis}.`,
        );
      }
      checkIndices(inputs[part]!, inputs[parts + part]!, partShape);
      const at = integersOf(inputs[part]!);
      for (let i = 0; i < at.length; i++) positions.push(at[i]! + (i % shape.length === axis ? shape[axis] : 0));
      values.push(inputs[parts + part]!);
      shape[axis] += partShape[axis]!;
    }
    const all = joinValues(values);
    const order = rowMajorOrder(positions, shape.length);
    const joined = new Tensor('int64', [order.length, shape.length], int64From(positions));
    return [takeIndices(joined, order), takeValues(all, order), new Tensor('int64', [shape.length], int64From(shape))];
  };
}

function joinValues(parts: readonly Tensor[]): Tensor {
  const output = makeTensor(parts[0]!.dtype, [parts.reduce((sum, { size }) => sum + size, 0)]);
  const target = wordsOf(output);
  let at = 0;
  for (const part of parts) {
    const words = wordsOf(part);
    target.set(words, at);
    at += words.length;
  }
  return output;
}

const sparseSlice: Kernel = ([indices, values, denseShape, startTensor, sizeTensor]) => {
  const shape = denseShapeOf(denseShape!);
  checkIndices(indices!, values!, shape);
  const start = Array.from(integersOf(startTensor!));
  const size = Array.from(integersOf(sizeTensor!));
  const rank = shape.length;
  if (start.length !== rank || size.length !== rank || size.some((length) => length < 0)) {
    throw new InvalidArgumentError(
      `A slice at [${start.join(', ')}] of [${size.join(', ')}] does not fit a tensor of rank ${rank}.`,
    );
  }
  const positions = integersOf(indices!);
  const inside = (entry: number): boolean =>
    start.every((from, axis) => {
      const offset = positions[entry * rank + axis]! - from;
      return offset >= 0 && offset < size[axis]!;
    });
  const kept: number[] = [];
  for (let entry = 0; entry < indices!.shape[0]!; entry++) if (inside(entry)) kept.push(entry);
  const moved = kept.flatMap((entry) => start.map((from, axis) => positions[entry * rank + axis]! - from));
  const cut = size.map((length, axis) => Math.max(0, Math.min(length, shape[axis]! - start[axis]!)));
  return [
    new Tensor('int64', [kept.length, rank], int64From(moved)),
    takeValues(values!, kept),
    new Tensor('int64', [rank], int64From(cut)),
  ];
};

export const sparseKernels: readonly KernelDefinition[] = [
  defineMovement('SparseToDense', (operation) => sparseToDense(operation.bool('validate_indices'))),
  define('SparseReshape', () => sparseReshape),
  defineMovement('SparseFillEmptyRows', () => sparseFillEmptyRows),
  defineMovement('SparseReorder', () => sparseReorder),
  defineMovement('SparseConcat', prepareConcat),
  defineMovement('SparseSlice', () => sparseSlice),
];
