import type { DeviceTensor } from '@tenon/backend';
import type { DType, Shape, Tensor } from '@tenon/tensor';
import type { Tensor as TfTensor } from '@tensorflow/tfjs-core';
import { withBackend } from './engine.js';
import { toHost } from './values.js';

/** A tensor of TensorFlow.js that a segment made, and that goes with this. */
export class TfjsDeviceTensor implements DeviceTensor {
  constructor(
    readonly tensor: TfTensor,
    readonly dtype: DType,
    readonly backend: string,
  ) {}

  get shape(): Shape {
    return this.tensor.shape;
  }

  async read(): Promise<Tensor> {
    return toHost(await this.tensor.data(), this.shape, this.dtype);
  }

  dispose(): void {
    withBackend(this.backend, () => this.tensor.dispose());
  }
}

/**
 * A tensor of TensorFlow.js as segments of `tfjs({ results: 'device' })` take and give it. What a segment made goes with this, or with the
 * scope (`tf.tidy`) that the segment ran in; what is wrapped by others stays theirs.
 */
export class TfjsTensor implements DeviceTensor {
  private host: Tensor | undefined;

  /** @param dtype What it stands for: positions that are int64 in TensorFlow are int32 in TensorFlow.js. */
  constructor(
    readonly tensor: TfTensor,
    readonly dtype: DType = tensor.dtype,
    private readonly isOwned = false,
  ) {}

  get shape(): Shape {
    return this.tensor.shape;
  }

  async read(): Promise<Tensor> {
    return this.readSync();
  }

  readSync(): Tensor {
    this.host ??= toHost(this.tensor.dataSync(), this.shape, this.dtype);
    return this.host;
  }

  dispose(): void {
    if (this.isOwned) this.tensor.dispose();
  }
}
