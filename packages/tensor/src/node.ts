import { closeSync, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { checkRange, type ByteSource } from './byte-source.js';
import { ByteRangeError } from './errors.js';

/**
 * A local file, opened at once and read by range. It stays open until `close`, so a file that is replaced meanwhile
 * is still read as it was.
 */
export class FileSource implements ByteSource {
  /** Absolute, with symbolic links resolved: native libraries that map files refuse links. */
  readonly path: string;
  readonly size: number;
  private readonly descriptor: number;

  /** @throws the system's error (`ENOENT`, `EACCES`, …) if the file cannot be opened. */
  constructor(path: string) {
    this.path = realpathSync(path);
    this.descriptor = openSync(this.path, 'r');
    this.size = fstatSync(this.descriptor).size;
  }

  get name(): string {
    return this.path;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    return this.readSync(offset, length);
  }

  readSync(offset: number, length: number): Uint8Array {
    checkRange(this, offset, length);
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const count = readSync(this.descriptor, bytes, done, length - done, offset + done);
      if (count === 0) throw new ByteRangeError(this.name, offset, length, offset + done);
      done += count;
    }
    return bytes;
  }

  close(): void {
    closeSync(this.descriptor);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
