import type { Operation } from '@tenon/graph';
import { sizeOf, stridesOf, type Tensor } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { InvalidArgumentError } from './errors.js';
import { integerOf, integersOf } from './integers.js';
import {
  copyStrided,
  copyWords,
  defineMovement,
  gatherStrided,
  makeTensor,
  wordsOf,
  wordsPerElement,
  type Words,
} from './movement.js';

/** How diagonals shorter than the longest one lie in their rows. */
interface Alignment {
  readonly superdiagonals: 'LEFT' | 'RIGHT';
  readonly subdiagonals: 'LEFT' | 'RIGHT';
}

function alignmentOf(operation: Operation): Alignment {
  // Before version 3 everything stood left.
  const align = operation.find('align') ? operation.string('align') : 'LEFT_LEFT';
  const [superdiagonals, subdiagonals] = align.split('_') as ['LEFT' | 'RIGHT', 'LEFT' | 'RIGHT'];
  return { superdiagonals, subdiagonals };
}

/** A band of diagonals of matrices of `rows` by `columns`, packed into `count` rows of `width` elements, the uppermost first. */
interface Band {
  readonly rows: number;
  readonly columns: number;
  readonly lowest: number;
  readonly highest: number;
  readonly count: number;
  readonly width: number;
  readonly alignment: Alignment;
}

function bandOf(diagonals: ArrayLike<number>, rows: number, columns: number, alignment: Alignment): Band {
  const lowest = diagonals[0]!;
  const highest = diagonals[diagonals.length - 1]!;
  const isInside = (diagonal: number): boolean => (diagonal > -rows && diagonal < columns) || diagonal === 0;
  if (lowest > highest || !isInside(lowest) || !isInside(highest)) {
    throw new InvalidArgumentError(`Matrices of ${rows} by ${columns} have no diagonals from ${lowest} to ${highest}.`);
  }
  const width = Math.min(rows + Math.min(highest, 0), columns - Math.max(lowest, 0));
  return { rows, columns, lowest, highest, count: highest - lowest + 1, width, alignment };
}

/** Calls for each element of a diagonal, with where it stands in the packed diagonals and in the matrix. */
function forEachElement(band: Band, visit: (packed: number, row: number, column: number) => void): void {
  const { rows, columns, count, width, highest, alignment } = band;
  for (let i = 0; i < count; i++) {
    const diagonal = highest - i;
    const length = Math.min(rows + Math.min(diagonal, 0), columns - Math.max(diagonal, 0));
    const isRight = (diagonal >= 0 ? alignment.superdiagonals : alignment.subdiagonals) === 'RIGHT';
    const offset = isRight ? width - length : 0;
    for (let k = 0; k < length; k++) {
      visit(i * width + offset + k, k - Math.min(diagonal, 0), k + Math.max(diagonal, 0));
    }
  }
}

function copyElement(source: Words, from: number, target: Words, to: number, words: number): void {
  for (let word = 0; word < words; word++) target[to * words + word] = source[from * words + word]!;
}

/** A tensor of one value. */
const filled = (value: Tensor | undefined, like: Tensor, shape: readonly number[]): Tensor =>
  value ? gatherStrided(value, 0, new Array<number>(shape.length).fill(0), shape) : makeTensor(like.dtype, shape);

function diagonalPart(tensor: Tensor, diagonals: ArrayLike<number>, alignment: Alignment, padding?: Tensor): Tensor {
  if (tensor.rank < 2) throw new InvalidArgumentError('Matrices have at least two axes.');
  const [rows, columns] = tensor.shape.slice(-2) as [number, number];
  const band = bandOf(diagonals, rows, columns, alignment);
  const outer = tensor.shape.slice(0, -2);
  const output = filled(padding, tensor, [...outer, ...(band.count > 1 ? [band.count] : []), band.width]);
  const source = wordsOf(tensor);
  const target = wordsOf(output);
  const words = wordsPerElement(tensor.dtype);
  for (let batch = 0; batch < sizeOf(outer); batch++) {
    forEachElement(band, (packed, row, column) => {
      copyElement(
        source,
        batch * rows * columns + row * columns + column,
        target,
        batch * band.count * band.width + packed,
        words,
      );
    });
  }
  return output;
}

function putDiagonals(output: Tensor, diagonal: Tensor, band: Band): void {
  const source = wordsOf(diagonal);
  const target = wordsOf(output);
  const words = wordsPerElement(output.dtype);
  const size = band.rows * band.columns;
  for (let batch = 0; batch < output.size / Math.max(1, size); batch++) {
    forEachElement(band, (packed, row, column) => {
      copyElement(
        source,
        batch * band.count * band.width + packed,
        target,
        batch * size + row * band.columns + column,
        words,
      );
    });
  }
}

/** Matrices with these diagonals, and `padding` elsewhere. Sizes of -1 are the least that hold them. */
function matrixDiagonal(
  diagonal: Tensor,
  diagonals: ArrayLike<number>,
  rowCount: number,
  columnCount: number,
  alignment: Alignment,
  padding?: Tensor,
): Tensor {
  const lowest = diagonals[0]!;
  const highest = diagonals[diagonals.length - 1]!;
  const width = diagonal.shape.at(-1)!;
  const leastRows = width - Math.min(highest, 0);
  const leastColumns = width + Math.max(lowest, 0);
  let rows = rowCount;
  let columns = columnCount;
  if (rows === -1 && columns === -1) rows = columns = Math.max(leastRows, leastColumns);
  else if (rows === -1) rows = leastRows;
  else if (columns === -1) columns = leastColumns;
  const band = bandOf(diagonals, rows, columns, alignment);
  const packedAxes = band.count > 1 ? 2 : 1;
  if (band.width !== width || (band.count > 1 && diagonal.shape.at(-2) !== band.count)) {
    throw new InvalidArgumentError(
      `Diagonals of shape [${diagonal.shape.join(', ')}] do not fit matrices of ${rows} by ${columns}.`,
    );
  }
  const output = filled(padding, diagonal, [...diagonal.shape.slice(0, -packedAxes), rows, columns]);
  putDiagonals(output, diagonal, band);
  return output;
}

