import type { Operation } from '@tenon/graph';
import { stridesOf, Tensor, type Shape } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define, isReal } from './definition.js';
import { fromNumbers, makeNumbers, numbersOf, type NumberArray } from './elements.js';
import { InvalidArgumentError } from './errors.js';
import { int64From } from './int64.js';
import { checkedSize, integerOf, integersOf, normalizeAxis } from './integers.js';
import { checkBounds, checkIndices, denseShapeOf, takeValues } from './sparse.js';

function prepareMatMul(operation: Operation): Kernel {
  const isLeftTransposed = operation.bool('adjoint_a');
  const isRightTransposed = operation.bool('adjoint_b');
  return ([indices, values, denseShape, right]) => {
    const leftShape = denseShapeOf(denseShape!);
    checkIndices(indices!, values!, leftShape);
    if (leftShape.length !== 2 || right!.rank !== 2) throw new InvalidArgumentError('Both factors must be matrices.');
    const [rows, inner] = isLeftTransposed ? [leftShape[1]!, leftShape[0]!] : [leftShape[0]!, leftShape[1]!];
    const [rightInner, columns] = isRightTransposed
      ? [right!.shape[1]!, right!.shape[0]!]
      : [right!.shape[0]!, right!.shape[1]!];
    if (inner !== rightInner)
      throw new InvalidArgumentError(
        `A [${rows}, ${inner}] matrix cannot be multiplied by a [${rightInner}, ${columns}] one.`,
      );
    const positions = integersOf(indices!);
    checkBounds(positions, leftShape);
    const left = numbersOf(values!);
    const factors = numbersOf(right!);
    const product = makeNumbers(values!.dtype, checkedSize([rows, columns]));
    const round = values!.dtype === 'float64' ? Number : Math.fround;
    const [rowStep, columnStep] = isRightTransposed ? [1, inner] : [columns, 1];
    for (let entry = 0; entry < left.length; entry++) {
      const row = positions[2 * entry + (isLeftTransposed ? 1 : 0)]!;
      const from = positions[2 * entry + (isLeftTransposed ? 0 : 1)]! * rowStep;
      const value = left[entry]!;
      for (let column = 0; column < columns; column++) {
        product[row * columns + column]! += round(value * factors[from + column * columnStep]!);
      }
    }
    return [fromNumbers(values!.dtype, [rows, columns], product)];
  };
}

interface Reduction {
  readonly start: number;
  readonly combine: (total: number, value: number) => number;
}

const SUM: Reduction = { start: 0, combine: (total, value) => total + value };
const MAX: Reduction = { start: -Infinity, combine: Math.max };

interface Reduced {
  readonly shape: Shape;
  /** The place of each entry in the result, row-major. */
  readonly places: Float64Array;
}

/** Which entries fall together when axes are reduced. */
function reduce(positions: ArrayLike<number>, shape: Shape, axesTensor: Tensor, keepsDimensions: boolean): Reduced {
  const rank = shape.length;
  const named = new Set(Array.from(integersOf(axesTensor), (axis) => normalizeAxis(axis, rank)));
  const isReduced = (axis: number): boolean => named.has(axis);
  const collapsed = shape.map((size, axis) => (isReduced(axis) ? 1 : size));
  const strides = stridesOf(collapsed);
  const places = new Float64Array(rank === 0 ? 0 : positions.length / rank);
  for (let entry = 0; entry < places.length; entry++) {
    for (let axis = 0; axis < rank; axis++)
      if (!isReduced(axis)) places[entry]! += positions[entry * rank + axis]! * strides[axis]!;
  }
  return { shape: keepsDimensions ? collapsed : shape.filter((_, axis) => !isReduced(axis)), places };
}

function prepareReduce(operation: Operation, { start, combine }: Reduction): Kernel {
  const keepsDimensions = operation.bool('keep_dims');
  return ([indices, values, denseShape, axes]) => {
    const shape = denseShapeOf(denseShape!);
    checkIndices(indices!, values!, shape);
    const positions = integersOf(indices!);
    checkBounds(positions, shape);
    const reduced = reduce(positions, shape, axes!, keepsDimensions);
    const data = numbersOf(values!);
    const totals = makeNumbers(values!.dtype, checkedSize(reduced.shape));
    const isSeen = new Uint8Array(totals.length);
    for (let entry = 0; entry < data.length; entry++) {
      const place = reduced.places[entry]!;
      totals[place] = combine(isSeen[place] === 1 ? totals[place]! : start, data[entry]!);
      isSeen[place] = 1;
    }
    return [fromNumbers(values!.dtype, reduced.shape, totals)];
  };
}

