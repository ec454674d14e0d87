import { decodeBfloat16, decodeFloat16, encodeBfloat16, encodeFloat16, type DType } from '@tenon/tensor';

/** Decimal digits after which reading back surely gives the same value: where to begin, and where it always holds. */
const DIGITS: Partial<Record<DType, readonly [from: number, to: number]>> = {
  float16: [3, 5],
  bfloat16: [2, 4],
  float32: [6, 9],
  complex64: [6, 9],
};

const ROUND: Partial<Record<DType, (value: number) => number>> = {
  float16: (value) => decodeFloat16(encodeFloat16(value)),
  bfloat16: (value) => decodeBfloat16(encodeBfloat16(value)),
  float32: Math.fround,
  complex64: Math.fround,
};

/**
 * A floating-point number of type `dtype` with the fewest digits that give the same number when they are read as that type. It shows that it is one:
 * `1.0`, `-0.0`, `1e+30`, `NaN`, `-Infinity`.
 */
export function formatFloat(value: number, dtype: DType): string {
  if (!Number.isFinite(value)) return String(value);
  if (Object.is(value, -0)) return '-0.0';
  const text = String(shorten(value, dtype));
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function shorten(value: number, dtype: DType): number {
  const [digits, round] = [DIGITS[dtype], ROUND[dtype]];
  // JavaScript itself writes float64 that way.
  if (!digits || !round) return value;
  for (let count = digits[0]; count < digits[1]; count++) {
    const candidate = Number(value.toPrecision(count));
    if (round(candidate) === value) return candidate;
  }
  return Number(value.toPrecision(digits[1]));
}
