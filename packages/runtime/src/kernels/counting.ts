import type { Operation } from '@tenon/graph';
import { Tensor } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define, isReal } from './definition.js';
import { fromNumbers, makeNumbers, numbersOf } from './elements.js';
import { InvalidArgumentError } from './errors.js';
import { int64From } from './int64.js';
import { checkedSize, integerOf, integers, integersOf } from './integers.js';
import { checkSplits } from './ragged.js';
import { denseShapeOf } from './sparse.js';

/** The row of each value that row splits put there. */
function rowsOf(splits: ArrayLike<number>, values: number): Int32Array {
  checkSplits(splits, values);
  const rows = new Int32Array(values);
  for (let row = 1; row < splits.length; row++) rows.fill(row - 1, splits[row - 1], splits[row]);
  return rows;
}

/** The row of each entry of a sparse vector or matrix: its first index, or the only row. */
function rowsOfEntries(indices: Tensor, shape: readonly number[], values: number): ArrayLike<number> {
  if (indices.rank !== 2 || indices.shape[0] !== values || indices.shape[1] !== shape.length || shape.length > 2) {
    throw new InvalidArgumentError(
      `Indices of shape [${indices.shape.join(', ')}] do not place ${values} values in a vector or matrix of shape [${shape.join(', ')}].`,
    );
  }
  if (shape.length < 2) return new Int32Array(values);
  const positions = integersOf(indices);
  return Int32Array.from({ length: values }, (_, entry) => {
    const row = positions[entry * 2]!;
    if (!(row >= 0 && row < shape[0]!))
      throw new InvalidArgumentError(`Entry ${entry} is in row ${row}; there are ${shape[0]}.`);
    return row;
  });
}

/** The weights of values; undefined where each counts 1. */
function weightsOf(weights: Tensor, values: number): ArrayLike<number> | undefined {
  if (weights.size === 0) return undefined;
  if (weights.size !== values)
    throw new InvalidArgumentError(`There are ${weights.size} weights for ${values} values.`);
  return numbersOf(weights);
}

/** Counts into a matrix of rows and bins; values beyond the last bin do not count. */
function countIntoBins(
  values: ArrayLike<number>,
  rows: ArrayLike<number>,
  [height, bins]: readonly [number, number],
  weights: Tensor,
  isBinary: boolean,
): Tensor {
  const each = weightsOf(weights, values.length);
  const counts = makeNumbers(weights.dtype, checkedSize([height, bins]));
  for (let i = 0; i < values.length; i++) {
    const bin = values[i]!;
    if (bin < 0) throw new InvalidArgumentError(`Value ${i} is ${bin}; only what is not negative is counted.`);
    if (bin >= bins) continue;
    const at = rows[i]! * bins + bin;
    counts[at] = isBinary ? 1 : counts[at]! + (each ? each[i]! : 1);
  }
  return fromNumbers(weights.dtype, [height, bins], counts);
}

function prepareRaggedBincount(operation: Operation): Kernel {
  const isBinary = operation.bool('binary_output');
  return ([splits, values, size, weights]) => {
    const numbers = integersOf(values!);
    const rows = rowsOf(integersOf(splits!), numbers.length);
    return [countIntoBins(numbers, rows, [splits!.size - 1, integerOf(size!)], weights!, isBinary)];
  };
}

function prepareSparseBincount(operation: Operation): Kernel {
  const isBinary = operation.bool('binary_output');
  return ([indices, values, denseShape, size, weights]) => {
    const shape = denseShapeOf(denseShape!);
    const numbers = integersOf(values!);
    const rows = rowsOfEntries(indices!, shape, numbers.length);
    const bins = integerOf(size!);
    const height = shape.length === 2 ? shape[0]! : 1;
    const counted = countIntoBins(numbers, rows, [height, bins], weights!, isBinary);
    return [shape.length === 2 ? counted : counted.reshape([bins])];
  };
}

interface SparseCountOptions {
  /** At least so many columns; -1 where there need not be any. */
  readonly least: number;
  /** Values from here on do not count; -1 where all do. */
  readonly most: number;
  readonly isBinary: boolean;
}

