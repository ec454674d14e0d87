import { fetchPartial } from './hash64.js';
import { add, copy, fetch, halves, register, rotate, set, xor, type Register } from './uint64-registers.js';

const v0 = register();
const v1 = register();
const v2 = register();
const v3 = register();
const word = register();

function round(): void {
  add(v0, v0, v1);
  rotate(v1, v1, 51);
  xor(v1, v1, v0);
  rotate(v0, v0, 32);
  add(v2, v2, v3);
  rotate(v3, v3, 48);
  xor(v3, v3, v2);
  add(v0, v0, v3);
  rotate(v3, v3, 43);
  xor(v3, v3, v0);
  add(v2, v2, v1);
  rotate(v1, v1, 47);
  xor(v1, v1, v2);
  rotate(v2, v2, 32);
}

function absorb(): void {
  xor(v3, v3, word);
  round();
  round();
  xor(v0, v0, word);
}

/**
 * SipHash-2-4, the keyed hash of `StringToHashBucketStrong`; the register returned holds it until the next call.
 *
 * @param key Two 64-bit words, each as its low and its high half.
 */
export function sipHash(key: Int32Array, bytes: Uint8Array, start: number, end: number): Register {
  set(word, key[1]!, key[0]!);
  set(v0, 0x736f6d65, 0x70736575);
  set(v2, 0x6c796765, 0x6e657261);
  xor(v0, v0, word);
  xor(v2, v2, word);
  set(word, key[3]!, key[2]!);
  set(v1, 0x646f7261, 0x6e646f6d);
  set(v3, 0x74656462, 0x79746573);
  xor(v1, v1, word);
  xor(v3, v3, word);
  let at = start;
  for (; at + 8 <= end; at += 8) {
    fetch(word, bytes, at);
    absorb();
  }
  fetchPartial(word, bytes, at, end);
  halves[word + 1]! |= (end - start) << 24;
  absorb();
  halves[v2]! ^= 0xff;
  for (let i = 0; i < 4; i++) round();
  copy(word, v0);
  xor(word, word, v1);
  xor(word, word, v2);
  xor(word, word, v3);
  return word;
}
