// Generated from tensorflow/graph.proto by tools/proto/generate.mjs. Do not change it here.
import {
  append,
  NO_ITEMS,
  NOT_SET,
  EmptyMap,
  type Message,
  type Reader,
  type Schema,
  type Writer,
} from '../protobuf.js';
import {
  ResourceHandleProto_DtypeAndShapeSchema,
  TensorProtoSchema,
  TensorShapeProtoSchema,
  type DataType,
  type ResourceHandleProto_DtypeAndShape,
  type TensorProto,
  type TensorShapeProto,
} from '../tensorflow/tensor_pb.js';

export interface VersionDef extends Message<'tensorflow.VersionDef'> {
  producer: number;
  minConsumer: number;
  badConsumers: number[];
}

export const VersionDefSchema: Schema<VersionDef> = {
  typeName: 'tensorflow.VersionDef',
  make: () => ({
    $typeName: 'tensorflow.VersionDef',
    producer: 0,
    minConsumer: 0,
    badConsumers: NO_ITEMS,
  }),
  decode(reader: Reader, end: number, message: VersionDef): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 8:
          message.producer = reader.int32();
          break;
        case 16:
          message.minConsumer = reader.int32();
          break;
        case 24:
          message.badConsumers = append(message.badConsumers, reader.int32());
          break;
        case 26: {
          const limit = reader.open();
          while (reader.position < limit) message.badConsumers = append(message.badConsumers, reader.int32());
          reader.close(limit);
          break;
        }
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: VersionDef, writer: Writer): void {
    if (message.producer !== 0) {
      writer.uint32(8);
      writer.int32(message.producer);
    }
    if (message.minConsumer !== 0) {
      writer.uint32(16);
      writer.int32(message.minConsumer);
    }
    if (message.badConsumers.length > 0) {
      writer.uint32(26);
      const mark = writer.open();
      for (const item of message.badConsumers) writer.int32(item);
      writer.close(mark);
    }
    writer.unknown(message);
  },
  nested: {},
};

export interface AttrValue extends Message<'tensorflow.AttrValue'> {
  value:
    | { case: 'list'; value: AttrValue_ListValue }
    | { case: 's'; value: Uint8Array }
    | { case: 'i'; value: bigint }
    | { case: 'f'; value: number }
    | { case: 'b'; value: boolean }
    | { case: 'type'; value: DataType }
    | { case: 'shape'; value: TensorShapeProto }
    | { case: 'tensor'; value: TensorProto }
    | { case: 'placeholder'; value: string }
    | { case: 'func'; value: NameAttrList }
    | { case: undefined; value?: undefined };
}

export const AttrValueSchema: Schema<AttrValue> = {
  typeName: 'tensorflow.AttrValue',
  make: () => ({
    $typeName: 'tensorflow.AttrValue',
    value: NOT_SET,
  }),
  decode(reader: Reader, end: number, message: AttrValue): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.value = {
            case: 'list',
            value: reader.message(
              AttrValue_ListValueSchema,
              message.value.case === 'list' ? message.value.value : undefined,
            ),
          };
          break;
        case 18:
          message.value = { case: 's', value: reader.take() };
          break;
        case 24:
          message.value = { case: 'i', value: reader.int64() };
          break;
        case 37:
          message.value = { case: 'f', value: reader.float() };
          break;
        case 40:
          message.value = { case: 'b', value: reader.bool() };
          break;
        case 48:
          message.value = { case: 'type', value: reader.int32() };
          break;
        case 58:
          message.value = {
            case: 'shape',
            value: reader.message(
              TensorShapeProtoSchema,
              message.value.case === 'shape' ? message.value.value : undefined,
            ),
          };
          break;
        case 66:
          message.value = {
            case: 'tensor',
            value: reader.message(TensorProtoSchema, message.value.case === 'tensor' ? message.value.value : undefined),
          };
          break;
        case 74:
          message.value = { case: 'placeholder', value: reader.string() };
          break;
        case 82:
          message.value = {
            case: 'func',
            value: reader.message(NameAttrListSchema, message.value.case === 'func' ? message.value.value : undefined),
          };
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: AttrValue, writer: Writer): void {
    switch (message.value.case) {
      case 'list':
        {
          writer.uint32(10);
          writer.message(AttrValue_ListValueSchema, message.value.value);
        }
        break;
      case 's':
        {
          writer.uint32(18);
          writer.take(message.value.value);
        }
        break;
      case 'i':
        {
          writer.uint32(24);
          writer.int64(message.value.value);
        }
        break;
      case 'f':
        {
          writer.uint32(37);
          writer.float(message.value.value);
        }
        break;
      case 'b':
        {
          writer.uint32(40);
          writer.bool(message.value.value);
        }
        break;
      case 'type':
        {
          writer.uint32(48);
          writer.int32(message.value.value);
        }
        break;
      case 'shape':
        {
          writer.uint32(58);
          writer.message(TensorShapeProtoSchema, message.value.value);
        }
        break;
      case 'tensor':
        {
          writer.uint32(66);
          writer.message(TensorProtoSchema, message.value.value);
        }
        break;
      case 'placeholder':
        {
          writer.uint32(74);
          writer.string(message.value.value);
        }
        break;
      case 'func':
        {
          writer.uint32(82);
          writer.message(NameAttrListSchema, message.value.value);
        }
        break;
    }
    writer.unknown(message);
  },
  nested: {
    value: {
      kind: 'oneof',
      schemas: () => ({
        list: AttrValue_ListValueSchema,
        shape: TensorShapeProtoSchema,
        tensor: TensorProtoSchema,
        func: NameAttrListSchema,
      }),
    },
  },
};

