/** Writes numbers and bytes, one after the other. */
export class ByteWriter {
  private buffer = new Uint8Array(64);
  private used = 0;

  /** How many bytes were written. */
  get length(): number {
    return this.used;
  }

  bytes(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.used);
    this.used += bytes.length;
  }

  /** Base 128, smallest digits first; exact up to 2^53. */
  varint(value: number): void {
    this.reserve(8);
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.buffer[this.used++] = (rest % 128) | 0x80;
    this.buffer[this.used++] = rest;
  }

  /** Smallest byte first. */
  uint32(value: number): void {
    this.reserve(4);
    for (let shift = 0; shift < 32; shift += 8) this.buffer[this.used++] = (value >>> shift) & 0xff;
  }

  finish(): Uint8Array {
    return this.buffer.slice(0, this.used);
  }

  private reserve(count: number): void {
    if (this.used + count <= this.buffer.length) return;
    const larger = new Uint8Array(Math.max(2 * this.buffer.length, this.used + count));
    larger.set(this.buffer.subarray(0, this.used));
    this.buffer = larger;
  }
}
