const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

const encoder = new TextEncoder();

/**
 * Writes a message of protocol buffers, field by field, into one growing buffer.
 *
 * A model of a few hundred nodes is written once, when a program starts. Building generated messages first and then walking them by reflection
 * took some ten times as long, which was most of the time that compiling a small model took.
 */
export class ProtobufWriter {
  private bytes = new Uint8Array(1 << 14);
  private length = 0;

  /** What was written so far. */
  finish(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** An `int32`, `int64` or enum field. */
  int(field: number, value: number | bigint): void {
    this.tag(field, VARINT);
    this.varint(value);
  }

  /** A packed field of `int64`s. */
  ints(field: number, values: readonly (number | bigint)[]): void {
    this.message(field, () => values.forEach((value) => this.varint(value)));
  }

  float(field: number, value: number): void {
    this.tag(field, FIXED32);
    this.reserve(4);
    new DataView(this.bytes.buffer).setFloat32(this.length, value, true);
    this.length += 4;
  }

  string(field: number, value: string): void {
    this.message(field, () => {
      this.reserve(3 * value.length);
      this.length += encoder.encodeInto(value, this.bytes.subarray(this.length)).written;
    });
  }

  raw(field: number, value: Uint8Array): void {
    this.tag(field, LENGTH_DELIMITED);
    this.varint(value.length);
    this.reserve(value.length);
    this.bytes.set(value, this.length);
    this.length += value.length;
  }

  /** A field that is a message, whose fields `body` writes. */
  message(field: number, body: () => void): void {
    this.tag(field, LENGTH_DELIMITED);
    // Most messages are short: one byte for their length, and room is made if it takes more.
    this.reserve(1);
    const start = ++this.length;
    body();
    const length = this.length - start;
    const width = varintWidth(length);
    this.reserve(width);
    if (width > 1) this.bytes.copyWithin(start + width - 1, start, this.length);
    this.length = start - 1;
    this.varint(length);
    this.length += length;
  }

  private tag(field: number, wireType: number): void {
    this.varint((field << 3) | wireType);
  }

  private varint(value: number | bigint): void {
    this.reserve(10);
    if (typeof value === 'bigint' || value < 0 || value > 0x7fffffff)
      return this.bigVarint(BigInt.asUintN(64, BigInt(value)));
    let rest = value;
    while (rest > 0x7f) {
      this.bytes[this.length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.bytes[this.length++] = rest;
  }

  private bigVarint(value: bigint): void {
    let rest = value;
    while (rest > 0x7fn) {
      this.bytes[this.length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.bytes[this.length++] = Number(rest);
  }

  private reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * this.bytes.length, this.length + count));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}

function varintWidth(value: number): number {
  let width = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 0x80)) width++;
  return width;
}
