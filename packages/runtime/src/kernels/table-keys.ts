import { StringArray, Tensor } from '@tenon/tensor';
import { InvalidArgumentError } from './errors.js';
import { halvesOf } from './int64-halves.js';

/** Hashes start from a number that files cannot foresee, so that none can make all of its keys collide. */
const SEED = (Math.random() * 0x1_0000_0000) | 0;

const EMPTY: Uint8Array = new Uint8Array(0);

/**
 * The keys of a lookup table, numbered from 0 in the order in which they came: an open-addressed hash table over plain memory, without a
 * JavaScript value per key.
 */
export abstract class TableKeys {
  /** How many keys were ever added. Removed ones are only marked: their numbers stay, and they come back under them. */
  private count = 0;
  private removed = 0;
  /** 1 + the number of a key; 0 where a slot is free. */
  private slots: Int32Array;
  private hashes: Int32Array;
  private gone: Uint8Array | undefined;

  /** @param capacity Keys to expect. */
  protected constructor(capacity: number) {
    let slots = 16;
    while (slots < capacity * 2) slots *= 2;
    this.slots = new Int32Array(slots);
    this.hashes = new Int32Array(Math.max(8, capacity));
  }

  /** The number of keys there are. */
  get size(): number {
    return this.count - this.removed;
  }

  /** The number of each of `keys`; -1 for those that are not there. */
  abstract find(keys: Tensor): Int32Array;

  /** The number of each of `keys`, which are added where they were not there. */
  abstract add(keys: Tensor): Int32Array;

  /** The keys of these numbers, as a vector. */
  abstract list(numbers: ArrayLike<number>): Tensor;

  /** No keys, of the same kind. */
  abstract none(): TableKeys;

  /** The numbers of the keys there are. */
  numbers(): Int32Array {
    const numbers = new Int32Array(this.size);
    let size = 0;
    for (let key = 0; key < this.count; key++) if (this.gone?.[key] !== 1) numbers[size++] = key;
    return numbers;
  }

  remove(key: number): void {
    this.gone ??= new Uint8Array(this.hashes.length);
    if (this.gone[key] === 1) return;
    this.gone[key] = 1;
    this.removed++;
  }

  /** Whether so many keys are marked as removed that the table had better be made again. */
  get isSparse(): boolean {
    return this.removed > 64 && this.removed > this.count / 2;
  }

  /** Whether key number `key` is the one sought; the subclass knows which that is. */
  protected abstract isSought(key: number): boolean;

  /** The slot of the key sought: its own, or the free one where it would go. */
  private probe(hash: number): number {
    const { slots, hashes } = this;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const key = slots[slot]! - 1;
      if (key < 0 || (hashes[key] === hash && this.isSought(key))) return slot;
      slot = (slot + 1) & mask;
    }
  }

  /** The number of the key sought, or -1. */
  protected findSought(hash: number): number {
    const key = this.slots[this.probe(hash)]! - 1;
    return key >= 0 && this.gone !== undefined && this.gone[key] === 1 ? -1 : key;
  }

  /** The number of the key sought, added if it was not there; `store` is then called first. */
  protected addSought(hash: number): number {
    const slot = this.probe(hash);
    const present = this.slots[slot]! - 1;
    if (present >= 0) {
      if (this.gone !== undefined && this.gone[present] === 1) {
        this.gone[present] = 0;
        this.removed--;
      }
      return present;
    }
    const key = this.count++;
    if (key === this.hashes.length) this.grow();
    this.store(key);
    this.hashes[key] = hash;
    this.slots[slot] = key + 1;
    if (this.count * 2 > this.slots.length) this.rehash();
    return key;
  }

  /** Keeps the key sought as number `key`. */
  protected abstract store(key: number): void;

  private grow(): void {
    const { hashes, gone } = this;
    this.hashes = new Int32Array(hashes.length * 2);
    this.hashes.set(hashes);
    if (!gone) return;
    this.gone = new Uint8Array(this.hashes.length);
    this.gone.set(gone);
  }

  private rehash(): void {
    const slots = new Int32Array(this.slots.length * 2);
    const mask = slots.length - 1;
    for (let key = 0; key < this.count; key++) {
      let slot = this.hashes[key]! & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = key + 1;
    }
    this.slots = slots;
  }
}

/** Keys that are strings, compared byte for byte. */
export class StringKeys extends TableKeys {
  private bytes = EMPTY;
  private used = 0;
  private starts: Uint32Array;
  private ends: Uint32Array;

  /** Where the key sought lies. */
  private source = EMPTY;
  private start = 0;
  private end = 0;

  constructor(capacity = 8) {
    super(capacity);
    this.starts = new Uint32Array(Math.max(8, capacity));
    this.ends = new Uint32Array(this.starts.length);
  }

  override find(keys: Tensor): Int32Array {
    const { bytes, offsets, length } = stringsOf(keys);
    const numbers = new Int32Array(length);
    this.source = bytes;
    for (let i = 0; i < length; i++) {
      this.start = offsets[i]!;
      this.end = offsets[i + 1]!;
      numbers[i] = this.findSought(hashBytes(bytes, this.start, this.end));
    }
    return numbers;
  }