export interface AttrValue_ListValue extends Message<'tensorflow.AttrValue.ListValue'> {
  s: Uint8Array[];
  i: bigint[];
  f: number[];
  b: boolean[];
  type: DataType[];
  shape: TensorShapeProto[];
  tensor: TensorProto[];
  func: NameAttrList[];
}

export const AttrValue_ListValueSchema: Schema<AttrValue_ListValue> = {
  typeName: 'tensorflow.AttrValue.ListValue',
  make: () => ({
    $typeName: 'tensorflow.AttrValue.ListValue',
    s: NO_ITEMS,
    i: NO_ITEMS,
    f: NO_ITEMS,
    b: NO_ITEMS,
    type: NO_ITEMS,
    shape: NO_ITEMS,
    tensor: NO_ITEMS,
    func: NO_ITEMS,
  }),
  decode(reader: Reader, end: number, message: AttrValue_ListValue): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 18:
          message.s = append(message.s, reader.take());
          break;
        case 24:
          message.i = append(message.i, reader.int64());
          break;
        case 26: {
          const limit = reader.open();
          while (reader.position < limit) message.i = append(message.i, reader.int64());
          reader.close(limit);
          break;
        }
        case 37:
          message.f = append(message.f, reader.float());
          break;
        case 34: {
          const limit = reader.open();
          while (reader.position < limit) message.f = append(message.f, reader.float());
          reader.close(limit);
          break;
        }
        case 40:
          message.b = append(message.b, reader.bool());
          break;
        case 42: {
          const limit = reader.open();
          while (reader.position < limit) message.b = append(message.b, reader.bool());
          reader.close(limit);
          break;
        }
        case 48:
          message.type = append(message.type, reader.int32());
          break;
        case 50: {
          const limit = reader.open();
          while (reader.position < limit) message.type = append(message.type, reader.int32());
          reader.close(limit);
          break;
        }
        case 58:
          message.shape = append(message.shape, reader.message(TensorShapeProtoSchema));
          break;
        case 66:
          message.tensor = append(message.tensor, reader.message(TensorProtoSchema));
          break;
        case 74:
          message.func = append(message.func, reader.message(NameAttrListSchema));
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: AttrValue_ListValue, writer: Writer): void {
    for (const item of message.s) {
      writer.uint32(18);
      writer.take(item);
    }
    if (message.i.length > 0) {
      writer.uint32(26);
      const mark = writer.open();
      for (const item of message.i) writer.int64(item);
      writer.close(mark);
    }
    if (message.f.length > 0) {
      writer.uint32(34);
      const mark = writer.open();
      for (const item of message.f) writer.float(item);
      writer.close(mark);
    }
    if (message.b.length > 0) {
      writer.uint32(42);
      const mark = writer.open();
      for (const item of message.b) writer.bool(item);
      writer.close(mark);
    }
    if (message.type.length > 0) {
      writer.uint32(50);
      const mark = writer.open();
      for (const item of message.type) writer.int32(item);
      writer.close(mark);
    }
    for (const item of message.shape) {
      writer.uint32(58);
      writer.message(TensorShapeProtoSchema, item);
    }
    for (const item of message.tensor) {
      writer.uint32(66);
      writer.message(TensorProtoSchema, item);
    }
    for (const item of message.func) {
      writer.uint32(74);
      writer.message(NameAttrListSchema, item);
    }
    writer.unknown(message);
  },
  nested: {
    shape: { kind: 'list', schemas: () => ({ '': TensorShapeProtoSchema }) },
    tensor: { kind: 'list', schemas: () => ({ '': TensorProtoSchema }) },
    func: { kind: 'list', schemas: () => ({ '': NameAttrListSchema }) },
  },
};

