// Generated from tensorflow/structure.proto by tools/proto/generate.mjs. Do not change it here.
import {
  NOT_SET,
  append,
  NO_ITEMS,
  EmptyMap,
  type Message,
  type Reader,
  type Schema,
  type Writer,
} from '../protobuf.js';
import {
  TensorProtoSchema,
  TensorShapeProtoSchema,
  type DataType,
  type TensorProto,
  type TensorShapeProto,
} from '../tensorflow/tensor_pb.js';

export interface StructuredValue extends Message<'tensorflow.StructuredValue'> {
  kind:
    | { case: 'noneValue'; value: NoneValue }
    | { case: 'float64Value'; value: number }
    | { case: 'int64Value'; value: bigint }
    | { case: 'stringValue'; value: string }
    | { case: 'boolValue'; value: boolean }
    | { case: 'tensorShapeValue'; value: TensorShapeProto }
    | { case: 'tensorDtypeValue'; value: DataType }
    | { case: 'tensorSpecValue'; value: TensorSpecProto }
    | { case: 'typeSpecValue'; value: TypeSpecProto }
    | { case: 'boundedTensorSpecValue'; value: BoundedTensorSpecProto }
    | { case: 'listValue'; value: ListValue }
    | { case: 'tupleValue'; value: TupleValue }
    | { case: 'dictValue'; value: DictValue }
    | { case: 'namedTupleValue'; value: NamedTupleValue }
    | { case: 'tensorValue'; value: TensorProto }
    | { case: 'numpyValue'; value: TensorProto }
    | { case: undefined; value?: undefined };
}

export const StructuredValueSchema: Schema<StructuredValue> = {
  typeName: 'tensorflow.StructuredValue',
  make: () => ({
    $typeName: 'tensorflow.StructuredValue',
    kind: NOT_SET,
  }),
  decode(reader: Reader, end: number, message: StructuredValue): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.kind = {
            case: 'noneValue',
            value: reader.message(NoneValueSchema, message.kind.case === 'noneValue' ? message.kind.value : undefined),
          };
          break;
        case 89:
          message.kind = { case: 'float64Value', value: reader.double() };
          break;
        case 96:
          message.kind = { case: 'int64Value', value: reader.sint64() };
          break;
        case 106:
          message.kind = { case: 'stringValue', value: reader.string() };
          break;
        case 112:
          message.kind = { case: 'boolValue', value: reader.bool() };
          break;
        case 250:
          message.kind = {
            case: 'tensorShapeValue',
            value: reader.message(
              TensorShapeProtoSchema,
              message.kind.case === 'tensorShapeValue' ? message.kind.value : undefined,
            ),
          };
          break;
        case 256:
          message.kind = { case: 'tensorDtypeValue', value: reader.int32() };
          break;
        case 266:
          message.kind = {
            case: 'tensorSpecValue',
            value: reader.message(
              TensorSpecProtoSchema,
              message.kind.case === 'tensorSpecValue' ? message.kind.value : undefined,
            ),
          };
          break;
        case 274:
          message.kind = {
            case: 'typeSpecValue',
            value: reader.message(
              TypeSpecProtoSchema,
              message.kind.case === 'typeSpecValue' ? message.kind.value : undefined,
            ),
          };
          break;
        case 282:
          message.kind = {
            case: 'boundedTensorSpecValue',
            value: reader.message(
              BoundedTensorSpecProtoSchema,
              message.kind.case === 'boundedTensorSpecValue' ? message.kind.value : undefined,
            ),
          };
          break;
        case 410:
          message.kind = {
            case: 'listValue',
            value: reader.message(ListValueSchema, message.kind.case === 'listValue' ? message.kind.value : undefined),
          };
          break;
        case 418:
          message.kind = {
            case: 'tupleValue',
            value: reader.message(
              TupleValueSchema,
              message.kind.case === 'tupleValue' ? message.kind.value : undefined,
            ),
          };
          break;
        case 426:
          message.kind = {
            case: 'dictValue',
            value: reader.message(DictValueSchema, message.kind.case === 'dictValue' ? message.kind.value : undefined),
          };
          break;
        case 434:
          message.kind = {
            case: 'namedTupleValue',
            value: reader.message(
              NamedTupleValueSchema,
              message.kind.case === 'namedTupleValue' ? message.kind.value : undefined,
            ),
          };
          break;
        case 442:
          message.kind = {
            case: 'tensorValue',
            value: reader.message(
              TensorProtoSchema,
              message.kind.case === 'tensorValue' ? message.kind.value : undefined,
            ),
          };
          break;
        case 450:
          message.kind = {
            case: 'numpyValue',
            value: reader.message(
              TensorProtoSchema,
              message.kind.case === 'numpyValue' ? message.kind.value : undefined,
            ),
          };
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: StructuredValue, writer: Writer): void {
    switch (message.kind.case) {
      case 'noneValue':
        {
          writer.uint32(10);
          writer.message(NoneValueSchema, message.kind.value);
        }
        break;
      case 'float64Value':
        {
          writer.uint32(89);
          writer.double(message.kind.value);
        }
        break;
      case 'int64Value':
        {
          writer.uint32(96);
          writer.sint64(message.kind.value);
        }
        break;
      case 'stringValue':
        {
          writer.uint32(106);
          writer.string(message.kind.value);
        }
        break;
      case 'boolValue':
        {
          writer.uint32(112);
          writer.bool(message.kind.value);
        }
        break;
      case 'tensorShapeValue':
        {
          writer.uint32(250);
          writer.message(TensorShapeProtoSchema, message.kind.value);
        }
        break;
      case 'tensorDtypeValue':
        {
          writer.uint32(256);
          writer.int32(message.kind.value);
        }
        break;
      case 'tensorSpecValue':
        {
          writer.uint32(266);
          writer.message(TensorSpecProtoSchema, message.kind.value);
        }
        break;
      case 'typeSpecValue':
        {
          writer.uint32(274);
          writer.message(TypeSpecProtoSchema, message.kind.value);
        }
        break;
      case 'boundedTensorSpecValue':
        {
          writer.uint32(282);
          writer.message(BoundedTensorSpecProtoSchema, message.kind.value);
        }
        break;
      case 'listValue':
        {
          writer.uint32(410);
          writer.message(ListValueSchema, message.kind.value);
        }
        break;
      case 'tupleValue':
        {
          writer.uint32(418);
          writer.message(TupleValueSchema, message.kind.value);
        }
        break;
      case 'dictValue':
        {
          writer.uint32(426);
          writer.message(DictValueSchema, message.kind.value);
        }
        break;
      case 'namedTupleValue':
        {
          writer.uint32(434);
          writer.message(NamedTupleValueSchema, message.kind.value);
        }
        break;
      case 'tensorValue':
        {
          writer.uint32(442);
          writer.message(TensorProtoSchema, message.kind.value);
        }
        break;
      case 'numpyValue':
        {
          writer.uint32(450);
          writer.message(TensorProtoSchema, message.kind.value);
        }
        break;
    }
    writer.unknown(message);
  },
  nested: {
    kind: {
      kind: 'oneof',
      schemas: () => ({
        noneValue: NoneValueSchema,
        tensorShapeValue: TensorShapeProtoSchema,
        tensorSpecValue: TensorSpecProtoSchema,
        typeSpecValue: TypeSpecProtoSchema,
        boundedTensorSpecValue: BoundedTensorSpecProtoSchema,
        listValue: ListValueSchema,
        tupleValue: TupleValueSchema,
        dictValue: DictValueSchema,
        namedTupleValue: NamedTupleValueSchema,
        tensorValue: TensorProtoSchema,
        numpyValue: TensorProtoSchema,
      }),
    },
  },
};

