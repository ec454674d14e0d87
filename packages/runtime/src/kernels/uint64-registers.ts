/**
 * 64-bit unsigned arithmetic for hash functions: registers of two 32-bit halves in one array, because a BigInt per step costs
 * some fifty times as much.
 *
 * A register is named by the index of its low half.
 */
export type Register = number;

const COUNT = 40;
export const halves = new Int32Array(2 * COUNT);
let used = 0;

/** Takes a register for as long as the process lives; hash functions do so once, when their file is loaded. */
export function register(high = 0, low = 0): Register {
  const taken = used;
  if (taken === halves.length) throw new RangeError(`There are ${COUNT} registers.`);
  used += 2;
  halves[taken] = low;
  halves[taken + 1] = high;
  return taken;
}

export function set(to: Register, high: number, low: number): void {
  halves[to] = low;
  halves[to + 1] = high;
}

export function copy(to: Register, from: Register): void {
  halves[to] = halves[from]!;
  halves[to + 1] = halves[from + 1]!;
}

export function swap(a: Register, b: Register): void {
  const low = halves[a]!;
  const high = halves[a + 1]!;
  copy(a, b);
  set(b, high, low);
}

export function add(to: Register, a: Register, b: Register): void {
  const low = (halves[a]! + halves[b]!) | 0;
  const carry = low >>> 0 < halves[a]! >>> 0 ? 1 : 0;
  halves[to + 1] = halves[a + 1]! + halves[b + 1]! + carry;
  halves[to] = low;
}

/** Adds a small number that is not negative. */
export function addNumber(to: Register, a: Register, value: number): void {
  const low = (halves[a]! + value) | 0;
  halves[to + 1] = halves[a + 1]! + (low >>> 0 < halves[a]! >>> 0 ? 1 : 0);
  halves[to] = low;
}

export function xor(to: Register, a: Register, b: Register): void {
  halves[to] = halves[a]! ^ halves[b]!;
  halves[to + 1] = halves[a + 1]! ^ halves[b + 1]!;
}

export function multiply(to: Register, a: Register, b: Register): void {
  const aLow = halves[a]!;
  const bLow = halves[b]!;
  const a0 = aLow & 0xffff;
  const a1 = aLow >>> 16;
  const b0 = bLow & 0xffff;
  const b1 = bLow >>> 16;
  // Products of 16 bits by 16, summed so that nothing goes beyond 32.
  const middle = ((Math.imul(a1, b0) >>> 0) + (Math.imul(a0, b0) >>> 16)) >>> 0;
  const other = ((Math.imul(a0, b1) >>> 0) + (middle & 0xffff)) >>> 0;
  const high = (Math.imul(a1, b1) + (middle >>> 16) + (other >>> 16)) | 0;
  halves[to + 1] = high + Math.imul(aLow, halves[b + 1]!) + Math.imul(halves[a + 1]!, bLow);
  halves[to] = Math.imul(aLow, bLow);
}

/** Rotates right by 1 to 63 bits. */
export function rotate(to: Register, a: Register, bits: number): void {
  let low = halves[a]!;
  let high = halves[a + 1]!;
  let by = bits;
  if (by >= 32) {
    const kept = low;
    low = high;
    high = kept;
    by -= 32;
  }
  if (by === 0) {
    set(to, high, low);
  } else {
    halves[to] = (low >>> by) | (high << (32 - by));
    halves[to + 1] = (high >>> by) | (low << (32 - by));
  }
}

/** `a ^ (a >>> 47)`. */
export function mix47(to: Register, a: Register): void {
  halves[to] = halves[a]! ^ (halves[a + 1]! >>> 15);
  halves[to + 1] = halves[a + 1]!;
}

/** Reads eight bytes, the lowest first. */
export function fetch(to: Register, bytes: Uint8Array, at: number): void {
  halves[to] = fetch32(bytes, at);
  halves[to + 1] = fetch32(bytes, at + 4);
}

/** Reads four bytes, the lowest first. */
export function fetch32(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}
