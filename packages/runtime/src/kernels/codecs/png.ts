import { inflate } from './inflate.js';
import { brokenFile, checkPictureSize, type Picture } from './picture.js';

const GRAY = 0;
const RGB = 2;
const PALETTE = 3;
const GRAY_ALPHA = 4;
const RGB_ALPHA = 6;

/** The depths that each type of colour may have, and its samples per pixel. */
const COLOR_TYPES: Readonly<Record<number, { readonly samples: number; readonly depths: readonly number[] }>> = {
  [GRAY]: { samples: 1, depths: [1, 2, 4, 8, 16] },
  [RGB]: { samples: 3, depths: [8, 16] },
  [PALETTE]: { samples: 1, depths: [1, 2, 4, 8] },
  [GRAY_ALPHA]: { samples: 2, depths: [8, 16] },
  [RGB_ALPHA]: { samples: 4, depths: [8, 16] },
};

const broken = (problem: string): Error => brokenFile('PNG', problem);

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = CRC_TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

interface PngFile {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colorType: number;
  readonly isInterlaced: boolean;
  /** Red, green and blue of each colour. */
  readonly palette: Uint8Array | undefined;
  /** What is transparent: an alpha for each colour of the palette, or one colour. */
  readonly transparency: Uint8Array | undefined;
  readonly compressed: Uint8Array;
}

const isCritical = (type: string): boolean => (type.charCodeAt(0) & 32) === 0;

function readPng(bytes: Uint8Array): PngFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let header: Pick<PngFile, 'width' | 'height' | 'depth' | 'colorType' | 'isInterlaced'> | undefined;
  let palette: Uint8Array | undefined;
  let transparency: Uint8Array | undefined;
  const pieces: Uint8Array[] = [];
  for (let at = 8; ;) {
    if (at + 12 > bytes.length) throw broken('it ends early');
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const end = at + 8 + length;
    if (end + 4 > bytes.length) throw broken('it ends early');
    const isIntact = crc32(bytes.subarray(at + 4, end)) === view.getUint32(end);
    if (!isIntact && isCritical(type)) throw broken(`the checksum of its ${type} chunk is wrong`);
    const content = bytes.subarray(at + 8, end);
    at = end + 4;
    if (!header && type !== 'IHDR') throw broken('it does not begin with a header');
    if (type === 'IEND') break;
    if (type === 'IHDR') {
      if (header || length !== 13) throw broken('its header is not one of 13 bytes');
      header = readHeader(content);
    } else if (type === 'PLTE') {
      if (length % 3 !== 0 || length === 0 || length > 768) throw broken('its palette is of a wrong size');
      palette = content;
    } else if (type === 'tRNS') {
      if (isIntact) transparency = content;
    } else if (type === 'IDAT') {
      pieces.push(content);
    } else if (isCritical(type)) {
      throw broken(`it needs a ${type} chunk to be understood`);
    }
  }
  if (!header) throw broken('it has no header');
  if (pieces.length === 0) throw broken('it has no pixels');
  if (header.colorType === PALETTE && !palette) throw broken('it has no palette');
  const compressed = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
  let size = 0;
  for (const piece of pieces) {
    compressed.set(piece, size);
    size += piece.length;
  }
  const colors = { [GRAY]: 2, [RGB]: 6 }[header.colorType];
  const isUsable = header.colorType === PALETTE || (colors !== undefined && transparency?.length === colors);
  return { ...header, palette, transparency: isUsable ? transparency : undefined, compressed };
}

function readHeader(bytes: Uint8Array): Pick<PngFile, 'width' | 'height' | 'depth' | 'colorType' | 'isInterlaced'> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [depth, colorType, compression, filter, interlace] = bytes.subarray(8) as unknown as [
    number,
    number,
    number,
    number,
    number,
  ];
  if (!COLOR_TYPES[colorType]?.depths.includes(depth))
    throw broken(`colours of type ${colorType} have no depth of ${depth}`);
  if (compression !== 0 || filter !== 0 || interlace > 1)
    throw broken('it is compressed, filtered or interlaced in no known way');
  const width = view.getUint32(0);
  const height = view.getUint32(4);
  // Four samples at most come of each pixel, whatever the file has.
  checkPictureSize('PNG', width, height, 4);
  return { width, height, depth, colorType, isInterlaced: interlace === 1 };
}

/** Which pixels a pass of an interlaced file has: from which on, and every how many. */
interface Pass {
  readonly x: number;
  readonly y: number;
  readonly stepX: number;
  readonly stepY: number;
}

const WHOLE: readonly Pass[] = [{ x: 0, y: 0, stepX: 1, stepY: 1 }];

