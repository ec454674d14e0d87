import { partialValue, SymbolicTensor, type Graph } from '@tenon/graph';
import type { PartialShape } from '@tenon/tensor';
import {
  isRagged,
  isSparse,
  type SymbolicRaggedTensor,
  type SymbolicSparseTensor,
  type SymbolicValue,
} from './composite.js';
import { SignatureDefinitionError } from './errors.js';
import { partsOf } from './module-parts.js';
import { DEFAULT } from './signature.js';
import type { ComponentInfo, TensorInfo } from './tensor-info.js';

/** Values of a graph by name; one alone is called `default`. */
export type SignatureValues = SymbolicValue | Readonly<Record<string, SymbolicValue>>;

export interface SignatureDefinition {
  /** `default` if it is left out. */
  readonly name?: string;
  /** What it takes: tensors of the graph, placeholders mostly; none if it is left out. */
  readonly inputs?: SignatureValues;
  /** What it gives. */
  readonly outputs?: SignatureValues;
}

/**
 * Adds a signature to the module that a graph becomes: a way to apply it. For functions that `createModuleSpec` calls. A signature that
 * is added again under its name replaces the first.
 *
 * @throws SignatureDefinitionError if an input or output is no tensor of that graph; names every one.
 */
export function addSignature(graph: Graph, { name = DEFAULT, inputs = {}, outputs = {} }: SignatureDefinition): void {
  const problems: string[] = [];
  const describe = (values: SignatureValues, kind: string): Map<string, TensorInfo> => {
    const infos = new Map<string, TensorInfo>();
    for (const [key, value] of byName(values)) {
      const info = describeValue(value, graph);
      if (typeof info === 'string') problems.push(`${kind} "${key}" ${info}`);
      else infos.set(key, info);
    }
    return infos;
  };
  const signature = { name, method: '', inputs: describe(inputs, 'Input'), outputs: describe(outputs, 'Output') };
  if (problems.length > 0) throw new SignatureDefinitionError(name, problems);
  partsOf(graph).signatures.set(name, signature);
}

function byName(values: SignatureValues): [string, unknown][] {
  const isOne = typeof values !== 'object' || values instanceof SymbolicTensor || isSparse(values) || isRagged(values);
  return isOne ? [[DEFAULT, values]] : Object.entries(values);
}

/** What a value is, or what is wrong with it. */
function describeValue(value: unknown, graph: Graph): TensorInfo | string {
  if (value instanceof SymbolicTensor) {
    const foreign = problemOf([value], graph);
    return foreign ?? { kind: 'dense', dtype: value.dtype, shape: value.shape, components: [component(value)] };
  }
  if (isSparse(value)) return describeSparse(value as SymbolicSparseTensor, graph);
  if (isRagged(value)) return describeRagged(value as SymbolicRaggedTensor, graph);
  return 'is no tensor of a graph. Give what operations return; of a variable its value.';
}

function describeSparse({ indices, values, denseShape }: SymbolicSparseTensor, graph: Graph): TensorInfo | string {
  const parts = [indices, values, denseShape];
  const problem = problemOf(parts, graph);
  if (problem !== undefined) return problem;
  if (indices.dtype !== 'int64' || denseShape.dtype !== 'int64')
    return 'must have int64 indices and an int64 dense shape.';
  return { kind: 'sparse', dtype: values.dtype, shape: spelledShape(denseShape), components: parts.map(component) };
}

function describeRagged({ values, rowSplits }: SymbolicRaggedTensor, graph: Graph): TensorInfo | string {
  const parts = [values, ...rowSplits];
  const problem = problemOf(parts, graph);
  if (problem !== undefined) return problem;
  const shape = values.shape && [rowsOf(rowSplits[0]!), ...rowSplits.map(() => null), ...values.shape.slice(1)];
  return { kind: 'ragged', dtype: values.dtype, shape, components: parts.map(component) };
}

function problemOf(parts: readonly unknown[], graph: Graph): string | undefined {
  for (const part of parts) {
    if (!(part instanceof SymbolicTensor)) return 'has parts that are no tensors of a graph.';
    if (part.graph !== graph) return `is "${part.name}", which is in another graph than the module.`;
  }
  return undefined;
}

function component({ name, dtype, shape }: SymbolicTensor): ComponentInfo {
  return { tensor: name, dtype, shape };
}

/** As far as the elements of a dense shape are known. */
function spelledShape(denseShape: SymbolicTensor): PartialShape {
  const { type, inputs } = denseShape.operation;
  // A placeholder's default says what is known of the shapes that it takes.
  const known = partialValue(type === 'PlaceholderWithDefault' ? inputs[0]! : denseShape);
  if (known) return known.map((dimension) => (dimension === null || dimension < 0 ? null : dimension));
  const rank = denseShape.shape?.[0];
  return rank == null ? null : Array.from({ length: rank }, () => null);
}

function rowsOf({ shape }: SymbolicTensor): number | null {
  const splits = shape?.[0];
  return splits == null || splits === 0 ? null : splits - 1;
}
