import type { Segment } from '@tenon/backend';
import { FunctionLibrary, Graph, inferShapes, type Attribute, type Operation, type SymbolicTensor } from '@tenon/graph';
import { Tensor, TensorReference, type ByteSource, type PartialShape } from '@tenon/tensor';
import { operationCases } from './generated/operation-cases.js';
import { readAttributes, readTensor, type JsonAttribute, type JsonTensor } from './read-json.js';

type Reference = readonly [node: number, output: number];

/** A small graph, values to feed, and what TensorFlow computes. */
export interface OperationCase {
  readonly title: string;
  readonly family: string;
  readonly nodes: readonly (readonly [string, Readonly<Record<string, JsonAttribute>>, readonly Reference[]])[];
  readonly inputs: readonly JsonTensor[];
  readonly fetches: readonly Reference[];
  readonly outputs: readonly JsonTensor[];
  readonly dynamic?: readonly PartialShape[];
  readonly tolerance?: readonly [number, number];
}

/** A case as a segment, with what goes in and what is to come out. */
export interface OperationSegment extends Segment {
  readonly feeds: readonly Tensor[];
  readonly expected: readonly Tensor[];
}

/**
 * What is known when a case is compiled: `known`: the shape of the first input, and the values of the others, as models have them;
 * `unknown`: nothing but data types and ranks, or what TensorFlow needs to take the graph.
 */
export type Dimensions = 'known' | 'unknown';

let cases: readonly OperationCase[] | undefined;

export function readOperationCases(): readonly OperationCase[] {
  return (cases ??= operationCases.map((line) => JSON.parse(line) as OperationCase));
}

/** @param sourceOf Where the bytes of float32 constants lie that are to be references; without it all constants are tensors. */
export function buildSegment(
  { nodes, inputs, fetches, outputs, dynamic }: OperationCase,
  dimensions: Dimensions,
  sourceOf?: (bytes: Uint8Array) => ByteSource,
): OperationSegment {
  const graph = new Graph(new FunctionLibrary());
  const values = inputs.map(readTensor);
  const sources = values.map((value, index) => {
    if (dimensions === 'known') return index > 0 ? constant(graph, value) : placeholder(graph, value, value.shape);
    return placeholder(graph, value, dynamic ? dynamic[index]! : value.shape.map(() => null));
  });
  const results: (readonly SymbolicTensor[])[] = [];
  const find = ([node, output]: Reference): SymbolicTensor => (node < 0 ? sources[output]! : results[node]![output]!);
  for (const [type, attributes, references] of nodes) {
    const read = readAttributes(attributes);
    const value = read.get('value');
    if (sourceOf && value?.kind === 'tensor' && Tensor.isTensor(value.value) && value.value.is('float32'))
      read.set('value', { kind: 'tensor', value: referenceTo(value.value, sourceOf) });
    results.push(graph.addOperation({ type, inputs: references.map(find), attributes: read }).outputs);
  }
  inferShapes(graph);
  const fed = sources.flatMap((source, index) => (source.operation.type === 'Placeholder' ? index : []));
  return {
    graph,
    inputs: fed.map((index) => sources[index]!),
    outputs: fetches.map(find),
    feeds: fed.map((index) => values[index]!),
    expected: outputs.map(readTensor),
  };
}

/** The operations of a segment that a backend is asked about. */
export function computedOperations({ graph }: Segment): Operation[] {
  return Array.from(graph.operations).filter(({ type }) => type !== 'Const' && type !== 'Placeholder');
}

export function placeholder(graph: Graph, { dtype }: Pick<Tensor, 'dtype'>, shape: PartialShape): SymbolicTensor {
  const attributes = new Map<string, Attribute>([
    ['dtype', { kind: 'dtype', value: dtype }],
    ['shape', { kind: 'shape', value: shape }],
  ]);
  return graph.addOperation({ type: 'Placeholder', attributes, shapes: [shape] }).output();
}

export function constant(graph: Graph, value: Tensor): SymbolicTensor {
  const attributes = new Map<string, Attribute>([
    ['dtype', { kind: 'dtype', value: value.dtype }],
    ['value', { kind: 'tensor', value }],
  ]);
  return graph.addOperation({ type: 'Const', attributes, shapes: [value.shape] }).output();
}

/** So many bytes lie before the elements: weights do not start where their file does. */
const PADDING = 8;

function referenceTo(
  { shape, data }: Tensor<'float32'>,
  sourceOf: (bytes: Uint8Array) => ByteSource,
): TensorReference<'float32'> {
  const bytes = new Uint8Array(PADDING + data.byteLength);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), PADDING);
  return new TensorReference('float32', shape, sourceOf(bytes), PADDING);
}
