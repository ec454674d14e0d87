import { StringArray, Tensor, type Shape, type TensorReference } from '@tenon/tensor';
import { crc32c, maskCrc32c } from '../crc32c.js';
import { dtypeToProto } from '../data-type.js';
import { CheckpointKeyError, UnsupportedDTypeError } from '../errors.js';
import {
  BundleEntryProtoSchema,
  BundleHeaderProtoSchema,
  create,
  type BundleEntryProto,
  type Init,
  type TensorSliceProto_Extent,
} from '../messages.js';
import { serialize } from '../parse.js';
import { shapeToProto } from '../tensor-shape.js';
import { encodeStringElements } from './encode-string-elements.js';
import { indexName, shardName } from './shard-name.js';
import { sliceKey } from './slice-key.js';
import { writeTable, type TableEntry } from './table-writer.js';
import { byteString } from './byte-string.js';
import { formatSlice, liesIn, type TensorSlice } from './tensor-slice.js';

/** A tensor, or a piece of one, to be written. */
export interface CheckpointTensor {
  readonly key: string;
  /** Read when its turn comes, so that no more than one at a time is in memory. */
  readonly value: Tensor | TensorReference;
  /** Which piece of what the value is, if it is not all. */
  readonly part?: { readonly fullShape: Shape; readonly slice: TensorSlice };
}

/** A file that is being written. */
export interface FileSink {
  /** Appends; the bytes may be changed when the promise is fulfilled. */
  write(bytes: Uint8Array): Promise<void>;
  /** Called once, after the last byte: what was written is to outlive a crash then. */
  close(): Promise<void>;
}

/** Where a checkpoint's files go. */
export interface CheckpointOutput {
  /** Makes a file, by the checkpoint's prefix and an ending. */
  create(path: string): Promise<FileSink>;
}

/** The format of checkpoints that TensorFlow 1 and 2 write. */
const PRODUCER = 1;

/**
 * Writes a checkpoint in TensorFlow's V2 format: one data file, and then the index, so that a checkpoint with an index is a whole one. The bytes
 * are those that TensorFlow writes for the same tensors.
 *
 * @param prefix What the names of the files begin with: `path/to/variables/variables`.
 * @throws CheckpointKeyError naming every key that stands for several tensors, and every slice that does not lie in its tensor.
 * @throws UnsupportedDTypeError for `resource` and `variant`, and what reading values and writing files throws.
 */
export async function writeCheckpoint(
  prefix: string,
  tensors: Iterable<CheckpointTensor>,
  files: CheckpointOutput,
): Promise<void> {
  const sorted = [...tensors].map((tensor) => ({ tensor, key: rawKey(tensor.key) }));
  sorted.sort((left, right) => compare(left.key, right.key));
  checkKeys(sorted.map(({ tensor }) => tensor));
  const data = await files.create(shardName(prefix, 0, 1));
  const entries = new Map<string, Init<BundleEntryProto>>();
  let offset = 0;
  try {
    for (const { tensor, key } of sorted) {
      const value = Tensor.isTensor(tensor.value) ? tensor.value : await tensor.value.read();
      const { bytes, checksum } = encode(value, tensor.key);
      await data.write(bytes);
      const place = { dtype: dtypeToProto(value.dtype), shape: shapeToProto(value.shape) };
      const stored = { ...place, offset: BigInt(offset), size: BigInt(bytes.length), crc32c: checksum };
      entries.set(tensor.part ? addSlice(entries, key, tensor.part, value) : key, stored);
      offset += bytes.length;
    }
  } finally {
    await data.close();
  }
  const index = await files.create(indexName(prefix));
  try {
    await index.write(writeTable(tableEntries(entries)));
  } finally {
    await index.close();
  }
}

function checkKeys(tensors: readonly CheckpointTensor[]): void {
  const problems: string[] = [];
  const wholes = new Map<string, CheckpointTensor>();
  const slices = new Set<string>();
  for (const tensor of tensors) {
    const { key, value, part } = tensor;
    const first = wholes.get(key);
    wholes.set(key, first ?? tensor);
    if (!part) {
      if (first) problems.push(`"${key}" is given more than once.`);
      continue;
    }
    const name = `${key} ${formatSlice(part.slice)}`;
    if (slices.has(name)) problems.push(`The slice ${formatSlice(part.slice)} of "${key}" is given more than once.`);
    slices.add(name);
    if (!liesIn(part.slice, part.fullShape) || part.slice.shape.join() !== value.shape.join())
      problems.push(`The slice ${formatSlice(part.slice)} of "${key}" does not fit its tensor, or its value.`);
    const isSame = first?.part?.fullShape.join() === part.fullShape.join() && first.value.dtype === value.dtype;
    if (first && !isSame) problems.push(`The slices of "${key}" are of different tensors.`);
  }
  if (problems.length > 0) throw new CheckpointKeyError(problems);
}

/** Enters a slice with its whole. @returns The key under which its elements stand. */
function addSlice(
  entries: Map<string, Init<BundleEntryProto>>,
  key: string,
  { fullShape, slice }: NonNullable<CheckpointTensor['part']>,
  { dtype }: Tensor,
): string {
  // With its length even where a slice has all of a dimension: as TensorFlow writes partitioned variables.
  const extents = slice.shape.map((length, axis) => ({ start: BigInt(slice.offset[axis]!), length: BigInt(length) }));
  const extent = extents.map(({ start, length }): Init<TensorSliceProto_Extent> => ({
    start,
    hasLength: { case: 'length', value: length },
  }));
  const known = entries.get(key);
  const slices = [...(known?.slices ?? []), { extent }];
  entries.set(key, { dtype: dtypeToProto(dtype), shape: shapeToProto(fullShape), slices });
  return sliceKey(key, extents);
}

function encode(value: Tensor, key: string): { bytes: Uint8Array; checksum: number } {
  const { data, dtype } = value;
  if (data instanceof StringArray) return encodeStringElements(data);
  if (!ArrayBuffer.isView(data)) throw new UnsupportedDTypeError(dtype, `"${key}", which is to be written`);
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { bytes, checksum: maskCrc32c(crc32c(bytes)) };
}

function tableEntries(entries: ReadonlyMap<string, Init<BundleEntryProto>>): TableEntry[] {
  const header = create(BundleHeaderProtoSchema, { numShards: 1, version: { producer: PRODUCER } });
  const keys = [...entries.keys()].sort(compare);
  return [
    [new Uint8Array(), serialize(BundleHeaderProtoSchema, header)],
    ...keys.map((key): TableEntry => [
      Uint8Array.from(key, (character) => character.charCodeAt(0)),
      serialize(BundleEntryProtoSchema, create(BundleEntryProtoSchema, entries.get(key))),
    ]),
  ];
}

const encoder = new TextEncoder();

/** One character per byte: sorts as the bytes do. */
function rawKey(key: string): string {
  return byteString(encoder.encode(key));
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
