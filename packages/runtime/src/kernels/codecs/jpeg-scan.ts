import { brokenJpeg, ZIGZAG, type Component, type Frame, type HuffmanTable, type Tables } from './jpeg-file.js';

/** What one scan of the file holds: some components, or in progressive files some frequencies, or some of their bits. */
export interface Scan {
  readonly components: readonly {
    readonly component: Component;
    readonly dc: HuffmanTable | undefined;
    readonly ac: HuffmanTable | undefined;
  }[];
  readonly first: number;
  readonly last: number;
  /** The bits that scans before gave; 0 in a first scan. */
  readonly high: number;
  readonly low: number;
}

/** Reads the segment that begins a scan. */
export function readScanHeader(segment: Uint8Array, frame: Frame, tables: Tables): Scan {
  const count = segment[0] ?? 0;
  if (count < 1 || count > 4 || segment.length !== 4 + 2 * count) throw brokenJpeg('a scan is of a wrong size');
  const components = Array.from({ length: count }, (_, i) => {
    const id = segment[1 + 2 * i]!;
    const choice = segment[2 + 2 * i]!;
    const component = frame.components.find((candidate) => candidate.id === id);
    if (!component) throw brokenJpeg(`a scan is of component ${id}, which there is none`);
    component.table ??= tables.quantization[component.quantization]?.slice();
    if (!component.table) throw brokenJpeg('a quantisation table is missing');
    return { component, dc: tables.dc[choice >> 4], ac: tables.ac[choice & 15] };
  });
  if (new Set(components.map(({ component }) => component)).size !== count)
    throw brokenJpeg('a scan has a component twice');
  const [first, last, bits] = segment.subarray(1 + 2 * count) as unknown as [number, number, number];
  if (!frame.isProgressive) return { components, first: 0, last: 63, high: 0, low: 0 };
  const high = bits >> 4;
  const low = bits & 15;
  const isPlausible =
    first <= last && last <= 63 && (first > 0 || last === 0) && (first === 0 || count === 1) && low <= 13;
  if (!isPlausible || (high !== 0 && high !== low + 1)) throw brokenJpeg('a scan is of frequencies that do not exist');
  return { components, first, last, high, low };
}

