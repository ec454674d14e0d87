import { brokenJpeg, readFrame, readHuffman, readQuantization, type Frame, type Tables } from './jpeg-file.js';
import { transformComponent, upsample, type Plane } from './jpeg-samples.js';
import { readScanHeader, ScanDecoder } from './jpeg-scan.js';
import { accurateTransform, fastTransform } from './jpeg-transform.js';
import type { Picture } from './picture.js';

/** How the components of a file make colours. */
type ColorSpace = 'gray' | 'rgb' | 'ycc' | 'cmyk' | 'ycck';

/** So many scans are decoded: a small file can ask for a large image to be gone over again and again. */
const MOST_SCANS = 1000;

const ascii = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

interface JpegFile {
  readonly frame: Frame;
  readonly space: ColorSpace;
  /** Whether the program that wrote it was Adobe's, which stores inks inverted. */
  readonly isAdobe: boolean;
}

function readJpeg(bytes: Uint8Array): JpegFile {
  const tables: Tables = { quantization: [], dc: [], ac: [], restartInterval: 0 };
  let frame: Frame | undefined;
  let isJfif = false;
  let adobe: number | undefined;
  let scans = 0;
  for (let at = 2; ;) {
    while (at < bytes.length && bytes[at] !== 0xff) at++;
    while (at < bytes.length && bytes[at] === 0xff) at++;
    const marker = bytes[at++];
    if (marker === undefined) throw brokenJpeg('it ends early');
    if (marker === 0xd9) break;
    if (marker === 0 || marker === 1 || (marker >= 0xd0 && marker <= 0xd7)) continue;
    const length = bytes[at]! * 256 + bytes[at + 1]!;
    if (!(length >= 2 && at + length <= bytes.length)) throw brokenJpeg('it ends early');
    const segment = bytes.subarray(at + 2, at + length);
    at += length;
    if (marker === 0xdb) readQuantization(segment, tables);
    else if (marker === 0xc4) readHuffman(segment, tables);
    else if (marker === 0xdd) tables.restartInterval = segment[0]! * 256 + segment[1]! || 0;
    else if (marker === 0xe0) isJfif ||= segment.length >= 14 && ascii(segment.subarray(0, 5)) === 'JFIF\0';
    else if (marker === 0xee) {
      if (segment.length >= 12 && ascii(segment.subarray(0, 5)) === 'Adobe') adobe = segment[11];
    } else if (marker === 0xc0 || marker === 0xc1 || marker === 0xc2) {
      if (frame) throw brokenJpeg('it has two frames');
      frame = readFrame(segment, marker === 0xc2, bytes.length);
    } else if (marker >= 0xc3 && marker <= 0xcf && marker !== 0xc8 && marker !== 0xcc) {
      throw brokenJpeg(`it is lossless, hierarchical or arithmetically coded, frame ${marker.toString(16)}`);
    } else if (marker === 0xda) {
      if (!frame) throw brokenJpeg('a scan comes before the frame');
      if (++scans > MOST_SCANS) throw brokenJpeg(`it has more than ${MOST_SCANS} scans`);
      at = new ScanDecoder(bytes, at, frame, readScanHeader(segment, frame, tables)).run(tables.restartInterval);
    }
  }
  if (!frame || scans === 0) throw brokenJpeg('it has no image');
  if (frame.components.some(({ table }) => !table)) throw brokenJpeg('a component has no scan');
  return { frame, space: colorSpaceOf(frame, isJfif, adobe), isAdobe: adobe !== undefined };
}

function colorSpaceOf({ components }: Frame, isJfif: boolean, adobe: number | undefined): ColorSpace {
  if (components.length === 1) return 'gray';
  if (components.length === 4) return adobe === 2 ? 'ycck' : 'cmyk';
  if (isJfif) return 'ycc';
  if (adobe !== undefined) return adobe === 0 ? 'rgb' : 'ycc';
  return components.map(({ id }) => String.fromCharCode(id)).join('') === 'RGB' ? 'rgb' : 'ycc';
}

const clamp = (value: number): number => (value < 0 ? 0 : value > 255 ? 255 : value);

const tableOf = (factor: number, half: number): Int32Array =>
  Int32Array.from({ length: 256 }, (_, i) => factor * (i - 128) + half);

// In 16 bits of fraction, as JFIF has them.
const HALF = 1 << 15;
const RED_OF_CR = tableOf(91881, HALF).map((value) => value >> 16);
const BLUE_OF_CB = tableOf(116130, HALF).map((value) => value >> 16);
const GREEN_OF_CR = tableOf(-46802, 0);
const GREEN_OF_CB = tableOf(-22554, HALF);

