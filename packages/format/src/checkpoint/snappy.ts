import { ByteCursor } from './byte-cursor.js';

/** The best that the format can do: 64 bytes from a copy of 3. */
const MAX_RATIO = 22;

/**
 * Decompresses one block in Snappy's raw format.
 *
 * @throws RangeError if the block is damaged, or claims more than it can hold.
 */
export function decompressSnappy(compressed: Uint8Array): Uint8Array {
  const cursor = new ByteCursor(compressed);
  const length = cursor.varint();
  if (length > MAX_RATIO * compressed.length) {
    throw new RangeError(`${compressed.length} compressed bytes cannot hold the ${length} that they claim`);
  }
  const output = new Uint8Array(length);
  let written = 0;
  const checkRoom = (count: number): void => {
    if (count > length - written) throw new RangeError('it decompresses to more than it claims');
  };
  while (cursor.remaining > 0) {
    const tag = cursor.byte();
    const kind = tag & 3;
    if (kind === 0) {
      const short = tag >> 2;
      const count = (short < 60 ? short : littleEndian(cursor, short - 59)) + 1;
      checkRoom(count);
      output.set(cursor.take(count), written);
      written += count;
    } else {
      const count = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
      const distance = kind === 1 ? ((tag >> 5) << 8) | cursor.byte() : littleEndian(cursor, kind === 2 ? 2 : 4);
      if (distance === 0 || distance > written) throw new RangeError('it copies from before its start');
      checkRoom(count);
      // One by one, because a copy may overlap what it writes: that is how runs are encoded.
      for (const end = written + count; written < end; written++) output[written] = output[written - distance]!;
    }
  }
  if (written !== length) throw new RangeError(`it decompresses to ${written} bytes where it claims ${length}`);
  return output;
}

function littleEndian(cursor: ByteCursor, bytes: number): number {
  let value = 0;
  for (let index = 0; index < bytes; index++) value += cursor.byte() * 2 ** (8 * index);
  return value;
}