export interface NameAttrList extends Message<'tensorflow.NameAttrList'> {
  name: string;
  attr: { [key: string]: AttrValue };
}

export const NameAttrListSchema: Schema<NameAttrList> = {
  typeName: 'tensorflow.NameAttrList',
  make: () => ({
    $typeName: 'tensorflow.NameAttrList',
    name: '',
    attr: new EmptyMap(),
  }),
  decode(reader: Reader, end: number, message: NameAttrList): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.name = reader.string();
          break;
        case 18: {
          const limit = reader.open();
          let key: string = '';
          let value: AttrValue | undefined;
          while (reader.position < limit) {
            const part = reader.tag();
            switch (part) {
              case 10:
                key = reader.string();
                break;
              case 18:
                value = reader.message(AttrValueSchema, value);
                break;
              default:
                reader.skip(part);
            }
          }
          reader.close(limit);
          message.attr[key] = value ?? AttrValueSchema.make();
          break;
        }
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: NameAttrList, writer: Writer): void {
    if (message.name !== '') {
      writer.uint32(10);
      writer.string(message.name);
    }
    for (const [key, value] of Object.entries(message.attr)) {
      writer.uint32(18);
      const mark = writer.open();
      {
        writer.uint32(10);
        writer.string(key);
      }
      {
        writer.uint32(18);
        writer.message(AttrValueSchema, value);
      }
      writer.close(mark);
    }
    writer.unknown(message);
  },
  nested: {
    attr: { kind: 'map', schemas: () => ({ '': AttrValueSchema }) },
  },
};

export interface NodeDef extends Message<'tensorflow.NodeDef'> {
  name: string;
  op: string;
  input: string[];
  device: string;
  attr: { [key: string]: AttrValue };
}

export const NodeDefSchema: Schema<NodeDef> = {
  typeName: 'tensorflow.NodeDef',
  make: () => ({
    $typeName: 'tensorflow.NodeDef',
    name: '',
    op: '',
    input: NO_ITEMS,
    device: '',
    attr: new EmptyMap(),
  }),
  decode(reader: Reader, end: number, message: NodeDef): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.name = reader.string();
          break;
        case 18:
          message.op = reader.string();
          break;
        case 26:
          message.input = append(message.input, reader.string());
          break;
        case 34:
          message.device = reader.string();
          break;
        case 42: {
          const limit = reader.open();
          let key: string = '';
          let value: AttrValue | undefined;
          while (reader.position < limit) {
            const part = reader.tag();
            switch (part) {
              case 10:
                key = reader.string();
                break;
              case 18:
                value = reader.message(AttrValueSchema, value);
                break;
              default:
                reader.skip(part);
            }
          }
          reader.close(limit);
          message.attr[key] = value ?? AttrValueSchema.make();
          break;
        }
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: NodeDef, writer: Writer): void {
    if (message.name !== '') {
      writer.uint32(10);
      writer.string(message.name);
    }
    if (message.op !== '') {
      writer.uint32(18);
      writer.string(message.op);
    }
    for (const item of message.input) {
      writer.uint32(26);
      writer.string(item);
    }
    if (message.device !== '') {
      writer.uint32(34);
      writer.string(message.device);
    }
    for (const [key, value] of Object.entries(message.attr)) {
      writer.uint32(42);
      const mark = writer.open();
      {
        writer.uint32(10);
        writer.string(key);
      }
      {
        writer.uint32(18);
        writer.message(AttrValueSchema, value);
      }
      writer.close(mark);
    }
    writer.unknown(message);
  },
  nested: {
    attr: { kind: 'map', schemas: () => ({ '': AttrValueSchema }) },
  },
};

export interface OpDef extends Message<'tensorflow.OpDef'> {
  name: string;
  inputArg: OpDef_ArgDef[];
  outputArg: OpDef_ArgDef[];
  attr: OpDef_AttrDef[];
  summary: string;
  description: string;
  deprecation?: OpDeprecation | undefined;
  isAggregate: boolean;
  isStateful: boolean;
  isCommutative: boolean;
  allowsUninitializedInput: boolean;
  controlOutput: string[];
  isDistributedCommunication: boolean;
}

