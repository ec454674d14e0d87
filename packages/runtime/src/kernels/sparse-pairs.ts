import type { Operation } from '@tenon/graph';
import { sizeOf, stridesOf, Tensor, type StringArray } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define, isReal } from './definition.js';
import { fromNumbers, makeNumbers, numbersOf } from './elements.js';
import { InvalidArgumentError } from './errors.js';
import { int64From } from './int64.js';
import { checkedSize, integersOf } from './integers.js';
import { checkBounds, checkIndices, denseShapeOf } from './sparse.js';

/** Orders two entries row by row. */
function compareEntries(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number, rank: number): number {
  for (let axis = 0; axis < rank; axis++) {
    const difference = a[i * rank + axis]! - b[j * rank + axis]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Merges the entries of two sparse tensors of one shape; what one lacks is zero. */
const merging =
  (combine: (a: number, b: number) => number): Kernel =>
  ([firstIndices, firstValues, firstShape, secondIndices, secondValues, secondShape]) => {
    const shape = denseShapeOf(firstShape!);
    if (shape.join() !== denseShapeOf(secondShape!).join())
      throw new InvalidArgumentError('Two sparse tensors that are compared must have one shape.');
    checkIndices(firstIndices!, firstValues!, shape);
    checkIndices(secondIndices!, secondValues!, shape);
    const rank = shape.length;
    const [a, b] = [integersOf(firstIndices!), integersOf(secondIndices!)];
    const [left, right] = [numbersOf(firstValues!), numbersOf(secondValues!)];
    const positions: number[] = [];
    const values: number[] = [];
    for (let i = 0, j = 0; i < left.length || j < right.length;) {
      const order = i === left.length ? 1 : j === right.length ? -1 : compareEntries(a, i, b, j, rank);
      values.push(combine(order <= 0 ? left[i]! : 0, order >= 0 ? right[j]! : 0));
      for (let axis = 0; axis < rank; axis++) positions.push(order <= 0 ? a[i * rank + axis]! : b[j * rank + axis]!);
      if (order <= 0) i++;
      if (order >= 0) j++;
    }
    const output = makeNumbers(firstValues!.dtype, values.length);
    output.set(values);
    return [
      new Tensor('int64', [values.length, rank], int64From(positions)),
      fromNumbers(firstValues!.dtype, [values.length], output),
    ];
  };

/** The sequences along the last axis of a sparse tensor: the positions of their values, by their place among all. */
function sequencesOf(indices: Tensor, values: Tensor, denseShape: Tensor, strides: readonly number[]) {
  const shape = denseShapeOf(denseShape);
  checkIndices(indices, values, shape);
  const positions = integersOf(indices);
  checkBounds(positions, shape);
  const rank = shape.length;
  const sequences = new Map<number, number[]>();
  for (let entry = 0; entry < values.size; entry++) {
    const place = strides.reduce((sum, stride, axis) => sum + stride * positions[entry * rank + axis]!, 0);
    const present = sequences.get(place);
    if (present) present.push(entry);
    else sequences.set(place, [entry]);
  }
  return sequences;
}

/** How many values must be put in, left out or replaced to make one sequence of another (Levenshtein). */
function editDistance(first: readonly unknown[], second: readonly unknown[]): number {
  let previous = Array.from({ length: second.length + 1 }, (_, j) => j);
  first.forEach((value, i) => {
    const row = [i + 1];
    second.forEach((other, j) => {
      row.push(Math.min(previous[j + 1]! + 1, row[j]! + 1, previous[j]! + (value === other ? 0 : 1)));
    });
    previous = row;
  });
  return previous[second.length]!;
}

/** Comparing two sequences takes time in proportion to the product of their lengths. */
const MOST_STEPS = 2 ** 32;

function prepareEditDistance(operation: Operation): Kernel {
  const isNormalized = operation.bool('normalize');
  return ([indices, values, shapeTensor, truthIndices, truthValues, truthShape]) => {
    const [shape, otherShape] = [denseShapeOf(shapeTensor!), denseShapeOf(truthShape!)];
    if (shape.length !== otherShape.length || shape.length < 2)
      throw new InvalidArgumentError(
        `Sequences of shapes [${shape.join(', ')}] and [${otherShape.join(', ')}] cannot be compared.`,
      );
    const groups = shape.slice(0, -1).map((size, axis) => Math.max(size, otherShape[axis]!));
    const strides = stridesOf(groups);
    const output = new Float32Array(checkedSize(groups));
    const given = sequencesOf(indices!, values!, shapeTensor!, strides);
    const truth = sequencesOf(truthIndices!, truthValues!, truthShape!, strides);
    const keys = (tensor: Tensor, entries: readonly number[]): unknown[] =>
      tensor.dtype === 'string'
        ? entries.map((entry) => (tensor.data as StringArray).at(entry).join())
        : entries.map((entry) => (tensor.data as Float32Array)[entry]);
    let steps = 0;
    for (let place = 0; place < sizeOf(groups); place++) {
      const [one = [], other = []] = [given.get(place), truth.get(place)];
      steps += one.length * other.length;
      if (steps > MOST_STEPS) throw new InvalidArgumentError('The sequences are too long to be compared.');
      const distance = editDistance(keys(values!, one), keys(truthValues!, other));
      if (!isNormalized) output[place] = distance;
      else if (other.length > 0) output[place] = distance / other.length;
      else output[place] = one.length > 0 ? Infinity : 0;
    }
    return [new Tensor('float32', groups, output)];
  };
}

/** Ops that compare two sparse tensors. */
export const sparsePairKernels: readonly KernelDefinition[] = [
  define('SparseSparseMaximum', () => merging(Math.max), isReal),
  define('SparseSparseMinimum', () => merging(Math.min), isReal),
  define('EditDistance', prepareEditDistance),
];