function setDiagonal(tensor: Tensor, diagonal: Tensor, diagonals: ArrayLike<number>, alignment: Alignment): Tensor {
  const [rows, columns] = tensor.shape.slice(-2) as [number, number];
  const band = bandOf(diagonals, rows, columns, alignment);
  const expected = [...tensor.shape.slice(0, -2), ...(band.count > 1 ? [band.count] : []), band.width];
  if (diagonal.shape.join() !== expected.join()) {
    throw new InvalidArgumentError(
      `Diagonals of shape [${diagonal.shape.join(', ')}] were given; they must be [${expected.join(', ')}].`,
    );
  }
  const output = makeTensor(tensor.dtype, tensor.shape);
  wordsOf(output).set(wordsOf(tensor));
  putDiagonals(output, diagonal, band);
  return output;
}

const MAIN = [0];
const LEFT: Alignment = { superdiagonals: 'LEFT', subdiagonals: 'LEFT' };

/** The elements between two diagonals, zeros elsewhere. A negative bound keeps the whole triangle. */
const matrixBandPart: Kernel = ([tensor, lower, upper]) => {
  const { shape, dtype } = tensor!;
  const [rows, columns] = shape.slice(-2) as [number, number];
  const below = integerOf(lower!);
  const above = integerOf(upper!);
  const output = makeTensor(dtype, shape);
  const words = wordsPerElement(dtype);
  const source = wordsOf(tensor!);
  const target = wordsOf(output);
  for (let batch = 0; batch < sizeOf(shape.slice(0, -2)); batch++) {
    for (let row = 0; row < rows; row++) {
      const first = below < 0 ? 0 : Math.max(0, row - below);
      const last = above < 0 ? columns : Math.min(columns, row + above + 1);
      const start = (batch * rows + row) * columns + first;
      if (last > first) copyWords(source, start * words, target, start * words, (last - first) * words);
    }
  }
  return [output];
};

/** A tensor of twice the rank, with the elements where both halves of the index agree. */
const diag: Kernel = ([tensor]) => {
  const { shape, size, dtype } = tensor!;
  const output = makeTensor(dtype, [...shape, ...shape]);
  copyStrided(wordsOf(tensor!), 0, [1], wordsOf(output), 0, [size + 1], [size], wordsPerElement(dtype));
  return [output];
};

const diagPart: Kernel = ([tensor]) => {
  const half = tensor!.shape.slice(0, tensor!.rank / 2);
  if (tensor!.shape.join() !== [...half, ...half].join()) {
    throw new InvalidArgumentError(`[${tensor!.shape.join(', ')}] has no diagonal: its halves differ.`);
  }
  const strides = stridesOf(tensor!.shape);
  return [
    gatherStrided(
      tensor!,
      0,
      half.map((_, axis) => strides[axis]! + strides[axis + half.length]!),
      half,
    ),
  ];
};

function prepareDiagonalPart(operation: Operation): Kernel {
  const alignment = alignmentOf(operation);
  return ([tensor, k, padding]) => [diagonalPart(tensor!, integersOf(k!), alignment, padding)];
}

function prepareDiagonal(operation: Operation): Kernel {
  const alignment = alignmentOf(operation);
  return ([diagonal, k, rows, columns, padding]) => [
    matrixDiagonal(diagonal!, integersOf(k!), integerOf(rows!), integerOf(columns!), alignment, padding),
  ];
}

function prepareSetDiagonal(operation: Operation): Kernel {
  const alignment = alignmentOf(operation);
  return ([tensor, diagonal, k]) => [setDiagonal(tensor!, diagonal!, integersOf(k!), alignment)];
}

export const matrixDiagonalKernels: readonly KernelDefinition[] = [
  defineMovement('MatrixBandPart', () => matrixBandPart),
  defineMovement('MatrixDiag', () => ([diagonal]) => [matrixDiagonal(diagonal!, MAIN, -1, -1, LEFT)]),
  defineMovement('MatrixDiagV2', prepareDiagonal),
  defineMovement('MatrixDiagV3', prepareDiagonal),
  defineMovement('MatrixDiagPart', () => ([tensor]) => [diagonalPart(tensor!, MAIN, LEFT)]),
  defineMovement('MatrixDiagPartV2', prepareDiagonalPart),
  defineMovement('MatrixDiagPartV3', prepareDiagonalPart),
  defineMovement('MatrixSetDiag', () => ([tensor, diagonal]) => [setDiagonal(tensor!, diagonal!, MAIN, LEFT)]),
  defineMovement('MatrixSetDiagV2', prepareSetDiagonal),
  defineMovement('MatrixSetDiagV3', prepareSetDiagonal),
  defineMovement('Diag', () => diag),
  defineMovement('DiagPart', () => diagPart),
];