export const OpDefSchema: Schema<OpDef> = {
  typeName: 'tensorflow.OpDef',
  make: () => ({
    $typeName: 'tensorflow.OpDef',
    name: '',
    inputArg: NO_ITEMS,
    outputArg: NO_ITEMS,
    attr: NO_ITEMS,
    summary: '',
    description: '',
    deprecation: undefined,
    isAggregate: false,
    isStateful: false,
    isCommutative: false,
    allowsUninitializedInput: false,
    controlOutput: NO_ITEMS,
    isDistributedCommunication: false,
  }),
  decode(reader: Reader, end: number, message: OpDef): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.name = reader.string();
          break;
        case 18:
          message.inputArg = append(message.inputArg, reader.message(OpDef_ArgDefSchema));
          break;
        case 26:
          message.outputArg = append(message.outputArg, reader.message(OpDef_ArgDefSchema));
          break;
        case 34:
          message.attr = append(message.attr, reader.message(OpDef_AttrDefSchema));
          break;
        case 42:
          message.summary = reader.string();
          break;
        case 50:
          message.description = reader.string();
          break;
        case 66:
          message.deprecation = reader.message(OpDeprecationSchema, message.deprecation);
          break;
        case 128:
          message.isAggregate = reader.bool();
          break;
        case 136:
          message.isStateful = reader.bool();
          break;
        case 144:
          message.isCommutative = reader.bool();
          break;
        case 152:
          message.allowsUninitializedInput = reader.bool();
          break;
        case 162:
          message.controlOutput = append(message.controlOutput, reader.string());
          break;
        case 168:
          message.isDistributedCommunication = reader.bool();
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: OpDef, writer: Writer): void {
    if (message.name !== '') {
      writer.uint32(10);
      writer.string(message.name);
    }
    for (const item of message.inputArg) {
      writer.uint32(18);
      writer.message(OpDef_ArgDefSchema, item);
    }
    for (const item of message.outputArg) {
      writer.uint32(26);
      writer.message(OpDef_ArgDefSchema, item);
    }
    for (const item of message.attr) {
      writer.uint32(34);
      writer.message(OpDef_AttrDefSchema, item);
    }
    if (message.summary !== '') {
      writer.uint32(42);
      writer.string(message.summary);
    }
    if (message.description !== '') {
      writer.uint32(50);
      writer.string(message.description);
    }
    if (message.deprecation !== undefined) {
      writer.uint32(66);
      writer.message(OpDeprecationSchema, message.deprecation);
    }
    if (message.isAggregate) {
      writer.uint32(128);
      writer.bool(message.isAggregate);
    }
    if (message.isStateful) {
      writer.uint32(136);
      writer.bool(message.isStateful);
    }
    if (message.isCommutative) {
      writer.uint32(144);
      writer.bool(message.isCommutative);
    }
    if (message.allowsUninitializedInput) {
      writer.uint32(152);
      writer.bool(message.allowsUninitializedInput);
    }
    for (const item of message.controlOutput) {
      writer.uint32(162);
      writer.string(item);
    }
    if (message.isDistributedCommunication) {
      writer.uint32(168);
      writer.bool(message.isDistributedCommunication);
    }
    writer.unknown(message);
  },
  nested: {
    inputArg: { kind: 'list', schemas: () => ({ '': OpDef_ArgDefSchema }) },
    outputArg: { kind: 'list', schemas: () => ({ '': OpDef_ArgDefSchema }) },
    attr: { kind: 'list', schemas: () => ({ '': OpDef_AttrDefSchema }) },
    deprecation: { kind: 'one', schemas: () => ({ '': OpDeprecationSchema }) },
  },
};

export interface OpDef_ArgDef extends Message<'tensorflow.OpDef.ArgDef'> {
  name: string;
  description: string;
  type: DataType;
  typeAttr: string;
  numberAttr: string;
  typeListAttr: string;
  handleData: ResourceHandleProto_DtypeAndShape[];
  isRef: boolean;
}

