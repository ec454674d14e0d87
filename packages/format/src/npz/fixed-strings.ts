import { StringArray } from '@tenon/tensor';

const CODE_POINT_BYTES = 4;

/** Elements of numpy's `S`: each fills `width` bytes, with zeros after it. */
export function readByteStrings(bytes: Uint8Array, width: number, count: number): StringArray {
  const offsets = new Uint32Array(count + 1);
  const elements = new Uint8Array(bytes.length);
  let end = 0;
  for (let index = 0; index < count; index++) {
    let element = bytes.subarray(index * width, (index + 1) * width);
    let length = width;
    while (length > 0 && element[length - 1] === 0) length--;
    element = element.subarray(0, length);
    elements.set(element, end);
    end += length;
    offsets[index + 1] = end;
  }
  return new StringArray(elements.subarray(0, end), offsets);
}

/**
 * Elements of numpy's `U`: each fills `width` code points of 4 bytes, with zeros after it. They become UTF-8.
 *
 * @throws RangeError for a number that is no code point.
 */
export function readCodePoints(bytes: Uint8Array, width: number, count: number, littleEndian: boolean): StringArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = Array.from({ length: count }, (_, index) => {
    const start = index * width;
    let end = start + width;
    while (end > start && view.getUint32((end - 1) * CODE_POINT_BYTES, true) === 0) end--;
    let text = '';
    for (let position = start; position < end; position++) {
      const codePoint = view.getUint32(position * CODE_POINT_BYTES, littleEndian);
      if (codePoint > 0x10ffff || (codePoint >= 0xd800 && codePoint < 0xe000)) {
        throw new RangeError(`element ${index} holds ${codePoint}, which is no character`);
      }
      text += String.fromCodePoint(codePoint);
    }
    return text;
  });
  return StringArray.from(values);
}

/** The bytes of the longest string; at least one, since numpy has no strings of none. */
export function widthOf(strings: StringArray): number {
  let width = 1;
  for (let index = 0; index < strings.length; index++) width = Math.max(width, strings.at(index).length);
  return width;
}

/** As `readByteStrings` reads them. */
export function writeByteStrings(strings: StringArray, width: number): Uint8Array {
  const bytes = new Uint8Array(width * strings.length);
  for (let index = 0; index < strings.length; index++) bytes.set(strings.at(index), index * width);
  return bytes;
}
