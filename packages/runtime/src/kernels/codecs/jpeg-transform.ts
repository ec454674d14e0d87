/** Computes the 64 samples of one block, around zero, from its quantised coefficients. */
export type BlockTransform = (coefficients: Int16Array, from: number, samples: Int32Array) => void;

/** One dimension of a transform: 8 values `step` apart, in place. */
type LineTransform = (values: Int32Array, start: number, step: number) => void;

/** A transform of two passes, whose multipliers undo the quantisation. A block of one colour has the value `flat` of its only coefficient. */
function blockTransform(
  multipliers: Int32Array,
  columns: LineTransform,
  rows: LineTransform,
  flat: (value: number) => number,
): BlockTransform {
  return (coefficients, from, samples) => {
    let isFlat = true;
    for (let i = 0; i < 64; i++) {
      const coefficient = coefficients[from + i]!;
      samples[i] = coefficient * multipliers[i]!;
      if (coefficient !== 0 && i > 0) isFlat = false;
    }
    if (isFlat) {
      samples.fill(flat(samples[0]!));
      return;
    }
    for (let x = 0; x < 8; x++) columns(samples, x, 8);
    for (let y = 0; y < 8; y++) rows(samples, y * 8, 1);
  };
}

// The rotations of the inverse cosine transform of Loeffler, Ligtenberg and Moschytz, in 13 bits of fraction, as libjpeg rounds them.
const FRACTION = 13;
const C_0_298 = 2446;
const C_0_390 = 3196;
const C_0_541 = 4433;
const C_0_765 = 6270;
const C_0_899 = 7373;
const C_1_175 = 9633;
const C_1_501 = 12299;
const C_1_847 = 15137;
const C_1_961 = 16069;
const C_2_053 = 16819;
const C_2_562 = 20995;
const C_3_072 = 25172;
/** Fraction that is kept between the two passes. */
const BETWEEN = 2;

/** The results lose `shift` bits of fraction, rounded. */
function accurateLine(shift: number): LineTransform {
  const half = 1 << (shift - 1);
  return (values, start, step) => {
    const v0 = values[start]!;
    const v1 = values[start + step]!;
    const v2 = values[start + 2 * step]!;
    const v3 = values[start + 3 * step]!;
    const v4 = values[start + 4 * step]!;
    const v5 = values[start + 5 * step]!;
    const v6 = values[start + 6 * step]!;
    const v7 = values[start + 7 * step]!;

    const even = (v2 + v6) * C_0_541;
    const low = even - v6 * C_1_847;
    const high = even + v2 * C_0_765;
    const sum = (v0 + v4) << FRACTION;
    const difference = (v0 - v4) << FRACTION;
    const e0 = sum + high + half;
    const e1 = difference + low + half;
    const e2 = difference - low + half;
    const e3 = sum - high + half;

    const turn = (v7 + v3 + v5 + v1) * C_1_175;
    const z1 = (v7 + v1) * -C_0_899;
    const z2 = (v5 + v3) * -C_2_562;
    const z3 = (v7 + v3) * -C_1_961 + turn;
    const z4 = (v5 + v1) * -C_0_390 + turn;
    const d0 = v7 * C_0_298 + z1 + z3;
    const d1 = v5 * C_2_053 + z2 + z4;
    const d2 = v3 * C_3_072 + z2 + z3;
    const d3 = v1 * C_1_501 + z1 + z4;

    values[start] = (e0 + d3) >> shift;
    values[start + step] = (e1 + d2) >> shift;
    values[start + 2 * step] = (e2 + d1) >> shift;
    values[start + 3 * step] = (e3 + d0) >> shift;
    values[start + 4 * step] = (e3 - d0) >> shift;
    values[start + 5 * step] = (e2 - d1) >> shift;
    values[start + 6 * step] = (e1 - d2) >> shift;
    values[start + 7 * step] = (e0 - d3) >> shift;
  };
}

const accurateColumns = accurateLine(FRACTION - BETWEEN);
const accurateRows = accurateLine(FRACTION + BETWEEN + 3);

/** The accurate integer transform. */
export const accurateTransform = (table: Uint16Array): BlockTransform =>
  blockTransform(Int32Array.from(table), accurateColumns, accurateRows, (value) => (value + 4) >> 3);

// The factors of the inverse cosine transform of Arai, Agui and Nakajima, in 8 bits of fraction, which products lose without rounding.
const F_1_082 = 277;
const F_1_414 = 362;
const F_1_847 = 473;
const F_2_613 = 669;

/** The results lose `shift` bits. */
function fastLine(shift: number): LineTransform {
  return (values, start, step) => {
    const v0 = values[start]!;
    const v1 = values[start + step]!;
    const v2 = values[start + 2 * step]!;
    const v3 = values[start + 3 * step]!;
    const v4 = values[start + 4 * step]!;
    const v5 = values[start + 5 * step]!;
    const v6 = values[start + 6 * step]!;
    const v7 = values[start + 7 * step]!;

    const middle = v2 + v6;
    const side = (((v2 - v6) * F_1_414) >> 8) - middle;
    const e0 = v0 + v4 + middle;
    const e1 = v0 - v4 + side;
    const e2 = v0 - v4 - side;
    const e3 = v0 + v4 - middle;

    const z10 = v5 - v3;
    const z11 = v1 + v7;
    const z12 = v1 - v7;
    const z13 = v5 + v3;
    const z5 = ((z10 + z12) * F_1_847) >> 8;
    const d3 = z11 + z13;
    const d2 = ((z10 * -F_2_613) >> 8) + z5 - d3;
    const d1 = (((z11 - z13) * F_1_414) >> 8) - d2;
    const d0 = ((z12 * F_1_082) >> 8) - z5 + d1;

    values[start] = (e0 + d3) >> shift;
    values[start + step] = (e1 + d2) >> shift;
    values[start + 2 * step] = (e2 + d1) >> shift;
    values[start + 3 * step] = (e3 - d0) >> shift;
    values[start + 4 * step] = (e3 + d0) >> shift;
    values[start + 5 * step] = (e2 - d1) >> shift;
    values[start + 6 * step] = (e1 - d2) >> shift;
    values[start + 7 * step] = (e0 - d3) >> shift;
  };
}

const fastColumns = fastLine(0);
const fastRows = fastLine(BETWEEN + 3);

/** What the fast transform leaves to the multipliers, in 14 bits of fraction. */
const FAST_SCALES = Int32Array.from({ length: 64 }, (_, i) => Math.round(16384 * fastScale(i >> 3) * fastScale(i & 7)));

function fastScale(frequency: number): number {
  return frequency === 0 ? 1 : Math.cos((frequency * Math.PI) / 16) * Math.SQRT2;
}

/** The fast integer transform, a little less accurate, which is TensorFlow's default. */
export const fastTransform = (table: Uint16Array): BlockTransform =>
  blockTransform(
    Int32Array.from(table, (value, i) => (value * FAST_SCALES[i]! + 2048) >> 12),
    fastColumns,
    fastRows,
    (value) => value >> 5,
  );
