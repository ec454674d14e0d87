/** Bytes that grow. */
export class BytesBuilder {
  private bytes = new Uint8Array(256);
  private length = 0;

  clear(): void {
    this.length = 0;
  }

  add(byte: number): void {
    if (this.length === this.bytes.length) {
      const larger = new Uint8Array(2 * this.length);
      larger.set(this.bytes);
      this.bytes = larger;
    }
    this.bytes[this.length++] = byte;
  }

  /** What was added. Good until something else is. */
  view(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}
