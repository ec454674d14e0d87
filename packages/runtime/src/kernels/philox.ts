/** The high 32 bits of the product of two 32-bit integers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const other = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(other / 65536)) >>> 0;
}

const FIRST_MULTIPLIER = 0xd2511f53;
const SECOND_MULTIPLIER = 0xcd9e8d57;
const FIRST_WEYL = 0x9e3779b9;
const SECOND_WEYL = 0xbb67ae85;
const ROUNDS = 10;
const TWO_32 = 4294967296;

/**
 * Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3"): each value of a 128-bit counter gives four 32-bit numbers.
 * Seeded and drawn from as TensorFlow does, it gives TensorFlow's numbers.
 */
export class Philox {
  private readonly counter: Uint32Array;

  constructor(
    private readonly key: readonly [number, number],
    counter: ArrayLike<number>,
  ) {
    this.counter = Uint32Array.from(counter);
  }

  /** From the two seeds of a stateful op: the key, and the high half of the counter. */
  static fromSeeds(seed: bigint, seed2: bigint): Philox {
    return new Philox([low(seed), high(seed)], [0, 0, low(seed2), high(seed2)]);
  }

  /** From the seed of a stateless op, scrambled so that it does not matter which of its bits are random. */
  static fromStatelessSeed(seed: bigint, seed2: bigint): Philox {
    const mix = new Uint32Array(4);
    new Philox([0x3ec8f720, 0x02461e29], [low(seed), high(seed), low(seed2), high(seed2)]).next(mix);
    return new Philox([mix[0]!, mix[1]!], [0, 0, mix[2]!, mix[3]!]);
  }

  /** The key and the counter as TensorFlow passes them between ops: one and two 64-bit integers. */
  get state(): { readonly key: bigint; readonly counter: readonly [bigint, bigint] } {
    const join = (lowHalf: number, highHalf: number): bigint => BigInt(lowHalf) | (BigInt(highHalf) << 32n);
    const [a, b, c, d] = this.counter as unknown as [number, number, number, number];
    return { key: join(this.key[0] >>> 0, this.key[1] >>> 0), counter: [join(a, b), join(c, d)] };
  }

  static fromState(key: bigint, counter: readonly [bigint, bigint]): Philox {
    return new Philox([low(key), high(key)], [low(counter[0]), high(counter[0]), low(counter[1]), high(counter[1])]);
  }

  copy(): Philox {
    return new Philox(this.key, this.counter);
  }

  /** The next four numbers. */
  next(output: Uint32Array): void {
    let [a, b, c, d] = this.counter as unknown as [number, number, number, number];
    let [first, second] = this.key;
    for (let round = 0; round < ROUNDS; round++) {
      const highA = multiplyHigh(FIRST_MULTIPLIER, a);
      const lowA = Math.imul(FIRST_MULTIPLIER, a) >>> 0;
      const highC = multiplyHigh(SECOND_MULTIPLIER, c);
      const lowC = Math.imul(SECOND_MULTIPLIER, c) >>> 0;
      a = (highC ^ b ^ first) >>> 0;
      b = lowC;
      c = (highA ^ d ^ second) >>> 0;
      d = lowA;
      first = (first + FIRST_WEYL) >>> 0;
      second = (second + SECOND_WEYL) >>> 0;
    }
    output[0] = a;
    output[1] = b;
    output[2] = c;
    output[3] = d;
    this.skip(1);
  }

  /** Leaves out `count` groups of four numbers. */
  skip(count: number): void {
    let carry = count;
    for (let i = 0; i < 4 && carry > 0; i++) {
      const sum = this.counter[i]! + (carry % TWO_32);
      this.counter[i] = sum % TWO_32;
      carry = Math.floor(carry / TWO_32) + (sum >= TWO_32 ? 1 : 0);
    }
  }
}

const low = (value: bigint): number => Number(BigInt.asUintN(32, value));
const high = (value: bigint): number => Number(BigInt.asUintN(32, value >> 32n));

/** One number after the other. */
export class PhiloxStream {
  private readonly group = new Uint32Array(4);
  private used = 4;

  constructor(private readonly philox: Philox) {}

  next(): number {
    if (this.used === 4) {
      this.philox.next(this.group);
      this.used = 0;
    }
    return this.group[this.used++]!;
  }
}
