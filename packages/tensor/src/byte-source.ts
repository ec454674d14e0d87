import { ByteRangeError } from './errors.js';

/** Somewhere that bytes can be read from by range: a file, memory, a remote object. */
export interface ByteSource {
  /** What to call it in messages: a path, a URL. */
  readonly name: string;
  /** Bytes in all. */
  readonly size: number;
  /** The absolute path, where the bytes are those of a local file: a backend may then map them instead of reading. */
  readonly path?: string;
  /**
   * Reads a range; the bytes returned belong to the caller.
   *
   * @throws ByteRangeError if the range is not inside the source.
   */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** As `read`, where the source can be read at once: a file or memory can, a remote object cannot. */
  readSync?(offset: number, length: number): Uint8Array;
}

/** Bytes in memory. What `read` returns are views. */
export class MemorySource implements ByteSource {
  constructor(
    private readonly bytes: Uint8Array,
    readonly name = 'memory',
  ) {}

  get size(): number {
    return this.bytes.length;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    return this.readSync(offset, length);
  }

  readSync(offset: number, length: number): Uint8Array {
    checkRange(this, offset, length);
    return this.bytes.subarray(offset, offset + length);
  }
}

export function checkRange(source: ByteSource, offset: number, length: number): void {
  if (!(offset >= 0 && length >= 0 && offset + length <= source.size)) {
    throw new ByteRangeError(source.name, offset, length, source.size);
  }
}
