import {
  add,
  addNumber,
  copy,
  fetch,
  fetch32,
  halves,
  mix47,
  multiply,
  register,
  rotate,
  set,
  swap,
  xor,
  type Register,
} from './uint64-registers.js';

// FarmHash's Fingerprint64, whose values are fixed for ever: modules were trained on the buckets it gives.
const K0 = register(0xc3a5c85c, 0x97cb3127);
const K1 = register(0xb492b66f, 0xbe98f273);
const K2_HIGH = 0x9ae16a3b | 0;
const K2_LOW = 0x2f90404f;
const K2 = register(K2_HIGH, K2_LOW);

const result = register();
const a = register();
const b = register();
const c = register();
const d = register();
const e = register();
const f = register();
const g = register();
const h = register();
const t = register();
const u = register();
const v = register();
const v1 = register();
const v2 = register();
const w1 = register();
const w2 = register();
const x = register();
const y = register();
const z = register();
const factor = register();

/** Mixes two words into one. `to` may be either of them; `u` and `v` are spent. */
function mixPair(to: Register, first: Register, second: Register): void {
  xor(u, first, second);
  multiply(u, u, factor);
  mix47(u, u);
  xor(v, second, u);
  multiply(v, v, factor);
  mix47(v, v);
  multiply(to, v, factor);
}

/** The high half of the product that `multiplyHalves` made last. */
let productHigh = 0;

/** The low half of a product; what `multiply` does, in local variables. */
function multiplyHalves(aLow: number, aHigh: number, bLow: number, bHigh: number): number {
  const a0 = aLow & 0xffff;
  const a1 = aLow >>> 16;
  const b0 = bLow & 0xffff;
  const b1 = bLow >>> 16;
  const middle = ((Math.imul(a1, b0) >>> 0) + (Math.imul(a0, b0) >>> 16)) >>> 0;
  const other = ((Math.imul(a0, b1) >>> 0) + (middle & 0xffff)) >>> 0;
  const high = (Math.imul(a1, b1) + (middle >>> 16) + (other >>> 16)) | 0;
  productHigh = (high + Math.imul(aLow, bHigh) + Math.imul(aHigh, bLow)) | 0;
  return Math.imul(aLow, bLow);
}

/** As `mixPair`, in local variables: leaves the word in `result`. */
function mixHalves(aLow: number, aHigh: number, bLow: number, bHigh: number, factorLow: number): void {
  let low = multiplyHalves(aLow ^ bLow, aHigh ^ bHigh, factorLow, K2_HIGH);
  let high = productHigh;
  low = multiplyHalves(bLow ^ low ^ (high >>> 15), bHigh ^ high, factorLow, K2_HIGH);
  high = productHigh;
  halves[result] = multiplyHalves(low ^ (high >>> 15), high, factorLow, K2_HIGH);
  halves[result + 1] = productHigh;
}

/** Words are mostly this short, so this one keeps to local variables, which halves its time. */
function hashUpTo16(bytes: Uint8Array, start: number, length: number): void {
  // The factor is K2 and twice the length; the low half has room for that.
  const factorLow = (K2_LOW + 2 * length) | 0;
  if (length >= 8) {
    const bLow = fetch32(bytes, start + length - 8);
    const bHigh = fetch32(bytes, start + length - 4);
    const first = fetch32(bytes, start);
    const aLow = (first + K2_LOW) | 0;
    const aHigh = (fetch32(bytes, start + 4) + K2_HIGH + (aLow >>> 0 < first >>> 0 ? 1 : 0)) | 0;
    // b rotated by 37, times the factor, plus a.
    const product = multiplyHalves((bHigh >>> 5) | (bLow << 27), (bLow >>> 5) | (bHigh << 27), factorLow, K2_HIGH);
    const cLow = (product + aLow) | 0;
    const cHigh = (productHigh + aHigh + (cLow >>> 0 < aLow >>> 0 ? 1 : 0)) | 0;
    // a rotated by 25, plus b, times the factor.
    const sumLow = (((aLow >>> 25) | (aHigh << 7)) + bLow) | 0;
    const sumHigh = (((aHigh >>> 25) | (aLow << 7)) + bHigh + (sumLow >>> 0 < bLow >>> 0 ? 1 : 0)) | 0;
    const dLow = multiplyHalves(sumLow, sumHigh, factorLow, K2_HIGH);
    mixHalves(cLow, cHigh, dLow, productHigh, factorLow);
  } else if (length >= 4) {
    const first = fetch32(bytes, start);
    const low = ((first << 3) + length) | 0;
    mixHalves(low, first >>> 29, fetch32(bytes, start + length - 4), 0, factorLow);
  } else if (length > 0) {
    set(a, 0, bytes[start]! + (bytes[start + (length >> 1)]! << 8));
    set(b, 0, length + (bytes[start + length - 1]! << 2));
    multiply(a, a, K2);
    multiply(b, b, K0);
    xor(a, a, b);
    mix47(a, a);
    multiply(result, a, K2);
  } else {
    copy(result, K2);
  }
}

