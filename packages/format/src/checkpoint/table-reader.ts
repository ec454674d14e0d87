import { crc32c, maskCrc32c } from '../crc32c.js';
import { ChecksumError, MalformedFileError } from '../errors.js';
import { ByteCursor } from './byte-cursor.js';
import { byteString } from './byte-string.js';
import { decompressSnappy } from './snappy.js';
import {
  BLOCK_SNAPPY,
  BLOCK_TRAILER_BYTES,
  BLOCK_UNCOMPRESSED,
  FOOTER_BYTES,
  MAGIC_HIGH,
  MAGIC_LOW,
} from './table-layout.js';

interface BlockHandle {
  readonly offset: number;
  readonly size: number;
}

/**
 * Reads every entry of a sorted table (the format of LevelDB's tables, as TensorFlow writes them).
 *
 * @param file What to call the table in errors.
 * @returns The values by their keys in order; a key is a string with one character per byte.
 * @throws MalformedFileError if the bytes are not a table.
 * @throws ChecksumError if a block is damaged.
 */
export function readTable(table: Uint8Array, file: string): Map<string, Uint8Array> {
  try {
    return new TableReader(table, file).read();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new MalformedFileError(file, EXPECTED, `${error.message}.`, { cause: error });
  }
}

const EXPECTED = 'checkpoint index';

class TableReader {
  private readonly entries = new Map<string, Uint8Array>();
  private lastKey: Uint8Array | undefined;
  /** Prefix compression can make a small file into endless keys: no real one grows so much. */
  private keyBytesLeft: number;

  constructor(
    private readonly table: Uint8Array,
    private readonly file: string,
  ) {
    this.keyBytesLeft = 64 * table.length;
  }

  read(): Map<string, Uint8Array> {
    const handles: BlockHandle[] = [];
    this.readBlock(this.readFooter(), (_, value) => handles.push(readHandle(new ByteCursor(value))));
    let end = 0;
    for (const handle of handles) {
      // In order and apart, as they are written: else one block could be read a million times.
      if (handle.offset < end) throw new RangeError('its blocks overlap');
      end = handle.offset + handle.size + BLOCK_TRAILER_BYTES;
      this.readBlock(handle, (key, value) => this.add(key, value));
    }
    return this.entries;
  }

  /** The handle of the block that lists the blocks. */
  private readFooter(): BlockHandle {
    const start = this.table.length - FOOTER_BYTES;
    if (start < 0) throw new RangeError(`it has ${this.table.length} bytes, fewer than the smallest there is`);
    const magic = new ByteCursor(this.table, this.table.length - 8);
    if (magic.uint32() !== MAGIC_LOW || magic.uint32() !== MAGIC_HIGH) {
      throw new RangeError('it does not end as one does; it is another kind of file, or was cut short');
    }
    const cursor = new ByteCursor(this.table, start);
    readHandle(cursor);
    return readHandle(cursor);
  }

  private readBlock(handle: BlockHandle, visit: (key: Uint8Array, value: Uint8Array) => void): void {
    const block = this.checkBlock(handle);
    if (block.length < 4) throw new RangeError('a block is too small');
    const restarts = new ByteCursor(block, block.length - 4).uint32();
    const end = block.length - 4 - 4 * restarts;
    if (end < 0) throw new RangeError('a block is smaller than its list of restarts');
    const cursor = new ByteCursor(block, 0, end);
    let key = new Uint8Array();
    while (cursor.remaining > 0) {
      const shared = cursor.varint();
      const added = cursor.varint();
      const valueLength = cursor.varint();
      key = this.nextKey(key, shared, cursor.take(added));
      visit(key, cursor.take(valueLength));
    }
  }

  /** Uncompressed, its checksum right. */
  private checkBlock({ offset, size }: BlockHandle): Uint8Array {
    const whole = size + BLOCK_TRAILER_BYTES;
    if (offset + whole > this.table.length) {
      throw new RangeError(
        `a block of ${whole} bytes at offset ${offset} reaches beyond its ${this.table.length} bytes`,
      );
    }
    const cursor = new ByteCursor(this.table, offset);
    const stored = cursor.take(size);
    const compression = cursor.byte();
    const expected = cursor.uint32();
    const actual = maskCrc32c(crc32c(this.table.subarray(offset, offset + size + 1)));
    if (actual !== expected) {
      throw new ChecksumError(this.file, 'A block of a checkpoint index', offset, size + 1, expected, actual);
    }
    switch (compression) {
      case BLOCK_UNCOMPRESSED:
        return stored;
      case BLOCK_SNAPPY:
        return decompressSnappy(stored);
      default:
        throw new RangeError(`a block is compressed in an unknown way (${compression})`);
    }
  }

  private nextKey(before: Uint8Array, shared: number, added: Uint8Array): Uint8Array<ArrayBuffer> {
    if (shared > before.length) throw new RangeError('a key shares more than there is of the key before it');
    this.keyBytesLeft -= shared + added.length;
    if (this.keyBytesLeft < 0) throw new RangeError('its keys are longer than such a file can need');
    const key = new Uint8Array(shared + added.length);
    key.set(before.subarray(0, shared));
    key.set(added, shared);
    return key;
  }

  private add(key: Uint8Array, value: Uint8Array): void {
    if (this.lastKey !== undefined && !comesAfter(key, this.lastKey)) throw new RangeError('its keys are not in order');
    this.lastKey = key;
    this.entries.set(byteString(key), value);
  }
}

function readHandle(cursor: ByteCursor): BlockHandle {
  return { offset: cursor.varint(), size: cursor.varint() };
}

function comesAfter(key: Uint8Array, before: Uint8Array): boolean {
  const common = Math.min(key.length, before.length);
  for (let index = 0; index < common; index++) {
    if (key[index] !== before[index]) return key[index]! > before[index]!;
  }
  return key.length > before.length;
}
