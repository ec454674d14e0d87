import { decompose } from './number-format.js';
import { decodeUtf8 } from './utf8.js';

const LEAST_INT64 = -(2n ** 63n);
const MOST_INT64 = 2n ** 63n - 1n;
const MOST_UINT64 = 2n ** 64n - 1n;

/** What `absl::ascii_isspace` takes for white space. */
const SPACE = '[ \\t\\n\\v\\f\\r]*';
const INTEGER = new RegExp(`^${SPACE}([+-]?[0-9]+)${SPACE}$`);
const DECIMAL = new RegExp(`^${SPACE}([+-]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:e[+-]?[0-9]+)?)${SPACE}$`, 'i');
const HEXADECIMAL = new RegExp(`^${SPACE}([+-]?)0x([0-9a-f]*)\\.?([0-9a-f]*)(?:p([+-]?[0-9]{1,6}))?${SPACE}$`, 'i');
const SPECIAL = new RegExp(`^${SPACE}([+-]?)(inf|infinity|nan(?:\\([0-9a-z_]*\\))?)${SPACE}$`, 'i');

/** Longer texts are no numbers that anyone wrote. */
const MOST_DIGITS = 10_000;

type IntegerDType = 'int32' | 'int64' | 'uint32' | 'uint64';

const RANGES: Record<IntegerDType, readonly [bigint, bigint]> = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  int64: [LEAST_INT64, MOST_INT64],
  uint32: [0n, 2n ** 32n - 1n],
  uint64: [0n, MOST_UINT64],
};

/** The integer that `bytes[start, end)` spells as TensorFlow reads it; `undefined` if it spells none, or one out of range. */
export function parseInteger(dtype: IntegerDType, bytes: Uint8Array, start: number, end: number): bigint | undefined {
  if (end - start > MOST_DIGITS) return undefined;
  const digits = INTEGER.exec(decodeUtf8(bytes, start, end))?.[1];
  if (digits === undefined) return undefined;
  const value = BigInt(digits);
  const [least, most] = RANGES[dtype];
  return value >= least && value <= most ? value : undefined;
}

/**
 * The number that `bytes[start, end)` spells as TensorFlow reads it; `undefined` if it spells none.
 *
 * @param isSingle Whether to round to float32, once: rounding to float64 first would now and then give the neighbour.
 */
export function parseFloating(bytes: Uint8Array, start: number, end: number, isSingle: boolean): number | undefined {
  if (end - start > MOST_DIGITS) return undefined;
  const text = decodeUtf8(bytes, start, end);
  const decimal = DECIMAL.exec(text)?.[1];
  if (decimal !== undefined) return isSingle ? toSingle(decimal) : Number(decimal);
  const hexadecimal = HEXADECIMAL.exec(text);
  if (hexadecimal) return fromHexadecimal(hexadecimal);
  const special = SPECIAL.exec(text);
  if (!special) return undefined;
  return special[2]!.toLowerCase().startsWith('nan') ? NaN : special[1] === '-' ? -Infinity : Infinity;
}

function fromHexadecimal([, sign, whole, fraction, power]: RegExpExecArray): number | undefined {
  const digits = `${whole}${fraction}`;
  if (digits === '') return undefined;
  const magnitude = Number(BigInt(`0x${digits}`)) * 2 ** (Number(power ?? 0) - 4 * fraction!.length);
  return sign === '-' ? -magnitude : magnitude;
}

/** The float32 nearest to a decimal number. */
function toSingle(decimal: string): number {
  const value = Number(decimal);
  const rounded = Math.fround(value);
  const magnitude = Math.abs(value);
  if (!Number.isFinite(rounded) || magnitude === Math.abs(rounded)) return rounded;
  // The two float32 around the float64; only where it lies midway does it matter on which side of it the decimal lies.
  const other = rounded > value ? nextSingle(rounded, -1) : nextSingle(rounded, 1);
  if (Math.abs(value - rounded) !== Math.abs(other - value)) return rounded;
  const side = compareMagnitude(decimal, magnitude);
  if (side === 0) return rounded;
  const [smaller, larger] = Math.abs(rounded) < Math.abs(other) ? [rounded, other] : [other, rounded];
  return side > 0 ? larger : smaller;
}

const single = new Float32Array(1);
const singleBits = new Int32Array(single.buffer);

/** The float32 next to `value`, above it or below. */
function nextSingle(value: number, direction: 1 | -1): number {
  single[0] = value;
  if (value === 0) {
    singleBits[0] = 1;
    return direction * single[0];
  }
  singleBits[0]! += value > 0 === direction > 0 ? 1 : -1;
  return single[0];
}

/** Whether a decimal is farther from zero than `magnitude` (positive), nearer (negative), or as far (0). */
function compareMagnitude(decimal: string, magnitude: number): number {
  const [, whole, fraction = '', power = '0'] = /^[+-]?([0-9]*)\.?([0-9]*)(?:e([+-]?[0-9]+))?$/i.exec(decimal)!;
  const scale = Number(power) - fraction.length;
  const { mantissa, exponent } = decompose(magnitude);
  let left = BigInt(`0${whole}${fraction}`);
  let right = mantissa;
  if (scale >= 0) left *= 10n ** BigInt(scale);
  else right *= 10n ** BigInt(-scale);
  if (exponent >= 0) right <<= BigInt(exponent);
  else left <<= BigInt(-exponent);
  return left > right ? 1 : left < right ? -1 : 0;
}
