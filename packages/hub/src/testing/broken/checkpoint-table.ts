/** An entry of a checkpoint's index: its key with one character per byte, and its value. */
export type TableEntry = readonly [key: string, value: Uint8Array];

/** Reads the index that TensorFlow wrote; nothing is checked. */
export function readTable(table: Buffer): TableEntry[] {
  const footer = { bytes: table, position: table.length - 48 };
  readVarint(footer);
  readVarint(footer);
  const entries: TableEntry[] = [];
  for (const [, handle] of readBlock(table, readVarint(footer), readVarint(footer))) {
    const cursor = { bytes: Buffer.from(handle), position: 0 };
    entries.push(...readBlock(table, readVarint(cursor), readVarint(cursor)));
  }
  return entries;
}

interface Cursor {
  readonly bytes: Buffer;
  position: number;
}

function readBlock(table: Buffer, offset: number, size: number): TableEntry[] {
  const end = offset + size - 4 - 4 * table.readUInt32LE(offset + size - 4);
  const cursor = { bytes: table, position: offset };
  const entries: TableEntry[] = [];
  let key = '';
  while (cursor.position < end) {
    const [shared, added, length] = [readVarint(cursor), readVarint(cursor), readVarint(cursor)];
    const at = cursor.position;
    key = key.slice(0, shared) + table.toString('latin1', at, at + added);
    cursor.position = at + added + length;
    entries.push([key, table.subarray(at + added, cursor.position)]);
  }
  return entries;
}

function readVarint(cursor: Cursor): number {
  let value = 0;
  for (let factor = 1; ; factor *= 128) {
    const byte = cursor.bytes[cursor.position++] ?? 0;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return value;
  }
}

const MAGIC = Buffer.from('57fb808b247547db', 'hex');

/** Writes an index with these entries, in this order, with the right checksums. */
export function writeTable(entries: readonly TableEntry[]): Buffer {
  const data = withTrailer(block(entries));
  const index = withTrailer(block([['\xff', Buffer.concat([varint(0), varint(data.length - 5)])]]));
  const footer = Buffer.alloc(48);
  Buffer.concat([varint(0), varint(0), varint(data.length), varint(index.length - 5)]).copy(footer);
  MAGIC.copy(footer, 40);
  return Buffer.concat([data, index, footer]);
}

function block(entries: readonly TableEntry[]): Buffer {
  const parts = entries.map(([key, value]) =>
    Buffer.concat([varint(0), varint(key.length), varint(value.length), Buffer.from(key, 'latin1'), value]),
  );
  return Buffer.concat([...parts, Buffer.from([0, 0, 0, 0, 1, 0, 0, 0])]);
}

function withTrailer(stored: Buffer): Buffer {
  const covered = Buffer.concat([stored, Buffer.from([0])]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(maskedChecksum(covered));
  return Buffer.concat([covered, checksum]);
}

function varint(value: number): Buffer {
  const bytes = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Buffer.from([...bytes, rest]);
}

const POLYNOMIAL = 0x82f63b78;
const REMAINDERS = Int32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? POLYNOMIAL : 0);
  return remainder;
});

/** The CRC-32C of bytes as checkpoints store it. */
export function maskedChecksum(bytes: Uint8Array): number {
  return mask(checksumOf(bytes));
}

/** @param before The checksum of what comes before the bytes. */
function checksumOf(bytes: Uint8Array, before = 0): number {
  let crc = ~before;
  for (const byte of bytes) crc = (crc >>> 8) ^ REMAINDERS[(crc ^ byte) & 0xff]!;
  return ~crc;
}

function mask(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** A string tensor of one element as data files hold it. */
export function storedString(value: Uint8Array): { readonly bytes: Uint8Array; readonly checksum: number } {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(value.length);
  const ofLength = Buffer.alloc(4);
  ofLength.writeUInt32LE(mask(checksumOf(length)));
  const checksum = mask(checksumOf(value, checksumOf(ofLength, checksumOf(length))));
  return { bytes: Buffer.concat([varint(value.length), ofLength, value]), checksum };
}

/** The element of a string tensor of one, from a data file. */
export function storedStringValue(bytes: Uint8Array): Uint8Array {
  const cursor = { bytes: Buffer.from(bytes), position: 0 };
  const length = readVarint(cursor);
  return bytes.subarray(cursor.position + 4, cursor.position + 4 + length);
}
