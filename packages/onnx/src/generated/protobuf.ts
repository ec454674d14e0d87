// The wire format of protocol buffers, as much of it as generated messages need.

/** What every message has. */
export interface Message<Name extends string = string> {
  /** The message's full name: what tells a message from a plain object with some of its fields. */
  readonly $typeName: Name;
  /** Fields that were read and are not in the .proto file, each with its tag; they are written again. */
  $unknown?: Uint8Array[] | undefined;
}

/** What can be done with a kind of message. */
export interface Schema<M extends Message = Message> {
  readonly typeName: M['$typeName'];
  /** A message with every field at its default. */
  make(): M;
  /** Reads fields into `message` up to `end`. */
  decode(reader: Reader, end: number, message: M): void;
  encode(message: M, writer: Writer): void;
  /** The fields that hold messages, and how. */
  readonly nested: Readonly<Record<string, Nesting>>;
}

export interface Nesting {
  readonly kind: 'one' | 'list' | 'map' | 'oneof';
  /** Of a oneof: the schemas of its cases that are messages; else the one schema is under `''`. */
  readonly schemas: () => Readonly<Record<string, Schema>>;
}

/** A message as `create` takes it: any fields of it, messages in it given in the same way. */
export type Init<M extends Message> =
  M | { readonly [K in Exclude<keyof M, '$typeName' | '$unknown'>]?: InitOf<M[K]> | undefined };

type InitOf<F> = F extends Message
  ? Init<F>
  : F extends Uint8Array
    ? F
    : F extends (infer E)[]
      ? readonly InitOf<E>[]
      : F extends { case: infer C; value: infer V }
        ? { readonly case: C; readonly value: InitOf<V> }
        : F extends { case: undefined }
          ? F
          : F extends { [key: string]: infer E }
            ? { readonly [key: string]: InitOf<E> }
            : F;

/** A message with the fields given; the others have their defaults. */
export function create<M extends Message>(schema: Schema<M>, init?: Init<M>): M {
  const message = schema.make();
  const fields = message as unknown as Record<string, unknown>;
  for (const name of Object.keys(fields)) if (fields[name] === NO_ITEMS) fields[name] = [];
  for (const [name, value] of Object.entries(init ?? {})) {
    if (value === undefined) continue;
    const nesting = Object.hasOwn(schema.nested, name) ? schema.nested[name] : undefined;
    fields[name] = nesting === undefined ? value : createNested(nesting, value);
  }
  return message;
}

function createNested({ kind, schemas }: Nesting, value: unknown): unknown {
  if (kind === 'oneof') {
    const { case: name, value: inner } = value as { case?: string; value?: unknown };
    if (name === undefined) return NOT_SET;
    const schema = schemas()[name];
    return { case: name, value: schema === undefined ? inner : createOne(schema, inner) };
  }
  const schema = schemas()['']!;
  if (kind === 'one') return createOne(schema, value);
  if (kind === 'list') return (value as unknown[]).map((item) => createOne(schema, item));
  const map = new EmptyMap<unknown>();
  for (const [key, item] of Object.entries(value as object)) map[key] = createOne(schema, item);
  return map;
}

function createOne(schema: Schema, value: unknown): unknown {
  return (value as Partial<Message>).$typeName === undefined ? create(schema, value as Init<Message>) : value;
}

/** No bytes: what an absent field of bytes holds. */
export const NO_BYTES = new Uint8Array();

/**
 * A list of which nothing was read. One for all: graphs have tens of thousands of lists that are empty, and making each
 * of them took a third of the time that reading took.
 */
export const NO_ITEMS: never[] = Object.freeze([]) as unknown as never[];

/** Adds to a list that may be `NO_ITEMS`. */
export function append<T>(items: T[], item: T): T[] {
  if (items.length === 0) return [item];
  items.push(item);
  return items;
}

/** A oneof of which nothing is set. */
export const NOT_SET: { case: undefined } = Object.freeze({ case: undefined });

/**
 * Makes empty maps. They inherit nothing, since a key of a file may be "constructor", or "__proto__". (The constructor
 * rather than `Object.create(null)`, which makes objects that are several times as large and slow.)
 */
export const EmptyMap = function () {} as unknown as new <V>() => { [key: string]: V };
EmptyMap.prototype = Object.create(null);

/**
 * Reads a message. Its `bytes` fields are views of `bytes`, and its empty lists are one, which is frozen: to add to a list,
 * assign a new one.
 *
 * @throws RangeError if the bytes are not such a message.
 */
export function fromBinary<M extends Message>(schema: Schema<M>, bytes: Uint8Array): M {
  const message = schema.make();
  const reader = new Reader(bytes);
  schema.decode(reader, bytes.length, message);
  reader.finish(bytes.length);
  return message;
}