export interface NoneValue extends Message<'tensorflow.NoneValue'> {}

export const NoneValueSchema: Schema<NoneValue> = {
  typeName: 'tensorflow.NoneValue',
  make: () => ({
    $typeName: 'tensorflow.NoneValue',
  }),
  decode(reader: Reader, end: number, message: NoneValue): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: NoneValue, writer: Writer): void {
    writer.unknown(message);
  },
  nested: {},
};

export interface ListValue extends Message<'tensorflow.ListValue'> {
  values: StructuredValue[];
}

export const ListValueSchema: Schema<ListValue> = {
  typeName: 'tensorflow.ListValue',
  make: () => ({
    $typeName: 'tensorflow.ListValue',
    values: NO_ITEMS,
  }),
  decode(reader: Reader, end: number, message: ListValue): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.values = append(message.values, reader.message(StructuredValueSchema));
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: ListValue, writer: Writer): void {
    for (const item of message.values) {
      writer.uint32(10);
      writer.message(StructuredValueSchema, item);
    }
    writer.unknown(message);
  },
  nested: {
    values: { kind: 'list', schemas: () => ({ '': StructuredValueSchema }) },
  },
};

export interface TupleValue extends Message<'tensorflow.TupleValue'> {
  values: StructuredValue[];
}

export const TupleValueSchema: Schema<TupleValue> = {
  typeName: 'tensorflow.TupleValue',
  make: () => ({
    $typeName: 'tensorflow.TupleValue',
    values: NO_ITEMS,
  }),
  decode(reader: Reader, end: number, message: TupleValue): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.values = append(message.values, reader.message(StructuredValueSchema));
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: TupleValue, writer: Writer): void {
    for (const item of message.values) {
      writer.uint32(10);
      writer.message(StructuredValueSchema, item);
    }
    writer.unknown(message);
  },
  nested: {
    values: { kind: 'list', schemas: () => ({ '': StructuredValueSchema }) },
  },
};

