import type { Backend, Segment } from '@tenon/backend';
import { FunctionLibrary, Graph, type SymbolicTensor } from '@tenon/graph';
import { Tensor } from '@tenon/tensor';
import { placeholder } from './operation-case.js';

/** An op of float32, element by element, whose results are exact: for cases that are about something else than results. */
export interface PlainOperation {
  readonly type: string;
  readonly inputs: 1 | 2;
  readonly compute: (x: number, y: number) => number;
}

const PLAIN: readonly PlainOperation[] = [
  { type: 'AddV2', inputs: 2, compute: (x, y) => x + y },
  { type: 'Add', inputs: 2, compute: (x, y) => x + y },
  { type: 'Sub', inputs: 2, compute: (x, y) => x - y },
  { type: 'Mul', inputs: 2, compute: (x, y) => x * y },
  { type: 'Maximum', inputs: 2, compute: Math.max },
  { type: 'Minimum', inputs: 2, compute: Math.min },
  { type: 'Neg', inputs: 1, compute: (x) => -x },
  { type: 'Abs', inputs: 1, compute: Math.abs },
  { type: 'Relu', inputs: 1, compute: (x) => Math.max(x, 0) },
  { type: 'Square', inputs: 1, compute: (x) => x * x },
];

/** A segment of one plain operation on vectors of unknown length. */
export interface PlainSegment extends Segment {
  readonly operation: PlainOperation;
}

/** The first plain op that a backend supports; with two inputs, if it has one of those. */
export function findPlain(backend: Backend): PlainSegment | undefined {
  return PLAIN.map(plainSegment).find((segment) => backend.supports(segment.outputs[0]!.operation));
}

function plainSegment(operation: PlainOperation): PlainSegment {
  const graph = new Graph(new FunctionLibrary());
  const inputs = Array.from({ length: operation.inputs }, () => placeholder(graph, { dtype: 'float32' }, [null]));
  return { operation, graph, inputs, outputs: [addPlain(graph, operation, inputs)] };
}

export function addPlain(
  graph: Graph,
  { type }: PlainOperation,
  inputs: readonly SymbolicTensor[],
  name = type,
): SymbolicTensor {
  const attributes = new Map([['T', { kind: 'dtype', value: 'float32' } as const]]);
  return graph.addOperation({ type, name, inputs, attributes, shapes: [inputs[0]!.shape] }).output();
}

/** Inputs of so many elements that no other seed has, and what comes out. */
export function plainValues(
  { operation }: PlainSegment,
  size: number,
  seed = 1,
): { readonly inputs: readonly Tensor<'float32'>[]; readonly expected: Tensor<'float32'> } {
  const inputs = Array.from({ length: operation.inputs }, (_, input) => {
    const element = (index: number) => ((index * 31 + input * 7 + seed * 3) % 97) - 48;
    return vector(Array.from({ length: size }, (_, index) => element(index)));
  });
  const [x, y = x] = inputs;
  const results = Array.from(x!.data, (value, index) => operation.compute(value, y!.data[index]!));
  return { inputs, expected: vector(results) };
}

export function vector(values: readonly number[]): Tensor<'float32'> {
  return new Tensor('float32', [values.length], Float32Array.from(values));
}
