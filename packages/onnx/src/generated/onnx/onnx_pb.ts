// Generated from onnx/onnx.proto by tools/proto/generate.mjs. Do not change it here.
import { append, NO_ITEMS, NOT_SET, type Message, type Reader, type Schema, type Writer } from '../protobuf.js';

export interface ModelProto extends Message<'onnx.ModelProto'> {
  irVersion: bigint;
  producerName: string;
  producerVersion: string;
  graph?: GraphProto | undefined;
  opsetImport: OperatorSetIdProto[];
}

export const ModelProtoSchema: Schema<ModelProto> = {
  typeName: 'onnx.ModelProto',
  make: () => ({
    $typeName: 'onnx.ModelProto',
    irVersion: 0n,
    producerName: '',
    producerVersion: '',
    graph: undefined,
    opsetImport: NO_ITEMS,
  }),
  decode(reader: Reader, end: number, message: ModelProto): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 8:
          message.irVersion = reader.int64();
          break;
        case 18:
          message.producerName = reader.string();
          break;
        case 26:
          message.producerVersion = reader.string();
          break;
        case 58:
          message.graph = reader.message(GraphProtoSchema, message.graph);
          break;
        case 66:
          message.opsetImport = append(message.opsetImport, reader.message(OperatorSetIdProtoSchema));
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: ModelProto, writer: Writer): void {
    if (message.irVersion !== 0n) {
      writer.uint32(8);
      writer.int64(message.irVersion);
    }
    if (message.producerName !== '') {
      writer.uint32(18);
      writer.string(message.producerName);
    }
    if (message.producerVersion !== '') {
      writer.uint32(26);
      writer.string(message.producerVersion);
    }
    if (message.graph !== undefined) {
      writer.uint32(58);
      writer.message(GraphProtoSchema, message.graph);
    }
    for (const item of message.opsetImport) {
      writer.uint32(66);
      writer.message(OperatorSetIdProtoSchema, item);
    }
    writer.unknown(message);
  },
  nested: {
    graph: { kind: 'one', schemas: () => ({ '': GraphProtoSchema }) },
    opsetImport: { kind: 'list', schemas: () => ({ '': OperatorSetIdProtoSchema }) },
  },
};

export interface OperatorSetIdProto extends Message<'onnx.OperatorSetIdProto'> {
  domain?: string | undefined;
  version: bigint;
}

export const OperatorSetIdProtoSchema: Schema<OperatorSetIdProto> = {
  typeName: 'onnx.OperatorSetIdProto',
  make: () => ({
    $typeName: 'onnx.OperatorSetIdProto',
    domain: undefined,
    version: 0n,
  }),
  decode(reader: Reader, end: number, message: OperatorSetIdProto): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.domain = reader.string();
          break;
        case 16:
          message.version = reader.int64();
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: OperatorSetIdProto, writer: Writer): void {
    if (message.domain !== undefined) {
      writer.uint32(10);
      writer.string(message.domain);
    }
    if (message.version !== 0n) {
      writer.uint32(16);
      writer.int64(message.version);
    }
    writer.unknown(message);
  },
  nested: {},
};

export interface GraphProto extends Message<'onnx.GraphProto'> {
  node: NodeProto[];
  name: string;
  initializer: TensorProto[];
  input: ValueInfoProto[];
  output: ValueInfoProto[];
}

