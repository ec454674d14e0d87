import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { FunctionLibrary, Graph, type Attribute, type SymbolicTensor } from '@tenon/graph';
import {
  StringArray,
  Tensor,
  viewBytes,
  type DType,
  type NumericDType,
  type PartialShape,
  type Shape,
} from '@tenon/tensor';

type JsonAttribute = readonly [kind: string, value: unknown];
type JsonReference = readonly [node: number, output: number];

interface JsonTensor {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: string | readonly string[];
}

interface JsonCase {
  readonly nodes: readonly (readonly [string, Readonly<Record<string, JsonAttribute>>, readonly JsonReference[]])[];
  readonly inputs: readonly JsonTensor[];
  readonly fetches: readonly JsonReference[];
  readonly outputs?: readonly JsonTensor[];
  readonly runs?: number;
  readonly tolerance?: readonly [number, number];
  readonly fails?: boolean;
}

/** A small graph, the values fed to it, and what TensorFlow computes: the format of `tools/tensorflow/golden_cases.py`. */
export interface GoldenCase {
  /** The ops, and the data types and shapes of the inputs. */
  readonly title: string;
  readonly graph: Graph;
  readonly feeds: ReadonlyMap<SymbolicTensor, Tensor>;
  readonly fetches: readonly SymbolicTensor[];
  /** One per fetch, for each of the runs; `undefined` where TensorFlow fails. */
  readonly outputs: readonly Tensor[] | undefined;
  /** How often the graph runs; it may keep state between. */
  readonly runs: number;
  /** Where the data type's own is not right: relative, absolute. */
  readonly tolerance: readonly [number, number] | undefined;
}

function toTensor({ dtype, shape, data }: JsonTensor): Tensor {
  if (typeof data !== 'string') {
    return new Tensor('string', shape, StringArray.from(data.map((item) => Buffer.from(item, 'base64'))));
  }
  const bytes = new Uint8Array(Buffer.from(data, 'base64'));
  return new Tensor(dtype as NumericDType, shape, viewBytes(dtype as NumericDType, bytes));
}

function toAttribute([kind, value]: JsonAttribute): Attribute {
  switch (kind) {
    case 'int':
      return { kind, value: BigInt(value as string) };
    case 'float':
      return { kind, value: value === 'inf' ? Infinity : value === '-inf' ? -Infinity : Number(value) };
    case 'bool':
      return { kind, value: value as boolean };
    case 'bytes':
      return { kind, value: new Uint8Array(Buffer.from(value as string, 'base64')) };
    case 'dtype':
      return { kind, value: value as DType };
    case 'shape':
      return { kind, value: value as PartialShape };
    case 'tensor':
      return { kind, value: toTensor(value as JsonTensor) };
    case 'list':
      return { kind, value: (value as JsonAttribute[]).map(toAttribute) };
    default:
      throw new TypeError(`An attribute of kind "${kind}" is not understood.`);
  }
}

function toCase(json: JsonCase): GoldenCase {
  const graph = new Graph(new FunctionLibrary());
  const inputs = json.inputs.map(toTensor);
  const places = inputs.map(({ dtype, shape }) => {
    const attributes = new Map<string, Attribute>([
      ['dtype', { kind: 'dtype', value: dtype }],
      ['shape', { kind: 'shape', value: shape }],
    ]);
    return graph.addOperation({ type: 'Placeholder', attributes, shapes: [shape] }).output();
  });
  const outputs: (readonly SymbolicTensor[])[] = [];
  const find = ([node, output]: JsonReference): SymbolicTensor =>
    node < 0 ? places[output]! : outputs[node]![output]!;
  for (const [type, attributes, references] of json.nodes) {
    const operation = graph.addOperation({
      type,
      inputs: references.map(find),
      attributes: new Map(Object.entries(attributes).map(([name, attribute]) => [name, toAttribute(attribute)])),
    });
    outputs.push(operation.outputs);
  }
  const operands = inputs.map(({ dtype, shape }) => `${dtype}[${shape.join(',')}]`).join(' ');
  return {
    title: `${json.nodes.map(([type]) => type).join(' ')} of ${operands}`,
    graph,
    feeds: new Map(places.map((place, i) => [place, inputs[i]!])),
    fetches: json.fetches.map(find),
    outputs: json.fails ? undefined : json.outputs!.map(toTensor),
    runs: json.runs ?? 1,
    tolerance: json.tolerance,
  };
}

/** The cases of one file. */
export function readGoldenCases(path: string): GoldenCase[] {
  const { cases } = JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')) as {
    readonly cases: readonly JsonCase[];
  };
  return cases.map(toCase);
}
