const TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);

/** Where the series of the error function hands over to the continued fraction of its complement. */
const ERF_SWITCH = 2.5;

/** The error function, by its series of positive terms: e^(-x²) Σ 2ⁿ x^(2n+1) / (1·3·…·(2n+1)). */
function erfSeries(x: number): number {
  const double = 2 * x * x;
  let term = x;
  let sum = x;
  for (let odd = 3; Math.abs(term) > Math.abs(sum) * 1e-17; odd += 2) {
    term *= double / odd;
    sum += term;
  }
  return TWO_OVER_ROOT_PI * Math.exp(-x * x) * sum;
}

/** The complement of the error function for large `x`, by its continued fraction, evaluated from the inside out. */
function erfcFraction(x: number): number {
  const depth = Math.ceil(12 + 220 / (x * x));
  let value = x;
  for (let k = depth; k > 0; k--) value = x + k / 2 / value;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / value;
}

export function erf(x: number): number {
  if (x !== x) return NaN;
  const size = Math.abs(x);
  if (size < ERF_SWITCH) return erfSeries(x);
  return Math.sign(x) * (size > 6 ? 1 : 1 - erfcFraction(size));
}

export function erfc(x: number): number {
  if (x !== x) return NaN;
  if (x > 28) return 0;
  if (x >= ERF_SWITCH) return erfcFraction(x);
  // Between 0.5 and 2.5 the difference from 1 would lose digits, and the fraction converges if it is deep enough.
  return x > 0.5 ? erfcFraction(x) : 1 - erf(x);
}

/** The quantile function of the standard normal distribution: a rough start, then Halley's steps on the exact function. */
export function inverseNormal(p: number): number {
  if (!(p > 0 && p < 1)) return p === 0 ? -Infinity : p === 1 ? Infinity : NaN;
  if (p > 0.5) return -inverseNormalLower(1 - p);
  return inverseNormalLower(p);
}

function inverseNormalLower(p: number): number {
  const t = Math.sqrt(-2 * Math.log(p));
  let x = p < 0.1 ? -t + Math.log(t * Math.sqrt(2 * Math.PI)) / t : (p - 0.5) * Math.sqrt(2 * Math.PI);
  for (let step = 0; step < 50; step++) {
    const error = (0.5 * erfc(-x / Math.SQRT2) - p) * Math.sqrt(2 * Math.PI) * Math.exp((x * x) / 2);
    const next = x - error / (1 + (x * error) / 2);
    if (Math.abs(next - x) <= 1e-16 * Math.abs(next) || next === x) return next;
    x = next;
  }
  return x;
}

export function inverseErf(y: number): number {
  if (!(y > -1 && y < 1)) return y === 1 ? Infinity : y === -1 ? -Infinity : NaN;
  if (Math.abs(y) < 0.5) {
    // Near zero the quantile function would lose digits.
    let x = y / TWO_OVER_ROOT_PI;
    for (let step = 0; step < 8; step++) {
      const error = (erf(x) - y) / (TWO_OVER_ROOT_PI * Math.exp(-x * x));
      x -= error / (1 + x * error);
    }
    return x;
  }
  return (Math.sign(y) * -inverseNormalLower((1 - Math.abs(y)) / 2)) / Math.SQRT2;
}

/** Coefficients B(2k) / (2k (2k - 1)) of Stirling's series. */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400];

/** The logarithm of the absolute value of the gamma function. */
export function logGamma(x: number): number {
  if (x !== x) return NaN;
  if (!Number.isFinite(x)) return Infinity;
  if (x <= 0 && Number.isInteger(x)) return Infinity;
  if (x < 0.5) return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * x))) - logGamma(1 - x);
  if (x === 1 || x === 2) return 0;
  let shifted = x;
  let product = 1;
  while (shifted < 12) product *= shifted++;
  const inverse = 1 / shifted;
  let power = inverse;
  let series = 0;
  for (const coefficient of STIRLING) {
    series += coefficient * power;
    power *= inverse * inverse;
  }
  return (shifted - 0.5) * Math.log(shifted) - shifted + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product);
}

/** Coefficients B(2k) / 2k of the series of the digamma function. */
const DIGAMMA = [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12, -3617 / 8160];

/** The derivative of the logarithm of the gamma function. */
export function digamma(x: number): number {
  if (x !== x || x === -Infinity) return NaN;
  if (x === 0) return Object.is(x, -0) ? Infinity : -Infinity;
  if (x < 0) return Number.isInteger(x) ? NaN : digamma(1 - x) - Math.PI / Math.tan(Math.PI * x);
  let shifted = x;
  let sum = 0;
  while (shifted < 12) sum -= 1 / shifted++;
  const square = 1 / (shifted * shifted);
  let power = square;
  let series = 0;
  for (const coefficient of DIGAMMA) {
    series += coefficient * power;
    power *= square;
  }
  return sum + Math.log(shifted) - 0.5 / shifted - series;
}

/** From here on the first terms of the asymptotic series are exact. */
const FAR = 1e4;

/**
 * The modified Bessel function of the first kind and of order 0 or 1, times `exp(-|x|)`: the mean of `exp(|x| (cos t - 1)) cos(nt)` over a
 * circle, which evenly spaced points give to all digits once they are denser than the peak is wide.
 */
export function scaledBesselI(order: 0 | 1, x: number): number {
  const size = Math.abs(x);
  if (x !== x) return NaN;
  const sign = order === 1 && x < 0 ? -1 : 1;
  if (size > FAR) {
    const mu = 4 * order * order;
    const near = 1 - ((mu - 1) / (8 * size)) * (1 - ((mu - 9) / (16 * size)) * (1 - (mu - 25) / (24 * size)));
    return (sign * near) / Math.sqrt(2 * Math.PI * size);
  }
  const points = 2 * Math.ceil(12 + 5 * Math.sqrt(size));
  let sum = 0;
  for (let i = 0; i < points; i++) {
    const cosine = Math.cos((2 * Math.PI * i) / points);
    sum += Math.exp(size * (cosine - 1)) * (order === 1 ? cosine : 1);
  }
  return (sign * sum) / points;
}

/** The lower incomplete gamma function over the gamma function: the share of its integral that lies below `x`. */
export function lowerGamma(a: number, x: number): number {
  if (!(a > 0 && x >= 0)) return NaN;
  if (x === 0) return 0;
  if (x === Infinity) return 1;
  return x < a + 1 ? lowerGammaSeries(a, x) : 1 - upperGammaFraction(a, x);
}

/** What the lower incomplete gamma function lacks to 1. */
export function upperGamma(a: number, x: number): number {
  if (!(a > 0 && x >= 0)) return NaN;
  if (x === 0) return 1;
  if (x === Infinity) return 0;
  return x < a + 1 ? 1 - lowerGammaSeries(a, x) : upperGammaFraction(a, x);
}

const MOST_TERMS = 10_000;

const gammaFactor = (a: number, x: number): number => Math.exp(a * Math.log(x) - x - logGamma(a));

function lowerGammaSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < MOST_TERMS && term > sum * 1e-17; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return sum * gammaFactor(a, x);
}

/** Legendre's continued fraction, by Lentz's method. */
function upperGammaFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let product = d;
  for (let n = 1; n < MOST_TERMS; n++) {
    const numerator = -n * (n - a);
    b += 2;
    d = 1 / (numerator * d + b || 1e-300);
    c = b + numerator / c || 1e-300;
    product *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return product * gammaFactor(a, x);
}
