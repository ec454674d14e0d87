import { crc32c, maskCrc32c } from '../crc32c.js';
import { ByteWriter } from './byte-writer.js';
import { BLOCK_UNCOMPRESSED, FOOTER_BYTES, MAGIC_HIGH, MAGIC_LOW } from './table-layout.js';

/** What TensorFlow writes, so that equal checkpoints are equal files, whoever wrote them. */
const BLOCK_BYTES = 262_144;
const RESTART_INTERVAL = 16;

/** A key and its value, both bytes. */
export type TableEntry = readonly [key: Uint8Array, value: Uint8Array];

/**
 * Writes a sorted table, as TensorFlow does: blocks of entries that share the beginnings of their keys, uncompressed.
 *
 * @param entries Sorted by their keys, byte by byte; no key twice.
 */
export function writeTable(entries: readonly TableEntry[]): Uint8Array {
  const file = new ByteWriter();
  const index = new Block(1);
  let block = new Block(RESTART_INTERVAL);
  entries.forEach(([key, value], at) => {
    block.add(key, value);
    const next = entries[at + 1]?.[0];
    if (next && block.size < BLOCK_BYTES) return;
    index.add(next ? separator(key, next) : successor(key), writeBlock(file, block));
    block = new Block(RESTART_INTERVAL);
  });
  const footer = new ByteWriter();
  // The block for statistics and filters, of which there are none.
  footer.bytes(writeBlock(file, new Block(RESTART_INTERVAL)));
  footer.bytes(writeBlock(file, index));
  footer.bytes(new Uint8Array(FOOTER_BYTES - 8 - footer.length));
  footer.uint32(MAGIC_LOW);
  footer.uint32(MAGIC_HIGH);
  file.bytes(footer.finish());
  return file.finish();
}

/** @returns The block's handle: where it begins and how long it is. */
function writeBlock(file: ByteWriter, block: Block): Uint8Array {
  const contents = block.finish();
  const handle = new ByteWriter();
  handle.varint(file.length);
  handle.varint(contents.length);
  const kind = Uint8Array.of(BLOCK_UNCOMPRESSED);
  file.bytes(contents);
  file.bytes(kind);
  file.uint32(maskCrc32c(crc32c(kind, crc32c(contents))));
  return handle.finish();
}

/** Entries in a row; each says how much of its key is that of the one before, but those where reading may start. */
class Block {
  private readonly writer = new ByteWriter();
  private readonly restarts = [0];
  private sinceRestart = 0;
  private lastKey = new Uint8Array();

  constructor(private readonly restartInterval: number) {}

  /** In bytes, once it is finished. */
  get size(): number {
    return this.writer.length + 4 * this.restarts.length + 4;
  }

  add(key: Uint8Array, value: Uint8Array): void {
    let shared = 0;
    if (this.sinceRestart < this.restartInterval) shared = commonLength(this.lastKey, key);
    else {
      this.restarts.push(this.writer.length);
      this.sinceRestart = 0;
    }
    this.writer.varint(shared);
    this.writer.varint(key.length - shared);
    this.writer.varint(value.length);
    this.writer.bytes(key.subarray(shared));
    this.writer.bytes(value);
    this.lastKey = key.slice();
    this.sinceRestart++;
  }

  finish(): Uint8Array {
    for (const restart of this.restarts) this.writer.uint32(restart);
    this.writer.uint32(this.restarts.length);
    return this.writer.finish();
  }
}

function commonLength(a: Uint8Array, b: Uint8Array): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length++;
  return length;
}

/** A short key that is not before `key` and before `next`. */
function separator(key: Uint8Array, next: Uint8Array): Uint8Array {
  const at = commonLength(key, next);
  if (at >= Math.min(key.length, next.length) || key[at]! + 1 >= next[at]!) return key;
  return incremented(key, at);
}

/** A short key that is not before `key`. */
function successor(key: Uint8Array): Uint8Array {
  const at = key.findIndex((byte) => byte < 0xff);
  return at < 0 ? key : incremented(key, at);
}

function incremented(key: Uint8Array, at: number): Uint8Array {
  const short = key.slice(0, at + 1);
  short[at]!++;
  return short;
}
