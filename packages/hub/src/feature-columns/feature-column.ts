import type { Graph, SymbolicTensor } from '@tenon/graph';
import type { ModuleSpec, SymbolicSparseTensor } from '@tenon/module-spec';
import type { SparseTensor, Tensor } from '@tenon/tensor';
import type { FeatureProblem } from '../errors.js';

/** One example: features by their keys. */
export type FeatureRecord = Readonly<Record<string, unknown>>;

/** A feature of a batch of examples, in a graph. */
export type SymbolicFeature = SymbolicTensor | SymbolicSparseTensor;

/** A feature of a batch of examples. */
export type FeatureBatch = Tensor | SparseTensor;

/** Makes a feature of examples a vector of numbers. `textEmbeddingColumn` and its kin make such; `inputLayer` and `denseFeatures` put them together. */
export interface FeatureColumn {
  /** Of the feature, in records. */
  readonly key: string;
  /** `KEY_hub_module_embedding`: columns stand side by side in the order of their names. */
  readonly name: string;
  /** The length of the vectors. */
  readonly width: number;
  /** The module that computes them. */
  readonly spec: ModuleSpec;
  /** Whether the feature is several values per example, or always as many. */
  readonly kind: 'dense' | 'sparse';
  /** @internal Takes the feature out of records; what is wrong with them is added to `problems`. */
  encode(records: readonly FeatureRecord[], problems: FeatureProblem[]): FeatureBatch;
  /** @internal What the feature of a batch is in a graph, to be fed. */
  placeholder(graph: Graph): SymbolicFeature;
  /**
   * @internal Adds the module to a graph, unless another use of the column did so.
   *
   * @returns what adds an application of it: `[batch, width]`.
   */
  instantiate(graph: Graph, trainable: boolean): Promise<(feature: SymbolicFeature) => SymbolicTensor>;
}
