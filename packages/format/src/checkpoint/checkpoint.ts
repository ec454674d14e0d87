import {
  allocate,
  bytesPerElement,
  formatShape,
  isNumeric,
  sizeOf,
  Tensor,
  TensorReference,
  type ByteSource,
  type DType,
  type NumericDType,
  type Shape,
} from '@tenon/tensor';
import { crc32c, maskCrc32c } from '../crc32c.js';
import { dtypeFromProto } from '../data-type.js';
import { ChecksumError, KeyNotFoundError, MalformedFileError, SliceError, UnsupportedDTypeError } from '../errors.js';
import { copyRegion } from './copy-region.js';
import { type StoredSlice, type StoredTensor } from './index-entries.js';
import { readStringElements } from './string-elements.js';
import { formatSlice, intersect, isSameSlice, liesIn, wholeOf, type TensorSlice } from './tensor-slice.js';

/** What a checkpoint says of one of its tensors. */
export interface CheckpointEntry {
  readonly dtype: DType;
  /** Of the whole tensor. */
  readonly shape: Shape;
  /** The pieces in which it is stored; not there for a tensor stored whole. */
  readonly slices?: readonly TensorSlice[];
}

/** An opened checkpoint: its index is in memory, the values are read when asked for. Made by `openCheckpoint`. */
export class Checkpoint {
  /** @internal */
  constructor(
    /** What the names of all its files begin with. */
    readonly prefix: string,
    private readonly entries: ReadonlyMap<string, StoredTensor>,
    private readonly shards: ReadonlyMap<number, ByteSource>,
  ) {}

  /** The names of all tensors, in the order of the index: sorted by their bytes. */
  keys(): string[] {
    return [...this.entries.keys()];
  }

  has(key: string): boolean {
    return this.entries.has(key);
  }

  /**
   * @throws KeyNotFoundError if there is no such tensor.
   * @throws UnsupportedDTypeError if Tenon does not have its data type.
   */
  entry(key: string): CheckpointEntry {
    const stored = this.find(key);
    const dtype = dtypeFromProto(stored.dataType, `"${key}" of the checkpoint ${this.prefix}`);
    const { shape, savedAs } = stored;
    return savedAs === undefined ? { dtype, shape } : { dtype, shape, slices: savedAs };
  }

  /**
   * Where the elements of a tensor, or of a slice of it, lie in a file. Nothing is read before the reference is; then
   * their checksum is checked.
   *
   * @returns `undefined` where no single stored range holds just these elements, and for tensors without numbers:
   *     use `read`.
   * @throws KeyNotFoundError if there is no such tensor.
   * @throws SliceError if the slice does not lie in the tensor.
   */
  reference(key: string, slice?: TensorSlice): TensorReference | undefined {
    const { dtype } = this.entry(key);
    const stored = this.find(key);
    const wanted = this.wantedSlice(stored, slice);
    const piece = stored.pieces.find((candidate) => isSameSlice(candidate.slice, wanted));
    return piece && isNumeric(dtype) ? this.referenceTo(stored.key, dtype, piece) : undefined;
  }