export interface DictValue extends Message<'tensorflow.DictValue'> {
  fields: { [key: string]: StructuredValue };
}

export const DictValueSchema: Schema<DictValue> = {
  typeName: 'tensorflow.DictValue',
  make: () => ({
    $typeName: 'tensorflow.DictValue',
    fields: new EmptyMap(),
  }),
  decode(reader: Reader, end: number, message: DictValue): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10: {
          const limit = reader.open();
          let key: string = '';
          let value: StructuredValue | undefined;
          while (reader.position < limit) {
            const part = reader.tag();
            switch (part) {
              case 10:
                key = reader.string();
                break;
              case 18:
                value = reader.message(StructuredValueSchema, value);
                break;
              default:
                reader.skip(part);
            }
          }
          reader.close(limit);
          message.fields[key] = value ?? StructuredValueSchema.make();
          break;
        }
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: DictValue, writer: Writer): void {
    for (const [key, value] of Object.entries(message.fields)) {
      writer.uint32(10);
      const mark = writer.open();
      {
        writer.uint32(10);
        writer.string(key);
      }
      {
        writer.uint32(18);
        writer.message(StructuredValueSchema, value);
      }
      writer.close(mark);
    }
    writer.unknown(message);
  },
  nested: {
    fields: { kind: 'map', schemas: () => ({ '': StructuredValueSchema }) },
  },
};

export interface PairValue extends Message<'tensorflow.PairValue'> {
  key: string;
  value?: StructuredValue | undefined;
}

export const PairValueSchema: Schema<PairValue> = {
  typeName: 'tensorflow.PairValue',
  make: () => ({
    $typeName: 'tensorflow.PairValue',
    key: '',
    value: undefined,
  }),
  decode(reader: Reader, end: number, message: PairValue): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.key = reader.string();
          break;
        case 18:
          message.value = reader.message(StructuredValueSchema, message.value);
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: PairValue, writer: Writer): void {
    if (message.key !== '') {
      writer.uint32(10);
      writer.string(message.key);
    }
    if (message.value !== undefined) {
      writer.uint32(18);
      writer.message(StructuredValueSchema, message.value);
    }
    writer.unknown(message);
  },
  nested: {
    value: { kind: 'one', schemas: () => ({ '': StructuredValueSchema }) },
  },
};

export interface NamedTupleValue extends Message<'tensorflow.NamedTupleValue'> {
  name: string;
  values: PairValue[];
}

export const NamedTupleValueSchema: Schema<NamedTupleValue> = {
  typeName: 'tensorflow.NamedTupleValue',
  make: () => ({
    $typeName: 'tensorflow.NamedTupleValue',
    name: '',
    values: NO_ITEMS,
  }),
  decode(reader: Reader, end: number, message: NamedTupleValue): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.name = reader.string();
          break;
        case 18:
          message.values = append(message.values, reader.message(PairValueSchema));
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: NamedTupleValue, writer: Writer): void {
    if (message.name !== '') {
      writer.uint32(10);
      writer.string(message.name);
    }
    for (const item of message.values) {
      writer.uint32(18);
      writer.message(PairValueSchema, item);
    }
    writer.unknown(message);
  },
  nested: {
    values: { kind: 'list', schemas: () => ({ '': PairValueSchema }) },
  },
};

export interface TensorSpecProto extends Message<'tensorflow.TensorSpecProto'> {
  name: string;
  shape?: TensorShapeProto | undefined;
  dtype: DataType;
}

export const TensorSpecProtoSchema: Schema<TensorSpecProto> = {
  typeName: 'tensorflow.TensorSpecProto',
  make: () => ({
    $typeName: 'tensorflow.TensorSpecProto',
    name: '',
    shape: undefined,
    dtype: 0,
  }),
  decode(reader: Reader, end: number, message: TensorSpecProto): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.name = reader.string();
          break;
        case 18:
          message.shape = reader.message(TensorShapeProtoSchema, message.shape);
          break;
        case 24:
          message.dtype = reader.int32();
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: TensorSpecProto, writer: Writer): void {
    if (message.name !== '') {
      writer.uint32(10);
      writer.string(message.name);
    }
    if (message.shape !== undefined) {
      writer.uint32(18);
      writer.message(TensorShapeProtoSchema, message.shape);
    }
    if (message.dtype !== 0) {
      writer.uint32(24);
      writer.int32(message.dtype);
    }
    writer.unknown(message);
  },
  nested: {
    shape: { kind: 'one', schemas: () => ({ '': TensorShapeProtoSchema }) },
  },
};

