import type { Operation } from '@tenon/graph';
import { Tensor, type DType, type StringArray } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { InvalidArgumentError } from './errors.js';
import { fingerprint64 } from './fingerprint64.js';
import { int64From } from './int64.js';
import { checkedSize, integers, integersOf } from './integers.js';
import { checkSplits } from './ragged.js';
import { checkBounds, checkIndices, denseShapeOf } from './sparse.js';
import { StringArrayBuilder } from './string-array-builder.js';
import { halves, type Register } from './uint64-registers.js';

/** Crossing features of many columns makes a number of values that grows with the product of their counts. */
const MOST_CROSSES = 2 ** 26;

/** One of the columns that are crossed: for each row of the batch, the positions of its values. */
interface Column {
  readonly values: Tensor;
  /** Where the values of a row begin and end. */
  readonly range: (row: number) => readonly [start: number, end: number];
}

function sparseColumn(indices: Tensor, values: Tensor, denseShape: Tensor, rows: number): Column {
  const shape = denseShapeOf(denseShape);
  checkIndices(indices, values, shape);
  if (shape.length !== 2 || shape[0] !== rows)
    throw new InvalidArgumentError(`A column of shape [${shape.join(', ')}] does not have the batch's ${rows} rows.`);
  const positions = integersOf(indices);
  checkBounds(positions, shape);
  const starts = new Float64Array(rows + 1);
  for (let entry = 0; entry < values.size; entry++) {
    const row = positions[entry * 2]!;
    if (entry > 0 && row < positions[entry * 2 - 2]!)
      throw new InvalidArgumentError(`Entry ${entry} is in row ${row}, after one of row ${positions[entry * 2 - 2]}.`);
    starts[row + 1]!++;
  }
  for (let row = 0; row < rows; row++) starts[row + 1]! += starts[row]!;
  return { values, range: (row) => [starts[row]!, starts[row + 1]!] };
}

function denseColumn(values: Tensor, rows: number): Column {
  const [height, width] = values.shape;
  if (values.rank !== 2 || height !== rows)
    throw new InvalidArgumentError(
      `A column of shape [${values.shape.join(', ')}] does not have the batch's ${rows} rows.`,
    );
  return { values, range: (row) => [row * width!, (row + 1) * width!] };
}

function raggedColumn(values: Tensor, splitsTensor: Tensor, rows: number): Column {
  const splits = integersOf(splitsTensor);
  checkSplits(splits, values.size);
  if (splits.length !== rows + 1)
    throw new InvalidArgumentError(`A column of ${splits.length - 1} rows does not have the batch's ${rows}.`);
  return { values, range: (row) => [splits[row]!, splits[row + 1]!] };
}

/** Calls for each choice of one value from each column, the last column's changing first. */
function forEachCross(columns: readonly Column[], row: number, visit: (positions: readonly number[]) => void): number {
  const ranges = columns.map(({ range }) => range(row));
  const count = ranges.reduce((product, [start, end]) => product * (end - start), 1);
  const positions = ranges.map(([start]) => start);
  for (let cross = 0; cross < count; cross++) {
    visit(positions);
    for (let i = columns.length - 1; i >= 0; i--) {
      if (++positions[i]! < ranges[i]![1]) break;
      positions[i] = ranges[i]![0];
    }
  }
  return count;
}

const UINT64 = (1n << 64n) - 1n;
const MULTIPLIER = 0xc6a4a7935bd1e995n;
const MOST_INT64 = (1n << 63n) - 1n;

/** TensorFlow's combination of two fingerprints. */
function concatenateFingerprints(first: bigint, second: bigint): bigint {
  const mix = (value: bigint): bigint => (value ^ (value >> 47n)) & UINT64;
  let result = (first ^ MULTIPLIER) & UINT64;
  result ^= (mix((second * MULTIPLIER) & UINT64) * MULTIPLIER) & UINT64;
  result = (result * MULTIPLIER) & UINT64;
  result = (mix(result) * MULTIPLIER) & UINT64;
  return mix(result);
}

const valueOf = (hash: Register): bigint => (BigInt(halves[hash + 1]! >>> 0) << 32n) | BigInt(halves[hash]! >>> 0);

