import { bytesPerElement, formatShape, isFullyKnown, isNumeric, sizeOf, type Shape } from '@tenon/tensor';
import { dtypeFromProto } from '../data-type.js';
import { elementCount } from '../element-count.js';
import { MalformedFileError, UnsupportedDTypeError } from '../errors.js';
import {
  BundleEntryProtoSchema,
  BundleHeaderProto_Endianness,
  BundleHeaderProtoSchema,
  type BundleEntryProto,
  type DataType,
  type TensorSliceProto,
} from '../messages.js';
import { parse } from '../parse.js';
import { shapeFromProto } from '../tensor-shape.js';
import { sliceKey } from './slice-key.js';
import { formatSlice, liesIn, wholeOf, type TensorSlice } from './tensor-slice.js';

export const INDEX_KIND = 'checkpoint index';
const HEADER_KEY = '';
/** What the key of a slice begins with, and no name does. */
const SLICE_MARK = '\x00';
/** Of the format of checkpoints: what TensorFlow 1 and 2 write. */
const FORMAT_VERSION = 1;
/** Partitioned variables have as many slices as parameter servers; beyond this, comparing them would be an attack. */
const MAX_SLICES = 16_384;

/** Elements that lie together in a data file. */
export interface StoredSlice {
  /** Which piece of the tensor: all of it, if it was stored whole. */
  readonly slice: TensorSlice;
  readonly shard: number;
  /** In the shard, in bytes. */
  readonly offset: number;
  readonly size: number;
  /** CRC-32C, masked. */
  readonly checksum: number;
}

export interface StoredTensor {
  readonly key: string;
  readonly dataType: DataType;
  readonly shape: Shape;
  /** The slices in which the tensor was saved, if it was not saved whole. */
  readonly savedAs?: readonly TensorSlice[];
  /** Those that the index holds: one for a tensor that was saved whole. */
  readonly pieces: readonly StoredSlice[];
}

export interface IndexEntries {
  readonly shardCount: number;
  readonly tensors: readonly StoredTensor[];
}

/**
 * Understands the entries of an index.
 *
 * @param table One character per byte in its keys.
 * @param file What to call the index in errors.
 * @throws MalformedFileError if they make no sense; it lists every entry that makes none.
 */
export function readIndexEntries(table: ReadonlyMap<string, Uint8Array>, file: string): IndexEntries {
  const shardCount = readHeader(table, file);
  const entries = new Map<string, BundleEntryProto>();
  for (const [key, bytes] of table) {
    if (key !== HEADER_KEY) entries.set(key, parse(BundleEntryProtoSchema, bytes, `${nameOf(key)} of ${file}`));
  }
  const problems: string[] = [];
  const tensors: StoredTensor[] = [];
  for (const [key, entry] of entries) {
    if (key.startsWith(SLICE_MARK)) continue;
    try {
      tensors.push(readTensor(key, entry, entries, shardCount));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      problems.push(`${nameOf(key)} ${error.message}`);
    }
  }
  if (problems.length > 0) throw new MalformedFileError(file, INDEX_KIND, `${problems.join('; ')}.`);
  return { shardCount, tensors };
}

/** @throws RangeError if the entry makes no sense. */
function readTensor(
  rawKey: string,
  entry: BundleEntryProto,
  entries: ReadonlyMap<string, BundleEntryProto>,
  shardCount: number,
): StoredTensor {
  const shape = shapeOf(entry);
  const tensor = { key: decodeUtf8(rawKey), dataType: entry.dtype, shape };
  if (entry.slices.length === 0) return { ...tensor, pieces: [placeOf(entry, wholeOf(shape), shardCount)] };
  if (entry.slices.length > MAX_SLICES) {
    throw new RangeError(`has ${entry.slices.length} slices; ${MAX_SLICES} is the most`);
  }
  const savedAs: TensorSlice[] = [];
  const pieces: StoredSlice[] = [];
  for (const proto of entry.slices) {
    const slice = sliceFrom(proto, shape);
    savedAs.push(slice);
    const stored = entries.get(keyOfSlice(rawKey, proto));
    if (stored === undefined) continue;
    if (stored.dtype !== entry.dtype || formatShape(shapeOf(stored)) !== formatShape(slice.shape)) {
      throw new RangeError(`has a slice ${formatSlice(slice)} stored as something else`);
    }
    pieces.push(placeOf(stored, slice, shardCount));
  }
  return { ...tensor, savedAs, pieces };
}