  override add(keys: Tensor): Int32Array {
    const strings = stringsOf(keys);
    // The first keys are kept where they lie: a vocabulary is the bytes of its file.
    if (this.used === 0) {
      this.bytes = strings.bytes;
      this.used = this.bytes.length;
    }
    const { bytes, offsets, length } = strings;
    const numbers = new Int32Array(length);
    this.source = bytes;
    for (let i = 0; i < length; i++) {
      this.start = offsets[i]!;
      this.end = offsets[i + 1]!;
      numbers[i] = this.addSought(hashBytes(bytes, this.start, this.end));
    }
    return numbers;
  }

  override list(numbers: ArrayLike<number>): Tensor {
    const offsets = new Uint32Array(numbers.length + 1);
    for (let i = 0; i < numbers.length; i++) {
      offsets[i + 1] = offsets[i]! + this.ends[numbers[i]!]! - this.starts[numbers[i]!]!;
    }
    const bytes = new Uint8Array(offsets[numbers.length]!);
    for (let i = 0; i < numbers.length; i++) {
      bytes.set(this.bytes.subarray(this.starts[numbers[i]!], this.ends[numbers[i]!]), offsets[i]);
    }
    return new Tensor('string', [numbers.length], new StringArray(bytes, offsets));
  }

  override none(): StringKeys {
    return new StringKeys();
  }

  protected override isSought(key: number): boolean {
    const { bytes, source, start } = this;
    const length = this.end - start;
    const from = this.starts[key]!;
    if (this.ends[key]! - from !== length) return false;
    for (let i = 0; i < length; i++) if (bytes[from + i] !== source[start + i]) return false;
    return true;
  }

  protected override store(key: number): void {
    if (key === this.starts.length) {
      this.starts = grown(this.starts);
      this.ends = grown(this.ends);
    }
    if (this.source === this.bytes) {
      this.starts[key] = this.start;
      this.ends[key] = this.end;
      return;
    }
    const length = this.end - this.start;
    if (this.used + length > this.bytes.length) {
      const bytes = new Uint8Array(Math.max(256, (this.used + length) * 2));
      bytes.set(this.bytes.subarray(0, this.used));
      this.bytes = bytes;
    }
    this.bytes.set(this.source.subarray(this.start, this.end), this.used);
    this.starts[key] = this.used;
    this.ends[key] = this.used += length;
  }
}

/** Keys that are int32 or int64. */
export class IntegerKeys extends TableKeys {
  private lows: Int32Array;
  private highs: Int32Array;

  /** The key sought. */
  private low = 0;
  private high = 0;

  constructor(
    private readonly dtype: 'int32' | 'int64',
    capacity = 8,
  ) {
    super(capacity);
    this.lows = new Int32Array(Math.max(8, capacity));
    this.highs = new Int32Array(this.lows.length);
  }

  override find(keys: Tensor): Int32Array {
    const numbers = new Int32Array(keys.data.length);
    this.forEach(keys, (hash, i) => {
      numbers[i] = this.findSought(hash);
    });
    return numbers;
  }

  override add(keys: Tensor): Int32Array {
    const numbers = new Int32Array(keys.data.length);
    this.forEach(keys, (hash, i) => {
      numbers[i] = this.addSought(hash);
    });
    return numbers;
  }

  override list(numbers: ArrayLike<number>): Tensor {
    const { length } = numbers;
    if (this.dtype === 'int32') {
      return new Tensor(
        'int32',
        [length],
        Int32Array.from(numbers, (key) => this.lows[key]!),
      );
    }
    const data = new BigInt64Array(length);
    const halves = halvesOf(data);
    for (let i = 0; i < length; i++) {
      halves[2 * i] = this.lows[numbers[i]!]!;
      halves[2 * i + 1] = this.highs[numbers[i]!]!;
    }
    return new Tensor('int64', [length], data);
  }

  override none(): IntegerKeys {
    return new IntegerKeys(this.dtype);
  }

  protected override isSought(key: number): boolean {
    return this.lows[key] === this.low && this.highs[key] === this.high;
  }

  protected override store(key: number): void {
    if (key === this.lows.length) {
      this.lows = grown(this.lows);
      this.highs = grown(this.highs);
    }
    this.lows[key] = this.low;
    this.highs[key] = this.high;
  }

  /** Makes each of `keys` the one sought and calls `visit` with its hash. */
  private forEach(keys: Tensor, visit: (hash: number, index: number) => void): void {
    if (keys.dtype !== this.dtype)
      throw new InvalidArgumentError(`The table's keys are ${this.dtype}; ${keys.dtype} were given.`);
    const wide = keys.is('int64') ? halvesOf(keys.data) : undefined;
    const narrow = keys.data as Int32Array;
    for (let i = 0; i < narrow.length; i++) {
      this.low = wide ? wide[2 * i]! : narrow[i]!;
      this.high = wide ? wide[2 * i + 1]! : this.low >> 31;
      visit(mix(mix(SEED, this.low), this.high), i);
    }
  }
}

function stringsOf(keys: Tensor): StringArray {
  if (!keys.is('string')) throw new InvalidArgumentError(`The table's keys are strings; ${keys.dtype} were given.`);
  return keys.data;
}

function grown<A extends Int32Array | Uint32Array>(array: A): A {
  const larger = new (array.constructor as new (length: number) => A)(array.length * 2);
  larger.set(array);
  return larger;
}

function mix(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = SEED ^ (end - start);
  let at = start;
  for (; at + 4 <= end; at += 4) {
    hash = mix(hash, bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
  }
  let rest = 0;
  for (; at < end; at++) rest = (rest << 8) | bytes[at]!;
  return mix(hash, rest);
}
