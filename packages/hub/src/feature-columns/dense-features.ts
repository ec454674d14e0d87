import { Graph } from '@tenon/graph';
import type { Tensor } from '@tenon/tensor';
import type { BackendOptions } from '../default-backend.js';
import type { PermissionOptions } from '../file-access.js';
import { session } from '../session.js';
import type { FeatureColumn, FeatureRecord } from './feature-column.js';
import { inputLayer } from './input-layer.js';

/** Makes batches of records matrices of numbers. `denseFeatures` makes it. */
export interface DenseFeatures extends AsyncDisposable {
  /**
   * @returns float32 `[records.length, width]`
   * @throws FeatureError naming everything that is wrong with the records.
   */
  (
    records: readonly FeatureRecord[],
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<Tensor<'float32'>>;
  /** The columns in the order in which they stand side by side: that of their names. */
  readonly columns: readonly FeatureColumn[];
  /** Of the matrices. */
  readonly width: number;
  /** Frees what the modules hold. Calls that come later fail. */
  dispose(): Promise<void>;
}

/**
 * Puts columns side by side, to make records numbers: what `inputLayer` computes, with a graph and a session of its own.
 *
 * @throws FeatureColumnError if there are none, or two have one name.
 * @example
 * const features = await denseFeatures([await textEmbeddingColumn('comment', 'path/to/nnlm')]);
 * const matrix = await features([{ comment: 'wow, much amazing' }, { comment: 'so easy' }]);   // Tensor [2, 128]
 */
export async function denseFeatures(
  columns: Iterable<FeatureColumn>,
  options: BackendOptions & PermissionOptions = {},
): Promise<DenseFeatures> {
  const graph = new Graph();
  const layer = await inputLayer(columns, { graph, trainable: false });
  const batch = layer.placeholders();
  const matrix = layer(batch);
  const running = await session(graph, options);
  const compute = async (
    records: readonly FeatureRecord[],
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<Tensor<'float32'>> => {
    const [value] = await running.run([matrix], { feeds: layer.feeds(batch, records), signal });
    return value!.as('float32');
  };
  const dispose = (): Promise<void> => running.dispose();
  return Object.assign(compute, {
    columns: layer.columns,
    width: layer.width,
    dispose,
    [Symbol.asyncDispose]: dispose,
  });
}