const ADAM7: readonly Pass[] = [
  { x: 0, y: 0, stepX: 8, stepY: 8 },
  { x: 4, y: 0, stepX: 8, stepY: 8 },
  { x: 0, y: 4, stepX: 4, stepY: 8 },
  { x: 2, y: 0, stepX: 4, stepY: 4 },
  { x: 0, y: 2, stepX: 2, stepY: 4 },
  { x: 1, y: 0, stepX: 2, stepY: 2 },
  { x: 0, y: 1, stepX: 1, stepY: 2 },
];

/** All samples of the file as they are stored, unpacked. */
function readSamples({ width, height, depth, colorType, isInterlaced, compressed }: PngFile): Uint16Array {
  const { samples } = COLOR_TYPES[colorType]!;
  const passes = (isInterlaced ? ADAM7 : WHOLE)
    .map((pass) => ({
      ...pass,
      columns: Math.ceil((width - pass.x) / pass.stepX),
      rows: Math.ceil((height - pass.y) / pass.stepY),
    }))
    .filter(({ columns, rows }) => columns > 0 && rows > 0)
    .map((pass) => ({ ...pass, rowBytes: Math.ceil((pass.columns * samples * depth) / 8) }));
  const raw = inflate(
    compressed,
    passes.reduce((size, { rows, rowBytes }) => size + rows * (rowBytes + 1), 0),
  );
  const output = new Uint16Array(width * height * samples);
  const pixelBytes = Math.max(1, (samples * depth) >> 3);
  let at = 0;
  for (const { x, y, stepX, stepY, columns, rows, rowBytes } of passes) {
    let above: Uint8Array = new Uint8Array(rowBytes);
    for (let row = 0; row < rows; row++) {
      const line = raw.subarray(at + 1, at + 1 + rowBytes);
      unfilter(raw[at]!, line, above, pixelBytes);
      above = line;
      at += 1 + rowBytes;
      const start = (y + row * stepY) * width + x;
      for (let column = 0; column < columns; column++) {
        const to = (start + column * stepX) * samples;
        for (let s = 0; s < samples; s++) output[to + s] = sampleAt(line, column * samples + s, depth);
      }
    }
  }
  return output;
}

