import type { StringArray } from '@tenon/tensor';
import { crc32c, maskCrc32c } from '../crc32c.js';
import { ByteWriter } from './byte-writer.js';

/** The elements of a string tensor as they are stored, and the checksum of everything, masked. See `readStringElements`. */
export function encodeStringElements(strings: StringArray): { bytes: Uint8Array; checksum: number } {
  const writer = new ByteWriter();
  const lengths = new Uint32Array(strings.length);
  for (let index = 0; index < strings.length; index++) {
    lengths[index] = strings.at(index).length;
    writer.varint(lengths[index]!);
  }
  const ofLengths = crc32c(new Uint8Array(lengths.buffer));
  const stored = new ByteWriter();
  stored.uint32(maskCrc32c(ofLengths));
  let checksum = crc32c(stored.finish(), ofLengths);
  writer.bytes(stored.finish());
  for (let index = 0; index < strings.length; index++) {
    const element = strings.at(index);
    checksum = crc32c(element, checksum);
    writer.bytes(element);
  }
  return { bytes: writer.finish(), checksum: maskCrc32c(checksum) };
}
