import { INVALID, LAX } from './character-set.js';

/** How many bytes the character decoded last takes. */
export let decodedLength = 0;

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

/**
 * The code point at `at`, as RE2's automata see bytes: surrogates pass for characters, over-long sequences are `LAX`, and a byte that is part of
 * nothing is `INVALID`.
 */
export function decode(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at]!;
  decodedLength = 1;
  if (lead < 0x80) return lead;
  if (lead < 0xc2 || lead > 0xf4) return INVALID;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (at + length > end) return INVALID;
  const second = bytes[at + 1];
  if (!isContinuation(second)) return INVALID;
  if (length === 2) {
    decodedLength = 2;
    return ((lead & 31) << 6) | (second! & 63);
  }
  const third = bytes[at + 2];
  if (!isContinuation(third)) return INVALID;
  if (length === 3) {
    decodedLength = 3;
    if (lead === 0xe0 && second! < 0xa0) return LAX;
    return ((lead & 15) << 12) | ((second! & 63) << 6) | (third! & 63);
  }
  const fourth = bytes[at + 3];
  if (!isContinuation(fourth)) return INVALID;
  decodedLength = 4;
  if ((lead === 0xf0 && second! < 0x90) || (lead === 0xf4 && second! > 0x8f)) return LAX;
  return ((lead & 7) << 18) | ((second! & 63) << 12) | ((third! & 63) << 6) | (fourth! & 63);
}

/** The code point that ends at `at`; as `decode` otherwise. */
export function decodeBackwards(bytes: Uint8Array, at: number, start: number): number {
  let first = at - 1;
  if (bytes[first]! < 0x80) {
    decodedLength = 1;
    return bytes[first]!;
  }
  const least = Math.max(start, at - 4);
  while (first > least && isContinuation(bytes[first])) first--;
  const codePoint = decode(bytes, first, at);
  if (codePoint !== INVALID && decodedLength === at - first) return codePoint;
  decodedLength = 1;
  return INVALID;
}
