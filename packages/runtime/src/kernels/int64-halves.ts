const TWO_32 = 0x1_0000_0000;

/** The halves of 64-bit elements, low one first: reading and writing those spares a BigInt per element. */
export function halvesOf(data: BigInt64Array | BigUint64Array): Int32Array {
  return new Int32Array(data.buffer, data.byteOffset, data.length * 2);
}

/** Element `index` as a number; exact where it is a safe integer. */
export function readInt64(halves: Int32Array, index: number): number {
  return halves[2 * index + 1]! * TWO_32 + (halves[2 * index]! >>> 0);
}

/** Writes a safe integer as element `index`. */
export function writeInt64(halves: Int32Array, index: number, value: number): void {
  halves[2 * index] = value | 0;
  halves[2 * index + 1] = Math.floor(value / TWO_32);
}
