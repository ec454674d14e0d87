import { crc32c, maskCrc32c } from '../crc32c.js';
import { BLOCK_SNAPPY, BLOCK_UNCOMPRESSED, MAGIC_HIGH, MAGIC_LOW } from '../checkpoint/table-layout.js';

type Entry = readonly [key: string, value: Uint8Array];

/** Writes tables that TensorFlow would not: one block, nothing shared, keys in the order given. */
export function writeTable(entries: readonly Entry[], compress?: (block: Uint8Array) => Uint8Array): Uint8Array {
  const data = block(entries);
  const [first, compression] = compress ? [compress(data), BLOCK_SNAPPY] : [data, BLOCK_UNCOMPRESSED];
  const stored = withTrailer(first, compression);
  const handle = Buffer.concat([varint(0), varint(first.length)]);
  const index = withTrailer(block([['\xff', handle]]), BLOCK_UNCOMPRESSED);
  const footer = Buffer.alloc(48);
  Buffer.concat([varint(0), varint(0), varint(stored.length), varint(index.length - 5)]).copy(footer);
  footer.writeUInt32LE(MAGIC_LOW, 40);
  footer.writeUInt32LE(MAGIC_HIGH, 44);
  return new Uint8Array(Buffer.concat([stored, index, footer]));
}

function block(entries: readonly Entry[]): Uint8Array {
  const parts = entries.map(([key, value]) =>
    Buffer.concat([varint(0), varint(key.length), varint(value.length), Buffer.from(key, 'latin1'), value]),
  );
  // One restart, at the start.
  return Buffer.concat([...parts, Buffer.from([0, 0, 0, 0, 1, 0, 0, 0])]);
}

function withTrailer(stored: Uint8Array, compression: number): Buffer {
  const covered = Buffer.concat([stored, Buffer.from([compression])]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(maskCrc32c(crc32c(covered)));
  return Buffer.concat([covered, checksum]);
}

function varint(value: number): Buffer {
  const bytes = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Buffer.from([...bytes, rest]);
}
