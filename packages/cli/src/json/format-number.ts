import { decodeBfloat16, decodeFloat16, encodeBfloat16, encodeFloat16, type DType } from '@tenon/tensor';

interface Precision {
  /** The float of this type that is nearest to a number. */
  readonly round: (value: number) => number;
  /** Decimal digits that are always kept when a number is read as this type and written again: no fewer need be tried. */
  readonly kept: number;
  /** Decimal digits after which reading back always gives the same number. */
  readonly enough: number;
  /** The least number of full precision; below it, fewer digits can do. */
  readonly leastNormal: number;
}

const float32: Precision = { round: Math.fround, kept: 6, enough: 9, leastNormal: 2 ** -126 };

/** JavaScript itself writes float64 with the fewest digits. */
const PRECISIONS: Partial<Record<DType, Precision>> = {
  float32,
  complex64: float32,
  float16: {
    round: (value) => decodeFloat16(encodeFloat16(value)),
    kept: 3,
    enough: 5,
    leastNormal: 2 ** -14,
  },
  bfloat16: {
    round: (value) => decodeBfloat16(encodeBfloat16(value)),
    kept: 2,
    enough: 4,
    leastNormal: 2 ** -126,
  },
};

/** Larger whole numbers are written with an exponent anyway. */
const MOST_WHOLE = 1e21;

/**
 * A floating-point number of type `dtype` with the fewest digits that give the same number when they are read as that type. It shows that it is one:
 * `1.0`, `-0.0`, `1e+30`, `NaN`, `-Infinity`.
 */
export function formatFloat(value: number, dtype: DType): string {
  if (!Number.isFinite(value)) return String(value);
  if (Object.is(value, -0)) return '-0.0';
  // Of whole numbers every digit counts, also for whoever reads them as float64.
  const text = String(Number.isInteger(value) && Math.abs(value) < MOST_WHOLE ? value : shorten(value, dtype));
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function shorten(value: number, dtype: DType): number {
  const precision = PRECISIONS[dtype];
  if (!precision) return value;
  const { round, kept, enough, leastNormal } = precision;
  for (let digits = Math.abs(value) < leastNormal ? 1 : kept; digits < enough; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (round(candidate) === value) return candidate;
  }
  return Number(value.toPrecision(enough));
}