/** The part that strings of 17 to 64 bytes have in common: leaves its two words in `y` and `z`. */
function mixEnds(bytes: Uint8Array, start: number, length: number, first: Register): void {
  addNumber(factor, K2, length * 2);
  fetch(a, bytes, start);
  multiply(a, a, first);
  fetch(b, bytes, start + 8);
  fetch(c, bytes, start + length - 8);
  multiply(c, c, factor);
  fetch(d, bytes, start + length - 16);
  multiply(d, d, K2);
  add(y, a, b);
  rotate(y, y, 43);
  rotate(t, c, 30);
  add(y, y, t);
  add(y, y, d);
  add(z, b, K2);
  rotate(z, z, 18);
  add(z, z, a);
  add(z, z, c);
}

function hash17To32(bytes: Uint8Array, start: number, length: number): void {
  mixEnds(bytes, start, length, K1);
  mixPair(result, y, z);
}

function hash33To64(bytes: Uint8Array, start: number, length: number): void {
  mixEnds(bytes, start, length, K2);
  mixPair(z, y, z);
  fetch(e, bytes, start + 16);
  multiply(e, e, factor);
  fetch(f, bytes, start + 24);
  fetch(g, bytes, start + length - 32);
  add(g, g, y);
  multiply(g, g, factor);
  fetch(h, bytes, start + length - 24);
  add(h, h, z);
  multiply(h, h, factor);
  add(y, e, f);
  rotate(y, y, 43);
  rotate(t, g, 30);
  add(y, y, t);
  add(y, y, h);
  add(z, f, a);
  rotate(z, z, 18);
  add(z, z, e);
  add(z, z, g);
  mixPair(result, y, z);
}

/** Mixes 32 bytes into two words, from seeds that stand in those words. */
function mixBlock(bytes: Uint8Array, at: number, first: Register, second: Register): void {
  fetch(a, bytes, at);
  fetch(b, bytes, at + 8);
  fetch(c, bytes, at + 16);
  fetch(d, bytes, at + 24);
  add(first, first, a);
  add(second, second, first);
  add(second, second, d);
  rotate(second, second, 21);
  copy(e, first);
  add(first, first, b);
  add(first, first, c);
  rotate(t, first, 44);
  add(second, second, t);
  add(first, first, d);
  add(second, second, e);
}

/** One round over 64 bytes. `weight` is 1 but in the last round. */
function round(bytes: Uint8Array, at: number, multiplier: Register, weight: 1 | 9): void {
  add(x, x, y);
  add(x, x, v1);
  fetch(t, bytes, at + 8);
  add(x, x, t);
  rotate(x, x, 37);
  multiply(x, x, multiplier);
  add(y, y, v2);
  fetch(t, bytes, at + 48);
  add(y, y, t);
  rotate(y, y, 42);
  multiply(y, y, multiplier);
  set(t, 0, weight);
  multiply(u, w2, t);
  xor(x, x, u);
  multiply(u, v1, t);
  add(y, y, u);
  fetch(t, bytes, at + 40);
  add(y, y, t);
  add(z, z, w1);
  rotate(z, z, 33);
  multiply(z, z, multiplier);
  multiply(v1, v2, multiplier);
  add(v2, x, w1);
  mixBlock(bytes, at, v1, v2);
  add(w1, z, w2);
  fetch(t, bytes, at + 16);
  add(w2, y, t);
  mixBlock(bytes, at + 32, w1, w2);
  swap(z, x);
}

function hashLong(bytes: Uint8Array, start: number, length: number): void {
  set(x, 0, 81);
  multiply(y, x, K1);
  addNumber(y, y, 113);
  multiply(z, y, K2);
  addNumber(z, z, 113);
  mix47(z, z);
  multiply(z, z, K2);
  set(v1, 0, 0);
  set(v2, 0, 0);
  set(w1, 0, 0);
  set(w2, 0, 0);
  multiply(x, x, K2);
  fetch(t, bytes, start);
  add(x, x, t);
  const end = start + 64 * Math.floor((length - 1) / 64);
  for (let at = start; at < end; at += 64) round(bytes, at, K1, 1);
  set(factor, 0, (halves[z]! & 0xff) << 1);
  add(factor, factor, K1);
  addNumber(w1, w1, (length - 1) & 63);
  add(v1, v1, w1);
  add(w1, w1, v1);
  round(bytes, start + length - 64, factor, 9);
  mixPair(v1, v1, w1);
  mix47(y, y);
  multiply(y, y, K0);
  add(v1, v1, y);
  add(v1, v1, z);
  mixPair(v2, v2, w2);
  add(v2, v2, x);
  mixPair(result, v1, v2);
}

/** The fingerprint of `bytes[start, end)`; the register returned holds it until the next call. */
export function fingerprint64(bytes: Uint8Array, start: number, end: number): Register {
  const length = end - start;
  if (length <= 16) hashUpTo16(bytes, start, length);
  else if (length <= 32) hash17To32(bytes, start, length);
  else if (length <= 64) hash33To64(bytes, start, length);
  else hashLong(bytes, start, length);
  return result;
}