function prepareReduceSparse(operation: Operation, { start, combine }: Reduction): Kernel {
  const keepsDimensions = operation.bool('keep_dims');
  return ([indices, values, denseShape, axes]) => {
    const shape = denseShapeOf(denseShape!);
    checkIndices(indices!, values!, shape);
    const positions = integersOf(indices!);
    checkBounds(positions, shape);
    const reduced = reduce(positions, shape, axes!, keepsDimensions);
    const data = numbersOf(values!);
    const totals = new Map<number, number>();
    const rounded = makeNumbers(values!.dtype, 1);
    data.forEach((value, entry) => {
      const place = reduced.places[entry]!;
      rounded[0] = combine(totals.get(place) ?? start, value);
      totals.set(place, rounded[0]);
    });
    const places = [...totals.keys()].sort((a, b) => a - b);
    const strides = stridesOf(reduced.shape);
    const rows = places.flatMap((place) =>
      strides.map((stride, axis) => Math.floor(place / stride) % reduced.shape[axis]!),
    );
    const results = makeNumbers(values!.dtype, places.length);
    places.forEach((place, i) => {
      results[i] = totals.get(place)!;
    });
    return [
      new Tensor('int64', [places.length, reduced.shape.length], int64From(rows)),
      fromNumbers(values!.dtype, [places.length], results),
      new Tensor('int64', [reduced.shape.length], int64From(reduced.shape)),
    ];
  };
}

/** Entries combined with the elements of a dense tensor at the same places; that one is broadcast. */
const withDense =
  (combine: (value: number, dense: number) => number): Kernel =>
  ([indices, values, denseShape, dense]) => {
    const shape = denseShapeOf(denseShape!);
    checkIndices(indices!, values!, shape);
    const positions = integersOf(indices!);
    checkBounds(positions, shape);
    const { rank } = dense!;
    const offset = shape.length - rank;
    if (offset < 0 || dense!.shape.some((size, axis) => size !== 1 && size !== shape[axis + offset])) {
      throw new InvalidArgumentError(`[${dense!.shape.join(', ')}] does not broadcast to [${shape.join(', ')}].`);
    }
    const strides = stridesOf(dense!.shape);
    const left = numbersOf(values!);
    const right = numbersOf(dense!);
    const result = makeNumbers(values!.dtype, left.length);
    for (let entry = 0; entry < left.length; entry++) {
      let at = 0;
      for (let axis = 0; axis < rank; axis++) {
        if (dense!.shape[axis] !== 1) at += positions[entry * shape.length + axis + offset]! * strides[axis]!;
      }
      result[entry] = combine(left[entry]!, right[at]!);
    }
    return [fromNumbers(values!.dtype, [left.length], result)];
  };

const divide = (isInteger: boolean): Kernel =>
  withDense((value, dense) => {
    if (!isInteger) return value / dense;
    if (dense === 0) throw new InvalidArgumentError('Integers were divided by zero.');
    return Math.trunc(value / dense);
  });

const FLOATING = new Set(['float32', 'float64', 'float16', 'bfloat16']);

const addToDense: Kernel = ([indices, values, denseShape, dense]) => {
  const shape = denseShapeOf(denseShape!);
  checkIndices(indices!, values!, shape);
  if (shape.join() !== dense!.shape.join()) {
    throw new InvalidArgumentError(`Shapes [${shape.join(', ')}] and [${dense!.shape.join(', ')}] differ.`);
  }
  const positions = integersOf(indices!);
  checkBounds(positions, shape);
  const strides = stridesOf(shape);
  const sum = numbersOf(dense!).slice();
  const added = numbersOf(values!);
  for (let entry = 0; entry < added.length; entry++) {
    let at = 0;
    strides.forEach((stride, axis) => {
      at += positions[entry * shape.length + axis]! * stride;
    });
    sum[at]! += added[entry]!;
  }
  return [fromNumbers(dense!.dtype, shape, sum)];
};

/** The sum of two sparse tensors, without the sums that come out below a threshold; what stands in one of them alone stays. */
const sparseAdd: Kernel = ([leftIndices, leftValues, leftShape, rightIndices, rightValues, rightShape, threshold]) => {
  const shape = denseShapeOf(leftShape!);
  checkIndices(leftIndices!, leftValues!, shape);
  checkIndices(rightIndices!, rightValues!, shape);
  if (shape.join() !== denseShapeOf(rightShape!).join())
    throw new InvalidArgumentError('Only sparse tensors of one shape can be added.');
  const rank = shape.length;
  const left = integersOf(leftIndices!);
  const right = integersOf(rightIndices!);
  const leftData = numbersOf(leftValues!);
  const rightData = numbersOf(rightValues!);
  const least = numbersOf(threshold!)[0]!;
  const rows: number[] = [];
  const sums: number[] = [];
  const keep = (positions: ArrayLike<number>, entry: number, value: number): void => {
    for (let axis = 0; axis < rank; axis++) rows.push(positions[entry * rank + axis]!);
    sums.push(value);
  };
  const compare = (i: number, j: number): number => {
    for (let axis = 0; axis < rank; axis++) {
      const difference = left[i * rank + axis]! - right[j * rank + axis]!;
      if (difference !== 0) return difference;
    }
    return 0;
  };
  let i = 0;
  let j = 0;
  while (i < leftData.length || j < rightData.length) {
    const order = i === leftData.length ? 1 : j === rightData.length ? -1 : compare(i, j);
    if (order < 0) keep(left, i, leftData[i]!);
    else if (order > 0) keep(right, j, rightData[j]!);
    else if (Math.abs(leftData[i]! + rightData[j]!) >= least) keep(left, i, leftData[i]! + rightData[j]!);
    if (order <= 0) i++;
    if (order >= 0) j++;
  }
  const data = makeNumbers(leftValues!.dtype, sums.length);
  data.set(sums);
  return [
    new Tensor('int64', [sums.length, rank], int64From(rows)),
    fromNumbers(leftValues!.dtype, [sums.length], data),
    new Tensor('int64', [rank], int64From(shape)),
  ];
};

