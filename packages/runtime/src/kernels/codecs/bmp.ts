import { brokenFile, checkPictureSize, type Picture } from './picture.js';

const HEADER_BYTES = 32;

/**
 * Decodes an uncompressed BMP file as TensorFlow's `DecodeBmp` does. Files of 8 bits per pixel are taken for gray: palettes are not looked at.
 *
 * @param wanted How many channels there must be, 3 or 4; 0 for as many as the file has.
 * @throws InvalidArgumentError if the file is broken.
 */
export function decodeBmp(bytes: Uint8Array, wanted: number): Picture {
  if (bytes.length < HEADER_BYTES) throw brokenFile('BMP', 'it ends early');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const start = view.getInt32(10, true);
  const width = view.getInt32(18, true);
  const signedHeight = view.getInt32(22, true);
  const bits = view.getInt16(28, true);
  const channels = bits / 8;
  if (channels !== 1 && channels !== 3 && channels !== 4)
    throw brokenFile('BMP', `it has ${bits} bits per pixel, which are not decoded`);
  if (wanted !== 0 && (wanted !== channels || wanted === 1))
    throw brokenFile('BMP', `it has ${channels} channels, and ${wanted} are asked for`);
  const height = Math.abs(signedHeight);
  checkPictureSize('BMP', width, height, channels);
  const rowBytes = Math.ceil((width * channels) / 4) * 4;
  // The padding of the last row may be missing.
  if (start < 0 || start + rowBytes * (height - 1) + width * channels > bytes.length)
    throw brokenFile('BMP', 'it ends early');
  const data = new Uint8Array(width * height * channels);
  for (let row = 0, to = 0; row < height; row++) {
    let from = start + (signedHeight < 0 ? row : height - 1 - row) * rowBytes;
    for (let column = 0; column < width; column++, from += channels, to += channels) {
      if (channels === 1) {
        data[to] = bytes[from]!;
        continue;
      }
      data[to] = bytes[from + 2]!;
      data[to + 1] = bytes[from + 1]!;
      data[to + 2] = bytes[from]!;
      if (channels === 4) data[to + 3] = bytes[from + 3]!;
    }
  }
  return { height, width, channels, data };
}
