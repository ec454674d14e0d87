import { decodeUtf8 } from './utf8.js';

const LEAST_INT64 = -(2n ** 63n);
const MOST_INT64 = 2n ** 63n - 1n;
const MOST_UINT64 = 2n ** 64n - 1n;

/** What `absl::ascii_isspace` takes for white space. */
const SPACE = '[ \\t\\n\\v\\f\\r]*';
const INTEGER = new RegExp(`^${SPACE}([+-]?[0-9]+)${SPACE}$`);
const DECIMAL = new RegExp(`^${SPACE}([+-]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:e[+-]?[0-9]+)?)${SPACE}$`, 'i');
const HEXADECIMAL = new RegExp(`^${SPACE}([+-]?)0x([0-9a-f]+)${SPACE}$`, 'i');
const SPECIAL = new RegExp(`^${SPACE}([+-]?)(inf|infinity|nan)${SPACE}$`, 'i');

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

/** The number that `bytes[start, end)` spells as TensorFlow reads it; `undefined` if it spells none. */
export function parseFloating(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (end - start > MOST_DIGITS) return undefined;
  const text = decodeUtf8(bytes, start, end);
  const decimal = DECIMAL.exec(text)?.[1];
  if (decimal !== undefined) return Number(decimal);
  const hexadecimal = HEXADECIMAL.exec(text);
  if (hexadecimal) return Number(`0x${hexadecimal[2]}`) * (hexadecimal[1] === '-' ? -1 : 1);
  const special = SPECIAL.exec(text);
  if (!special) return undefined;
  return special[2]!.toLowerCase() === 'nan' ? NaN : special[1] === '-' ? -Infinity : Infinity;
}
