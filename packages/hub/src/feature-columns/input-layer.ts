import { SymbolicTensor, type Graph } from '@tenon/graph';
import { concat, nameScope } from '@tenon/layers';
import type { Tensor } from '@tenon/tensor';
import { FeatureColumnError, FeatureError, type FeatureProblem } from '../errors.js';
import type { FeatureColumn, FeatureRecord, SymbolicFeature } from './feature-column.js';

/** Features of a batch in a graph, by their keys. */
export type SymbolicFeatures = Readonly<Record<string, SymbolicFeature>>;

export interface InputLayerOptions {
  readonly graph: Graph;
  /** Whether training may change the modules of columns that are trainable. Default `true`. */
  readonly trainable?: boolean | undefined;
}

/**
 * Features made one matrix, in a graph. `inputLayer` makes it; calling it adds what computes the matrix: float32 `[batch, width]`. All calls share the weights.
 */
export interface InputLayer {
  /** @throws FeatureError naming every feature that is missing, or sparse where it must be dense. */
  (features: SymbolicFeatures): SymbolicTensor;
  /** The columns in the order in which they stand side by side: that of their names. */
  readonly columns: readonly FeatureColumn[];
  /** Of the matrix. */
  readonly width: number;
  /** Placeholders for the features of a batch. */
  placeholders(): SymbolicFeatures;
  /**
   * What to feed to such placeholders.
   *
   * @throws FeatureError naming everything that is wrong with the records.
   */
  feeds(placeholders: SymbolicFeatures, records: readonly FeatureRecord[]): Map<SymbolicTensor, Tensor>;
}

/**
 * Puts columns side by side in a graph, as `tf.feature_column.input_layer` does: in the order of their names, whatever order they are given in. Their
 * modules are added to the graph now; all layers of a graph that use a column share its module.
 *
 * @throws FeatureColumnError if there are none, two have one name, or two take one feature as different things.
 * @example
 * const comment = await textEmbeddingColumn('comment', 'path/to/nnlm', { trainable: true });
 * const graph = new Graph();
 * const layer = await inputLayer([comment], { graph });
 * const batch = layer.placeholders();
 * const loss = lossOf(layer(batch));
 * const session = await hub.session(graph);
 * await session.run([loss], { feeds: layer.feeds(batch, [{ comment: 'wow' }, { comment: 'so easy' }]) });
 */
export async function inputLayer(
  columns: Iterable<FeatureColumn>,
  { graph, trainable = true }: InputLayerOptions,
): Promise<InputLayer> {
  const sorted = sortColumns(columns);
  const applications: ((feature: SymbolicFeature) => SymbolicTensor)[] = [];
  for (const column of sorted) applications.push(await column.instantiate(graph, trainable));
  const layer = (features: SymbolicFeatures): SymbolicTensor => {
    checkFeatures(sorted, features);
    return nameScope(graph, 'input_layer', () => {
      const parts = sorted.map(({ key }, index) => applications[index]!(features[key]!));
      return parts.length === 1 ? parts[0]! : concat(parts, 1);
    });
  };
  return Object.assign(layer, {
    columns: sorted,
    width: sorted.reduce((width, column) => width + column.width, 0),
    placeholders: () =>
      nameScope(graph, 'features', () =>
        Object.fromEntries(byKey(sorted).map(([key, column]) => [key, column.placeholder(graph)])),
      ),
    feeds: (placeholders: SymbolicFeatures, records: readonly FeatureRecord[]) =>
      feedsFor(sorted, placeholders, records),
  });
}

/** @throws FeatureColumnError */
function sortColumns(columns: Iterable<FeatureColumn>): FeatureColumn[] {
  const sorted = [...columns].sort((a, b) => compareText(a.name, b.name));
  const problems: string[] = [];
  if (sorted.length === 0) problems.push('There must be at least one feature column.');
  sorted.forEach((column, index) => {
    const before = sorted[index - 1];
    if (before?.name === column.name) problems.push(`Two feature columns have the name "${column.name}".`);
  });
  if (problems.length > 0) throw new FeatureColumnError(problems);
  return sorted;
}

/** By code points, as Python compares. */
function compareText(a: string, b: string): number {
  const [left, right] = [Array.from(a), Array.from(b)];
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const difference = left[index]!.codePointAt(0)! - right[index]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function byKey(columns: readonly FeatureColumn[]): [key: string, column: FeatureColumn][] {
  return columns.map((column) => [column.key, column]);
}

function checkFeatures(columns: readonly FeatureColumn[], features: SymbolicFeatures): void {
  const problems = columns.flatMap(({ key, kind }): FeatureProblem[] => {
    const feature = Object.hasOwn(features, key) ? features[key] : undefined;
    if (!feature) return [{ key, problem: 'is missing' }];
    const given = feature instanceof SymbolicTensor ? 'dense' : 'sparse';
    return given === kind ? [] : [{ key, problem: `must be a ${kind} tensor; it is ${given}` }];
  });
  if (problems.length > 0) throw new FeatureError(problems);
}

function feedsFor(
  columns: readonly FeatureColumn[],
  placeholders: SymbolicFeatures,
  records: readonly FeatureRecord[],
): Map<SymbolicTensor, Tensor> {
  checkFeatures(columns, placeholders);
  const problems: FeatureProblem[] = [];
  const feeds = new Map<SymbolicTensor, Tensor>();
  for (const [key, column] of byKey(columns)) {
    const target = placeholders[key]!;
    const value = column.encode(records, problems);
    if (target instanceof SymbolicTensor) feeds.set(target, value as Tensor);
    else {
      const { indices, values, denseShape } = value as Exclude<typeof value, Tensor>;
      feeds.set(target.indices, indices).set(target.values, values).set(target.denseShape, denseShape);
    }
  }
  if (problems.length > 0) throw new FeatureError(problems);
  return feeds;
}
