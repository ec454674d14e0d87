const decoder = new TextDecoder('utf-8');
const encoder = new TextEncoder();

/**
 * The elements of a string tensor: one buffer of bytes, and where each element starts in it.
 *
 * TensorFlow's strings are bytes. They are decoded as UTF-8 only when someone asks, and bytes that are not UTF-8 survive.
 */
export class StringArray {
  /**
   * @param bytes The elements, one after the other.
   * @param offsets Where each element starts, and, last, where the last one ends: `length + 1` entries.
   */
  constructor(
    readonly bytes: Uint8Array,
    readonly offsets: Uint32Array,
  ) {}

  /** Encodes strings as UTF-8 and takes bytes as they are. */
  static from(values: readonly (string | Uint8Array)[]): StringArray {
    const offsets = new Uint32Array(values.length + 1);
    const parts = values.map((value) => (typeof value === 'string' ? encoder.encode(value) : value));
    let size = 0;
    parts.forEach((part, index) => {
      size += part.length;
      offsets[index + 1] = size;
    });
    const bytes = new Uint8Array(size);
    parts.forEach((part, index) => bytes.set(part, offsets[index]));
    return new StringArray(bytes, offsets);
  }

  get length(): number {
    return this.offsets.length - 1;
  }

  /** The bytes of one element, as a view: not a copy. */
  at(index: number): Uint8Array {
    return this.bytes.subarray(this.offsets[index], this.offsets[index + 1]);
  }

  /** One element decoded as UTF-8; bytes that are not UTF-8 become U+FFFD. */
  decode(index: number): string {
    return decoder.decode(this.at(index));
  }
}