export const OpDef_ArgDefSchema: Schema<OpDef_ArgDef> = {
  typeName: 'tensorflow.OpDef.ArgDef',
  make: () => ({
    $typeName: 'tensorflow.OpDef.ArgDef',
    name: '',
    description: '',
    type: 0,
    typeAttr: '',
    numberAttr: '',
    typeListAttr: '',
    handleData: NO_ITEMS,
    isRef: false,
  }),
  decode(reader: Reader, end: number, message: OpDef_ArgDef): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.name = reader.string();
          break;
        case 18:
          message.description = reader.string();
          break;
        case 24:
          message.type = reader.int32();
          break;
        case 34:
          message.typeAttr = reader.string();
          break;
        case 42:
          message.numberAttr = reader.string();
          break;
        case 50:
          message.typeListAttr = reader.string();
          break;
        case 58:
          message.handleData = append(message.handleData, reader.message(ResourceHandleProto_DtypeAndShapeSchema));
          break;
        case 128:
          message.isRef = reader.bool();
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: OpDef_ArgDef, writer: Writer): void {
    if (message.name !== '') {
      writer.uint32(10);
      writer.string(message.name);
    }
    if (message.description !== '') {
      writer.uint32(18);
      writer.string(message.description);
    }
    if (message.type !== 0) {
      writer.uint32(24);
      writer.int32(message.type);
    }
    if (message.typeAttr !== '') {
      writer.uint32(34);
      writer.string(message.typeAttr);
    }
    if (message.numberAttr !== '') {
      writer.uint32(42);
      writer.string(message.numberAttr);
    }
    if (message.typeListAttr !== '') {
      writer.uint32(50);
      writer.string(message.typeListAttr);
    }
    for (const item of message.handleData) {
      writer.uint32(58);
      writer.message(ResourceHandleProto_DtypeAndShapeSchema, item);
    }
    if (message.isRef) {
      writer.uint32(128);
      writer.bool(message.isRef);
    }
    writer.unknown(message);
  },
  nested: {
    handleData: { kind: 'list', schemas: () => ({ '': ResourceHandleProto_DtypeAndShapeSchema }) },
  },
};

export interface OpDef_AttrDef extends Message<'tensorflow.OpDef.AttrDef'> {
  name: string;
  type: string;
  defaultValue?: AttrValue | undefined;
  description: string;
  hasMinimum: boolean;
  minimum: bigint;
  allowedValues?: AttrValue | undefined;
}

export const OpDef_AttrDefSchema: Schema<OpDef_AttrDef> = {
  typeName: 'tensorflow.OpDef.AttrDef',
  make: () => ({
    $typeName: 'tensorflow.OpDef.AttrDef',
    name: '',
    type: '',
    defaultValue: undefined,
    description: '',
    hasMinimum: false,
    minimum: 0n,
    allowedValues: undefined,
  }),
  decode(reader: Reader, end: number, message: OpDef_AttrDef): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.name = reader.string();
          break;
        case 18:
          message.type = reader.string();
          break;
        case 26:
          message.defaultValue = reader.message(AttrValueSchema, message.defaultValue);
          break;
        case 34:
          message.description = reader.string();
          break;
        case 40:
          message.hasMinimum = reader.bool();
          break;
        case 48:
          message.minimum = reader.int64();
          break;
        case 58:
          message.allowedValues = reader.message(AttrValueSchema, message.allowedValues);
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: OpDef_AttrDef, writer: Writer): void {
    if (message.name !== '') {
      writer.uint32(10);
      writer.string(message.name);
    }
    if (message.type !== '') {
      writer.uint32(18);
      writer.string(message.type);
    }
    if (message.defaultValue !== undefined) {
      writer.uint32(26);
      writer.message(AttrValueSchema, message.defaultValue);
    }
    if (message.description !== '') {
      writer.uint32(34);
      writer.string(message.description);
    }
    if (message.hasMinimum) {
      writer.uint32(40);
      writer.bool(message.hasMinimum);
    }
    if (message.minimum !== 0n) {
      writer.uint32(48);
      writer.int64(message.minimum);
    }
    if (message.allowedValues !== undefined) {
      writer.uint32(58);
      writer.message(AttrValueSchema, message.allowedValues);
    }
    writer.unknown(message);
  },
  nested: {
    defaultValue: { kind: 'one', schemas: () => ({ '': AttrValueSchema }) },
    allowedValues: { kind: 'one', schemas: () => ({ '': AttrValueSchema }) },
  },
};

export interface OpDeprecation extends Message<'tensorflow.OpDeprecation'> {
  version: number;
  explanation: string;
}

export const OpDeprecationSchema: Schema<OpDeprecation> = {
  typeName: 'tensorflow.OpDeprecation',
  make: () => ({
    $typeName: 'tensorflow.OpDeprecation',
    version: 0,
    explanation: '',
  }),
  decode(reader: Reader, end: number, message: OpDeprecation): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 8:
          message.version = reader.int32();
          break;
        case 18:
          message.explanation = reader.string();
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: OpDeprecation, writer: Writer): void {
    if (message.version !== 0) {
      writer.uint32(8);
      writer.int32(message.version);
    }
    if (message.explanation !== '') {
      writer.uint32(18);
      writer.string(message.explanation);
    }
    writer.unknown(message);
  },
  nested: {},
};

