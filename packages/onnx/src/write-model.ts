import type { Shape } from '@tenon/tensor';
import { elementType, type ConvertibleDType } from './data-types.js';
import type { Attributes } from './operators.js';
import { ProtobufWriter } from './protobuf-writer.js';

/** A graph: a model's, or one inside of a node. */
export interface GraphParts {
  readonly nodes: readonly NodeParts[];
  readonly initializers: readonly InitializerParts[];
  readonly inputs: readonly ValueParts[];
  readonly outputs: readonly ValueParts[];
}

export interface NodeParts {
  readonly type: string;
  /** Where the operator is from, if it is not ONNX's own. */
  readonly domain?: string | undefined;
  /** An empty name for an optional input that is not given. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

export interface InitializerParts {
  readonly name: string;
  readonly dtype: ConvertibleDType;
  readonly shape: Shape;
  /** The elements, or the keys and values that say where they lie. */
  readonly content: Uint8Array | Readonly<Record<string, string | number>>;
}

export interface ValueParts {
  readonly name: string;
  readonly dtype: ConvertibleDType;
  /** Dimensions are numbers, names, or unknown. */
  readonly shape: readonly (number | string | null)[] | null;
}

const IR_VERSION = 10;
const OPSET = 21;

/** Numbers of the fields and enums in `proto/onnx/onnx.proto`. */
const MODEL = { irVersion: 1, producerName: 2, graph: 7, opsetImport: 8 };
const OPERATOR_SET = { domain: 1, version: 2 };
const GRAPH = { node: 1, name: 2, initializer: 5, input: 11, output: 12 };
const NODE = { input: 1, output: 2, name: 3, opType: 4, attribute: 5, domain: 7 };
const ATTRIBUTE = { name: 1, float: 2, int: 3, string: 4, graph: 6, ints: 8, type: 20 };
const TENSOR = { dims: 1, dataType: 2, name: 8, rawData: 9, externalData: 13, dataLocation: 14 };
const ENTRY = { key: 1, value: 2 };
const VALUE_INFO = { name: 1, type: 2 };
const TYPE = { tensor: 1 };
const TENSOR_TYPE = { elementType: 1, shape: 2 };
const SHAPE = { dimension: 1 };
const DIMENSION = { value: 1, name: 2 };
const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, graph: 5, ints: 7 };
const EXTERNAL = 1;

/** The bytes of a `ModelProto`. */
export function writeModel(graph: GraphParts): Uint8Array {
  const writer = new ProtobufWriter();
  writer.int(MODEL.irVersion, IR_VERSION);
  writer.string(MODEL.producerName, 'tenon');
  for (const [domain, version] of operatorSets(graph)) {
    writer.message(MODEL.opsetImport, () => {
      writer.string(OPERATOR_SET.domain, domain);
      writer.int(OPERATOR_SET.version, version);
    });
  }
  writer.message(MODEL.graph, () => writeGraph(writer, graph, 'segment'));
  return writer.finish();
}

/** The versions of the operators that the nodes are, those of graphs inside of them included. */
function operatorSets({ nodes }: GraphParts, versions = new Map([['', OPSET]])): Map<string, number> {
  for (const { domain, attributes } of nodes) {
    if (domain !== undefined) versions.set(domain, 1);
    for (const value of Object.values(attributes))
      if (typeof value === 'object' && 'graph' in value) operatorSets(value.graph, versions);
  }
  return versions;
}

function writeGraph(writer: ProtobufWriter, { nodes, initializers, inputs, outputs }: GraphParts, name: string): void {
  for (const node of nodes) writer.message(GRAPH.node, () => writeNode(writer, node));
  writer.string(GRAPH.name, name);
  for (const initializer of initializers)
    writer.message(GRAPH.initializer, () => writeInitializer(writer, initializer));
  for (const input of inputs) writer.message(GRAPH.input, () => writeValue(writer, input));
  for (const output of outputs) writer.message(GRAPH.output, () => writeValue(writer, output));
}

function writeNode(writer: ProtobufWriter, { type, domain, inputs, outputs, attributes }: NodeParts): void {
  for (const input of inputs) writer.string(NODE.input, input);
  for (const output of outputs) writer.string(NODE.output, output);
  writer.string(NODE.name, outputs[0]!);
  writer.string(NODE.opType, type);
  if (domain !== undefined) writer.string(NODE.domain, domain);
  for (const [name, value] of Object.entries(attributes)) {
    writer.message(NODE.attribute, () => {
      writer.string(ATTRIBUTE.name, name);
      writeAttributeValue(writer, value);
    });
  }
}

function writeAttributeValue(writer: ProtobufWriter, value: Attributes[string]): void {
  if (typeof value === 'number') {
    writer.int(ATTRIBUTE.int, value);
    writer.int(ATTRIBUTE.type, ATTRIBUTE_TYPE.int);
  } else if (typeof value === 'string') {
    writer.string(ATTRIBUTE.string, value);
    writer.int(ATTRIBUTE.type, ATTRIBUTE_TYPE.string);
  } else if ('float' in value) {
    writer.float(ATTRIBUTE.float, value.float);
    writer.int(ATTRIBUTE.type, ATTRIBUTE_TYPE.float);
  } else if ('graph' in value) {
    writer.message(ATTRIBUTE.graph, () => writeGraph(writer, value.graph, 'body'));
    writer.int(ATTRIBUTE.type, ATTRIBUTE_TYPE.graph);
  } else {
    writer.ints(ATTRIBUTE.ints, value);
    writer.int(ATTRIBUTE.type, ATTRIBUTE_TYPE.ints);
  }
}

function writeInitializer(writer: ProtobufWriter, { name, dtype, shape, content }: InitializerParts): void {
  writer.ints(TENSOR.dims, shape);
  writer.int(TENSOR.dataType, elementType(dtype));
  writer.string(TENSOR.name, name);
  if (content instanceof Uint8Array) return writer.raw(TENSOR.rawData, content);
  for (const [key, value] of Object.entries(content)) {
    writer.message(TENSOR.externalData, () => {
      writer.string(ENTRY.key, key);
      writer.string(ENTRY.value, String(value));
    });
  }
  writer.int(TENSOR.dataLocation, EXTERNAL);
}

function writeValue(writer: ProtobufWriter, { name, dtype, shape }: ValueParts): void {
  writer.string(VALUE_INFO.name, name);
  writer.message(VALUE_INFO.type, () =>
    writer.message(TYPE.tensor, () => {
      writer.int(TENSOR_TYPE.elementType, elementType(dtype));
      if (!shape) return;
      writer.message(TENSOR_TYPE.shape, () => {
        for (const dimension of shape) {
          writer.message(SHAPE.dimension, () => {
            if (typeof dimension === 'number') writer.int(DIMENSION.value, dimension);
            if (typeof dimension === 'string') writer.string(DIMENSION.name, dimension);
          });
        }
      });
    }),
  );
}
