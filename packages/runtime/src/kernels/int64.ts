/** The elements of an int64 or uint64 tensor. */
export type Int64Array = BigInt64Array | BigUint64Array;

const TWO_32 = 4294967296;

/** Integers up to here are exact as doubles, and so is finding out that a result went beyond. */
export const SAFE = 2 ** 53;

/** Up to this many elements, a BigInt each costs less than a view of the halves. */
const FEW = 8;

/**
 * 64-bit integers as doubles, which are many times quicker than BigInt; `undefined` if one is beyond 2 ** 53 and would not be exact.
 */
export function toSafeNumbers(data: Int64Array): Float64Array | undefined {
  const values = new Float64Array(data.length);
  if (data.length <= FEW) {
    for (let i = 0; i < values.length; i++) {
      const value = Number(data[i]!);
      if (!(value < SAFE && value > -SAFE)) return undefined;
      values[i] = value;
    }
    return values;
  }
  const halves = new Int32Array(data.buffer, data.byteOffset, data.length * 2);
  for (let i = 0; i < values.length; i++) {
    const high = halves[2 * i + 1]!;
    if (high >= 0x200000 || high < -0x200000) return undefined;
    values[i] = high * TWO_32 + (halves[2 * i]! >>> 0);
  }
  return data instanceof BigUint64Array && values.some((value) => value < 0) ? undefined : values;
}

/** Stores integers up to 2 ** 53 as 64-bit ones. */
export function storeSafeNumbers(values: ArrayLike<number>, target: Int64Array): void {
  if (target.length <= FEW) {
    for (let i = 0; i < values.length; i++) target[i] = BigInt(values[i]!);
    return;
  }
  const halves = new Int32Array(target.buffer, target.byteOffset, target.length * 2);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    halves[2 * i] = value | 0;
    halves[2 * i + 1] = Math.floor(value / TWO_32);
  }
}

/** An int64 tensor's elements from numbers. */
export function int64From(values: ArrayLike<number>): BigInt64Array {
  const data = new BigInt64Array(values.length);
  storeSafeNumbers(values, data);
  return data;
}
