import { SymbolicTensor, type Graph } from '@tenon/graph';
import {
  ConversionError,
  isCompatible,
  isTypedArray,
  StringArray,
  Tensor,
  tensorFrom,
  type TensorLike,
} from '@tenon/tensor';
import { isComposite, isRagged, isSparse } from './composite.js';
import { InputNamesError, InputTypeError, SymbolicInputError, type InputProblem } from './errors.js';
import { raggedFrom } from './ragged.js';
import type { ComponentInfo, TensorInfo } from './tensor-info.js';

/**
 * What a signature was called with, by the names of its inputs: a bare value is the only input; several are an object or a Map.
 *
 * @throws InputNamesError
 */
export function bindInputNames(
  signature: string,
  infos: ReadonlyMap<string, TensorInfo>,
  inputs: unknown,
): ReadonlyMap<string, unknown> {
  const names = [...infos.keys()];
  if (inputs === undefined && names.length === 0) return new Map();
  const [only] = names;
  const byName = asDictionary(inputs, names.length === 1 ? infos.get(only!) : undefined);
  if (!byName) {
    if (only === undefined || names.length > 1) {
      if (inputs === undefined) throw new InputNamesError(signature, names, [], names);
      throw new InputNamesError(signature, names, [], names, true);
    }
    if (inputs === undefined) throw new InputNamesError(signature, names, [], names);
    return new Map([[only, inputs]]);
  }
  const missing = names.filter((name) => byName.get(name) === undefined);
  const extra = [...byName.keys()].filter((name) => !infos.has(name));
  if (missing.length > 0 || extra.length > 0) throw new InputNamesError(signature, missing, extra, names);
  return byName;
}

function asDictionary(inputs: unknown, only: TensorInfo | undefined): ReadonlyMap<string, unknown> | undefined {
  if (inputs instanceof Map) return inputs;
  if (only && only.kind !== 'dense' && isComposite(inputs)) return undefined;
  return isDictionary(inputs) ? new Map(Object.entries(inputs)) : undefined;
}

/** Whether `value` gives values by name: an object that is not itself a value. */
export function isDictionary(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !isTypedArray(value) &&
    !Tensor.isTensor(value) &&
    !(value instanceof SymbolicTensor) &&
    !(value instanceof StringArray)
  );
}

/** A value that could not be encoded, as a problem yet without the name of its input. */
export class EncodingProblem {
  constructor(readonly details: Pick<InputProblem, 'actual' | 'reason'>) {}
}

/** Turns the value of an input into the tensors that it is made of, or says what is wrong with it. */
export type Encode<C> = (info: TensorInfo, value: unknown) => C[] | EncodingProblem;

/**
 * Encodes all inputs of a signature.
 *
 * @returns The components of all inputs, in the order of `infos`.
 * @throws InputTypeError naming every input that does not fit.
 */
export function encodeInputs<C>(
  signature: string,
  infos: ReadonlyMap<string, TensorInfo>,
  inputs: ReadonlyMap<string, unknown>,
  encode: Encode<C>,
): C[] {
  const problems: InputProblem[] = [];
  const components: C[] = [];
  for (const [name, info] of infos) {
    const encoded = encode(info, inputs.get(name));
    if (encoded instanceof EncodingProblem) problems.push(problemOf(name, info, encoded));
    else components.push(...encoded);
  }
  if (problems.length > 0) throw new InputTypeError(signature, problems);
  return components;
}

export function problemOf(
  input: string,
  { kind, dtype, shape }: TensorInfo,
  { details }: EncodingProblem,
): InputProblem {
  return { input, expected: { kind, dtype, shape }, ...details };
}

/** Encodes values: what a session is fed. */
export const encodeValue: Encode<Tensor> = (info, value) => {
  const parts = split(info, value);
  return parts instanceof EncodingProblem ? parts : encodeAll(info, parts, encodeConcrete);
};

/** Encodes tensors of `graph`, and values that become constants of it. */
export function graphEncoder(graph: Graph): Encode<Tensor | SymbolicTensor> {
  const encodePart = (part: unknown, component: ComponentInfo): Tensor | SymbolicTensor | EncodingProblem => {
    if (!(part instanceof SymbolicTensor)) return encodeConcrete(part, component);
    if (part.graph !== graph) {
      throw new SymbolicInputError(
        part.name,
        'it is in another graph than the module. A module can be applied in its own graph only.',
      );
    }
    return fits(part, component) ? part : new EncodingProblem({ actual: { dtype: part.dtype, shape: part.shape } });
  };
  return (info, value) => {
    const parts = split(info, value);
    return parts instanceof EncodingProblem ? parts : encodeAll(info, parts, encodePart);
  };
}

/** The components of a value, not yet tensors. */
function split(info: TensorInfo, value: unknown): unknown[] | EncodingProblem {
  switch (info.kind) {
    case 'dense':
      return isComposite(value) ? new EncodingProblem({ reason: 'A sparse or ragged tensor was given.' }) : [value];
    case 'sparse':
      return isSparse(value)
        ? [value.indices, value.values, value.denseShape]
        : new EncodingProblem({ reason: 'Pass { indices, values, denseShape }.' });
    case 'ragged':
      if (isRagged(value)) return [value.values, ...value.rowSplits];
      if (Array.isArray(value)) return splitRows(info, value);
      return new EncodingProblem({ reason: 'Pass { values, rowSplits }, or nested arrays.' });
  }
}

function splitRows(info: TensorInfo, value: readonly unknown[]): unknown[] | EncodingProblem {
  const splits = info.components[1]!.dtype as 'int64' | 'int32';
  try {
    const ragged = raggedFrom(value, info.dtype, { raggedRank: info.components.length - 1, splits });
    return [ragged.values, ...ragged.rowSplits];
  } catch (error) {
    return conversionProblem(error);
  }
}

function encodeAll<C>(
  { components }: TensorInfo,
  parts: readonly unknown[],
  encodePart: (part: unknown, component: ComponentInfo) => C | EncodingProblem,
): C[] | EncodingProblem {
  if (parts.length !== components.length) {
    return new EncodingProblem({
      reason: `${parts.length - 1} row splits were given; ${components.length - 1} are wanted.`,
    });
  }
  const encoded: C[] = [];
  for (const [index, part] of parts.entries()) {
    const result = encodePart(part, components[index]!);
    if (result instanceof EncodingProblem) return result;
    encoded.push(result);
  }
  return encoded;
}

function encodeConcrete(part: unknown, component: ComponentInfo): Tensor | EncodingProblem {
  if (part instanceof SymbolicTensor) {
    throw new SymbolicInputError(
      part.name,
      'it has no value before a session runs. Pass values, or build with hub.module.',
    );
  }
  if (Tensor.isTensor(part)) {
    return fits(part, component) ? part : new EncodingProblem({ actual: { dtype: part.dtype, shape: part.shape } });
  }
  try {
    const tensor = tensorFrom(part as TensorLike, component.dtype, component.shape);
    return fits(tensor, component)
      ? tensor
      : new EncodingProblem({ actual: { dtype: tensor.dtype, shape: tensor.shape } });
  } catch (error) {
    return conversionProblem(error);
  }
}

function fits({ dtype, shape }: Tensor | SymbolicTensor, component: ComponentInfo): boolean {
  return dtype === component.dtype && isCompatible(shape, component.shape);
}

function conversionProblem(error: unknown): EncodingProblem {
  if (error instanceof ConversionError) return new EncodingProblem({ reason: error.message });
  throw error;
}
