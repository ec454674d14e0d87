/** A whole number as text has it, without its sign: decimal, octal after a 0, hexadecimal after 0x. */
export function parseInteger(word: string): bigint | undefined {
  if (/^(?:0|[1-9]\d*|0[xX][0-9a-fA-F]+)$/.test(word)) return BigInt(word);
  return /^0[0-7]+$/.test(word) ? BigInt(`0o${word.slice(1)}`) : undefined;
}

/** A number with a fraction, an exponent, both or neither, without its sign; or a name of one that is not finite. */
export function parseFloating(word: string): number | undefined {
  if (/^(?:inf|infinity)f?$/i.test(word)) return Infinity;
  if (/^nanf?$/i.test(word)) return NaN;
  if (!/^(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?f?$/i.test(word)) return undefined;
  return Number(word.replace(/f$/i, ''));
}

/** How many digits an integer of 64 bits can have at most, in any base. */
export const MOST_DIGITS = 24;
