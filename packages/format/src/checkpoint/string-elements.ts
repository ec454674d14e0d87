import { StringArray } from '@tenon/tensor';
import { crc32c, maskCrc32c } from '../crc32c.js';
import { ByteCursor } from './byte-cursor.js';

export interface StoredStrings {
  readonly strings: StringArray;
  /** The checksum of everything, masked. */
  readonly checksum: number;
}

/**
 * Takes apart the elements of a stored string tensor: all lengths as varints, a checksum of the lengths, all bytes.
 *
 * Both checksums take a length for the 4 bytes of its number (8 where it is larger), not for its varint, and the second
 * goes on from the first over its stored form and the bytes.
 *
 * @throws RangeError if the bytes do not hold `count` strings, or the lengths do not have their checksum.
 */
export function readStringElements(bytes: Uint8Array, count: number): StoredStrings {
  if (count > bytes.length) throw new RangeError(`${bytes.length} bytes do not hold ${count} strings`);
  const cursor = new ByteCursor(bytes);
  const offsets = new Uint32Array(count + 1);
  const lengths = new Uint32Array(count);
  let size = 0;
  for (let index = 0; index < count; index++) {
    lengths[index] = cursor.varint();
    // A typed array ends at 2^32 bytes, so no length here needs the longer form.
    size += lengths[index]!;
    if (size > bytes.length) throw new RangeError('its strings are longer than its bytes');
    offsets[index + 1] = size;
  }
  const ofLengths = crc32c(new Uint8Array(lengths.buffer));
  const storedChecksum = cursor.take(4);
  if (new ByteCursor(storedChecksum).uint32() !== maskCrc32c(ofLengths)) {
    throw new RangeError('the lengths of its strings do not have the checksum that was stored for them');
  }
  if (cursor.remaining !== size) {
    throw new RangeError(`its strings have ${size} bytes, ${cursor.remaining} were stored`);
  }
  const elements = cursor.take(size);
  const checksum = maskCrc32c(crc32c(elements, crc32c(storedChecksum, ofLengths)));
  return { strings: new StringArray(elements, offsets), checksum };
}
