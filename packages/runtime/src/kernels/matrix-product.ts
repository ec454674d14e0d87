import type { NumberArray } from './elements.js';

/**
 * `output[m, n] += left[m, k] · right[k, n]`, accumulated in float64 and added to what is there.
 *
 * @param leftStart The first element of the left matrix; a row takes `leftRow` elements, a column `leftColumn`.
 * @param isRightTransposed Whether the right matrix lies as `[n, k]`.
 */
export function addMatrixProduct(
  left: NumberArray,
  leftStart: number,
  leftRow: number,
  leftColumn: number,
  right: NumberArray,
  rightStart: number,
  isRightTransposed: boolean,
  output: NumberArray,
  outputStart: number,
  m: number,
  k: number,
  n: number,
): void {
  const row = new Float64Array(k);
  const sums = new Float64Array(n);
  for (let i = 0; i < m; i++) {
    for (let q = 0, p = leftStart + i * leftRow; q < k; q++, p += leftColumn) row[q] = left[p]!;
    if (isRightTransposed || n === 1) dotProducts(row, right, rightStart, sums);
    else weightedRows(row, right, rightStart, sums);
    const to = outputStart + i * n;
    for (let j = 0; j < n; j++) output[to + j]! += sums[j]!;
  }
}

/** Each sum is `row` times one row of `right`. */
function dotProducts(row: Float64Array, right: NumberArray, start: number, sums: Float64Array): void {
  const k = row.length;
  for (let j = 0, p = start; j < sums.length; j++, p += k) {
    let sum = 0;
    for (let q = 0; q < k; q++) sum += row[q]! * right[p + q]!;
    sums[j] = sum;
  }
}

/** The sums are the rows of `right`, weighted by `row`; four at a time, so that the sums are loaded and stored less often. */
function weightedRows(row: Float64Array, right: NumberArray, start: number, sums: Float64Array): void {
  const k = row.length;
  const n = sums.length;
  sums.fill(0);
  let q = 0;
  for (; q + 4 <= k; q += 4) {
    const a = row[q]!;
    const b = row[q + 1]!;
    const c = row[q + 2]!;
    const d = row[q + 3]!;
    const p = start + q * n;
    for (let j = 0; j < n; j++) {
      sums[j]! += a * right[p + j]! + b * right[p + n + j]! + c * right[p + 2 * n + j]! + d * right[p + 3 * n + j]!;
    }
  }
  for (; q < k; q++) {
    const a = row[q]!;
    const p = start + q * n;
    for (let j = 0; j < n; j++) sums[j]! += a * right[p + j]!;
  }
}
