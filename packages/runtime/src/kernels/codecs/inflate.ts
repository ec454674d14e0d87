import { brokenFile } from './picture.js';

/** How many bits a symbol has at most. */
const LONGEST = 15;

/** Codes up to this length are looked up at once. */
const SHORT = 9;

/** What a symbol fits in. */
const SYMBOL_BITS = 9;

/** A canonical Huffman code: how many symbols have each length, and the symbols in order of their codes. */
interface Code {
  /** By the next bits, the first of them lowest: a symbol, and above its bits the code's length; 0 where the code is longer. */
  readonly short: Uint16Array;
  readonly counts: Uint16Array;
  readonly symbols: Uint16Array;
}

const broken = (problem: string): Error => brokenFile('deflated', problem);

function makeCode(lengths: Uint8Array): Code {
  const counts = new Uint16Array(LONGEST + 1);
  for (const length of lengths) counts[length]!++;
  counts[0] = 0;
  let room = 1;
  for (let length = 1; length <= LONGEST; length++) {
    room = room * 2 - counts[length]!;
    if (room < 0) throw broken('a code has too many symbols');
  }
  const starts = new Uint16Array(LONGEST + 2);
  for (let length = 1; length <= LONGEST; length++) starts[length + 1] = starts[length]! + counts[length]!;
  const symbols = new Uint16Array(starts[LONGEST + 1]!);
  lengths.forEach((length, symbol) => {
    if (length > 0) symbols[starts[length]!++] = symbol;
  });
  return { short: lookUpTable(counts, symbols), counts, symbols };
}

function lookUpTable(counts: Uint16Array, symbols: Uint16Array): Uint16Array {
  const table = new Uint16Array(1 << SHORT);
  for (let length = 1, code = 0, index = 0; length <= SHORT; length++, code <<= 1) {
    for (let i = 0; i < counts[length]!; i++, code++, index++) {
      let reversed = 0;
      for (let bit = 0; bit < length; bit++) reversed |= ((code >> bit) & 1) << (length - 1 - bit);
      for (let at = reversed; at < table.length; at += 1 << length)
        table[at] = symbols[index]! | (length << SYMBOL_BITS);
    }
  }
  return table;
}

const FIXED_LENGTHS = makeCode(
  Uint8Array.from({ length: 288 }, (_, symbol) => (symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8)),
);
const FIXED_DISTANCES = makeCode(new Uint8Array(30).fill(5));

const LENGTH_EXTRA = Uint8Array.of(
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  1,
  1,
  1,
  1,
  2,
  2,
  2,
  2,
  3,
  3,
  3,
  3,
  4,
  4,
  4,
  4,
  5,
  5,
  5,
  5,
  0,
);
const DISTANCE_EXTRA = Uint8Array.from({ length: 30 }, (_, symbol) => Math.max(0, (symbol >> 1) - 1));

/** The least value of each symbol, given how many extra bits each has. */
function basesOf(extra: Uint8Array, first: number): Uint16Array {
  const bases = new Uint16Array(extra.length);
  for (let symbol = 0, base = first; symbol < extra.length; base += 1 << extra[symbol++]!) bases[symbol] = base;
  return bases;
}

const LENGTH_BASE = basesOf(LENGTH_EXTRA, 3);
// The longest match has a symbol of its own, though the one before could say it too.
LENGTH_BASE[28] = 258;
const DISTANCE_BASE = basesOf(DISTANCE_EXTRA, 1);

/** The order in which a block gives the lengths of its codes' codes. */
const CODE_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

class Inflater {
  private at = 2;
  private bits = 0;
  private bitCount = 0;
  private size = 0;

  constructor(
    private readonly input: Uint8Array,
    private readonly output: Uint8Array,
  ) {}

  run(): number {
    for (let isLast = false; !isLast && this.size < this.output.length;) {
      isLast = this.take(1) === 1;
      const kind = this.take(2);
      if (kind === 0) this.copyStored();
      else if (kind === 1) this.inflateBlock(FIXED_LENGTHS, FIXED_DISTANCES);
      else if (kind === 2) this.inflateDynamic();
      else throw broken('a block is of no known kind');
    }
    return this.size;
  }

  private take(count: number): number {
    while (this.bitCount < count) {
      if (this.at >= this.input.length) throw broken('it ends early');
      this.bits |= this.input[this.at++]! << this.bitCount;
      this.bitCount += 8;
    }
    const value = this.bits & ((1 << count) - 1);
    this.bits >>>= count;
    this.bitCount -= count;
    return value;
  }

