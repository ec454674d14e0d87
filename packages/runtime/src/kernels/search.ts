import type { Operation } from '@tenon/graph';
import { isFloating, sizeOf, Tensor, type DType, type StringArray } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define, isInteger64, isReal } from './definition.js';
import { fromNumbers, makeNumbers, numbersOf, type NumberArray } from './elements.js';
import { InvalidArgumentError } from './errors.js';
import { gather } from './gather.js';
import { checkedSize, integerOf, integers, integersOf, normalizeAxis } from './integers.js';
import { toSafeNumbers, type Int64Array } from './int64.js';
import { makeTensor, takeElements, transpose, wordsOf, wordsPerElement } from './movement.js';

/** Elements that compare with `<`: as numbers where they are exact. */
function comparables(tensor: Tensor): ArrayLike<number | bigint> {
  if (isInteger64(tensor.dtype)) return toSafeNumbers(tensor.data as Int64Array) ?? (tensor.data as Int64Array);
  return numbersOf(tensor);
}

/** A key for each element, the same for elements that are the same. */
function keysOf(tensor: Tensor): ArrayLike<unknown> {
  if (tensor.dtype !== 'string') return comparables(tensor);
  const strings = tensor.data as StringArray;
  return Array.from({ length: strings.length }, (_, i) => latin1(strings.at(i)));
}

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}

interface Distinct {
  /** Where each distinct key stands first. */
  readonly firsts: number[];
  /** For each element, which distinct key it is. */
  readonly ids: Int32Array;
  readonly counts: number[];
}

function findDistinct(keys: ArrayLike<unknown>): Distinct {
  const seen = new Map<unknown, number>();
  const firsts: number[] = [];
  const counts: number[] = [];
  const ids = new Int32Array(keys.length);
  for (let i = 0; i < keys.length; i++) {
    let id = seen.get(keys[i]);
    if (id === undefined) {
      id = firsts.length;
      seen.set(keys[i], id);
      firsts.push(i);
      counts.push(0);
    }
    ids[i] = id;
    counts[id]!++;
  }
  return { firsts, ids, counts };
}

/** A key for each slice along an axis: its words, as text. */
function sliceKeys(tensor: Tensor, axis: number): string[] {
  const order = [axis, ...tensor.shape.map((_, i) => i).filter((i) => i !== axis)];
  const moved = axis === 0 ? tensor : transpose(tensor, order);
  const words = wordsOf(moved);
  const count = tensor.shape[axis]!;
  const width = (sizeOf(tensor.shape) / Math.max(1, count)) * wordsPerElement(tensor.dtype);
  return Array.from({ length: count }, (_, i) => words.subarray(i * width, (i + 1) * width).join());
}

function prepareUnique(hasAxis: boolean, hasCounts: boolean): (operation: Operation) => Kernel {
  return (operation) => {
    const dtype = operation.dtype('out_idx');
    return ([tensor, axes]) => {
      const axisList = hasAxis ? Array.from(integersOf(axes!)) : [];
      const { rank, shape } = tensor!;
      if (axisList.length === 0 && rank !== 1) {
        throw new InvalidArgumentError(`A vector is wanted, or an axis; the shape is [${shape.join(', ')}].`);
      }
      const axis = normalizeAxis(axisList[0] ?? 0, rank);
      const { firsts, ids, counts } = findDistinct(rank === 1 ? keysOf(tensor!) : sliceKeys(tensor!, axis));
      const values = takeRows(tensor!, firsts, axis);
      return [
        values,
        integers(dtype, [ids.length], ids),
        ...(hasCounts ? [integers(dtype, [counts.length], counts)] : []),
      ];
    };
  };
}

/** Slices along an axis, which for strings is the only one. */
export function takeRows(tensor: Tensor, rows: readonly number[], axis: number): Tensor {
  if (tensor.dtype !== 'string')
    return gather(tensor, new Tensor('int32', [rows.length], Int32Array.from(rows)), axis, 0);
  return takeElements(
    [tensor],
    Int32Array.from(rows, (row) => row + 1),
    [rows.length],
  );
}

/** What of the first vector is not in the second, and where it stood. */
function prepareListDiff(operation: Operation): Kernel {
  const dtype = operation.dtype('out_idx');
  return ([tensor, excluded]) => {
    const keys = keysOf(tensor!);
    const without = new Set(Array.from(keysOf(excluded!)));
    const rows: number[] = [];
    for (let i = 0; i < keys.length; i++) if (!without.has(keys[i])) rows.push(i);
    return [takeRows(tensor!, rows, 0), integers(dtype, [rows.length], rows)];
  };
}

