import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { FunctionLibrary, Graph, inferShapes, type Attribute, type SymbolicTensor } from '@tenon/graph';
import { isNumeric, Tensor, type PartialShape } from '@tenon/tensor';
import { readAttribute, readTensor, type GoldenSegment, type GoldenTensor } from './golden-cases.js';

type Reference = readonly [node: number, output: number];

/** A case of `tools/tensorflow/golden_cases.py`: the results of TensorFlow that the host kernels are held to, too. */
export interface KernelCase {
  readonly nodes: readonly (readonly [
    string,
    Readonly<Record<string, readonly [string, unknown]>>,
    readonly Reference[],
  ])[];
  readonly inputs: readonly GoldenTensor[];
  readonly fetches: readonly Reference[];
  readonly outputs?: readonly GoldenTensor[];
}

const FOLDER = join(__dirname, '..', '..', '..', 'runtime', 'testdata', 'kernels');

export function kernelCaseFiles(): string[] {
  return readdirSync(FOLDER).sort();
}

/** The cases of a file that TensorFlow computes, and whose values are numbers. */
export function readKernelCases(file: string): KernelCase[] {
  const { cases } = JSON.parse(gunzipSync(readFileSync(join(FOLDER, file))).toString()) as {
    readonly cases: KernelCase[];
  };
  return cases.filter(
    ({ inputs, outputs }) => outputs !== undefined && [...inputs, ...outputs].every(({ dtype }) => isNumeric(dtype)),
  );
}

/** `Tile of float32[2,3] int32[2]`. */
export function titleOf({ nodes, inputs }: KernelCase): string {
  return `${nodes.map(([type]) => type).join(' ')} of ${inputs.map(({ dtype, shape }) => `${dtype}[${shape.join()}]`).join(' ')}`;
}

/**
 * What is known of the inputs. `unknown`: fed, of unknown dimensions; `known`: fed, of known dimensions, but for vectors of integers, which are
 * constants; `constant`: the first fed, of known dimensions, the others constants.
 */
export type KnownInputs = 'unknown' | 'known' | 'constant';

/** The case as a segment. */
export function buildKernelSegment(golden: KernelCase, inputs: KnownInputs): GoldenSegment {
  const graph = new Graph(new FunctionLibrary());
  const values = golden.inputs.map(readTensor);
  const sources = values.map((value, index) => {
    const isArgument = value.rank === 1 && value.dtype.startsWith('int');
    if (inputs === 'known' ? isArgument : inputs === 'constant' && index > 0) return constant(graph, value);
    return placeholder(graph, value, inputs === 'unknown' ? value.shape.map(() => null) : value.shape);
  });
  const outputs: (readonly SymbolicTensor[])[] = [];
  const find = ([node, output]: Reference): SymbolicTensor => (node < 0 ? sources[output]! : outputs[node]![output]!);
  for (const [type, attributes, references] of golden.nodes) {
    const operation = graph.addOperation({
      type,
      inputs: references.map(find),
      attributes: new Map(
        Object.entries(attributes).map(([name, attribute]) => [name, readAttribute(attribute, 'base64')]),
      ),
    });
    outputs.push(operation.outputs);
  }
  inferShapes(graph);
  const fed = sources.flatMap((source, index) => (source.operation.type === 'Placeholder' ? index : []));
  return {
    graph,
    inputs: fed.map((index) => sources[index]!),
    outputs: golden.fetches.map(find),
    feeds: fed.map((index) => values[index]!),
    expected: golden.outputs!.map(readTensor),
  };
}

function placeholder(graph: Graph, { dtype }: Tensor, shape: PartialShape): SymbolicTensor {
  const attributes = new Map<string, Attribute>([
    ['dtype', { kind: 'dtype', value: dtype }],
    ['shape', { kind: 'shape', value: shape }],
  ]);
  return graph.addOperation({ type: 'Placeholder', attributes }).output();
}

function constant(graph: Graph, value: Tensor): SymbolicTensor {
  const attributes = new Map<string, Attribute>([
    ['dtype', { kind: 'dtype', value: value.dtype }],
    ['value', { kind: 'tensor', value }],
  ]);
  return graph.addOperation({ type: 'Const', attributes }).output();
}