export const GraphProtoSchema: Schema<GraphProto> = {
  typeName: 'onnx.GraphProto',
  make: () => ({
    $typeName: 'onnx.GraphProto',
    node: NO_ITEMS,
    name: '',
    initializer: NO_ITEMS,
    input: NO_ITEMS,
    output: NO_ITEMS,
  }),
  decode(reader: Reader, end: number, message: GraphProto): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.node = append(message.node, reader.message(NodeProtoSchema));
          break;
        case 18:
          message.name = reader.string();
          break;
        case 42:
          message.initializer = append(message.initializer, reader.message(TensorProtoSchema));
          break;
        case 90:
          message.input = append(message.input, reader.message(ValueInfoProtoSchema));
          break;
        case 98:
          message.output = append(message.output, reader.message(ValueInfoProtoSchema));
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: GraphProto, writer: Writer): void {
    for (const item of message.node) {
      writer.uint32(10);
      writer.message(NodeProtoSchema, item);
    }
    if (message.name !== '') {
      writer.uint32(18);
      writer.string(message.name);
    }
    for (const item of message.initializer) {
      writer.uint32(42);
      writer.message(TensorProtoSchema, item);
    }
    for (const item of message.input) {
      writer.uint32(90);
      writer.message(ValueInfoProtoSchema, item);
    }
    for (const item of message.output) {
      writer.uint32(98);
      writer.message(ValueInfoProtoSchema, item);
    }
    writer.unknown(message);
  },
  nested: {
    node: { kind: 'list', schemas: () => ({ '': NodeProtoSchema }) },
    initializer: { kind: 'list', schemas: () => ({ '': TensorProtoSchema }) },
    input: { kind: 'list', schemas: () => ({ '': ValueInfoProtoSchema }) },
    output: { kind: 'list', schemas: () => ({ '': ValueInfoProtoSchema }) },
  },
};

export interface NodeProto extends Message<'onnx.NodeProto'> {
  /** An empty name stands for an optional input that is not given. */
  input: string[];
  output: string[];
  name: string;
  opType: string;
  attribute: AttributeProto[];
  domain: string;
}

export const NodeProtoSchema: Schema<NodeProto> = {
  typeName: 'onnx.NodeProto',
  make: () => ({
    $typeName: 'onnx.NodeProto',
    input: NO_ITEMS,
    output: NO_ITEMS,
    name: '',
    opType: '',
    attribute: NO_ITEMS,
    domain: '',
  }),
  decode(reader: Reader, end: number, message: NodeProto): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.input = append(message.input, reader.string());
          break;
        case 18:
          message.output = append(message.output, reader.string());
          break;
        case 26:
          message.name = reader.string();
          break;
        case 34:
          message.opType = reader.string();
          break;
        case 42:
          message.attribute = append(message.attribute, reader.message(AttributeProtoSchema));
          break;
        case 58:
          message.domain = reader.string();
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: NodeProto, writer: Writer): void {
    for (const item of message.input) {
      writer.uint32(10);
      writer.string(item);
    }
    for (const item of message.output) {
      writer.uint32(18);
      writer.string(item);
    }
    if (message.name !== '') {
      writer.uint32(26);
      writer.string(message.name);
    }
    if (message.opType !== '') {
      writer.uint32(34);
      writer.string(message.opType);
    }
    for (const item of message.attribute) {
      writer.uint32(42);
      writer.message(AttributeProtoSchema, item);
    }
    if (message.domain !== '') {
      writer.uint32(58);
      writer.string(message.domain);
    }
    writer.unknown(message);
  },
  nested: {
    attribute: { kind: 'list', schemas: () => ({ '': AttributeProtoSchema }) },
  },
};

export interface AttributeProto extends Message<'onnx.AttributeProto'> {
  name: string;
  f?: number | undefined;
  i?: bigint | undefined;
  s?: Uint8Array | undefined;
  t?: TensorProto | undefined;
  g?: GraphProto | undefined;
  floats: number[];
  ints: bigint[];
  type: AttributeProto_AttributeType;
}