/** The first position in `sorted[from, to)` whose element is not below `value`, or, for an upper bound, is above it. */
function bound(
  sorted: ArrayLike<number | bigint>,
  from: number,
  to: number,
  value: number | bigint,
  isUpper: boolean,
): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const element = sorted[middle]!;
    if (element < value || (isUpper && !(value < element))) low = middle + 1;
    else high = middle;
  }
  return low - from;
}

function prepareBound(isUpper: boolean): (operation: Operation) => Kernel {
  return (operation) => {
    const dtype = operation.dtype('out_type');
    return ([sorted, values]) => {
      const rows = sorted!.shape[0]!;
      const length = sorted!.shape[1]!;
      if (values!.shape[0] !== rows)
        throw new InvalidArgumentError(`${rows} rows were given to search, and values for ${values!.shape[0]}.`);
      const haystack = comparables(sorted!);
      const needles = comparables(values!);
      const perRow = values!.shape[1]!;
      const result = new Int32Array(needles.length);
      for (let i = 0; i < result.length; i++) {
        const row = Math.floor(i / perRow);
        result[i] = bound(haystack, row * length, (row + 1) * length, needles[i]!, isUpper);
      }
      return [integers(dtype, values!.shape, result)];
    };
  };
}

function prepareBucketize(operation: Operation): Kernel {
  const boundaries = operation.list('boundaries', 'float').map(Math.fround);
  return ([tensor]) => {
    const values = numbersOf(tensor!);
    const result = new Int32Array(values.length);
    for (let i = 0; i < result.length; i++) result[i] = bound(boundaries, 0, boundaries.length, values[i]!, true);
    return [new Tensor('int32', tensor!.shape, result)];
  };
}

/** Counts, or sums the weights of, each value below `size`, row by row. */
function countBins(values: ArrayLike<number>, rows: number, size: number, weights: Tensor, isBinary: boolean): Tensor {
  const { dtype } = weights;
  const weightValues = weights.size > 0 ? numbersOf(weights) : undefined;
  const sums = isFloating(dtype) ? new Float64Array(rows * size) : makeNumbers(dtype, rows * size);
  const perRow = values.length / Math.max(1, rows);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value < 0) throw new InvalidArgumentError(`${value} was given to count; only values from zero on can be.`);
    if (value >= size) continue;
    const bin = Math.floor(i / perRow) * size + value;
    if (isBinary) sums[bin] = 1;
    else sums[bin]! += weightValues ? weightValues[i]! : 1;
  }
  const shape = [size];
  const fitting = isFloating(dtype) && dtype !== 'float64' ? Float32Array.from(sums) : sums;
  return fromNumbers(dtype, rows === 1 ? shape : [rows, size], fitting);
}

const bincount: Kernel = ([values, size, weights]) => {
  const bins = checkedSize([integerOf(size!)]);
  return [countBins(integersOf(values!), 1, bins, weights!, false)];
};

function prepareDenseBincount(operation: Operation): Kernel {
  const isBinary = operation.bool('binary_output');
  return ([values, size, weights]) => {
    const bins = checkedSize([integerOf(size!)]);
    const rows = values!.rank === 2 ? values!.shape[0]! : 1;
    const counted = countBins(integersOf(values!), rows, bins, weights!, isBinary);
    return [values!.rank === 2 ? counted.reshape([rows, bins]) : counted];
  };
}

/** Up to this many, the best are kept in order while the row is read; beyond, the row is sorted. */
const FEW = 32;

/** The positions of the `k` greatest elements of a row, the greatest first, and of equal ones the first one first. */
function topOfRow(values: ArrayLike<number | bigint>, start: number, length: number, k: number): ArrayLike<number> {
  if (k > FEW) {
    const order = Int32Array.from({ length }, (_, i) => i);
    order.sort((a, b) => {
      const left = values[start + a]!;
      const right = values[start + b]!;
      return left > right ? -1 : left < right ? 1 : a - b;
    });
    return order.subarray(0, k);
  }
  const best: number[] = [];
  if (k === 0) return best;
  for (let i = 0; i < length; i++) {
    const value = values[start + i]!;
    if (best.length === k && !(value > values[start + best[k - 1]!]!)) continue;
    let at = best.length < k ? best.length : k - 1;
    for (; at > 0 && value > values[start + best[at - 1]!]!; at--) best[at] = best[at - 1]!;
    best[at] = i;
  }
  return best;
}

