import { byteString } from './byte-string.js';

/** One dimension of a stored slice, as it was saved. */
export interface SliceExtent {
  readonly start: bigint;
  /** `undefined` where the slice was saved as having the whole dimension. */
  readonly length: bigint | undefined;
}

const WHOLE_DIMENSION = -1n;

/**
 * The key under which a slice of a tensor is stored: numbers and strings written so that keys sort as they do.
 * A zero, which no name starts with, sets slices apart from whole tensors.
 *
 * @param name The name of the tensor, one character per byte.
 * @returns One character per byte.
 */
export function sliceKey(name: string, extents: readonly SliceExtent[]): string {
  let key = naturalNumber(0) + text(name) + naturalNumber(extents.length);
  for (const { start, length } of extents) key += signedNumber(start) + signedNumber(length ?? WHOLE_DIMENSION);
  return key;
}

/** How many bytes follow, then those bytes, largest first. */
function naturalNumber(value: number): string {
  let digits = '';
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) digits = String.fromCharCode(rest % 256) + digits;
  return String.fromCharCode(digits.length) + digits;
}

/** Ends with 0x00 0x01, so the bytes 0x00 and 0xff in it are escaped. */
function text(value: string): string {
  return `${value.replace(/[\x00\xff]/g, (byte) => (byte === '\x00' ? '\x00\xff' : '\xff\x00'))}\x00\x01`;
}

/**
 * A number of n bytes has 7n bits in two's complement; the n bits before them, ones and then a zero (or, for a negative
 * number, the inverse), say what n is.
 */
function signedNumber(value: bigint): string {
  const magnitude = value < 0n ? ~value : value;
  let size = 1;
  while (magnitude >= 1n << BigInt(7 * size - 1)) size++;
  const bits = BigInt(8 * size);
  const header = ((1n << BigInt(size)) - 1n) << BigInt(7 * size);
  let encoded = BigInt.asUintN(Number(bits), value ^ header);
  const bytes = new Uint8Array(size);
  for (let index = size - 1; index >= 0; index--) {
    bytes[index] = Number(encoded & 0xffn);
    encoded >>= 8n;
  }
  return byteString(bytes);
}
