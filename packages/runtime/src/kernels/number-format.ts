/** The flags of C's `printf` that `AsString` lets through. */
export type FormatFlag = '' | ' ' | '+' | '-' | '0' | '#';

export interface NumberFormat {
  /** `f` is fixed, `e` scientific, `g` the shorter of the two. */
  readonly style: 'f' | 'e' | 'g';
  /** Digits behind the point, or significant ones for `g`; -1 stands for 6. */
  readonly precision: number;
  readonly flag: FormatFlag;
  /** Characters at least; -1 for none. */
  readonly width: number;
}

const scratch = new DataView(new ArrayBuffer(8));

/** A finite positive number as `mantissa * 2 ** exponent`, exactly. */
export function decompose(value: number): { readonly mantissa: bigint; readonly exponent: number } {
  scratch.setFloat64(0, value);
  const bits = scratch.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & ((1n << 52n) - 1n);
  return exponent === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | (1n << 52n), exponent: exponent - 1075 };
}

/** `value * 10 ** power` as a fraction. */
function scaledFraction(value: number, power: number): readonly [numerator: bigint, denominator: bigint] {
  const { mantissa, exponent } = decompose(value);
  const numerator = exponent >= 0 ? mantissa << BigInt(exponent) : mantissa;
  const denominator = exponent >= 0 ? 1n : 1n << BigInt(-exponent);
  return power >= 0
    ? [numerator * 10n ** BigInt(power), denominator]
    : [numerator, denominator * 10n ** BigInt(-power)];
}

/** `value * 10 ** power` as the nearest integer, ties to even, as C rounds. */
function scaled(value: number, power: number): bigint {
  const [numerator, denominator] = scaledFraction(value, power);
  const quotient = numerator / denominator;
  const twice = 2n * (numerator - quotient * denominator);
  return twice > denominator || (twice === denominator && quotient % 2n === 1n) ? quotient + 1n : quotient;
}

/** The power of ten of the first digit. */
function powerOf(value: number): number {
  // The logarithm is rounded, perhaps beyond the next power.
  const guess = Math.floor(Math.log10(value));
  const [numerator, denominator] = scaledFraction(value, -guess);
  return numerator < denominator ? guess - 1 : numerator >= 10n * denominator ? guess + 1 : guess;
}

function fixed(value: number, precision: number): string {
  const digits = scaled(value, precision)
    .toString()
    .padStart(precision + 1, '0');
  return precision === 0 ? digits : `${digits.slice(0, -precision)}.${digits.slice(-precision)}`;
}

/** The digits, one before the point and `precision` behind it, and the power of ten. */
function scientificDigits(value: number, precision: number): { readonly digits: string; readonly power: number } {
  if (value === 0) return { digits: '0'.repeat(precision + 1), power: 0 };
  const power = powerOf(value);
  const digits = scaled(value, precision - power).toString();
  // Nines may have been rounded up to the next power.
  return digits.length > precision + 1 ? { digits: digits.slice(0, -1), power: power + 1 } : { digits, power };
}

function scientific(value: number, precision: number): string {
  const { digits, power } = scientificDigits(value, precision);
  const mantissa = precision === 0 ? digits : `${digits[0]}.${digits.slice(1)}`;
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

function general(value: number, precision: number, keepsZeros: boolean): string {
  const significant = precision === 0 ? 1 : precision;
  const { power } = scientificDigits(value, significant - 1);
  const isFixed = power >= -4 && power < significant;
  const text = isFixed ? fixed(value, significant - 1 - power) : scientific(value, significant - 1);
  if (keepsZeros) return text;
  const [mantissa, exponent] = text.split('e') as [string, string?];
  const short = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  return exponent === undefined ? short : `${short}e${exponent}`;
}

/** A floating-point number as C's `printf` writes it. */
export function formatFloating(value: number, { style, precision, flag, width }: NumberFormat): string {
  const digits = precision < 0 ? 6 : precision;
  const isNegative = value < 0 || Object.is(value, -0);
  const magnitude = Math.abs(value);
  let text: string;
  if (Number.isNaN(value)) text = 'nan';
  else if (magnitude === Infinity) text = 'inf';
  else if (style === 'f') text = fixed(magnitude, digits);
  else if (style === 'e') text = scientific(magnitude, digits);
  else text = general(magnitude, digits, flag === '#');
  // The flag # keeps the point though nothing follows it.
  if (flag === '#' && Number.isFinite(value) && !text.includes('.')) text = text.replace(/(?=e|$)/, '.');
  return pad(isNegative ? '-' : '', text, flag, width, Number.isFinite(value));
}

/** An integer as C's `printf` writes it. */
export function formatInteger(value: number | bigint, flag: FormatFlag, width: number): string {
  const text = String(value);
  return value < 0 ? pad('-', text.slice(1), flag, width, true) : pad('', text, flag, width, true);
}

function pad(sign: string, digits: string, flag: FormatFlag, width: number, mayPadZeros: boolean): string {
  const prefix = sign || (flag === '+' || flag === ' ' ? flag : '');
  const text = prefix + digits;
  if (flag === '-') return text.padEnd(width);
  if (flag === '0' && mayPadZeros) return prefix + digits.padStart(width - prefix.length, '0');
  return text.padStart(width);
}