/** Decodes the entropy-coded data of one scan into the coefficients of its components. */
export class ScanDecoder {
  private bits = 0;
  private bitCount = 0;
  /** A marker was met, which ends the data: zeros follow, as in libjpeg. */
  private isAtMarker = false;
  private readonly predictions = [0, 0, 0, 0];
  /** Blocks to come that have no more coefficients. */
  private endOfBand = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private at: number,
    private readonly frame: Frame,
    private readonly scan: Scan,
  ) {}

  /** @returns Where the marker after the scan begins. */
  run(restartInterval: number): number {
    const { scan, frame } = this;
    const decode = this.blockDecoder();
    const only = scan.components.length === 1 ? scan.components[0]!.component : undefined;
    const columns = only ? only.blockColumns : frame.unitColumns;
    const units = columns * (only ? only.blockRows : frame.unitRows);
    for (let unit = 0, left = restartInterval || Infinity; unit < units; unit++, left--) {
      if (left === 0) {
        this.restart();
        left = restartInterval;
      }
      const row = Math.floor(unit / columns);
      const column = unit - row * columns;
      if (only) decode(0, (row * only.stride + column) * 64);
      else {
        for (let i = 0; i < scan.components.length; i++) {
          const { across, down, stride } = scan.components[i]!.component;
          for (let y = row * down; y < (row + 1) * down; y++)
            for (let x = column * across; x < (column + 1) * across; x++) decode(i, (y * stride + x) * 64);
        }
      }
    }
    return this.at;
  }

  private blockDecoder(): (index: number, start: number) => void {
    const { isProgressive } = this.frame;
    const { first, high } = this.scan;
    if (!isProgressive) return (index, start) => this.decodeWhole(index, start);
    if (first === 0) {
      return high === 0
        ? (index, start) => this.decodeFirstDc(index, start)
        : (index, start) => this.refineDc(index, start);
    }
    return high === 0 ? (_, start) => this.decodeFirstAc(start) : (_, start) => this.refineAc(start);
  }

  private restart(): void {
    this.bits = 0;
    this.bitCount = 0;
    this.isAtMarker = false;
    this.endOfBand = 0;
    this.predictions.fill(0);
    const { bytes } = this;
    // Bytes before the marker are skipped, as libjpeg does where data is broken.
    while (
      this.at + 1 < bytes.length &&
      !(bytes[this.at] === 0xff && bytes[this.at + 1] !== 0 && bytes[this.at + 1] !== 0xff)
    )
      this.at++;
    if (this.at + 1 >= bytes.length) throw brokenJpeg('it ends early');
    const marker = bytes[this.at + 1]!;
    if (marker >= 0xd0 && marker <= 0xd7) this.at += 2;
    else this.isAtMarker = true;
  }

  private fill(): void {
    const { bytes } = this;
    while (this.bitCount <= 16) {
      let byte = 0;
      if (!this.isAtMarker) {
        if (this.at >= bytes.length) throw brokenJpeg('it ends early');
        byte = bytes[this.at]!;
        if (byte !== 0xff) this.at++;
        else {
          let next = this.at + 1;
          while (bytes[next] === 0xff) next++;
          if (next >= bytes.length) throw brokenJpeg('it ends early');
          if (bytes[next] === 0) this.at = next + 1;
          else {
            this.isAtMarker = true;
            byte = 0;
          }
        }
      }
      this.bits = (this.bits << 8) | byte;
      this.bitCount += 8;
    }
  }

  private take(count: number): number {
    if (count === 0) return 0;
    if (this.bitCount < count) this.fill();
    this.bitCount -= count;
    return (this.bits >>> this.bitCount) & ((1 << count) - 1);
  }

  private symbol(table: HuffmanTable | undefined): number {
    if (!table) throw brokenJpeg('a Huffman table is missing');
    if (this.bitCount < 16) this.fill();
    const found = table.short[(this.bits >>> (this.bitCount - 8)) & 0xff]!;
    if (found !== 0) {
      this.bitCount -= found >> 8;
      return found & 0xff;
    }
    for (let length = 9; length <= 16; length++) {
      const code = (this.bits >>> (this.bitCount - length)) & ((1 << length) - 1);
      if (code > table.greatest[length]!) continue;
      this.bitCount -= length;
      return table.symbols[code + table.offsets[length]!]!;
    }
    // No code: libjpeg takes it for zero.
    this.bitCount -= 16;
    return 0;
  }

  /** A number of so many bits, of which the upper half are the positive ones. */
  private signed(bits: number): number {
    const value = this.take(bits);
    return bits > 0 && value < 1 << (bits - 1) ? value - (1 << bits) + 1 : value;
  }

  private nextDc(index: number): number {
    const bits = this.symbol(this.scan.components[index]!.dc);
    if (bits > 15) throw brokenJpeg('a coefficient is out of range');
    return (this.predictions[index]! += this.signed(bits));
  }

  private decodeWhole(index: number, start: number): void {
    const { component, ac } = this.scan.components[index]!;
    const { coefficients } = component;
    coefficients[start] = this.nextDc(index);
    for (let k = 1; k < 64; k++) {
      const symbol = this.symbol(ac);
      const bits = symbol & 15;
      if (bits === 0) {
        if (symbol !== 0xf0) return;
        k += 15;
        continue;
      }
      k += symbol >> 4;
      const value = this.signed(bits);
      if (k < 64) coefficients[start + ZIGZAG[k]!] = value;
    }
  }

  private decodeFirstDc(index: number, start: number): void {
    this.scan.components[index]!.component.coefficients[start] = this.nextDc(index) << this.scan.low;
  }

  private refineDc(index: number, start: number): void {
    if (this.take(1) === 1) this.scan.components[index]!.component.coefficients[start]! |= 1 << this.scan.low;
  }

  private decodeFirstAc(start: number): void {
    if (this.endOfBand > 0) {
      this.endOfBand--;
      return;
    }
    const { components, first, last, low } = this.scan;
    const { component, ac } = components[0]!;
    for (let k = first; k <= last; k++) {
      const symbol = this.symbol(ac);
      const run = symbol >> 4;
      const bits = symbol & 15;
      if (bits > 0) {
        k += run;
        const value = this.signed(bits) * (1 << low);
        if (k < 64) component.coefficients[start + ZIGZAG[k]!] = value;
      } else if (run === 15) {
        k += 15;
      } else {
        this.endOfBand = (1 << run) - 1 + this.take(run);
        return;
      }
    }
  }

  /** Adds one bit to each coefficient that is known, and finds those that begin with it. */
  private refineAc(start: number): void {
    const { components, first, last, low } = this.scan;
    const { component, ac } = components[0]!;
    const { coefficients } = component;
    const bit = 1 << low;
    const refine = (at: number): void => {
      const value = coefficients[at]!;
      if (this.take(1) === 1 && (Math.abs(value) & bit) === 0) coefficients[at] = value < 0 ? value - bit : value + bit;
    };
    let k = first;
    if (this.endOfBand === 0) {
      for (; k <= last; k++) {
        const symbol = this.symbol(ac);
        let run = symbol >> 4;
        let value = 0;
        if ((symbol & 15) !== 0) value = this.take(1) === 1 ? bit : -bit;
        else if (run !== 15) {
          this.endOfBand = (1 << run) + this.take(run);
          break;
        }
        for (; k <= last; k++) {
          const at = start + ZIGZAG[k]!;
          if (coefficients[at] !== 0) refine(at);
          else if (--run < 0) break;
        }
        if (value !== 0 && k <= last) coefficients[start + ZIGZAG[k]!] = value;
      }
    }
    if (this.endOfBand > 0) {
      for (; k <= last; k++) {
        const at = start + ZIGZAG[k]!;
        if (coefficients[at] !== 0) refine(at);
      }
      this.endOfBand--;
    }
  }
}
