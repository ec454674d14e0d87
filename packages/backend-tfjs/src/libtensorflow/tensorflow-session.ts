import type { DType, PartialShape, Tensor } from '@tenon/tensor';
import { engine, type Tensor as TfTensor } from '@tensorflow/tfjs-core';
import { startBackend, withBackend } from '../engine.js';
import { TfjsUnavailableError } from '../errors.js';
import { carrierOf, carry, uncarry } from './carriers.js';

/** What tfjs-node calls itself. */
const NAME = 'tensorflow';

/** What `tf.node.loadSavedModel` is made of. */
interface TensorFlowBackend {
  loadSavedModelMetaGraph(path: string, tags: string): number;
  runSavedModel(id: number, inputs: TfTensor[], infos: readonly { name: string }[], outputs: string[]): TfTensor[];
  deleteSavedModel(id: number): void;
}

/** A tensor of a saved model that passes through tfjs-node. */
export interface Carried {
  readonly name: string;
  /** Of the value that it carries. */
  readonly dtype: DType;
  readonly shape: PartialShape;
}

let starting: Promise<TensorFlowBackend> | undefined;

/** @throws TfjsUnavailableError */
export function startTensorFlow(): Promise<TensorFlowBackend> {
  starting ??= start();
  starting.catch(() => (starting = undefined));
  return starting;
}

async function start(): Promise<TensorFlowBackend> {
  await startBackend(['node']);
  const backend = engine().findBackend(NAME) as unknown as TensorFlowBackend;
  if (typeof backend.runSavedModel === 'function') return backend;
  throw new TfjsUnavailableError(['node'], ['@tensorflow/tfjs-node'], new Error('It runs no saved models.'));
}

/** A saved model in libtensorflow, with variables and tables of its own. */
export class TensorFlowSession {
  private constructor(
    private readonly backend: TensorFlowBackend,
    private readonly id: number,
  ) {}

  /** @throws TfjsUnavailableError, and what libtensorflow says is wrong with the model. */
  static async load(path: string, tag: string): Promise<TensorFlowSession> {
    const backend = await startTensorFlow();
    return new TensorFlowSession(
      backend,
      withBackend(NAME, () => backend.loadSavedModelMetaGraph(path, tag)),
    );
  }

  /**
   * @param inputs Where the values go, one for each.
   * @param effects A tensor that is computed for what comes of it.
   * @returns One value per output.
   */
  run(
    inputs: readonly Carried[],
    values: readonly Tensor[],
    outputs: readonly Carried[],
    effects: readonly string[] = [],
  ): Tensor[] {
    const names = [...outputs.map(({ name }) => name), ...effects];
    if (names.length === 0) return [];
    return withBackend(NAME, () => {
      const tensors: TfTensor[] = [];
      try {
        for (const value of values) {
          const { values: carried, shape, dtype } = carry(value);
          tensors.push(engine().makeTensor(carried as Float32Array, shape, dtype));
        }
        const fed = tensors.slice();
        const results = this.backend.runSavedModel(
          this.id,
          fed,
          inputs.map(({ name }) => ({ name })),
          names,
        );
        tensors.push(...results);
        return outputs.map(({ dtype }, index) => {
          const result = results[index]!;
          const data = engine().readSync(result.dataId) as unknown as Float32Array | Uint8Array[];
          return uncarry(dtype, result.shape, data);
        });
      } finally {
        for (const tensor of tensors) tensor.dispose();
      }
    });
  }

  dispose(): void {
    withBackend(NAME, () => this.backend.deleteSavedModel(this.id));
  }
}

/** What carries a value, for a signature. */
export function carriedType({ dtype, shape }: Carried): { dtype: DType; shape: PartialShape } {
  const carrier = carrierOf(dtype);
  return { dtype: carrier.dtype, shape: shape && carrier.words > 1 ? [...shape, carrier.words] : shape };
}