/** The fingerprint of each value: integers stand for themselves. */
function fingerprintsOf(values: Tensor): bigint[] {
  if (values.dtype !== 'string') return Array.from(integersOf(values), (_, i) => integerAt(values, i));
  const { bytes, offsets, length } = values.data as StringArray;
  return Array.from({ length }, (_, i) => valueOf(fingerprint64(bytes, offsets[i]!, offsets[i + 1]!)));
}

const integerAt = (values: Tensor, i: number): bigint => BigInt.asUintN(64, BigInt((values.data as BigInt64Array)[i]!));

/** What makes one value of those that are crossed. */
interface Crosser {
  add(positions: readonly number[]): void;
  finish(count: number): Tensor;
}

interface HashOptions {
  /** Where hashing starts. */
  readonly key: bigint;
  /** 0 for all numbers there are. */
  readonly buckets: bigint;
}

function hashCrosser(columns: readonly Column[], { key, buckets }: HashOptions): Crosser {
  const prints = columns.map(({ values }) => fingerprintsOf(values));
  const results: bigint[] = [];
  const modulus = buckets > 0n ? buckets : MOST_INT64;
  return {
    add(positions) {
      let hashed = key;
      positions.forEach((position, column) => (hashed = concatenateFingerprints(hashed, prints[column]![position]!)));
      results.push(hashed % modulus);
    },
    finish: (count) => new Tensor('int64', [count], BigInt64Array.from(results)),
  };
}

function textCrosser(columns: readonly Column[], separator: Uint8Array): Crosser {
  const builder = new StringArrayBuilder(0, 0);
  const encoder = new TextEncoder();
  const bytesAt = ({ values }: Column, position: number): Uint8Array =>
    values.dtype === 'string'
      ? (values.data as StringArray).at(position)
      : encoder.encode(String((values.data as BigInt64Array)[position]!));
  return {
    add(positions) {
      positions.forEach((position, i) => {
        if (i > 0) builder.appendAll(separator);
        builder.appendAll(bytesAt(columns[i]!, position));
      });
      builder.end();
    },
    finish: (count) => new Tensor('string', [count], builder.build()),
  };
}

/** Crosses all rows. @returns The number of values in each row, and the values. */
function crossRows(columns: readonly Column[], rows: number, crosser: Crosser): { counts: number[]; values: Tensor } {
  const sizes = Array.from({ length: rows }, (_, row) =>
    columns.reduce((product, { range }) => product * (range(row)[1] - range(row)[0]), 1),
  );
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (!(total <= MOST_CROSSES)) throw new InvalidArgumentError(`Crossing these columns makes ${total} values.`);
  const counts = sizes.map((_, row) => forEachCross(columns, row, (positions) => crosser.add(positions)));
  return { counts, values: crosser.finish(total) };
}

/** The inputs of a sparse cross: indices, values and shapes of so many sparse columns, then the dense ones. */
function sparseColumns(inputs: readonly Tensor[], sparse: number, dense: number): { columns: Column[]; rows: number } {
  const shape = inputs[2 * sparse];
  const rows = sparse > 0 ? denseShapeOf(shape!)[0] : inputs[0]?.shape[0];
  if (rows === undefined || sparse + dense === 0) throw new InvalidArgumentError('There are no columns to cross.');
  checkedSize([rows]);
  const columns = Array.from({ length: sparse }, (_, i) =>
    sparseColumn(inputs[i]!, inputs[sparse + i]!, inputs[2 * sparse + i]!, rows),
  );
  for (let i = 0; i < dense; i++) columns.push(denseColumn(inputs[3 * sparse + i]!, rows));
  return { columns, rows };
}

function sparseResult(counts: readonly number[], values: Tensor): Tensor[] {
  const positions = counts.flatMap((count, row) => Array.from({ length: count }, (_, i) => [row, i]).flat());
  const width = counts.reduce((most, count) => Math.max(most, count), 0);
  return [
    new Tensor('int64', [values.size, 2], int64From(positions)),
    values,
    new Tensor('int64', [2], int64From([counts.length, width])),
  ];
}

const UNDERSCORE_X = new TextEncoder().encode('_X_');

