import { InvalidArgumentError } from './errors.js';
import { StringArrayBuilder } from './string-array-builder.js';

/** The data types that an example's features have. */
export type FeatureDType = 'float32' | 'int64' | 'string';

/** The field of a `tf.train.Feature` in which values of each data type stand. */
const FIELDS: Readonly<Record<FeatureDType, number>> = { string: 1, float32: 2, int64: 3 };

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

/** Reads the fields of one protocol buffer message. */
class MessageReader {
  /** The number of the field at hand. */
  field = 0;
  wireType = 0;
  /** Where a length-delimited field lies. */
  start = 0;
  end = 0;
  /** The halves of the varint read last. */
  low = 0;
  high = 0;

  constructor(
    readonly bytes: Uint8Array,
    private at: number,
    private readonly limit: number,
  ) {}

  /** Goes to the next field; `false` if there is none. */
  next(): boolean {
    if (this.at >= this.limit) return false;
    this.readVarint();
    this.field = this.low >>> 3;
    this.wireType = this.low & 7;
    if (this.field === 0) throw new BrokenExampleError();
    if (this.wireType === DELIMITED) {
      this.readVarint();
      this.start = this.at;
      this.end = this.at + (this.low >>> 0);
      if (this.high !== 0 || this.end > this.limit) throw new BrokenExampleError();
      this.at = this.end;
    } else if (this.wireType === FIXED32 || this.wireType === FIXED64) {
      this.start = this.at;
      this.at += this.wireType === FIXED32 ? 4 : 8;
      if (this.at > this.limit) throw new BrokenExampleError();
    } else if (this.wireType === VARINT) {
      this.readVarint();
    } else {
      throw new BrokenExampleError();
    }
    return true;
  }

  /** Reads a varint where no field begins: in a packed list. */
  nextPacked(): boolean {
    if (this.at >= this.limit) return false;
    this.readVarint();
    return true;
  }

  private readVarint(): void {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.at >= this.limit) throw new BrokenExampleError();
      const byte = this.bytes[this.at++]!;
      if (shift < 28) low |= (byte & 127) << shift;
      else if (shift === 28) {
        low |= (byte & 127) << 28;
        high |= (byte & 127) >> 4;
      } else high |= (byte & 127) << (shift - 32);
      if (byte < 128) {
        this.low = low;
        this.high = high;
        return;
      }
    }
    throw new BrokenExampleError();
  }
}

/** Bytes are no serialised example. Whoever knows which one it is makes it an `InvalidArgumentError`. */
class BrokenExampleError extends Error {}

/** The values of one feature, of one example after the other. */
export interface FeatureColumn {
  /** Values so far. */
  readonly length: number;
  append(bytes: Uint8Array, start: number, end: number): void;
}

export class FloatColumn implements FeatureColumn {
  readonly values: number[] = [];

  get length(): number {
    return this.values.length;
  }

  append(bytes: Uint8Array, start: number, end: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const reader = new MessageReader(bytes, start, end);
    while (reader.next()) {
      if (reader.field !== 1) continue;
      if (reader.wireType === FIXED32) this.values.push(view.getFloat32(reader.start, true));
      else if (reader.wireType === DELIMITED) {
        if ((reader.end - reader.start) % 4 !== 0) throw new BrokenExampleError();
        for (let at = reader.start; at < reader.end; at += 4) this.values.push(view.getFloat32(at, true));
      }
    }
  }
}

export class IntegerColumn implements FeatureColumn {
  /** Two halves per value, the low one first. */
  readonly halves: number[] = [];

  get length(): number {
    return this.halves.length / 2;
  }

  append(bytes: Uint8Array, start: number, end: number): void {
    const reader = new MessageReader(bytes, start, end);
    while (reader.next()) {
      if (reader.field !== 1) continue;
      if (reader.wireType === VARINT) this.halves.push(reader.low, reader.high);
      else if (reader.wireType === DELIMITED) {
        const packed = new MessageReader(bytes, reader.start, reader.end);
        while (packed.nextPacked()) this.halves.push(packed.low, packed.high);
      }
    }
  }
}

export class StringColumn implements FeatureColumn {
  readonly builder = new StringArrayBuilder(256, 16);

  get length(): number {
    return this.builder.length;
  }

  append(bytes: Uint8Array, start: number, end: number): void {
    const reader = new MessageReader(bytes, start, end);
    while (reader.next()) {
      if (reader.field !== 1 || reader.wireType !== DELIMITED) continue;
      this.builder.append(bytes, reader.start, reader.end);
      this.builder.end();
    }
  }
}