function topK(tensor: Tensor, k: number, indexType: DType): Tensor[] {
  const length = tensor.shape.at(-1);
  if (length === undefined || !(k >= 0 && k <= length)) {
    throw new InvalidArgumentError(`${k} greatest elements were asked for in rows of ${length ?? 'no'} elements.`);
  }
  const shape = [...tensor.shape.slice(0, -1), k];
  const rows = sizeOf(shape.slice(0, -1));
  const values = comparables(tensor);
  const result = new Int32Array(rows * k);
  const output = makeTensor(tensor.dtype, shape);
  const source = wordsOf(tensor);
  const target = wordsOf(output);
  const words = wordsPerElement(tensor.dtype);
  for (let row = 0; row < rows; row++) {
    const best = topOfRow(values, row * length, length, k);
    for (let i = 0; i < k; i++) {
      result[row * k + i] = best[i]!;
      for (let word = 0; word < words; word++) {
        target[(row * k + i) * words + word] = source[(row * length + best[i]!) * words + word]!;
      }
    }
  }
  if (indexType === 'int64' || indexType === 'int32') return [output, integers(indexType, shape, result)];
  const narrow = makeNumbers(indexType, result.length);
  narrow.set(result);
  return [output, fromNumbers(indexType, shape, narrow)];
}

/** Whether the element of the target is among the `k` greatest of its row. */
const inTopK = (predictions: Tensor, targets: ArrayLike<number>, k: number): Tensor => {
  const [rows, classes] = predictions.shape as [number, number];
  const values: NumberArray = numbersOf(predictions);
  const result = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    const target = targets[row]!;
    const value = target >= 0 && target < classes ? values[row * classes + target]! : NaN;
    if (!Number.isFinite(value)) continue;
    let greater = 0;
    for (let i = 0; i < classes; i++) if (!(values[row * classes + i]! <= value)) greater++;
    result[row] = greater < k ? 1 : 0;
  }
  return new Tensor('bool', [rows], result);
};

/** The element of each row that would stand at a place if the row were sorted. */
function prepareNthElement(operation: Operation): Kernel {
  const isReversed = operation.bool('reverse');
  return ([tensor, place]) => {
    const length = tensor!.shape.at(-1) ?? 0;
    const n = integerOf(place!);
    if (!(n >= 0 && n < length)) throw new InvalidArgumentError(`There is no element ${n} in rows of ${length}.`);
    const values = numbersOf(tensor!);
    const shape = tensor!.shape.slice(0, -1);
    const output = makeNumbers(tensor!.dtype, sizeOf(shape));
    for (let row = 0; row < output.length; row++) {
      const sorted = values.slice(row * length, (row + 1) * length).sort();
      output[row] = sorted[isReversed ? length - 1 - n : n]!;
    }
    return [fromNumbers(tensor!.dtype, shape, output)];
  };
}

const isKey = (dtype: DType): boolean => isReal(dtype) || dtype === 'string';

export const searchKernels: readonly KernelDefinition[] = [
  define('Unique', prepareUnique(false, false), isKey),
  define('UniqueWithCounts', prepareUnique(false, true), isKey),
  define('UniqueV2', prepareUnique(true, false), isKey),
  define('UniqueWithCountsV2', prepareUnique(true, true), isKey),
  define('ListDiff', prepareListDiff, isKey),
  define('LowerBound', prepareBound(false), isReal),
  define('UpperBound', prepareBound(true), isReal),
  define('Bucketize', prepareBucketize, isReal),
  define('NthElement', prepareNthElement, isReal),
  define('Bincount', () => bincount, isReal),
  define('DenseBincount', prepareDenseBincount, isReal),
  define(
    'TopKV2',
    (operation) => {
      const indexType = operation.dtype('index_type');
      return ([tensor, k]) => topK(tensor!, integerOf(k!), indexType);
    },
    isReal,
  ),
  define(
    'TopK',
    (operation) => {
      const k = operation.int('k');
      return ([tensor]) => topK(tensor!, k, 'int32');
    },
    isReal,
  ),
  define('InTopK', (operation) => {
    const k = operation.int('k');
    return ([predictions, targets]) => [inTopK(predictions!, integersOf(targets!), k)];
  }),
  define('InTopKV2', () => ([predictions, targets, k]) => [inTopK(predictions!, integersOf(targets!), integerOf(k!))]),
];