export interface OpList extends Message<'tensorflow.OpList'> {
  op: OpDef[];
}

export const OpListSchema: Schema<OpList> = {
  typeName: 'tensorflow.OpList',
  make: () => ({
    $typeName: 'tensorflow.OpList',
    op: NO_ITEMS,
  }),
  decode(reader: Reader, end: number, message: OpList): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.op = append(message.op, reader.message(OpDefSchema));
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: OpList, writer: Writer): void {
    for (const item of message.op) {
      writer.uint32(10);
      writer.message(OpDefSchema, item);
    }
    writer.unknown(message);
  },
  nested: {
    op: { kind: 'list', schemas: () => ({ '': OpDefSchema }) },
  },
};

export interface FunctionDef extends Message<'tensorflow.FunctionDef'> {
  signature?: OpDef | undefined;
  nodeDef: NodeDef[];
  /** From the name of an output argument to the tensor that it returns. */
  ret: { [key: string]: string };
  attr: { [key: string]: AttrValue };
  controlRet: { [key: string]: string };
  argAttr: { [key: number]: FunctionDef_ArgAttrs };
  resourceArgUniqueId: { [key: number]: number };
}

export const FunctionDefSchema: Schema<FunctionDef> = {
  typeName: 'tensorflow.FunctionDef',
  make: () => ({
    $typeName: 'tensorflow.FunctionDef',
    signature: undefined,
    nodeDef: NO_ITEMS,
    ret: new EmptyMap(),
    attr: new EmptyMap(),
    controlRet: new EmptyMap(),
    argAttr: new EmptyMap(),
    resourceArgUniqueId: new EmptyMap(),
  }),
  decode(reader: Reader, end: number, message: FunctionDef): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.signature = reader.message(OpDefSchema, message.signature);
          break;
        case 26:
          message.nodeDef = append(message.nodeDef, reader.message(NodeDefSchema));
          break;
        case 34: {
          const limit = reader.open();
          let key: string = '';
          let value: string | undefined;
          while (reader.position < limit) {
            const part = reader.tag();
            switch (part) {
              case 10:
                key = reader.string();
                break;
              case 18:
                value = reader.string();
                break;
              default:
                reader.skip(part);
            }
          }
          reader.close(limit);
          message.ret[key] = value ?? '';
          break;
        }
        case 42: {
          const limit = reader.open();
          let key: string = '';
          let value: AttrValue | undefined;
          while (reader.position < limit) {
            const part = reader.tag();
            switch (part) {
              case 10:
                key = reader.string();
                break;
              case 18:
                value = reader.message(AttrValueSchema, value);
                break;
              default:
                reader.skip(part);
            }
          }
          reader.close(limit);
          message.attr[key] = value ?? AttrValueSchema.make();
          break;
        }
        case 50: {
          const limit = reader.open();
          let key: string = '';
          let value: string | undefined;
          while (reader.position < limit) {
            const part = reader.tag();
            switch (part) {
              case 10:
                key = reader.string();
                break;
              case 18:
                value = reader.string();
                break;
              default:
                reader.skip(part);
            }
          }
          reader.close(limit);
          message.controlRet[key] = value ?? '';
          break;
        }
        case 58: {
          const limit = reader.open();
          let key: number = 0;
          let value: FunctionDef_ArgAttrs | undefined;
          while (reader.position < limit) {
            const part = reader.tag();
            switch (part) {
              case 8:
                key = reader.uint32();
                break;
              case 18:
                value = reader.message(FunctionDef_ArgAttrsSchema, value);
                break;
              default:
                reader.skip(part);
            }
          }
          reader.close(limit);
          message.argAttr[key] = value ?? FunctionDef_ArgAttrsSchema.make();
          break;
        }
        case 66: {
          const limit = reader.open();
          let key: number = 0;
          let value: number | undefined;
          while (reader.position < limit) {
            const part = reader.tag();
            switch (part) {
              case 8:
                key = reader.uint32();
                break;
              case 16:
                value = reader.uint32();
                break;
              default:
                reader.skip(part);
            }
          }
          reader.close(limit);
          message.resourceArgUniqueId[key] = value ?? 0;
          break;
        }
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: FunctionDef, writer: Writer): void {
    if (message.signature !== undefined) {
      writer.uint32(10);
      writer.message(OpDefSchema, message.signature);
    }
    for (const item of message.nodeDef) {
      writer.uint32(26);
      writer.message(NodeDefSchema, item);
    }
    for (const [key, value] of Object.entries(message.ret)) {
      writer.uint32(34);
      const mark = writer.open();
      {
        writer.uint32(10);
        writer.string(key);
      }
      {
        writer.uint32(18);
        writer.string(value);
      }
      writer.close(mark);
    }
    for (const [key, value] of Object.entries(message.attr)) {
      writer.uint32(42);
      const mark = writer.open();
      {
        writer.uint32(10);
        writer.string(key);
      }
      {
        writer.uint32(18);
        writer.message(AttrValueSchema, value);
      }
      writer.close(mark);
    }
    for (const [key, value] of Object.entries(message.controlRet)) {
      writer.uint32(50);
      const mark = writer.open();
      {
        writer.uint32(10);
        writer.string(key);
      }
      {
        writer.uint32(18);
        writer.string(value);
      }
      writer.close(mark);
    }
    for (const [key, value] of Object.entries(message.argAttr)) {
      writer.uint32(58);
      const mark = writer.open();
      {
        writer.uint32(8);
        writer.uint32(Number(key));
      }
      {
        writer.uint32(18);
        writer.message(FunctionDef_ArgAttrsSchema, value);
      }
      writer.close(mark);
    }
    for (const [key, value] of Object.entries(message.resourceArgUniqueId)) {
      writer.uint32(66);
      const mark = writer.open();
      {
        writer.uint32(8);
        writer.uint32(Number(key));
      }
      {
        writer.uint32(16);
        writer.uint32(value);
      }
      writer.close(mark);
    }
    writer.unknown(message);
  },
  nested: {
    signature: { kind: 'one', schemas: () => ({ '': OpDefSchema }) },
    nodeDef: { kind: 'list', schemas: () => ({ '': NodeDefSchema }) },
    attr: { kind: 'map', schemas: () => ({ '': AttrValueSchema }) },
    argAttr: { kind: 'map', schemas: () => ({ '': FunctionDef_ArgAttrsSchema }) },
  },
};