  private decode({ short, counts, symbols }: Code): number {
    while (this.bitCount < LONGEST && this.at < this.input.length) {
      this.bits |= this.input[this.at++]! << this.bitCount;
      this.bitCount += 8;
    }
    const found = short[this.bits & ((1 << SHORT) - 1)]!;
    const known = found >> SYMBOL_BITS;
    if (known > 0 && known <= this.bitCount) {
      this.bits >>>= known;
      this.bitCount -= known;
      return found & ((1 << SYMBOL_BITS) - 1);
    }
    let code = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length <= LONGEST; length++) {
      code |= this.take(1);
      const count = counts[length]!;
      if (code - count < first) return symbols[index + (code - first)]!;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw broken('a code is not in its table');
  }

  private copyStored(): void {
    // Whole bytes that were taken ahead are given back.
    this.at -= this.bitCount >> 3;
    this.bits = 0;
    this.bitCount = 0;
    const { input, at } = this;
    if (at + 4 > input.length) throw broken('it ends early');
    const length = input[at]! | (input[at + 1]! << 8);
    if (length !== (~(input[at + 2]! | (input[at + 3]! << 8)) & 0xffff))
      throw broken("a stored block's lengths differ");
    const start = at + 4;
    if (start + length > input.length) throw broken('it ends early');
    const kept = Math.min(length, this.output.length - this.size);
    this.output.set(input.subarray(start, start + kept), this.size);
    this.size += kept;
    this.at = start + length;
  }

  private inflateDynamic(): void {
    const lengthCount = this.take(5) + 257;
    const distanceCount = this.take(5) + 1;
    const codeCount = this.take(4) + 4;
    if (lengthCount > 286 || distanceCount > 30) throw broken('a block has too many symbols');
    const codeLengths = new Uint8Array(19);
    for (let i = 0; i < codeCount; i++) codeLengths[CODE_ORDER[i]!] = this.take(3);
    const code = makeCode(codeLengths);
    const lengths = new Uint8Array(lengthCount + distanceCount);
    for (let i = 0; i < lengths.length;) {
      const symbol = this.decode(code);
      if (symbol < 16) {
        lengths[i++] = symbol;
        continue;
      }
      if (symbol === 16 && i === 0) throw broken('there is no length to repeat');
      const value = symbol === 16 ? lengths[i - 1]! : 0;
      const repeats = symbol === 16 ? 3 + this.take(2) : symbol === 17 ? 3 + this.take(3) : 11 + this.take(7);
      if (i + repeats > lengths.length) throw broken('it repeats too many lengths');
      lengths.fill(value, i, i + repeats);
      i += repeats;
    }
    this.inflateBlock(makeCode(lengths.subarray(0, lengthCount)), makeCode(lengths.subarray(lengthCount)));
  }

  private inflateBlock(lengths: Code, distances: Code): void {
    const { output } = this;
    while (this.size < output.length) {
      const symbol = this.decode(lengths);
      if (symbol < 256) {
        output[this.size++] = symbol;
        continue;
      }
      if (symbol === 256) return;
      if (symbol > 285) throw broken('a length is of no known kind');
      const length = LENGTH_BASE[symbol - 257]! + this.take(LENGTH_EXTRA[symbol - 257]!);
      const distanceSymbol = this.decode(distances);
      if (distanceSymbol > 29) throw broken('a distance is of no known kind');
      const distance = DISTANCE_BASE[distanceSymbol]! + this.take(DISTANCE_EXTRA[distanceSymbol]!);
      if (distance > this.size) throw broken('it refers to what is before its beginning');
      const end = Math.min(this.size + length, output.length);
      for (let from = this.size - distance; this.size < end;) output[this.size++] = output[from++]!;
    }
  }
}

/** Data cannot become more times larger: two bits make 258 bytes at most. */
const GREATEST_RATIO = 1032;

/**
 * Decompresses zlib data until `size` bytes are there.
 *
 * @throws InvalidArgumentError if the data is broken or gives fewer bytes.
 */
export function inflate(data: Uint8Array, size: number): Uint8Array {
  if (data.length < 2 || (data[0]! & 15) !== 8 || (data[0]! * 256 + data[1]!) % 31 !== 0 || (data[1]! & 32) !== 0)
    throw broken('its header is not that of zlib');
  if (size > data.length * GREATEST_RATIO) throw broken(`it has fewer than ${size} bytes`);
  const output = new Uint8Array(size);
  if (new Inflater(data, output).run() < size) throw broken(`it has fewer than ${size} bytes`);
  return output;
}