export function toBinary<M extends Message>(schema: Schema<M>, message: M): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  schema.encode(message, writer);
  return writer.finish();
}

/** How deep messages may nest: hostile bytes must not exhaust the stack. */
const MAX_DEPTH = 100;

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const GROUP_START = 3;
const GROUP_END = 4;
const FIXED32 = 5;

/** As long as the names of nodes, which come again as inputs of others; longer strings are seldom the same. */
const MAX_SHARED_STRING = 120;
/** What is shorter than this is made quicker without a decoder. */
const SHORT_STRING = 12;
const SHARED_STRINGS = 4096;

const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const utf8Encoder = new TextEncoder();

export class Reader {
  position = 0;
  private depth = 0;
  private readonly view: DataView;
  /** Graphs say the same few words over and over: those that were read lately, by a hash of their bytes. */
  private readonly shared: (string | undefined)[] = new Array<string | undefined>(SHARED_STRINGS).fill(undefined);
  private low = 0;
  private high = 0;

  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    // Node's Buffer is a Uint8Array whose views are slow to make.
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Field number and wire type. */
  tag(): number {
    const tag = this.uint32();
    if (tag < 8) throw new RangeError('a field has the number 0');
    return tag;
  }

  uint32(): number {
    const { bytes } = this;
    let byte = bytes[this.position++]!;
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let shift = 7; shift < 70; shift += 7) {
      byte = this.byte();
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new RangeError('a number does not end');
  }

  int32(): number {
    return this.uint32() | 0;
  }

  bool(): boolean {
    this.varint64();
    return (this.low | this.high) !== 0;
  }

  int64(): bigint {
    this.varint64();
    if (this.high === 0) return BigInt(this.low);
    return BigInt.asIntN(64, (BigInt(this.high) << 32n) | BigInt(this.low));
  }

  uint64(): bigint {
    return BigInt.asUintN(64, this.int64());
  }

  sint64(): bigint {
    const value = this.uint64();
    return (value >> 1n) ^ -(value & 1n);
  }

  fixed32(): number {
    const value = this.view.getUint32(this.advance(4), true);
    return value;
  }

  float(): number {
    return this.view.getFloat32(this.advance(4), true);
  }

  double(): number {
    return this.view.getFloat64(this.advance(8), true);
  }

  /** A view, not a copy. */
  take(): Uint8Array {
    const length = this.uint32();
    const start = this.advance(length);
    return this.bytes.subarray(start, start + length);
  }

  string(): string {
    const length = this.uint32();
    const start = this.advance(length);
    if (length > MAX_SHARED_STRING) return this.decodeString(start, length);
    const { bytes } = this;
    let hash = length;
    for (let index = 0; index < length; index++) hash = (Math.imul(hash, 31) + bytes[start + index]!) | 0;
    const slot = (hash ^ (hash >>> 15)) & (SHARED_STRINGS - 1);
    const known = this.shared[slot];
    if (known !== undefined && this.isAt(known, start, length)) return known;
    const value = this.decodeString(start, length);
    this.shared[slot] = value;
    return value;
  }

  message<M extends Message>(schema: Schema<M>, message = schema.make()): M {
    const end = this.open();
    schema.decode(this, end, message);
    this.close(end);
    return message;
  }

  /** Enters a length-delimited value. Returns where it ends. */
  open(): number {
    if (++this.depth > MAX_DEPTH) throw new RangeError(`messages nest deeper than ${MAX_DEPTH}`);
    const length = this.uint32();
    const end = this.position + length;
    if (end > this.bytes.length) this.fail();
    return end;
  }

  close(end: number): void {
    this.depth--;
    this.finish(end);
  }

  finish(end: number): void {
    if (this.position !== end) throw new RangeError('a field reaches beyond its message, or the bytes end early');
  }

  /** Passes over a field whose tag was read. */
  skip(tag: number): void {
    switch (tag & 7) {
      case VARINT:
        this.varint64();
        break;
      case FIXED64:
        this.advance(8);
        break;
      case DELIMITED:
        this.advance(this.uint32());
        break;
      case FIXED32:
        this.advance(4);
        break;
      case GROUP_START:
        this.skipGroup(tag >>> 3);
        break;
      default:
        throw new RangeError(`a field has the impossible wire type ${tag & 7}`);
    }
  }

  /** Passes over a field that the message does not know, and keeps it. */
  keep(message: Message, tag: number, start: number): void {
    this.skip(tag);
    (message.$unknown ??= []).push(this.bytes.subarray(start, this.position));
  }