export interface FunctionDef_ArgAttrs extends Message<'tensorflow.FunctionDef.ArgAttrs'> {
  attr: { [key: string]: AttrValue };
}

export const FunctionDef_ArgAttrsSchema: Schema<FunctionDef_ArgAttrs> = {
  typeName: 'tensorflow.FunctionDef.ArgAttrs',
  make: () => ({
    $typeName: 'tensorflow.FunctionDef.ArgAttrs',
    attr: new EmptyMap(),
  }),
  decode(reader: Reader, end: number, message: FunctionDef_ArgAttrs): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10: {
          const limit = reader.open();
          let key: string = '';
          let value: AttrValue | undefined;
          while (reader.position < limit) {
            const part = reader.tag();
            switch (part) {
              case 10:
                key = reader.string();
                break;
              case 18:
                value = reader.message(AttrValueSchema, value);
                break;
              default:
                reader.skip(part);
            }
          }
          reader.close(limit);
          message.attr[key] = value ?? AttrValueSchema.make();
          break;
        }
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: FunctionDef_ArgAttrs, writer: Writer): void {
    for (const [key, value] of Object.entries(message.attr)) {
      writer.uint32(10);
      const mark = writer.open();
      {
        writer.uint32(10);
        writer.string(key);
      }
      {
        writer.uint32(18);
        writer.message(AttrValueSchema, value);
      }
      writer.close(mark);
    }
    writer.unknown(message);
  },
  nested: {
    attr: { kind: 'map', schemas: () => ({ '': AttrValueSchema }) },
  },
};

export interface GradientDef extends Message<'tensorflow.GradientDef'> {
  functionName: string;
  gradientFunc: string;
}

export const GradientDefSchema: Schema<GradientDef> = {
  typeName: 'tensorflow.GradientDef',
  make: () => ({
    $typeName: 'tensorflow.GradientDef',
    functionName: '',
    gradientFunc: '',
  }),
  decode(reader: Reader, end: number, message: GradientDef): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.functionName = reader.string();
          break;
        case 18:
          message.gradientFunc = reader.string();
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: GradientDef, writer: Writer): void {
    if (message.functionName !== '') {
      writer.uint32(10);
      writer.string(message.functionName);
    }
    if (message.gradientFunc !== '') {
      writer.uint32(18);
      writer.string(message.gradientFunc);
    }
    writer.unknown(message);
  },
  nested: {},
};

