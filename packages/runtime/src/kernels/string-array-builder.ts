import { StringArray } from '@tenon/tensor';
import { InvalidArgumentError } from './errors.js';

/** Most bytes that a string tensor holds: its offsets are 32 bits wide. */
const MOST_BYTES = 0xffffffff;

/** Below this many bytes a loop copies faster than a call into the engine. */
const SHORT = 48;

/** Collects the elements of a string tensor in one growing buffer, so that no element is ever an object of its own. */
export class StringArrayBuilder {
  private bytes: Uint8Array;
  private offsets: Uint32Array;
  private size = 0;
  private count = 0;

  /** @param bytes Bytes to expect in all. @param elements Elements to expect. Both grow where they were too few. */
  constructor(bytes: number, elements: number) {
    this.bytes = new Uint8Array(bytes);
    this.offsets = new Uint32Array(elements + 1);
  }

  /** Elements ended so far. */
  get length(): number {
    return this.count;
  }

  /** Appends `source[start, end)` to the element at hand. */
  append(source: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (this.size + length > this.bytes.length) this.grow(length);
    const { bytes } = this;
    if (length < SHORT) {
      let position = this.size;
      for (let i = start; i < end; i++) bytes[position++] = source[i]!;
    } else {
      bytes.set(source.subarray(start, end), this.size);
    }
    this.size += length;
  }

  /** Appends what stands in `source[start, end)` before the first byte that `stops` marks. Returns where that is, or `end`. */
  appendUntil(source: Uint8Array, start: number, end: number, stops: Uint8Array): number {
    if (this.size + end - start > this.bytes.length) this.grow(end - start);
    const { bytes } = this;
    let { size } = this;
    let at = start;
    for (; at < end; at++) {
      const byte = source[at]!;
      if (stops[byte] === 1) break;
      bytes[size++] = byte;
    }
    this.size = size;
    return at;
  }

  appendAll(source: Uint8Array): void {
    this.append(source, 0, source.length);
  }

  appendByte(byte: number): void {
    if (this.size === this.bytes.length) this.grow(1);
    this.bytes[this.size++] = byte;
  }

  /** Appends a code point as UTF-8. */
  appendCodePoint(codePoint: number): void {
    if (codePoint < 0x80) {
      this.appendByte(codePoint);
    } else if (codePoint < 0x800) {
      this.appendByte(0xc0 | (codePoint >> 6));
      this.appendByte(0x80 | (codePoint & 63));
    } else if (codePoint < 0x10000) {
      this.appendByte(0xe0 | (codePoint >> 12));
      this.appendByte(0x80 | ((codePoint >> 6) & 63));
      this.appendByte(0x80 | (codePoint & 63));
    } else {
      this.appendByte(0xf0 | (codePoint >> 18));
      this.appendByte(0x80 | ((codePoint >> 12) & 63));
      this.appendByte(0x80 | ((codePoint >> 6) & 63));
      this.appendByte(0x80 | (codePoint & 63));
    }
  }

  /**
   * Appends as elements what stands in `source[start, end)` between the bytes that `separates` marks, in one pass over the bytes.
   *
   * @param skipEmpty Whether to leave out empty elements.
   */
  appendPieces(source: Uint8Array, start: number, end: number, separates: Uint8Array, skipEmpty: boolean): void {
    if (this.size + end - start > this.bytes.length) this.grow(end - start);
    const { bytes } = this;
    let { size } = this;
    let from = size;
    for (let i = start; i < end; i++) {
      const byte = source[i]!;
      if (separates[byte] === 0) {
        bytes[size++] = byte;
      } else if (size > from || !skipEmpty) {
        this.size = size;
        this.end();
        from = size;
      }
    }
    this.size = size;
    if (size > from || !skipEmpty) this.end();
  }

  /** Ends the element at hand and begins the next. */
  end(): void {
    if (++this.count === this.offsets.length) this.growOffsets();
    this.offsets[this.count] = this.size;
  }

  /** The elements ended so far. The builder must not be used after it. */
  build(): StringArray {
    return new StringArray(this.bytes.subarray(0, this.size), this.offsets.subarray(0, this.count + 1));
  }

  private growOffsets(): void {
    const offsets = new Uint32Array(this.offsets.length * 2);
    offsets.set(this.offsets);
    this.offsets = offsets;
  }

  private grow(length: number): void {
    const needed = this.size + length;
    if (needed > MOST_BYTES)
      throw new InvalidArgumentError(`A string tensor cannot hold ${needed} bytes; ${MOST_BYTES} is the most.`);
    const bytes = new Uint8Array(Math.min(MOST_BYTES, Math.max(64, needed, this.bytes.length * 2)));
    bytes.set(this.bytes.subarray(0, this.size));
    this.bytes = bytes;
  }
}
