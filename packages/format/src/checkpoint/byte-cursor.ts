/** Reads numbers off bytes, in order. Every method throws `RangeError` where the bytes end too early. */
export class ByteCursor {
  constructor(
    private readonly bytes: Uint8Array,
    public position = 0,
    /** Where reading stops. */
    private readonly end = bytes.length,
  ) {}

  get remaining(): number {
    return this.end - this.position;
  }

  byte(): number {
    if (this.position >= this.end) throw new RangeError('it ends in the middle of a number');
    return this.bytes[this.position++]!;
  }

  /** A base-128 number, exact up to 2^53. */
  varint(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (value > Number.MAX_SAFE_INTEGER) throw new RangeError('a number is larger than 2^53');
      if (byte < 0x80) return value;
      factor *= 128;
      if (factor > 2 ** 56) throw new RangeError('a number does not end');
    }
  }

  uint32(): number {
    const bytes = this.take(4);
    return (bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16) | (bytes[3]! << 24)) >>> 0;
  }

  /** The next bytes, as a view. */
  take(length: number): Uint8Array {
    if (length > this.remaining) throw new RangeError(`it ends ${length - this.remaining} bytes too early`);
    this.position += length;
    return this.bytes.subarray(this.position - length, this.position);
  }
}
