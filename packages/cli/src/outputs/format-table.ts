import type { Value } from '@tenon/hub';
import { formatShape, isRaggedTensor, isSparseTensor, sizeOf, type Tensor } from '@tenon/tensor';
import { formatColumns } from '../format-columns.js';
import { elementFormatter, formatJson } from '../json/format-json.js';
import { printable } from '../printable.js';

const MOST_ROWS = 20;
const GAP = 2;
const ELLIPSIS = '…';

/**
 * An output as a table: a line for each vector along the last axis. Numbers are exact; rows and columns that do not fit are left out, and
 * the last line says so.
 */
export function formatTable(name: string, value: Value, width: number): string {
  if (isSparseTensor(value)) return formatSparse(name, value.indices, value.values, value.denseShape);
  if (isRaggedTensor(value)) return `${heading(name, `ragged ${value.values.dtype}`)}${formatJson(value)}\n`;
  return formatDense(name, value, width);
}

function heading(name: string, type: string): string {
  return `${printable(name)}  ${type}\n`;
}

function formatDense(name: string, tensor: Tensor, width: number): string {
  const { shape, size } = tensor;
  const format = elementFormatter(tensor);
  const title = heading(name, `${tensor.dtype} ${formatShape(shape)}`);
  if (size === 0) return title;
  const columns = shape.at(-1) ?? 1;
  const rows = size / columns;
  // Vectors are shown as columns: they are often long, and then have a number beside each element.
  const isVector = shape.length === 1;
  const [lines, cells] = isVector ? [columns, 1] : [rows, columns];
  const shownRows = Math.min(lines, MOST_ROWS);
  const labels = Array.from({ length: shownRows }, (_, row) => labelOf(row, isVector ? shape : shape.slice(0, -1)));
  const room = width - Math.max(...labels.map((label) => label.length)) - GAP;
  const read = (row: number, column: number): string => printable(format(row * cells + column));
  const shownCells = fittingCells(shownRows, cells, read, room);
  const table = labels.map((label, row) => [
    label,
    ...Array.from({ length: shownCells }, (_, column) => read(row, column)),
    ...(shownCells < cells ? [ELLIPSIS] : []),
  ]);
  const isText = tensor.dtype === 'string';
  const text = formatColumns(table, {
    alignRight: (column) => column > 0 && column <= shownCells && !isText,
    indent: '',
  });
  const left = describeRest([shownRows, lines, 'rows'], [shownCells, cells, 'columns']);
  return `${title}${text}${left}`;
}

/** As many columns as the terminal has room for; at least one. */
function fittingCells(
  rows: number,
  cells: number,
  read: (row: number, column: number) => string,
  room: number,
): number {
  let used = 0;
  for (let column = 0; column < cells; column++) {
    let widest = 0;
    for (let row = 0; row < rows; row++) widest = Math.max(widest, read(row, column).length);
    used += widest + GAP;
    const rest = column < cells - 1 ? ELLIPSIS.length + GAP : 0;
    if (used - GAP + rest > room) return Math.max(1, column);
  }
  return cells;
}

function describeRest(...counts: readonly (readonly [shown: number, all: number, what: string])[]): string {
  const parts = counts
    .filter(([shown, all]) => shown < all)
    .map(([shown, all, what]) => `${shown} of ${all.toLocaleString('en')} ${what}`);
  return parts.length === 0 ? '' : `(${parts.join(', ')}; all with --output FILE, or in a pipe)\n`;
}

/** `[0, 3]`, where a row begins; nothing for a scalar. */
function labelOf(row: number, shape: readonly number[]): string {
  if (shape.length === 0) return '';
  const position: number[] = [];
  let rest = row;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    position.unshift(rest % shape[axis]!);
    rest = Math.floor(rest / shape[axis]!);
  }
  return `[${position.join(', ')}]`;
}

function formatSparse(name: string, indices: Tensor<'int64'>, values: Tensor, denseShape: Tensor<'int64'>): string {
  const rank = denseShape.size;
  const shown = Math.min(values.size, MOST_ROWS);
  const format = elementFormatter(values);
  const rows = Array.from({ length: shown }, (_, row) => [
    `[${indices.data.subarray(row * rank, (row + 1) * rank).join(', ')}]`,
    printable(format(row)),
  ]);
  const shape = formatShape(Array.from(denseShape.data, Number));
  const count = `${values.size} of ${sizeOf(Array.from(denseShape.data, Number))} elements`;
  return `${heading(name, `sparse ${values.dtype} ${shape}, ${count}`)}${formatColumns(rows, { indent: '' })}${describeRest([shown, values.size, 'elements'])}`;
}