/** Counts into a sparse tensor: a matrix, or a vector where there is no row axis. */
function countSparsely(
  values: ArrayLike<number>,
  rows: ArrayLike<number>,
  height: number | undefined,
  weights: Tensor,
  { least, most, isBinary }: SparseCountOptions,
): Tensor[] {
  const each = weightsOf(weights, values.length);
  const counts = new Map<number, Map<number, number>>();
  let greatest = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!(value >= 0 && (most < 0 || value < most))) continue;
    let row = counts.get(rows[i]!);
    if (!row) counts.set(rows[i]!, (row = new Map<number, number>()));
    row.set(value, isBinary ? 1 : (row.get(value) ?? 0) + (each ? each[i]! : 1));
    greatest = Math.max(greatest, value);
  }
  const entries = [...counts]
    .sort(([a], [b]) => a - b)
    .flatMap(([row, counted]) =>
      [...counted].sort(([a], [b]) => a - b).map(([value, count]) => [row, value, count] as const),
    );
  const width = most > 0 ? most : Math.max(greatest + 1, least);
  const isVector = height === undefined;
  const found = makeNumbers(weights.dtype, entries.length);
  entries.forEach(([, , count], i) => (found[i] = count));
  const positions = entries.flatMap(([row, value]) => (isVector ? [value] : [row, value]));
  const rank = isVector ? 1 : 2;
  return [
    new Tensor('int64', [entries.length, rank], int64From(positions)),
    fromNumbers(weights.dtype, [entries.length], found),
    new Tensor('int64', [rank], int64From(isVector ? [width] : [height, width])),
  ];
}

const sparseCountOptions = (operation: Operation): SparseCountOptions => ({
  least: operation.int('minlength'),
  most: operation.int('maxlength'),
  isBinary: operation.bool('binary_output'),
});

function prepareDenseCount(operation: Operation): Kernel {
  const options = sparseCountOptions(operation);
  return ([values, weights]) => {
    if (values!.rank !== 1 && values!.rank !== 2)
      throw new InvalidArgumentError(`A vector or matrix is counted, not a tensor of rank ${values!.rank}.`);
    const width = values!.shape.at(-1)!;
    const rows = Int32Array.from({ length: values!.size }, (_, i) => Math.floor(i / width));
    const numbers = integersOf(values!);
    if (values!.rank === 1) return countSparsely(numbers, rows.fill(0), undefined, weights!, options);
    return countSparsely(numbers, rows, values!.shape[0], weights!, options);
  };
}

function prepareSparseCount(operation: Operation): Kernel {
  const options = sparseCountOptions(operation);
  return ([indices, values, denseShape, weights]) => {
    const shape = denseShapeOf(denseShape!);
    const rows = rowsOfEntries(indices!, shape, values!.size);
    return countSparsely(integersOf(values!), rows, shape.length === 2 ? shape[0]! : undefined, weights!, options);
  };
}

function prepareRaggedCount(operation: Operation): Kernel {
  const options = sparseCountOptions(operation);
  return ([splits, values, weights]) => {
    const rows = rowsOf(integersOf(splits!), values!.size);
    return countSparsely(integersOf(values!), rows, splits!.size - 1, weights!, options);
  };
}

/** How many values are in each of `nbins` parts of a range; what is outside counts in the first and the last. */
function prepareHistogram(operation: Operation): Kernel {
  const dtype = operation.dtype('dtype');
  return ([values, range, nbins]) => {
    const bins = integerOf(nbins!);
    const [low, high] = numbersOf(range!) as unknown as readonly [number, number];
    if (!(bins > 0) || range!.size !== 2 || !(low < high))
      throw new InvalidArgumentError(`There are no ${bins} bins between ${low} and ${high}.`);
    const counts = new Int32Array(checkedSize([bins]));
    const step = (high - low) / bins;
    const input = numbersOf(values!);
    for (let i = 0; i < input.length; i++) {
      const value = input[i]!;
      if (value !== value) throw new InvalidArgumentError(`Value ${i} is not a number.`);
      counts[Math.min(Math.floor((Math.max(value, low) - low) / step), bins - 1)]!++;
    }
    return [integers(dtype, [bins], counts)];
  };
}

/** Ops that count values: in bags of words, in histograms. */
export const countingKernels: readonly KernelDefinition[] = [
  define('RaggedBincount', prepareRaggedBincount, isReal),
  define('SparseBincount', prepareSparseBincount, isReal),
  define('DenseCountSparseOutput', prepareDenseCount, isReal),
  define('SparseCountSparseOutput', prepareSparseCount, isReal),
  define('RaggedCountSparseOutput', prepareRaggedCount, isReal),
  define('HistogramFixedWidth', prepareHistogram, isReal),
];