const uint64 = (value: bigint): bigint => BigInt.asUintN(64, value);

function prepareSparseCross(
  crosserOf: (columns: readonly Column[], extra: readonly Tensor[]) => Crosser,
): (operation: Operation) => Kernel {
  return (operation) => {
    const sparse = operation.int('N');
    const dense = operation.list('dense_types', 'dtype').length;
    return (inputs) => {
      const { columns, rows } = sparseColumns(inputs, sparse, dense);
      const { counts, values } = crossRows(columns, rows, crosserOf(columns, inputs.slice(3 * sparse + dense)));
      return sparseResult(counts, values);
    };
  };
}

function prepareFirstSparseCross(operation: Operation): Kernel {
  const isHashed = operation.bool('hashed_output');
  const key = uint64(operation.attribute('hash_key', 'int'));
  const buckets = operation.attribute('num_buckets', 'int');
  return prepareSparseCross((columns) =>
    isHashed ? hashCrosser(columns, { key, buckets }) : textCrosser(columns, UNDERSCORE_X),
  )(operation);
}

/** Columns that are ragged, sparse and dense, in an order that one letter for each gives. */
function prepareRaggedCross(operation: Operation): Kernel {
  const order = operation.string('input_order');
  const sparse = operation.int('Nsparse');
  const ragged = operation.list('ragged_values_types', 'dtype').length;
  const dense = operation.list('dense_types', 'dtype').length;
  const isHashed = operation.bool('hashed_output');
  const key = uint64(operation.attribute('hash_key', 'int'));
  const buckets = operation.attribute('num_buckets', 'int');
  const splitsDType = operation.dtype('out_row_splits_type');
  const [firstSparse, firstDense] = [2 * ragged, 2 * ragged + 3 * sparse];
  return (inputs) => {
    const rows =
      ragged > 0
        ? inputs[ragged]!.size - 1
        : sparse > 0
          ? denseShapeOf(inputs[firstSparse + 2 * sparse]!)[0]!
          : (inputs[firstDense]?.shape[0] ?? 0);
    const next = { R: 0, S: 0, D: 0 };
    const columns = Array.from(order, (kind) => {
      if (kind !== 'R' && kind !== 'S' && kind !== 'D')
        throw new InvalidArgumentError(`"${order}" is not the order of its columns: "${kind}" is none of R, S and D.`);
      const i = next[kind]++;
      const at = { R: i, S: firstSparse + i, D: firstDense + i }[kind];
      if (i >= { R: ragged, S: sparse, D: dense }[kind])
        throw new InvalidArgumentError(`"${order}" is not the order of its ${ragged + sparse + dense} columns.`);
      if (kind === 'R') return raggedColumn(inputs[at]!, inputs[ragged + i]!, rows);
      if (kind === 'D') return denseColumn(inputs[at]!, rows);
      return sparseColumn(inputs[at]!, inputs[at + sparse]!, inputs[at + 2 * sparse]!, rows);
    });
    const crosser = isHashed ? hashCrosser(columns, { key, buckets }) : textCrosser(columns, UNDERSCORE_X);
    const { counts, values } = crossRows(columns, rows, crosser);
    let total = 0;
    const splits = [0, ...counts.map((count) => (total += count))];
    return [values, integers(splitsDType, [splits.length], splits)];
  };
}

function crossing(type: string, prepare: (operation: Operation) => Kernel): KernelDefinition {
  const isCrossed = (dtype: DType): boolean =>
    dtype === 'string' || dtype === 'int64' || dtype === 'int32' || dtype === 'bool';
  return {
    type,
    unsupported(operation) {
      const culprit = operation.inputs.find(({ dtype }) => !isCrossed(dtype));
      return culprit && `dtype ${culprit.dtype}`;
    },
    prepare,
  };
}

/** Crosses of categorical features. */
export const featureCrossingKernels: readonly KernelDefinition[] = [
  crossing('SparseCross', prepareFirstSparseCross),
  crossing(
    'SparseCrossV2',
    prepareSparseCross((columns, [separator]) => textCrosser(columns, (separator!.data as StringArray).at(0))),
  ),
  crossing('RaggedCross', prepareRaggedCross),
];