export interface RegisteredGradient extends Message<'tensorflow.RegisteredGradient'> {
  gradientFunc: string;
  registeredOpType: string;
}

export const RegisteredGradientSchema: Schema<RegisteredGradient> = {
  typeName: 'tensorflow.RegisteredGradient',
  make: () => ({
    $typeName: 'tensorflow.RegisteredGradient',
    gradientFunc: '',
    registeredOpType: '',
  }),
  decode(reader: Reader, end: number, message: RegisteredGradient): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.gradientFunc = reader.string();
          break;
        case 18:
          message.registeredOpType = reader.string();
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: RegisteredGradient, writer: Writer): void {
    if (message.gradientFunc !== '') {
      writer.uint32(10);
      writer.string(message.gradientFunc);
    }
    if (message.registeredOpType !== '') {
      writer.uint32(18);
      writer.string(message.registeredOpType);
    }
    writer.unknown(message);
  },
  nested: {},
};

export interface FunctionDefLibrary extends Message<'tensorflow.FunctionDefLibrary'> {
  function: FunctionDef[];
  gradient: GradientDef[];
  registeredGradients: RegisteredGradient[];
}

export const FunctionDefLibrarySchema: Schema<FunctionDefLibrary> = {
  typeName: 'tensorflow.FunctionDefLibrary',
  make: () => ({
    $typeName: 'tensorflow.FunctionDefLibrary',
    function: NO_ITEMS,
    gradient: NO_ITEMS,
    registeredGradients: NO_ITEMS,
  }),
  decode(reader: Reader, end: number, message: FunctionDefLibrary): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.function = append(message.function, reader.message(FunctionDefSchema));
          break;
        case 18:
          message.gradient = append(message.gradient, reader.message(GradientDefSchema));
          break;
        case 26:
          message.registeredGradients = append(message.registeredGradients, reader.message(RegisteredGradientSchema));
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: FunctionDefLibrary, writer: Writer): void {
    for (const item of message.function) {
      writer.uint32(10);
      writer.message(FunctionDefSchema, item);
    }
    for (const item of message.gradient) {
      writer.uint32(18);
      writer.message(GradientDefSchema, item);
    }
    for (const item of message.registeredGradients) {
      writer.uint32(26);
      writer.message(RegisteredGradientSchema, item);
    }
    writer.unknown(message);
  },
  nested: {
    function: { kind: 'list', schemas: () => ({ '': FunctionDefSchema }) },
    gradient: { kind: 'list', schemas: () => ({ '': GradientDefSchema }) },
    registeredGradients: { kind: 'list', schemas: () => ({ '': RegisteredGradientSchema }) },
  },
};

export interface GraphDef extends Message<'tensorflow.GraphDef'> {
  node: NodeDef[];
  library?: FunctionDefLibrary | undefined;
  version: number;
  versions?: VersionDef | undefined;
}

export const GraphDefSchema: Schema<GraphDef> = {
  typeName: 'tensorflow.GraphDef',
  make: () => ({
    $typeName: 'tensorflow.GraphDef',
    node: NO_ITEMS,
    library: undefined,
    version: 0,
    versions: undefined,
  }),
  decode(reader: Reader, end: number, message: GraphDef): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.node = append(message.node, reader.message(NodeDefSchema));
          break;
        case 18:
          message.library = reader.message(FunctionDefLibrarySchema, message.library);
          break;
        case 24:
          message.version = reader.int32();
          break;
        case 34:
          message.versions = reader.message(VersionDefSchema, message.versions);
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: GraphDef, writer: Writer): void {
    for (const item of message.node) {
      writer.uint32(10);
      writer.message(NodeDefSchema, item);
    }
    if (message.library !== undefined) {
      writer.uint32(18);
      writer.message(FunctionDefLibrarySchema, message.library);
    }
    if (message.version !== 0) {
      writer.uint32(24);
      writer.int32(message.version);
    }
    if (message.versions !== undefined) {
      writer.uint32(34);
      writer.message(VersionDefSchema, message.versions);
    }
    writer.unknown(message);
  },
  nested: {
    node: { kind: 'list', schemas: () => ({ '': NodeDefSchema }) },
    library: { kind: 'one', schemas: () => ({ '': FunctionDefLibrarySchema }) },
    versions: { kind: 'one', schemas: () => ({ '': VersionDefSchema }) },
  },
};
