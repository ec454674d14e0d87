import { crc32, deflateSync } from 'node:zlib';

/** Red, green and blue, from 0 to 1. */
export type Colour = readonly [red: number, green: number, blue: number];

/** Each pixel is looked at so many times across and down, so that edges are smooth. */
const SAMPLES = 3;

/** A picture to paint on: `data` is `[height, width, 3]`, from 0 to 1, as image modules take it. */
export class Picture {
  constructor(
    readonly width: number,
    readonly height: number,
    readonly data: Float32Array = new Float32Array(3 * width * height),
  ) {}

  /** Paints what is inside of a shape: x to the right and y down, in pixels from the upper left corner. */
  paint(colour: Colour, isInside: (x: number, y: number) => boolean = () => true): this {
    for (let y = 0; y < this.height; y++)
      for (let x = 0; x < this.width; x++) this.blend(x, y, colour, coverage(x, y, isInside));
    return this;
  }

  line([x0, y0]: readonly number[], [x1, y1]: readonly number[], colour: Colour): this {
    const steps = Math.ceil(2 * Math.hypot(x1! - x0!, y1! - y0!)) || 1;
    for (let step = 0; step <= steps; step++) {
      const along = step / steps;
      this.blend(Math.floor(x0! + along * (x1! - x0!)), Math.floor(y0! + along * (y1! - y0!)), colour, 1);
    }
    return this;
  }

  /** Puts another picture onto this one, each of its pixels `scale` by `scale` pixels large. */
  place(other: Picture, left: number, top: number, scale = 1): this {
    for (let y = 0; y < other.height * scale; y++)
      for (let x = 0; x < other.width * scale; x++) {
        const from = 3 * (Math.floor(y / scale) * other.width + Math.floor(x / scale));
        this.data.set(other.data.subarray(from, from + 3), 3 * ((top + y) * this.width + left + x));
      }
    return this;
  }

  /** The file's bytes: 8 bits per channel. */
  toPng(): Uint8Array {
    const rows = Buffer.alloc(this.height * (1 + 3 * this.width));
    this.data.forEach((value, index) => {
      const row = Math.floor(index / (3 * this.width));
      rows[index + row + 1] = Math.round(255 * Math.min(1, Math.max(0, value)));
    });
    const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0]);
    header.writeUInt32BE(this.width, 0);
    header.writeUInt32BE(this.height, 4);
    const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    const chunks = [chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))];
    return Buffer.concat([signature, ...chunks]);
  }

  private blend(x: number, y: number, colour: Colour, part: number): void {
    if (part === 0 || x < 0 || y < 0 || x >= this.width || y >= this.height) return;
    const at = 3 * (y * this.width + x);
    for (let channel = 0; channel < 3; channel++)
      this.data[at + channel]! += part * (colour[channel]! - this.data[at + channel]!);
  }
}

function coverage(x: number, y: number, isInside: (x: number, y: number) => boolean): number {
  let inside = 0;
  for (let down = 0; down < SAMPLES; down++)
    for (let across = 0; across < SAMPLES; across++)
      if (isInside(x + (across + 0.5) / SAMPLES, y + (down + 0.5) / SAMPLES)) inside++;
  return inside / SAMPLES ** 2;
}

function chunk(type: string, content: Uint8Array): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const framed = Buffer.alloc(typed.length + 8);
  framed.writeUInt32BE(content.length, 0);
  typed.copy(framed, 4);
  framed.writeUInt32BE(crc32(typed), typed.length + 4);
  return framed;
}