  private skipGroup(field: number): void {
    if (++this.depth > MAX_DEPTH) throw new RangeError(`groups nest deeper than ${MAX_DEPTH}`);
    for (;;) {
      const tag = this.tag();
      if ((tag & 7) === GROUP_END) {
        if (tag >>> 3 !== field) throw new RangeError('a group ends as another');
        break;
      }
      this.skip(tag);
    }
    this.depth--;
  }

  private byte(): number {
    if (this.position >= this.bytes.length) this.fail();
    return this.bytes[this.position++]!;
  }

  private advance(length: number): number {
    const start = this.position;
    if (length > this.bytes.length - start) this.fail();
    this.position = start + length;
    return start;
  }

  private fail(): never {
    throw new RangeError('the bytes end in the middle of a field');
  }

  private varint64(): void {
    let byte = this.byte();
    let low = byte & 0x7f;
    let high = 0;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      if (shift >= 70) throw new RangeError('a number does not end');
      byte = this.byte();
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
    }
    this.low = low >>> 0;
    this.high = high >>> 0;
  }

  private isAt(value: string, start: number, length: number): boolean {
    // Only ASCII: its strings are as long as their bytes.
    if (value.length !== length) return false;
    for (let index = 0; index < length; index++) {
      if (value.charCodeAt(index) !== this.bytes[start + index]) return false;
    }
    return true;
  }

  private decodeString(start: number, length: number): string {
    if (length < SHORT_STRING) {
      const ascii = this.decodeAscii(start, length);
      if (ascii !== undefined) return ascii;
    }
    try {
      return utf8Decoder.decode(this.bytes.subarray(start, start + length));
    } catch (cause) {
      throw new RangeError('a string is not UTF-8', { cause });
    }
  }

  private decodeAscii(start: number, length: number): string | undefined {
    let value = '';
    for (let index = start; index < start + length; index++) {
      const byte = this.bytes[index]!;
      if (byte >= 0x80) return undefined;
      value += String.fromCharCode(byte);
    }
    return value;
  }
}

const INITIAL_BYTES = 1024;

export class Writer {
  private bytes = new Uint8Array(INITIAL_BYTES);
  private view = new DataView(this.bytes.buffer);
  private position = 0;

  finish(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.position);
  }

  uint32(value: number): void {
    this.reserve(5);
    this.varint(value);
  }

  int32(value: number): void {
    if (value < 0) this.int64(BigInt(value));
    else this.uint32(value);
  }

  bool(value: boolean): void {
    this.uint32(value ? 1 : 0);
  }

  int64(value: bigint): void {
    this.reserve(10);
    let rest = BigInt.asUintN(64, value);
    while (rest > 0x7fffffffn) {
      this.bytes[this.position++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.varint(Number(rest));
  }

  uint64(value: bigint): void {
    this.int64(value);
  }

  sint64(value: bigint): void {
    this.int64((value << 1n) ^ (value >> 63n));
  }

  fixed32(value: number): void {
    this.reserve(4);
    this.view.setUint32(this.position, value, true);
    this.position += 4;
  }

  float(value: number): void {
    this.reserve(4);
    this.view.setFloat32(this.position, value, true);
    this.position += 4;
  }

  double(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.position, value, true);
    this.position += 8;
  }

  take(value: Uint8Array): void {
    this.uint32(value.length);
    this.raw(value);
  }

  string(value: string): void {
    const mark = this.open();
    this.reserve(3 * value.length);
    this.position += utf8Encoder.encodeInto(value, this.bytes.subarray(this.position)).written;
    this.close(mark);
  }

  message<M extends Message>(schema: Schema<M>, message: M): void {
    const mark = this.open();
    schema.encode(message, this);
    this.close(mark);
  }

  unknown(message: Message): void {
    for (const field of message.$unknown ?? []) this.raw(field);
  }

  /** Begins a length-delimited value; one byte is left for its length. */
  open(): number {
    this.reserve(1);
    return this.position++;
  }

  close(mark: number): void {
    const start = mark + 1;
    const length = this.position - start;
    let extra = 0;
    for (let rest = length >>> 7; rest > 0; rest >>>= 7) extra++;
    if (extra > 0) {
      this.reserve(extra);
      this.bytes.copyWithin(start + extra, start, this.position);
    }
    this.position = mark;
    this.varint(length);
    this.position += length;
  }

  private raw(value: Uint8Array): void {
    this.reserve(value.length);
    this.bytes.set(value, this.position);
    this.position += value.length;
  }

  private varint(value: number): void {
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.bytes[this.position++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.bytes[this.position++] = rest;
  }

  private reserve(length: number): void {
    const needed = this.position + length;
    if (needed <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.bytes.length));
    larger.set(this.bytes.subarray(0, this.position));
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }
}
