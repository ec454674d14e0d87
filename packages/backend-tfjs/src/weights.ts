import { Tensor, TensorReference } from '@tenon/tensor';
import { keep, type Tensor as TfTensor } from '@tensorflow/tfjs-core';
import type { ConstantValue } from '@tenon/graph';
import { withBackend } from './engine.js';
import { toDevice } from './values.js';

/** A constant on the device, for one who uses it. */
export interface Weight {
  readonly tensor: TfTensor;
  /** Says that this user needs it no more; it leaves the device with the last one. */
  release(): void;
}

interface Entry {
  readonly tensor: Promise<TfTensor>;
  users: number;
}

/** Constants on the device: each is there once, however many segments use it. */
export class Weights {
  /** By what holds the elements, then by which of them they are. */
  private readonly entries = new Map<object, Map<string, Entry>>();

  /** @param backend What TensorFlow.js calls the backend, which has started. */
  async acquire(value: ConstantValue, backend: string): Promise<Weight> {
    const { holder, key } = identify(value, backend);
    const known = this.entries.get(holder) ?? new Map<string, Entry>();
    this.entries.set(holder, known);
    let entry = known.get(key);
    if (!entry) {
      entry = { tensor: upload(value, backend), users: 0 };
      known.set(key, entry);
    }
    const { tensor } = entry;
    entry.users++;
    let isReleased = false;
    const release = (): void => {
      if (isReleased) return;
      isReleased = true;
      if (--entry.users > 0) return;
      known.delete(key);
      if (known.size === 0) this.entries.delete(holder);
      void tensor.then(
        (weight) => withBackend(backend, () => weight.dispose()),
        () => undefined,
      );
    };
    try {
      return { tensor: await tensor, release };
    } catch (error) {
      release();
      throw error;
    }
  }
}

function identify(value: ConstantValue, backend: string): { readonly holder: object; readonly key: string } {
  const isReference = value instanceof TensorReference;
  const key = `${backend} ${value.dtype} [${value.shape.join()}] ${isReference ? value.offset : ''}`;
  return { holder: isReference ? value.source : value.data, key };
}

async function upload(value: ConstantValue, backend: string): Promise<TfTensor> {
  const read = Tensor.isTensor(value) ? value : await value.read();
  return withBackend(backend, () => keep(toDevice(read)));
}
