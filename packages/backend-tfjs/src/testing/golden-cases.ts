import { Graph, FunctionLibrary, type Attribute } from '@tenon/graph';
import { Tensor, viewBytes, type DType, type NumericDType, type PartialShape, type Shape } from '@tenon/tensor';
import type { Segment } from '@tenon/backend';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** A small graph and what TensorFlow computes with it; see tools/tensorflow/onnx_goldens.py. */
export interface GoldenCase {
  readonly name: string;
  readonly nodes: readonly GoldenNode[];
  readonly dynamic: readonly (readonly PartialShape[])[];
  readonly feeds: Readonly<Record<string, GoldenTensor>>;
  readonly fetches: Readonly<Record<string, GoldenTensor>>;
  readonly tolerance?: number;
}

interface GoldenNode {
  readonly name: string;
  readonly type: string;
  readonly inputs: readonly string[];
  readonly attributes: Readonly<Record<string, GoldenAttribute>>;
  readonly shapes: readonly PartialShape[];
}

type GoldenAttribute = readonly [string, unknown];

export interface GoldenTensor {
  readonly dtype: NumericDType;
  readonly shape: Shape;
  readonly data: string;
}

/** A case as a segment, and the tensors that go in and are to come out. */
export interface GoldenSegment extends Segment {
  readonly feeds: readonly Tensor[];
  readonly expected: readonly Tensor[];
}

export function readGoldenCases(name: string): GoldenCase[] {
  const file = join(__dirname, '..', '..', '..', 'backend-onnx', 'testdata', `${name}.json.gz`);
  return JSON.parse(gunzipSync(readFileSync(file)).toString()) as GoldenCase[];
}

/** @param shapes Whether the shapes are known, or have unknown dimensions. */
export function buildSegment(golden: GoldenCase, shapes: 'known' | 'dynamic'): GoldenSegment {
  const graph = new Graph(new FunctionLibrary());
  golden.nodes.forEach((node, index) =>
    graph.addOperation({
      type: node.type,
      name: node.name,
      inputs: node.inputs.map((input) => graph.tensor(input)),
      attributes: new Map(Object.entries(node.attributes).map(([name, attribute]) => [name, readAttribute(attribute)])),
      shapes: shapes === 'known' ? node.shapes : golden.dynamic[index]!,
    }),
  );
  return {
    graph,
    inputs: Object.keys(golden.feeds).map((name) => graph.tensor(name)),
    outputs: Object.keys(golden.fetches).map((name) => graph.tensor(name)),
    feeds: Object.values(golden.feeds).map(readTensor),
    expected: Object.values(golden.fetches).map(readTensor),
  };
}

export function readTensor({ dtype, shape, data }: GoldenTensor): Tensor {
  return new Tensor(dtype, shape, viewBytes(dtype, new Uint8Array(Buffer.from(data, 'base64'))));
}

/** @param text How bytes are written: as text, or in base64. */
export function readAttribute([kind, value]: GoldenAttribute, text: 'utf8' | 'base64' = 'utf8'): Attribute {
  switch (kind) {
    case 'bytes':
      return { kind, value: Uint8Array.from(Buffer.from(value as string, text)) };
    case 'int':
      return { kind, value: BigInt(value as number) };
    case 'float':
      return { kind, value: value === 'inf' ? Infinity : value === '-inf' ? -Infinity : (value as number) };
    case 'bool':
      return { kind, value: value as boolean };
    case 'dtype':
      return { kind, value: value as DType };
    case 'shape':
      return { kind, value: value as PartialShape };
    case 'tensor':
      return { kind, value: readTensor(value as GoldenTensor) };
    case 'list':
      return { kind, value: (value as GoldenAttribute[]).map((item) => readAttribute(item, text)) };
    default:
      throw new TypeError(`The golden file has an attribute of kind ${kind}.`);
  }
}