export const AttributeProtoSchema: Schema<AttributeProto> = {
  typeName: 'onnx.AttributeProto',
  make: () => ({
    $typeName: 'onnx.AttributeProto',
    name: '',
    f: undefined,
    i: undefined,
    s: undefined,
    t: undefined,
    g: undefined,
    floats: NO_ITEMS,
    ints: NO_ITEMS,
    type: 0,
  }),
  decode(reader: Reader, end: number, message: AttributeProto): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.name = reader.string();
          break;
        case 21:
          message.f = reader.float();
          break;
        case 24:
          message.i = reader.int64();
          break;
        case 34:
          message.s = reader.take();
          break;
        case 42:
          message.t = reader.message(TensorProtoSchema, message.t);
          break;
        case 50:
          message.g = reader.message(GraphProtoSchema, message.g);
          break;
        case 61:
          message.floats = append(message.floats, reader.float());
          break;
        case 58: {
          const limit = reader.open();
          while (reader.position < limit) message.floats = append(message.floats, reader.float());
          reader.close(limit);
          break;
        }
        case 64:
          message.ints = append(message.ints, reader.int64());
          break;
        case 66: {
          const limit = reader.open();
          while (reader.position < limit) message.ints = append(message.ints, reader.int64());
          reader.close(limit);
          break;
        }
        case 160:
          message.type = reader.int32();
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: AttributeProto, writer: Writer): void {
    if (message.name !== '') {
      writer.uint32(10);
      writer.string(message.name);
    }
    if (message.f !== undefined) {
      writer.uint32(21);
      writer.float(message.f);
    }
    if (message.i !== undefined) {
      writer.uint32(24);
      writer.int64(message.i);
    }
    if (message.s !== undefined) {
      writer.uint32(34);
      writer.take(message.s);
    }
    if (message.t !== undefined) {
      writer.uint32(42);
      writer.message(TensorProtoSchema, message.t);
    }
    if (message.g !== undefined) {
      writer.uint32(50);
      writer.message(GraphProtoSchema, message.g);
    }
    if (message.floats.length > 0) {
      writer.uint32(58);
      const mark = writer.open();
      for (const item of message.floats) writer.float(item);
      writer.close(mark);
    }
    if (message.ints.length > 0) {
      writer.uint32(66);
      const mark = writer.open();
      for (const item of message.ints) writer.int64(item);
      writer.close(mark);
    }
    if (message.type !== 0) {
      writer.uint32(160);
      writer.int32(message.type);
    }
    writer.unknown(message);
  },
  nested: {
    t: { kind: 'one', schemas: () => ({ '': TensorProtoSchema }) },
    g: { kind: 'one', schemas: () => ({ '': GraphProtoSchema }) },
  },
};

export enum AttributeProto_AttributeType {
  UNDEFINED = 0,
  FLOAT = 1,
  INT = 2,
  STRING = 3,
  TENSOR = 4,
  GRAPH = 5,
  FLOATS = 6,
  INTS = 7,
}

export interface TensorProto extends Message<'onnx.TensorProto'> {
  dims: bigint[];
  dataType: number;
  name: string;
  rawData?: Uint8Array | undefined;
  /** Where the bytes lie: `location` (a path relative to the model), `offset`, `length`. */
  externalData: StringStringEntryProto[];
  dataLocation?: TensorProto_DataLocation | undefined;
}

