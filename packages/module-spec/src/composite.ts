import { SymbolicTensor } from '@tenon/graph';
import type { RaggedTensor, SparseTensor, Tensor } from '@tenon/tensor';
import type { TensorInfo } from './tensor-info.js';

/** A sparse value of a graph. */
export interface SymbolicSparseTensor {
  readonly indices: SymbolicTensor;
  readonly values: SymbolicTensor;
  readonly denseShape: SymbolicTensor;
}

/** A ragged value of a graph. */
export interface SymbolicRaggedTensor {
  readonly values: SymbolicTensor;
  /** Outermost first. */
  readonly rowSplits: readonly SymbolicTensor[];
}

/** What an output is in a graph. */
export type SymbolicValue = SymbolicTensor | SymbolicSparseTensor | SymbolicRaggedTensor;

/** What an output is when it was computed. */
export type Value = Tensor | SparseTensor | RaggedTensor;

/** Puts together what the components of an output are: the opposite of `Signature`'s lists of components. */
export function assemble(info: TensorInfo, components: readonly Tensor[]): Value;
export function assemble(info: TensorInfo, components: readonly SymbolicTensor[]): SymbolicValue;
export function assemble(info: TensorInfo, components: readonly (Tensor | SymbolicTensor)[]): unknown {
  switch (info.kind) {
    case 'dense':
      return components[0];
    case 'sparse':
      return { indices: components[0], values: components[1], denseShape: components[2] };
    case 'ragged':
      return { values: components[0], rowSplits: components.slice(1) };
  }
}

/** A composite value of either kind: sparse or ragged, of a graph or not. */
export function isComposite(value: unknown): boolean {
  return isSparse(value) || isRagged(value);
}

export function isSparse(value: unknown): value is SparseTensor | SymbolicSparseTensor {
  return isObject(value) && 'indices' in value && 'values' in value && 'denseShape' in value;
}

export function isRagged(value: unknown): value is RaggedTensor | SymbolicRaggedTensor {
  return isObject(value) && 'values' in value && 'rowSplits' in value;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !(value instanceof SymbolicTensor);
}