/** The number of shards. */
function readHeader(table: ReadonlyMap<string, Uint8Array>, file: string): number {
  const bytes = table.get(HEADER_KEY);
  if (bytes === undefined) throw new MalformedFileError(file, INDEX_KIND, 'it has no header.');
  const header = parse(BundleHeaderProtoSchema, bytes, `the header of ${file}`);
  if (header.endianness !== BundleHeaderProto_Endianness.LITTLE) {
    const reason = 'it was written on a big-endian machine. Save it again on a little-endian one.';
    throw new MalformedFileError(file, INDEX_KIND, reason);
  }
  if ((header.version?.minConsumer ?? 0) > FORMAT_VERSION) {
    const reason = `it is of version ${header.version?.minConsumer} of the format, later than ${FORMAT_VERSION}.`;
    throw new MalformedFileError(file, INDEX_KIND, reason);
  }
  if (header.numShards < 1) throw new MalformedFileError(file, INDEX_KIND, `it has ${header.numShards} shards.`);
  return header.numShards;
}

function shapeOf(entry: BundleEntryProto): Shape {
  const shape = shapeFromProto(entry.shape) ?? [];
  if (!isFullyKnown(shape) || elementCount(shape) === undefined) {
    throw new RangeError(`has the impossible shape ${formatShape(shape)}`);
  }
  return shape;
}

/** Where the elements of an entry lie. */
function placeOf(entry: BundleEntryProto, slice: TensorSlice, shardCount: number): StoredSlice {
  if (entry.shardId < 0 || entry.shardId >= shardCount) {
    throw new RangeError(`lies in shard ${entry.shardId} of ${shardCount}`);
  }
  const offset = Number(entry.offset);
  const size = Number(entry.size);
  if (!(offset >= 0 && size >= 0 && Number.isSafeInteger(offset + size))) {
    throw new RangeError(`lies at offset ${entry.offset}, with ${entry.size} bytes`);
  }
  const expected = expectedSize(entry.dtype, sizeOf(slice.shape));
  if (expected !== undefined && expected !== size) {
    throw new RangeError(`has ${size} bytes where its shape ${formatShape(slice.shape)} needs ${expected}`);
  }
  return { slice, shard: entry.shardId, offset, size, checksum: entry.crc32c };
}

function sliceFrom(proto: TensorSliceProto, shape: Shape): TensorSlice {
  const slice = {
    offset: proto.extent.map(({ start }) => Number(start)),
    shape: proto.extent.map(({ hasLength, start }, axis) =>
      hasLength.case === 'length' ? Number(hasLength.value) : (shape[axis] ?? 0) - Number(start),
    ),
  };
  if (!liesIn(slice, shape)) throw new RangeError(`has a slice ${formatSlice(slice)} outside its shape`);
  return slice;
}

function keyOfSlice(rawKey: string, proto: TensorSliceProto): string {
  return sliceKey(
    rawKey,
    proto.extent.map(({ start, hasLength }) => ({ start, length: hasLength.value })),
  );
}

function expectedSize(dataType: DataType, count: number): number | undefined {
  try {
    const dtype = dtypeFromProto(dataType);
    return isNumeric(dtype) ? count * bytesPerElement(dtype) : undefined;
  } catch (error) {
    // A tensor of a foreign type only matters to who reads it.
    if (error instanceof UnsupportedDTypeError) return undefined;
    throw error;
  }
}

function nameOf(rawKey: string): string {
  return JSON.stringify(decodeUtf8(rawKey));
}

const decoder = new TextDecoder();

function decodeUtf8(byteString: string): string {
  return decoder.decode(Uint8Array.from(byteString, (character) => character.charCodeAt(0)));
}