export const TensorProtoSchema: Schema<TensorProto> = {
  typeName: 'onnx.TensorProto',
  make: () => ({
    $typeName: 'onnx.TensorProto',
    dims: NO_ITEMS,
    dataType: 0,
    name: '',
    rawData: undefined,
    externalData: NO_ITEMS,
    dataLocation: undefined,
  }),
  decode(reader: Reader, end: number, message: TensorProto): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 8:
          message.dims = append(message.dims, reader.int64());
          break;
        case 10: {
          const limit = reader.open();
          while (reader.position < limit) message.dims = append(message.dims, reader.int64());
          reader.close(limit);
          break;
        }
        case 16:
          message.dataType = reader.int32();
          break;
        case 66:
          message.name = reader.string();
          break;
        case 74:
          message.rawData = reader.take();
          break;
        case 106:
          message.externalData = append(message.externalData, reader.message(StringStringEntryProtoSchema));
          break;
        case 112:
          message.dataLocation = reader.int32();
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: TensorProto, writer: Writer): void {
    if (message.dims.length > 0) {
      writer.uint32(10);
      const mark = writer.open();
      for (const item of message.dims) writer.int64(item);
      writer.close(mark);
    }
    if (message.dataType !== 0) {
      writer.uint32(16);
      writer.int32(message.dataType);
    }
    if (message.name !== '') {
      writer.uint32(66);
      writer.string(message.name);
    }
    if (message.rawData !== undefined) {
      writer.uint32(74);
      writer.take(message.rawData);
    }
    for (const item of message.externalData) {
      writer.uint32(106);
      writer.message(StringStringEntryProtoSchema, item);
    }
    if (message.dataLocation !== undefined) {
      writer.uint32(112);
      writer.int32(message.dataLocation);
    }
    writer.unknown(message);
  },
  nested: {
    externalData: { kind: 'list', schemas: () => ({ '': StringStringEntryProtoSchema }) },
  },
};

export enum TensorProto_DataType {
  UNDEFINED = 0,
  FLOAT = 1,
  UINT8 = 2,
  INT8 = 3,
  UINT16 = 4,
  INT16 = 5,
  INT32 = 6,
  INT64 = 7,
  STRING = 8,
  BOOL = 9,
  FLOAT16 = 10,
  DOUBLE = 11,
  UINT32 = 12,
  UINT64 = 13,
  COMPLEX64 = 14,
  COMPLEX128 = 15,
  BFLOAT16 = 16,
}

export enum TensorProto_DataLocation {
  DEFAULT = 0,
  EXTERNAL = 1,
}

export interface StringStringEntryProto extends Message<'onnx.StringStringEntryProto'> {
  key: string;
  value: string;
}

export const StringStringEntryProtoSchema: Schema<StringStringEntryProto> = {
  typeName: 'onnx.StringStringEntryProto',
  make: () => ({
    $typeName: 'onnx.StringStringEntryProto',
    key: '',
    value: '',
  }),
  decode(reader: Reader, end: number, message: StringStringEntryProto): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.key = reader.string();
          break;
        case 18:
          message.value = reader.string();
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: StringStringEntryProto, writer: Writer): void {
    if (message.key !== '') {
      writer.uint32(10);
      writer.string(message.key);
    }
    if (message.value !== '') {
      writer.uint32(18);
      writer.string(message.value);
    }
    writer.unknown(message);
  },
  nested: {},
};

export interface ValueInfoProto extends Message<'onnx.ValueInfoProto'> {
  name: string;
  type?: TypeProto | undefined;
}

export const ValueInfoProtoSchema: Schema<ValueInfoProto> = {
  typeName: 'onnx.ValueInfoProto',
  make: () => ({
    $typeName: 'onnx.ValueInfoProto',
    name: '',
    type: undefined,
  }),
  decode(reader: Reader, end: number, message: ValueInfoProto): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.name = reader.string();
          break;
        case 18:
          message.type = reader.message(TypeProtoSchema, message.type);
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: ValueInfoProto, writer: Writer): void {
    if (message.name !== '') {
      writer.uint32(10);
      writer.string(message.name);
    }
    if (message.type !== undefined) {
      writer.uint32(18);
      writer.message(TypeProtoSchema, message.type);
    }
    writer.unknown(message);
  },
  nested: {
    type: { kind: 'one', schemas: () => ({ '': TypeProtoSchema }) },
  },
};

export interface TypeProto extends Message<'onnx.TypeProto'> {
  value: { case: 'tensorType'; value: TypeProto_Tensor } | { case: undefined; value?: undefined };
}