/** Softmax over the entries that differ in their last index alone; they stand one after the other. */
const softmax: Kernel = ([indices, values, denseShape]) => {
  const shape = denseShapeOf(denseShape!);
  checkIndices(indices!, values!, shape);
  const rank = shape.length;
  if (rank < 2)
    throw new InvalidArgumentError(`Softmax is over rows of a tensor of rank 2 or more; this one has rank ${rank}.`);
  const positions = integersOf(indices!);
  checkBounds(positions, shape);
  const data = numbersOf(values!);
  const result: NumberArray = makeNumbers(values!.dtype, data.length);
  const isSameRow = (a: number, b: number): boolean => {
    for (let axis = 0; axis < rank - 1; axis++)
      if (positions[a * rank + axis] !== positions[b * rank + axis]) return false;
    return true;
  };
  for (let first = 0; first < data.length;) {
    let end = first + 1;
    while (end < data.length && isSameRow(first, end)) end++;
    let most = -Infinity;
    for (let i = first; i < end; i++) most = Math.max(most, data[i]!);
    let total = 0;
    for (let i = first; i < end; i++) total += Math.exp(data[i]! - most);
    for (let i = first; i < end; i++) result[i] = Math.exp(data[i]! - most) / total;
    first = end;
  }
  return [fromNumbers(values!.dtype, [data.length], result)];
};

function prepareSplit(operation: Operation): Kernel {
  const parts = operation.int('num_split');
  return ([axisTensor, indices, values, denseShape]) => {
    const shape = denseShapeOf(denseShape!);
    checkIndices(indices!, values!, shape);
    const rank = shape.length;
    const axis = normalizeAxis(integerOf(axisTensor!), rank);
    const size = shape[axis]!;
    if (!(parts >= 1 && parts <= size))
      throw new InvalidArgumentError(`Dimension ${axis} of ${size} cannot be split into ${parts} parts.`);
    const positions = integersOf(indices!);
    checkBounds(positions, shape);
    // The first parts are one larger where the size does not divide.
    const starts = Array.from(
      { length: parts + 1 },
      (_, part) => part * Math.floor(size / parts) + Math.min(part, size % parts),
    );
    const members: number[][] = Array.from({ length: parts }, () => []);
    for (let entry = 0; entry < indices!.shape[0]!; entry++) {
      const position = positions[entry * rank + axis]!;
      let part = Math.min(parts - 1, Math.floor(position / Math.max(1, Math.floor(size / parts))));
      while (starts[part]! > position) part--;
      members[part]!.push(entry);
    }
    const pieces = members.map((entries, part) => {
      const moved = entries.flatMap((entry) =>
        shape.map((_, at) => positions[entry * rank + at]! - (at === axis ? starts[part]! : 0)),
      );
      const partShape = shape.map((length, at) => (at === axis ? starts[part + 1]! - starts[part]! : length));
      return {
        indices: new Tensor('int64', [entries.length, rank], int64From(moved)),
        values: takeValues(values!, entries),
        shape: new Tensor('int64', [rank], int64From(partShape)),
      };
    });
    return [
      ...pieces.map((piece) => piece.indices),
      ...pieces.map((piece) => piece.values),
      ...pieces.map((piece) => piece.shape),
    ];
  };
}

export const sparseMathKernels: readonly KernelDefinition[] = [
  define('SparseTensorDenseMatMul', prepareMatMul, isReal),
  define('SparseReduceSum', (operation) => prepareReduce(operation, SUM), isReal),
  define('SparseReduceMax', (operation) => prepareReduce(operation, MAX), isReal),
  define('SparseReduceSumSparse', (operation) => prepareReduceSparse(operation, SUM), isReal),
  define('SparseReduceMaxSparse', (operation) => prepareReduceSparse(operation, MAX), isReal),
  define('SparseDenseCwiseAdd', () => withDense((value, dense) => value + dense), isReal),
  define('SparseDenseCwiseMul', () => withDense((value, dense) => value * dense), isReal),
  define('SparseDenseCwiseDiv', (operation) => divide(!FLOATING.has(operation.dtype('T'))), isReal),
  define('SparseTensorDenseAdd', () => addToDense, isReal),
  define('SparseAdd', () => sparseAdd, isReal),
  define('SparseSoftmax', () => softmax, isReal),
  define('SparseSplit', prepareSplit, isReal),
];
