import { brokenFile, checkPictureSize } from './picture.js';

export const brokenJpeg = (problem: string): Error => brokenFile('JPEG', problem);

/** The frequencies of a block in the order in which files store them. */
export const ZIGZAG = Uint8Array.of(
  0,
  1,
  8,
  16,
  9,
  2,
  3,
  10,
  17,
  24,
  32,
  25,
  18,
  11,
  4,
  5,
  12,
  19,
  26,
  33,
  40,
  48,
  41,
  34,
  27,
  20,
  13,
  6,
  7,
  14,
  21,
  28,
  35,
  42,
  49,
  56,
  57,
  50,
  43,
  36,
  29,
  22,
  15,
  23,
  30,
  37,
  44,
  51,
  58,
  59,
  52,
  45,
  38,
  31,
  39,
  46,
  53,
  60,
  61,
  54,
  47,
  55,
  62,
  63,
);

/** One channel of a JPEG file, at its own resolution. */
export interface Component {
  readonly id: number;
  /** Samples for each unit of the image, across and down. */
  readonly across: number;
  readonly down: number;
  readonly quantization: number;
  /** In samples. */
  readonly width: number;
  readonly height: number;
  /** The blocks that its samples fill. */
  readonly blockColumns: number;
  readonly blockRows: number;
  /** Blocks in each row that is kept; a whole number of units, as scans of several components have them. */
  readonly stride: number;
  /** Quantised coefficients, 64 per block in their natural order. */
  readonly coefficients: Int16Array;
  /** How much each frequency counts, in natural order; known when the first scan begins. */
  table: Uint16Array | undefined;
}

/** The frame of a JPEG file: its size and its components. */
export interface Frame {
  readonly isProgressive: boolean;
  readonly width: number;
  readonly height: number;
  readonly mostAcross: number;
  readonly mostDown: number;
  /** Units of the image, each of which has all components' blocks. */
  readonly unitColumns: number;
  readonly unitRows: number;
  readonly components: readonly Component[];
}

/** A Huffman code, made for looking up. */
export interface HuffmanTable {
  /** By the next 8 bits: the symbol, and its length times 256; 0 where the code is longer. */
  readonly short: Uint16Array;
  /** The greatest code of each length; -1 where there is none. */
  readonly greatest: Int32Array;
  /** What to add to a code of each length to have its place among the symbols. */
  readonly offsets: Int32Array;
  readonly symbols: Uint8Array;
}

/** The tables in force, which segments between scans change. */
export interface Tables {
  readonly quantization: (Uint16Array | undefined)[];
  readonly dc: (HuffmanTable | undefined)[];
  readonly ac: (HuffmanTable | undefined)[];
  restartInterval: number;
}

export function makeHuffmanTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable {
  const short = new Uint16Array(256);
  const greatest = new Int32Array(18).fill(-1);
  const offsets = new Int32Array(18);
  for (let length = 1, code = 0, index = 0; length <= 16; length++, code <<= 1) {
    const count = counts[length - 1]!;
    offsets[length] = index - code;
    if (code + count > 1 << length) throw brokenJpeg('a code has too many symbols');
    for (let i = 0; i < count; i++, code++, index++) {
      if (length > 8) continue;
      const first = code << (8 - length);
      short.fill(symbols[index]! | (length << 8), first, first + (1 << (8 - length)));
    }
    if (count > 0) greatest[length] = code - 1;
  }
  return { short, greatest, offsets, symbols };
}

/** Reads a segment of quantisation tables. */
export function readQuantization(segment: Uint8Array, tables: Tables): void {
  for (let at = 0; at < segment.length;) {
    const head = segment[at++]!;
    const isWide = head >> 4 === 1;
    if (head >> 4 > 1 || (head & 15) > 3 || at + (isWide ? 128 : 64) > segment.length)
      throw brokenJpeg('a quantisation table is not of 64 numbers');
    const table = new Uint16Array(64);
    for (let i = 0; i < 64; i++) {
      table[ZIGZAG[i]!] = isWide ? segment[at]! * 256 + segment[at + 1]! : segment[at]!;
      at += isWide ? 2 : 1;
    }
    tables.quantization[head & 15] = table;
  }
}

/** Reads a segment of Huffman tables. */
export function readHuffman(segment: Uint8Array, tables: Tables): void {
  for (let at = 0; at < segment.length;) {
    const head = segment[at]!;
    const counts = segment.subarray(at + 1, at + 17);
    const size = counts.reduce((sum, count) => sum + count, 0);
    at += 17;
    if (head >> 4 > 1 || (head & 15) > 3 || size > 256 || at + size > segment.length)
      throw brokenJpeg('a Huffman table is not what its head says');
    const table = makeHuffmanTable(counts, segment.subarray(at, at + size));
    (head >> 4 === 0 ? tables.dc : tables.ac)[head & 15] = table;
    at += size;
  }
}

/** Reads the segment that begins a frame, and makes room for its coefficients. `fileSize` bounds it: no block takes less than a bit. */
export function readFrame(segment: Uint8Array, isProgressive: boolean, fileSize: number): Frame {
  const view = new DataView(segment.buffer, segment.byteOffset, segment.length);
  if (segment.length < 6 || segment.length !== 6 + 3 * segment[5]!) throw brokenJpeg('its frame is of a wrong size');
  if (segment[0] !== 8) throw brokenJpeg(`its samples have ${segment[0]} bits, which are not decoded`);
  const height = view.getUint16(1);
  const width = view.getUint16(3);
  const count = segment[5]!;
  if (count !== 1 && count !== 3 && count !== 4) throw brokenJpeg(`it has ${count} components`);
  checkPictureSize('JPEG', width, height, count);
  const heads = Array.from({ length: count }, (_, i) => {
    const [id, factors, quantization] = segment.subarray(6 + 3 * i) as unknown as [number, number, number];
    return { id, across: factors >> 4, down: factors & 15, quantization };
  });
  if (heads.some(({ across, down }) => across < 1 || across > 4 || down < 1 || down > 4))
    throw brokenJpeg('a component is sampled in a way that does not exist');
  const mostAcross = Math.max(...heads.map(({ across }) => across));
  const mostDown = Math.max(...heads.map(({ down }) => down));
  const unitColumns = Math.ceil(width / (8 * mostAcross));
  const unitRows = Math.ceil(height / (8 * mostDown));
  const blocks = heads.reduce((sum, { across, down }) => sum + unitColumns * unitRows * across * down, 0);
  if (blocks > fileSize * 8) throw brokenJpeg(`it has too few bytes for ${width} by ${height} pixels`);
  const components = heads.map((head): Component => {
    const componentWidth = Math.ceil((width * head.across) / mostAcross);
    const componentHeight = Math.ceil((height * head.down) / mostDown);
    const stride = unitColumns * head.across;
    return {
      ...head,
      width: componentWidth,
      height: componentHeight,
      blockColumns: Math.ceil(componentWidth / 8),
      blockRows: Math.ceil(componentHeight / 8),
      stride,
      coefficients: new Int16Array(stride * unitRows * head.down * 64),
      table: undefined,
    };
  });
  return { isProgressive, width, height, mostAcross, mostDown, unitColumns, unitRows, components };
}
