import { brokenFile, checkPictureSize, type Picture } from './picture.js';

const broken = (problem: string): Error => brokenFile('GIF', problem);

/** One image of the file, as indices of colours. */
interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly indices: Uint8Array;
  readonly colors: Uint8Array;
  /** The index that lets the frame before show through; -1 for none. */
  readonly transparent: number;
}

class GifReader {
  private at = 0;
  private elements = 0;

  constructor(private readonly bytes: Uint8Array) {}

  readFrames(): Frame[] {
    this.skip(10);
    const flags = this.byte();
    this.skip(2);
    const globalColors = this.colorsOf(flags);
    const frames: Frame[] = [];
    let transparent = -1;
    for (;;) {
      const kind = this.byte();
      if (kind === 0x3b) break;
      if (kind === 0x21) {
        const label = this.byte();
        const content = this.blocks();
        if (label === 0xf9 && content.length === 4) transparent = (content[0]! & 1) === 1 ? content[3]! : -1;
      } else if (kind === 0x2c) {
        frames.push(this.frame(globalColors, transparent));
        transparent = -1;
      } else {
        throw broken(`there is no block of kind ${kind}`);
      }
    }
    return frames;
  }

  private skip(count: number): void {
    this.at += count;
    if (this.at > this.bytes.length) throw broken('it ends early');
  }

  private byte(): number {
    this.skip(1);
    return this.bytes[this.at - 1]!;
  }

  private word(): number {
    return this.byte() + this.byte() * 256;
  }

  private colorsOf(flags: number): Uint8Array | undefined {
    if ((flags & 0x80) === 0) return undefined;
    const start = this.at;
    this.skip(3 << ((flags & 7) + 1));
    return this.bytes.subarray(start, this.at);
  }

  /** The content of blocks up to the empty one that ends them. */
  private blocks(): Uint8Array {
    const start = this.at;
    let size = 0;
    for (let length = this.byte(); length > 0; length = this.byte()) {
      this.skip(length);
      size += length;
    }
    const content = new Uint8Array(size);
    for (let from = start, to = 0; to < size;) {
      const length = this.bytes[from]!;
      content.set(this.bytes.subarray(from + 1, from + 1 + length), to);
      from += 1 + length;
      to += length;
    }
    return content;
  }

  private frame(globalColors: Uint8Array | undefined, transparent: number): Frame {
    const left = this.word();
    const top = this.word();
    const width = this.word();
    const height = this.word();
    const flags = this.byte();
    checkPictureSize('GIF', width, height, 3);
    this.elements += width * height;
    checkPictureSize('GIF', this.elements, 1, 3);
    const colors = this.colorsOf(flags) ?? globalColors;
    if (!colors) throw broken('a frame has no colours');
    const codeBits = this.byte();
    const stored = unpackCodes(this.blocks(), codeBits, width * height);
    const indices = (flags & 0x40) === 0 ? stored : deinterlace(stored, width, height);
    return { left, top, width, height, indices, colors, transparent };
  }
}

const MOST_CODES = 4096;

/** Undoes the compression of Lempel, Ziv and Welch. */
function unpackCodes(packed: Uint8Array, codeBits: number, size: number): Uint8Array {
  if (codeBits < 1 || codeBits > 8) throw broken(`its codes begin with ${codeBits} bits`);
  const clear = 1 << codeBits;
  const end = clear + 1;
  // A code stands for what another stands for, and one byte more.
  const prefixes = new Int16Array(MOST_CODES).fill(-1);
  const suffixes = new Uint8Array(MOST_CODES);
  const lengths = new Uint16Array(MOST_CODES);
  for (let code = 0; code < clear; code++) {
    suffixes[code] = code;
    lengths[code] = 1;
  }
  const output = new Uint8Array(size);
  let next = end + 1;
  let width = codeBits + 1;
  let previous = -1;
  let bits = 0;
  let bitCount = 0;
  let filled = 0;
  for (let at = 0; filled < size;) {
    while (bitCount < width) {
      if (at >= packed.length) throw broken('a frame ends early');
      bits |= packed[at++]! << bitCount;
      bitCount += 8;
    }
    const code = bits & ((1 << width) - 1);
    bits >>>= width;
    bitCount -= width;
    if (code === clear) {
      next = end + 1;
      width = codeBits + 1;
      previous = -1;
      continue;
    }
    if (code === end) throw broken('a frame ends early');
    const isNew = code === next && previous >= 0 && next < MOST_CODES;
    if (code > end && code >= next && !isNew) throw broken('a code is not known yet');
    const known = isNew ? previous : code;
    const length = lengths[known]!;
    let first = 0;
    for (let link = known, to = filled + length - 1; link >= 0; link = prefixes[link]!, to--) {
      first = suffixes[link]!;
      if (to < size) output[to] = first;
    }
    filled += length;
    if (isNew && filled < size) output[filled++] = first;
    if (previous >= 0 && next < MOST_CODES) {
      prefixes[next] = previous;
      suffixes[next] = first;
      lengths[next] = lengths[previous]! + 1;
      next++;
      if (next === 1 << width && width < 12) width++;
    }
    previous = code;
  }
  return output;
}

/** Puts the rows of an interlaced frame in order. */
function deinterlace(stored: Uint8Array, width: number, height: number): Uint8Array {
  const output = new Uint8Array(stored.length);
  let from = 0;
  for (const [start, step] of [
    [0, 8],
    [4, 8],
    [2, 4],
    [1, 2],
  ] as const) {
    for (let row = start; row < height; row += step, from += width)
      output.set(stored.subarray(from, from + width), row * width);
  }
  return output;
}

/**
 * Decodes the frames of a GIF file as TensorFlow's `DecodeGif` does: each over the one before.
 *
 * @returns The frames one below the other, with three channels.
 * @throws InvalidArgumentError if the file is broken.
 */
export function decodeGif(bytes: Uint8Array): Picture & { readonly frames: number } {
  const frames = new GifReader(bytes).readFrames();
  if (frames.length === 0) throw broken('it has no frames');
  const width = Math.max(...frames.map((frame) => frame.width));
  const height = Math.max(...frames.map((frame) => frame.height));
  checkPictureSize('GIF', width, height * frames.length, 3);
  const size = width * height * 3;
  const data = new Uint8Array(size * frames.length);
  frames.forEach((frame, index) => {
    const start = index * size;
    if (index > 0) data.copyWithin(start, start - size, start);
    const bottom = Math.min(frame.top + frame.height, height);
    const right = Math.min(frame.left + frame.width, width);
    for (let row = frame.top; row < bottom; row++) {
      for (let column = frame.left; column < right; column++) {
        const color = frame.indices[(row - frame.top) * frame.width + column - frame.left]!;
        if (color === frame.transparent) continue;
        if (3 * color >= frame.colors.length) throw broken(`there is no colour ${color} in its palette`);
        const to = start + (row * width + column) * 3;
        for (let c = 0; c < 3; c++) data[to + c] = frame.colors[3 * color + c]!;
      }
    }
  });
  return { frames: frames.length, height, width, channels: 3, data };
}
