import type { Random } from './random.js';

/** Numbers at which programs go wrong: around what fits in so many bits, and what they count to. */
export const EDGES: readonly bigint[] = [
  0n, 1n, 2n, 3n, 7n, 8n, 100n, 127n, 128n, 255n, 256n, 32767n, 65535n, 65536n, 1_000_000n, 2_000_000_000n,
  2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 40n, 2n ** 53n, 2n ** 62n, 2n ** 63n - 1n,
  -1n, -2n, -3n, -128n, -(2n ** 31n), -(2n ** 53n), -(2n ** 63n),
]; // prettier-ignore

/** Bytes cut short, changed, with parts repeated, moved or taken out. */
export function breakBytes(whole: Uint8Array, random: Random): Uint8Array {
  let bytes = new Uint8Array(whole);
  for (let times = 1 + random.below(3); times > 0; times--) bytes = breakOnce(bytes, random);
  return bytes;
}

function breakOnce(bytes: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  const { length } = bytes;
  if (length === 0) return Uint8Array.from({ length: random.below(20) }, () => random.word());
  const at = random.below(length);
  switch (random.below(8)) {
    case 0:
      return bytes.slice(0, at);
    case 1:
      bytes[at]! ^= 1 << random.below(8);
      return bytes;
    case 2:
      bytes[at] = random.word();
      return bytes;
    case 3:
      bytes.fill(random.pick([0, 0xff, 0x7f, 0x80]), at, at + 1 + random.below(8));
      return bytes;
    case 4:
      return writeEdge(bytes, at, random);
    case 5: {
      const from = random.below(length);
      return join(bytes.subarray(0, at), bytes.subarray(from, from + 1 + random.below(64)), bytes.subarray(at));
    }
    case 6:
      return join(bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(64)));
    default: {
      const from = random.below(length);
      bytes.copyWithin(at, from, from + 1 + random.below(64));
      return bytes;
    }
  }
}

/** Puts a number that is an edge where a number may stand. */
export function writeEdge(bytes: Uint8Array<ArrayBuffer>, at: number, random: Random): Uint8Array<ArrayBuffer> {
  const width = random.pick([4, 8]);
  const start = at - (at % width);
  const value = random.pick(EDGES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (start + width > bytes.length) return bytes;
  if (width === 4) view.setInt32(start, Number(BigInt.asIntN(32, value)), true);
  else view.setBigInt64(start, BigInt.asIntN(64, value), true);
  return bytes;
}

function join(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(parts));
}