  /**
   * Reads a tensor, or a slice of it, putting it together from stored slices where it is stored so.
   *
   * @throws KeyNotFoundError if there is no such tensor.
   * @throws SliceError if the slice does not lie in the tensor, or the stored slices overlap or leave out elements.
   * @throws ChecksumError if the elements are damaged.
   * @throws UnsupportedDTypeError for `resource`, `variant`, and types that Tenon does not have.
   */
  async read(key: string, slice?: TensorSlice): Promise<Tensor> {
    const { dtype } = this.entry(key);
    const stored = this.find(key);
    const wanted = this.wantedSlice(stored, slice);
    if (dtype === 'string') return this.readStrings(stored, wanted);
    if (!isNumeric(dtype)) throw new UnsupportedDTypeError(dtype, `"${key}" of the checkpoint ${this.prefix}`);
    const pieces = this.piecesOf(stored, wanted);
    const [only] = pieces;
    if (only !== undefined && isSameSlice(only.stored.slice, wanted)) {
      return this.referenceTo(key, dtype, only.stored).read();
    }
    const data = allocate(dtype, sizeOf(wanted.shape));
    const target = { slice: wanted, bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
    for (const { stored: piece, region } of pieces) {
      const { data: read } = await this.referenceTo(key, dtype, piece).read();
      const source = { slice: piece.slice, bytes: new Uint8Array(read.buffer, read.byteOffset, read.byteLength) };
      copyRegion(region, source, target, bytesPerElement(dtype));
    }
    return new Tensor(dtype, wanted.shape, data);
  }

  private find(key: string): StoredTensor {
    const stored = this.entries.get(key);
    if (stored === undefined) throw new KeyNotFoundError(this.prefix, key, this.keys());
    return stored;
  }

  private wantedSlice(stored: StoredTensor, slice: TensorSlice | undefined): TensorSlice {
    if (slice === undefined) return wholeOf(stored.shape);
    if (liesIn(slice, stored.shape)) return slice;
    const reason = `${formatSlice(slice)} does not lie in its shape ${formatShape(stored.shape)}.`;
    throw new SliceError(this.prefix, stored.key, reason);
  }

  /** The stored slices that hold elements of `wanted`, and which; every element once. */
  private piecesOf(tensor: StoredTensor, wanted: TensorSlice): { stored: StoredSlice; region: TensorSlice }[] {
    const same = tensor.pieces.find(({ slice }) => isSameSlice(slice, wanted));
    if (same !== undefined) return [{ stored: same, region: wanted }];
    const pieces = tensor.pieces.flatMap((stored) => {
      const region = intersect(stored.slice, wanted);
      return region === undefined ? [] : [{ stored, region }];
    });
    // By their first axis, most often the only one that is cut: then only neighbours are compared.
    pieces.sort((a, b) => (a.region.offset[0] ?? 0) - (b.region.offset[0] ?? 0));
    let covered = 0;
    pieces.forEach(({ region }, index) => {
      covered += sizeOf(region.shape);
      const end = (region.offset[0] ?? 0) + (region.shape[0] ?? 1);
      for (let next = index + 1; next < pieces.length; next++) {
        const other = pieces[next]!.region;
        if ((other.offset[0] ?? 0) >= end) break;
        if (intersect(region, other) !== undefined) {
          const reason = `its slices ${formatSlice(region)} and ${formatSlice(other)} overlap.`;
          throw new SliceError(this.prefix, tensor.key, reason);
        }
      }
    });
    const size = sizeOf(wanted.shape);
    if (covered !== size) {
      const reason = `its stored slices hold ${covered} of the ${size} elements of ${formatSlice(wanted)}.`;
      throw new SliceError(this.prefix, tensor.key, reason);
    }
    return pieces;
  }

  private referenceTo<D extends NumericDType>(key: string, dtype: D, piece: StoredSlice): TensorReference<D> {
    const source = this.shardOf(piece);
    const verify = (bytes: Uint8Array): void => {
      this.checkChecksum(key, piece, maskCrc32c(crc32c(bytes)));
    };
    return new TensorReference(dtype, piece.slice.shape, source, piece.offset, verify);
  }

  private async readStrings(stored: StoredTensor, wanted: TensorSlice): Promise<Tensor<'string'>> {
    // TensorFlow itself cannot save slices of string tensors.
    const piece = stored.pieces.find((candidate) => isSameSlice(candidate.slice, wanted));
    if (piece === undefined) {
      throw new SliceError(
        this.prefix,
        stored.key,
        'strings can only be read as they were stored, not in other slices.',
      );
    }
    const source = this.shardOf(piece);
    const bytes = await source.read(piece.offset, piece.size);
    try {
      const { strings, checksum } = readStringElements(bytes, sizeOf(wanted.shape));
      this.checkChecksum(stored.key, piece, checksum);
      return new Tensor('string', wanted.shape, strings);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const reason = `"${stored.key}", ${piece.size} bytes at offset ${piece.offset}, is damaged: ${error.message}.`;
      throw new MalformedFileError(source.name, 'checkpoint', reason, { cause: error });
    }
  }

  private checkChecksum(key: string, piece: StoredSlice, actual: number): void {
    if (actual === piece.checksum) return;
    const file = this.shardOf(piece).name;
    throw new ChecksumError(file, `"${key}"`, piece.offset, piece.size, piece.checksum, actual);
  }

  private shardOf(piece: StoredSlice): ByteSource {
    return this.shards.get(piece.shard)!;
  }
}