/** A feature that is wanted. */
export interface WantedFeature {
  readonly key: Uint8Array;
  readonly dtype: FeatureDType;
  readonly column: FeatureColumn;
}

/**
 * Appends the values of the wanted features of one serialised `tf.train.Example` to their columns.
 *
 * @param index Of the example, for messages.
 * @returns Whether each feature was there.
 * @throws InvalidArgumentError if the bytes are no example, or a feature is of another data type.
 */
export function readExample(
  bytes: Uint8Array,
  start: number,
  end: number,
  wanted: readonly WantedFeature[],
  index: number,
): boolean[] {
  try {
    const spans = findFeatures(bytes, start, end, wanted);
    return wanted.map((feature, i) => readFeature(bytes, spans[2 * i]!, spans[2 * i + 1]!, feature, index));
  } catch (error) {
    if (error instanceof BrokenExampleError)
      throw new InvalidArgumentError(`String ${index} is no serialised example.`);
    throw error;
  }
}

/**
 * Appends the values of the wanted feature lists of one serialised `tf.train.SequenceExample` to their columns. What it has for each of
 * its steps is a feature; its context is read as an example is.
 *
 * @param endStep Called after each step, with which of the wanted it is of.
 * @returns Whether each feature list was there.
 * @throws InvalidArgumentError if the bytes are no example, or a feature is of another data type.
 */
export function readFeatureLists(
  bytes: Uint8Array,
  start: number,
  end: number,
  wanted: readonly WantedFeature[],
  index: number,
  endStep: (which: number) => void,
): boolean[] {
  try {
    const spans = findFeatures(bytes, start, end, wanted, FEATURE_LISTS);
    return wanted.map((feature, i) => {
      if (spans[2 * i]! < 0) return false;
      const list = new MessageReader(bytes, spans[2 * i]!, spans[2 * i + 1]!);
      while (list.next()) {
        if (list.field !== 1 || list.wireType !== DELIMITED) continue;
        readFeature(bytes, list.start, list.end, feature, index);
        endStep(i);
      }
      return true;
    });
  } catch (error) {
    if (error instanceof BrokenExampleError)
      throw new InvalidArgumentError(`String ${index} is no serialised example.`);
    throw error;
  }
}

/** The fields of an example, and of the context of a sequence, and of what a sequence has for each step. */
const FEATURES = 1;
const FEATURE_LISTS = 2;

/** Where each wanted feature lies; -1 where it does not. The last one of a name counts. */
function findFeatures(
  bytes: Uint8Array,
  start: number,
  end: number,
  wanted: readonly WantedFeature[],
  field = FEATURES,
): Float64Array {
  const spans = new Float64Array(2 * wanted.length).fill(-1);
  const example = new MessageReader(bytes, start, end);
  while (example.next()) {
    if (example.field !== field || example.wireType !== DELIMITED) continue;
    const features = new MessageReader(bytes, example.start, example.end);
    while (features.next()) {
      if (features.field !== 1 || features.wireType !== DELIMITED) continue;
      const entry = new MessageReader(bytes, features.start, features.end);
      let keyStart = 0;
      let keyEnd = 0;
      let valueStart = 0;
      let valueEnd = 0;
      while (entry.next()) {
        if (entry.wireType !== DELIMITED) continue;
        if (entry.field === 1) [keyStart, keyEnd] = [entry.start, entry.end];
        else if (entry.field === 2) [valueStart, valueEnd] = [entry.start, entry.end];
      }
      for (let i = 0; i < wanted.length; i++) {
        if (!isEqual(bytes, keyStart, keyEnd, wanted[i]!.key)) continue;
        spans[2 * i] = valueStart;
        spans[2 * i + 1] = valueEnd;
      }
    }
  }
  return spans;
}

function isEqual(bytes: Uint8Array, start: number, end: number, key: Uint8Array): boolean {
  if (end - start !== key.length) return false;
  for (let i = 0; i < key.length; i++) if (bytes[start + i] !== key[i]) return false;
  return true;
}

function readFeature(
  bytes: Uint8Array,
  start: number,
  end: number,
  { key, dtype, column }: WantedFeature,
  index: number,
): boolean {
  if (start < 0) return false;
  const feature = new MessageReader(bytes, start, end);
  let isThere = false;
  while (feature.next()) {
    if (feature.field < 1 || feature.field > 3 || feature.wireType !== DELIMITED) continue;
    if (feature.field !== FIELDS[dtype]) {
      const name = new TextDecoder().decode(key);
      throw new InvalidArgumentError(
        `Feature "${name}" of example ${index} is not ${dtype}; its values are of another data type.`,
      );
    }
    column.append(bytes, feature.start, feature.end);
    isThere = true;
  }
  return isThere;
}