export interface BoundedTensorSpecProto extends Message<'tensorflow.BoundedTensorSpecProto'> {
  name: string;
  shape?: TensorShapeProto | undefined;
  dtype: DataType;
  minimum?: TensorProto | undefined;
  maximum?: TensorProto | undefined;
}

export const BoundedTensorSpecProtoSchema: Schema<BoundedTensorSpecProto> = {
  typeName: 'tensorflow.BoundedTensorSpecProto',
  make: () => ({
    $typeName: 'tensorflow.BoundedTensorSpecProto',
    name: '',
    shape: undefined,
    dtype: 0,
    minimum: undefined,
    maximum: undefined,
  }),
  decode(reader: Reader, end: number, message: BoundedTensorSpecProto): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.name = reader.string();
          break;
        case 18:
          message.shape = reader.message(TensorShapeProtoSchema, message.shape);
          break;
        case 24:
          message.dtype = reader.int32();
          break;
        case 34:
          message.minimum = reader.message(TensorProtoSchema, message.minimum);
          break;
        case 42:
          message.maximum = reader.message(TensorProtoSchema, message.maximum);
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: BoundedTensorSpecProto, writer: Writer): void {
    if (message.name !== '') {
      writer.uint32(10);
      writer.string(message.name);
    }
    if (message.shape !== undefined) {
      writer.uint32(18);
      writer.message(TensorShapeProtoSchema, message.shape);
    }
    if (message.dtype !== 0) {
      writer.uint32(24);
      writer.int32(message.dtype);
    }
    if (message.minimum !== undefined) {
      writer.uint32(34);
      writer.message(TensorProtoSchema, message.minimum);
    }
    if (message.maximum !== undefined) {
      writer.uint32(42);
      writer.message(TensorProtoSchema, message.maximum);
    }
    writer.unknown(message);
  },
  nested: {
    shape: { kind: 'one', schemas: () => ({ '': TensorShapeProtoSchema }) },
    minimum: { kind: 'one', schemas: () => ({ '': TensorProtoSchema }) },
    maximum: { kind: 'one', schemas: () => ({ '': TensorProtoSchema }) },
  },
};

export interface TypeSpecProto extends Message<'tensorflow.TypeSpecProto'> {
  typeSpecClass: TypeSpecProto_TypeSpecClass;
  typeState?: StructuredValue | undefined;
  typeSpecClassName: string;
  numFlatComponents: number;
}

export const TypeSpecProtoSchema: Schema<TypeSpecProto> = {
  typeName: 'tensorflow.TypeSpecProto',
  make: () => ({
    $typeName: 'tensorflow.TypeSpecProto',
    typeSpecClass: 0,
    typeState: undefined,
    typeSpecClassName: '',
    numFlatComponents: 0,
  }),
  decode(reader: Reader, end: number, message: TypeSpecProto): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 8:
          message.typeSpecClass = reader.int32();
          break;
        case 18:
          message.typeState = reader.message(StructuredValueSchema, message.typeState);
          break;
        case 26:
          message.typeSpecClassName = reader.string();
          break;
        case 32:
          message.numFlatComponents = reader.int32();
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: TypeSpecProto, writer: Writer): void {
    if (message.typeSpecClass !== 0) {
      writer.uint32(8);
      writer.int32(message.typeSpecClass);
    }
    if (message.typeState !== undefined) {
      writer.uint32(18);
      writer.message(StructuredValueSchema, message.typeState);
    }
    if (message.typeSpecClassName !== '') {
      writer.uint32(26);
      writer.string(message.typeSpecClassName);
    }
    if (message.numFlatComponents !== 0) {
      writer.uint32(32);
      writer.int32(message.numFlatComponents);
    }
    writer.unknown(message);
  },
  nested: {
    typeState: { kind: 'one', schemas: () => ({ '': StructuredValueSchema }) },
  },
};

export enum TypeSpecProto_TypeSpecClass {
  UNKNOWN = 0,
  SPARSE_TENSOR_SPEC = 1,
  INDEXED_SLICES_SPEC = 2,
  RAGGED_TENSOR_SPEC = 3,
  TENSOR_ARRAY_SPEC = 4,
  DATA_DATASET_SPEC = 5,
  DATA_ITERATOR_SPEC = 6,
  OPTIONAL_SPEC = 7,
  PER_REPLICA_SPEC = 8,
  VARIABLE_SPEC = 9,
  ROW_PARTITION_SPEC = 10,
  REGISTERED_TYPE_SPEC = 12,
  EXTENSION_TYPE_SPEC = 13,
}