export const TypeProtoSchema: Schema<TypeProto> = {
  typeName: 'onnx.TypeProto',
  make: () => ({
    $typeName: 'onnx.TypeProto',
    value: NOT_SET,
  }),
  decode(reader: Reader, end: number, message: TypeProto): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.value = {
            case: 'tensorType',
            value: reader.message(
              TypeProto_TensorSchema,
              message.value.case === 'tensorType' ? message.value.value : undefined,
            ),
          };
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: TypeProto, writer: Writer): void {
    switch (message.value.case) {
      case 'tensorType':
        {
          writer.uint32(10);
          writer.message(TypeProto_TensorSchema, message.value.value);
        }
        break;
    }
    writer.unknown(message);
  },
  nested: {
    value: { kind: 'oneof', schemas: () => ({ tensorType: TypeProto_TensorSchema }) },
  },
};

export interface TypeProto_Tensor extends Message<'onnx.TypeProto.Tensor'> {
  elemType: number;
  /** Not there where not even the rank is known. */
  shape?: TensorShapeProto | undefined;
}

export const TypeProto_TensorSchema: Schema<TypeProto_Tensor> = {
  typeName: 'onnx.TypeProto.Tensor',
  make: () => ({
    $typeName: 'onnx.TypeProto.Tensor',
    elemType: 0,
    shape: undefined,
  }),
  decode(reader: Reader, end: number, message: TypeProto_Tensor): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 8:
          message.elemType = reader.int32();
          break;
        case 18:
          message.shape = reader.message(TensorShapeProtoSchema, message.shape);
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: TypeProto_Tensor, writer: Writer): void {
    if (message.elemType !== 0) {
      writer.uint32(8);
      writer.int32(message.elemType);
    }
    if (message.shape !== undefined) {
      writer.uint32(18);
      writer.message(TensorShapeProtoSchema, message.shape);
    }
    writer.unknown(message);
  },
  nested: {
    shape: { kind: 'one', schemas: () => ({ '': TensorShapeProtoSchema }) },
  },
};

export interface TensorShapeProto extends Message<'onnx.TensorShapeProto'> {
  dim: TensorShapeProto_Dimension[];
}

export const TensorShapeProtoSchema: Schema<TensorShapeProto> = {
  typeName: 'onnx.TensorShapeProto',
  make: () => ({
    $typeName: 'onnx.TensorShapeProto',
    dim: NO_ITEMS,
  }),
  decode(reader: Reader, end: number, message: TensorShapeProto): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.dim = append(message.dim, reader.message(TensorShapeProto_DimensionSchema));
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: TensorShapeProto, writer: Writer): void {
    for (const item of message.dim) {
      writer.uint32(10);
      writer.message(TensorShapeProto_DimensionSchema, item);
    }
    writer.unknown(message);
  },
  nested: {
    dim: { kind: 'list', schemas: () => ({ '': TensorShapeProto_DimensionSchema }) },
  },
};

export interface TensorShapeProto_Dimension extends Message<'onnx.TensorShapeProto.Dimension'> {
  value:
    { case: 'dimValue'; value: bigint } | { case: 'dimParam'; value: string } | { case: undefined; value?: undefined };
}

export const TensorShapeProto_DimensionSchema: Schema<TensorShapeProto_Dimension> = {
  typeName: 'onnx.TensorShapeProto.Dimension',
  make: () => ({
    $typeName: 'onnx.TensorShapeProto.Dimension',
    value: NOT_SET,
  }),
  decode(reader: Reader, end: number, message: TensorShapeProto_Dimension): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 8:
          message.value = { case: 'dimValue', value: reader.int64() };
          break;
        case 18:
          message.value = { case: 'dimParam', value: reader.string() };
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: TensorShapeProto_Dimension, writer: Writer): void {
    switch (message.value.case) {
      case 'dimValue':
        {
          writer.uint32(8);
          writer.int64(message.value.value);
        }
        break;
      case 'dimParam':
        {
          writer.uint32(18);
          writer.string(message.value.value);
        }
        break;
    }
    writer.unknown(message);
  },
  nested: {},
};
