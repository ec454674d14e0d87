import type { ByteSource } from './byte-source.js';
import { bytesPerElement, viewBytes, type NumericDType } from './dtype.js';
import { sizeOf, type Shape } from './shape.js';
import { Tensor, type TensorData } from './tensor.js';

/**
 * A numeric tensor that still lies where it was stored: little-endian elements, row-major, one after the other.
 *
 * Weights stay references until someone needs their elements, so that a backend can map them from disk.
 */
export class TensorReference<D extends NumericDType = NumericDType> {
  constructor(
    readonly dtype: D,
    readonly shape: Shape,
    readonly source: ByteSource,
    /** Of the first element, in bytes. */
    readonly offset: number,
    /** Called once, with the bytes, before they are first used: checks them (a checksum), throws if they are wrong. */
    private readonly verify?: (bytes: Uint8Array) => void,
  ) {}

  get byteLength(): number {
    return sizeOf(this.shape) * bytesPerElement(this.dtype);
  }

  /** Reads and checks the elements. */
  async read(): Promise<Tensor<D>> {
    return this.decode(await this.source.read(this.offset, this.byteLength));
  }

  /** As `read`; `undefined` where the source cannot be read at once. */
  readSync(): Tensor<D> | undefined {
    return this.source.readSync && this.decode(this.source.readSync(this.offset, this.byteLength));
  }

  private decode(bytes: Uint8Array): Tensor<D> {
    this.verify?.(bytes);
    return new Tensor(this.dtype, this.shape, viewBytes(this.dtype, bytes) as TensorData<D>);
  }
}