/** Writes red, green and blue from brightness and colour differences. */
function writeRgb(y: number, cb: number, cr: number, to: Uint8Array, at: number): void {
  to[at] = clamp(y + RED_OF_CR[cr]!);
  to[at + 1] = clamp(y + ((GREEN_OF_CB[cb]! + GREEN_OF_CR[cr]!) >> 16));
  to[at + 2] = clamp(y + BLUE_OF_CB[cb]!);
}

/** Brightness of red, green and blue, in 16 bits of fraction. */
const grayOf = (red: number, green: number, blue: number): number =>
  (19595 * red + 38470 * green + 7471 * blue + HALF) >> 16;

/** How a JPEG file is decoded. */
export interface JpegOptions {
  /** 1 or 3; 0 for as many as the file has, 3 for inks. */
  readonly channels: number;
  /** Whether colours that are stored at half the resolution are interpolated. */
  readonly isSmooth: boolean;
  /** Whether samples are computed by the accurate integer transform; by the fast one otherwise. */
  readonly isAccurate: boolean;
  /** The columns that are wanted; what is decoded may begin before them, at a whole block. */
  readonly columns?: { readonly from: number; readonly to: number };
}

/** What was decoded of a JPEG file; it ends with the last column that was asked for. */
export interface JpegPicture extends Picture {
  /** Of the image in the file. */
  readonly fullWidth: number;
}

/** The part of a plane from one column to another. */
function cut(plane: Plane, from: number, width: number): Plane {
  return { ...plane, width, data: plane.data.subarray(from) };
}

/**
 * Decodes a JPEG file, sequential or progressive, to the same elements as libjpeg-turbo.
 *
 * @throws InvalidArgumentError if the file is broken, or of a kind that is not decoded.
 */
export function decodeJpeg(
  bytes: Uint8Array,
  { channels: wanted, isSmooth, isAccurate, columns }: JpegOptions,
): JpegPicture {
  const { frame, space, isAdobe } = readJpeg(bytes);
  const { height, mostAcross } = frame;
  const unit = 8 * mostAcross;
  const start = Math.floor(Math.min(columns?.from ?? 0, frame.width - 1) / unit) * unit;
  const width = Math.max(start + 1, Math.min(columns?.to ?? frame.width, frame.width)) - start;
  const channels = wanted || Math.min(3, frame.components.length);
  if (channels === 1 && (space === 'cmyk' || space === 'ycck')) throw brokenJpeg('its inks are not converted to gray');
  // Gray is all in the first component, but for red, green and blue.
  const used = channels === 1 && space !== 'rgb' ? frame.components.slice(0, 1) : frame.components;
  const planes = used.map((component): Plane => {
    const samples = transformComponent(component, isAccurate ? accurateTransform : fastTransform);
    const { across } = component;
    // Where columns are cut off, samples beyond them count for nothing: libjpeg cuts before it interpolates.
    const part = cut(samples, (start / mostAcross) * across, Math.ceil((width * across) / mostAcross));
    const plane = upsample(part, component, { ...frame, width }, isSmooth);
    if (!plane) throw brokenJpeg('a component has a resolution that is no whole part of the image');
    return plane;
  });
  const data = new Uint8Array(width * height * channels);
  const [first, second, third, fourth] = planes as [Plane, Plane, Plane, Plane];
  for (let row = 0, to = 0; row < height; row++) {
    for (let column = 0; column < width; column++, to += channels) {
      const a = first.data[row * first.stride + column]!;
      if (planes.length === 1) {
        data.fill(a, to, to + channels);
        continue;
      }
      const b = second.data[row * second.stride + column]!;
      const c = third.data[row * third.stride + column]!;
      if (channels === 1) data[to] = grayOf(a, b, c);
      else if (space === 'ycc') writeRgb(a, b, c, data, to);
      else {
        data[to] = a;
        data[to + 1] = b;
        data[to + 2] = c;
        if (space === 'rgb') continue;
        if (space === 'ycck') {
          writeRgb(a, b, c, data, to);
          for (let i = to; i < to + 3; i++) data[i] = 255 - data[i]!;
        }
        const ink = fourth.data[row * fourth.stride + column]!;
        for (let i = to; i < to + 3; i++)
          data[i] = isAdobe ? (ink * data[i]!) / 255 : ((255 - ink) * (255 - data[i]!)) / 255;
      }
    }
  }
  return { height, width, channels, data, fullWidth: frame.width };
}
