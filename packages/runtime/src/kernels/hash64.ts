import { fetch, mix47, multiply, register, set, xor, type Register } from './uint64-registers.js';

const M = register(0xc6a4a793, 0x5bd1e995);
const result = register();
const word = register();

/** TensorFlow's own hash of `bytes[start, end)`, of `StringToHashBucket`; the register returned holds it until the next call. */
export function hash64(bytes: Uint8Array, start: number, end: number): Register {
  const length = end - start;
  set(word, Math.floor(length / 0x1_0000_0000), length);
  multiply(word, word, M);
  set(result, 0xde, 0xcafcaffe);
  xor(result, result, word);
  let at = start;
  for (; at + 8 <= end; at += 8) {
    fetch(word, bytes, at);
    multiply(word, word, M);
    mix47(word, word);
    multiply(word, word, M);
    xor(result, result, word);
    multiply(result, result, M);
  }
  if (at < end) {
    fetchPartial(word, bytes, at, end);
    xor(result, result, word);
    multiply(result, result, M);
  }
  mix47(result, result);
  multiply(result, result, M);
  mix47(result, result);
  return result;
}

/** Reads fewer than eight bytes, the lowest first. */
export function fetchPartial(to: Register, bytes: Uint8Array, start: number, end: number): void {
  let low = 0;
  let high = 0;
  for (let at = end - 1; at >= start; at--) {
    high = (high << 8) | (low >>> 24);
    low = (low << 8) | bytes[at]!;
  }
  set(to, high, low);
}