function sampleAt(line: Uint8Array, index: number, depth: number): number {
  if (depth === 8) return line[index]!;
  if (depth === 16) return line[2 * index]! * 256 + line[2 * index + 1]!;
  const bit = index * depth;
  return (line[bit >> 3]! >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
}

/** Adds to each byte what its neighbours foretold. */
function unfilter(filter: number, line: Uint8Array, above: Uint8Array, pixelBytes: number): void {
  if (filter > 4) throw broken(`a row is filtered in no known way, ${filter}`);
  if (filter === 0) return;
  for (let i = 0; i < line.length; i++) {
    const left = i >= pixelBytes ? line[i - pixelBytes]! : 0;
    const up = above[i]!;
    if (filter === 1) line[i]! += left;
    else if (filter === 2) line[i]! += up;
    else if (filter === 3) line[i]! += (left + up) >> 1;
    else line[i]! += paeth(left, up, i >= pixelBytes ? above[i - pixelBytes]! : 0);
  }
}

function paeth(left: number, up: number, corner: number): number {
  const toLeft = Math.abs(up - corner);
  const toUp = Math.abs(left - corner);
  const toCorner = Math.abs(left + up - 2 * corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

// In 15 bits of fraction, as libpng has them.
const RED_WEIGHT = 9797;
const GREEN_WEIGHT = 19234;
const BLUE_WEIGHT = 32768 - RED_WEIGHT - GREEN_WEIGHT;

function grayOf(red: number, green: number, blue: number, depth: number): number {
  if (red === green && green === blue) return red;
  const sum = RED_WEIGHT * red + GREEN_WEIGHT * green + BLUE_WEIGHT * blue;
  return (depth === 16 ? sum + 16384 : sum) >>> 15;
}

/**
 * Decodes a PNG file as TensorFlow's `DecodePng` does.
 *
 * @param channels 0 for as many as the file has.
 * @param bits Of each element: 8 or 16. Bytes widen to 16 bits by repeating; of 16 bits the upper 8 are kept.
 * @throws InvalidArgumentError if the file is broken.
 */
export function decodePng(bytes: Uint8Array, wanted: number, bits: 8 | 16): Picture {
  const file = readPng(bytes);
  const { width, height, colorType, palette, transparency } = file;
  const { samples } = COLOR_TYPES[colorType]!;
  const channels = wanted || (colorType === PALETTE ? (transparency ? 4 : 3) : samples);
  const stored = readSamples(file);
  // Below 8 bits, gray is spread over 8.
  const depth = file.depth === 16 ? 16 : 8;
  const spread = file.depth < 8 && colorType !== PALETTE ? 255 / ((1 << file.depth) - 1) : 1;
  const hasColor = (colorType & 2) !== 0;
  const hasAlpha = (colorType & 4) !== 0;
  const wantsAlpha = channels % 2 === 0;
  const wantsColor = channels > 2;
  const key =
    colorType !== PALETTE && transparency
      ? Array.from(
          { length: samples },
          (_, s) => (transparency[2 * s]! * 256 + transparency[2 * s + 1]!) & ((1 << file.depth) - 1),
        )
      : undefined;
  const opaque = file.transparency ? (depth === 16 ? 65535 : 255) : (1 << file.depth) - 1;

  const narrow = depth === 16 && bits === 8 ? 8 : 0;
  const widen = depth === 8 && bits === 16 ? 257 : 1;
  const data = bits === 8 ? new Uint8Array(width * height * channels) : new Uint16Array(width * height * channels);
  const pixel = new Uint16Array(4);
  for (let i = 0, from = 0, to = 0; i < width * height; i++, from += samples) {
    let alpha = opaque;
    if (colorType === PALETTE) {
      const color = stored[from]!;
      if (3 * color >= palette!.length) throw broken(`there is no colour ${color} in its palette`);
      for (let c = 0; c < 3; c++) pixel[c] = palette![3 * color + c]!;
      if (transparency) alpha = transparency[color] ?? 255;
    } else {
      for (let s = 0; s < samples; s++) pixel[s] = stored[from + s]! * spread;
      if (hasAlpha) alpha = pixel[samples - 1]!;
      else if (key) alpha = key.every((value, s) => value === stored[from + s]) ? 0 : opaque;
      if (!hasColor) pixel[1] = pixel[2] = pixel[0]!;
    }
    if (wantsColor) for (let c = 0; c < 3; c++) data[to++] = (pixel[c]! >> narrow) * widen;
    else {
      const gray = hasColor ? grayOf(pixel[0]!, pixel[1]!, pixel[2]!, depth) : pixel[0]!;
      data[to++] = (gray >> narrow) * widen;
    }
    if (wantsAlpha) data[to++] = (alpha >> narrow) * widen;
  }
  return { height, width, channels, data };
}

/** Most bytes of one block that is stored as it is. */
const STORED_BLOCK = 65535;

/** A zlib stream that holds bytes as they are. */
function stored(bytes: Uint8Array): Uint8Array {
  const blocks = Math.max(1, Math.ceil(bytes.length / STORED_BLOCK));
  const stream = new Uint8Array(2 + bytes.length + blocks * 5 + 4);
  const view = new DataView(stream.buffer);
  stream.set([0x78, 0x01]);
  let at = 2;
  for (let block = 0; block < blocks; block++) {
    const part = bytes.subarray(block * STORED_BLOCK, (block + 1) * STORED_BLOCK);
    stream[at] = block === blocks - 1 ? 1 : 0;
    view.setUint16(at + 1, part.length, true);
    view.setUint16(at + 3, part.length ^ 0xffff, true);
    stream.set(part, at + 5);
    at += 5 + part.length;
  }
  let [low, high] = [1, 0];
  for (const byte of bytes) {
    low = (low + byte) % 65521;
    high = (high + low) % 65521;
  }
  view.setUint16(at, high);
  view.setUint16(at + 2, low);
  return stream;
}

const TYPES_BY_CHANNELS = [GRAY, GRAY, GRAY_ALPHA, RGB, RGB_ALPHA];

/** Writes an image as a PNG file, without compressing it: any reader gets the same pixels. */
export function encodePng(data: Uint8Array | Uint16Array, height: number, width: number, channels: number): Uint8Array {
  const isWide = data instanceof Uint16Array;
  const row = width * channels * (isWide ? 2 : 1);
  const rows = new Uint8Array(height * (row + 1));
  for (let y = 0, from = 0; y < height; y++) {
    for (let x = 0, to = y * (row + 1) + 1; x < width * channels; x++, from++) {
      if (isWide) rows[to++] = data[from]! >> 8;
      rows[to++] = data[from]! & 0xff;
    }
  }
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([isWide ? 16 : 8, TYPES_BY_CHANNELS[channels]!], 8);
  const chunks = [chunk('IHDR', header), chunk('IDAT', stored(rows)), chunk('IEND', new Uint8Array(0))];
  const file = new Uint8Array(8 + chunks.reduce((sum, { length }) => sum + length, 0));
  file.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  let at = 8;
  for (const part of chunks) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

function chunk(type: string, contents: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + contents.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, contents.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
  bytes.set(contents, 8);
  view.setUint32(8 + contents.length, crc32(bytes.subarray(4, 8 + contents.length)));
  return bytes;
}
