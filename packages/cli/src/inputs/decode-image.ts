import { InputFileError } from '../errors.js';
import type { Image } from './resize-bilinear.js';

const PNG_SIGNATURE = '89504e470d0a1a0a';
/** Bytes of a PNG file before the width in its header. */
const PNG_WIDTH_OFFSET = 16;
/** A picture of more is a mistake, or an attack. */
const MOST_MEGAPIXELS = 200;
const JPEG_MEMORY_MB = 4096;

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue, alpha; 0 to 255. */
  readonly data: Uint8Array;
}

/**
 * Decodes a PNG or JPEG file, whatever it is called. Transparency is dropped, as TensorFlow does.
 *
 * @returns Red, green and blue from 0 to 1.
 * @throws InputFileError
 */
export async function decodeImage(bytes: Buffer, file: string): Promise<Image> {
  const decode = bytes.toString('hex', 0, 8) === PNG_SIGNATURE ? decodePng : decodeJpeg;
  const { width, height, data } = await decode(bytes).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputFileError(file, `It cannot be read as a PNG or JPEG image: ${reason}.`, { cause: error });
  });
  const colours = new Float32Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let channel = 0; channel < 3; channel++) colours[3 * pixel + channel] = data[4 * pixel + channel]! / 255;
  }
  return { height, width, channels: 3, data: colours };
}

async function decodePng(bytes: Buffer): Promise<Pixels> {
  if (bytes.length < PNG_WIDTH_OFFSET + 8) throw new RangeError('it is cut short');
  const megapixels = (bytes.readUInt32BE(PNG_WIDTH_OFFSET) * bytes.readUInt32BE(PNG_WIDTH_OFFSET + 4)) / 1e6;
  if (megapixels > MOST_MEGAPIXELS) throw new RangeError(`it has more than ${MOST_MEGAPIXELS} megapixels`);
  const { PNG } = await import('pngjs');
  return PNG.sync.read(bytes);
}

async function decodeJpeg(bytes: Buffer): Promise<Pixels> {
  const { default: jpeg } = await import('jpeg-js');
  return jpeg.decode(bytes, {
    useTArray: true,
    formatAsRGBA: true,
    maxResolutionInMP: MOST_MEGAPIXELS,
    maxMemoryUsageInMB: JPEG_MEMORY_MB,
  });
}
