// Generated from tensorflow/tensor.proto by tools/proto/generate.mjs. Do not change it here.
import { append, NO_ITEMS, NO_BYTES, type Message, type Reader, type Schema, type Writer } from '../protobuf.js';

export enum DataType {
  DT_INVALID = 0,
  DT_FLOAT = 1,
  DT_DOUBLE = 2,
  DT_INT32 = 3,
  DT_UINT8 = 4,
  DT_INT16 = 5,
  DT_INT8 = 6,
  DT_STRING = 7,
  DT_COMPLEX64 = 8,
  DT_INT64 = 9,
  DT_BOOL = 10,
  DT_QINT8 = 11,
  DT_QUINT8 = 12,
  DT_QINT32 = 13,
  DT_BFLOAT16 = 14,
  DT_QINT16 = 15,
  DT_QUINT16 = 16,
  DT_UINT16 = 17,
  DT_COMPLEX128 = 18,
  DT_HALF = 19,
  DT_RESOURCE = 20,
  DT_VARIANT = 21,
  DT_UINT32 = 22,
  DT_UINT64 = 23,
  DT_FLOAT8_E5M2 = 24,
  DT_FLOAT8_E4M3FN = 25,
  DT_FLOAT8_E4M3FNUZ = 26,
  DT_FLOAT8_E4M3B11FNUZ = 27,
  DT_FLOAT8_E5M2FNUZ = 28,
  DT_INT4 = 29,
  DT_UINT4 = 30,
  DT_INT2 = 31,
  DT_UINT2 = 32,
  DT_FLOAT4_E2M1FN = 33,
  /** References to mutable tensors: the type's number plus 100. */
  DT_FLOAT_REF = 101,
  DT_DOUBLE_REF = 102,
  DT_INT32_REF = 103,
  DT_UINT8_REF = 104,
  DT_INT16_REF = 105,
  DT_INT8_REF = 106,
  DT_STRING_REF = 107,
  DT_COMPLEX64_REF = 108,
  DT_INT64_REF = 109,
  DT_BOOL_REF = 110,
  DT_QINT8_REF = 111,
  DT_QUINT8_REF = 112,
  DT_QINT32_REF = 113,
  DT_BFLOAT16_REF = 114,
  DT_QINT16_REF = 115,
  DT_QUINT16_REF = 116,
  DT_UINT16_REF = 117,
  DT_COMPLEX128_REF = 118,
  DT_HALF_REF = 119,
  DT_RESOURCE_REF = 120,
  DT_VARIANT_REF = 121,
  DT_UINT32_REF = 122,
  DT_UINT64_REF = 123,
  DT_FLOAT8_E5M2_REF = 124,
  DT_FLOAT8_E4M3FN_REF = 125,
  DT_FLOAT8_E4M3FNUZ_REF = 126,
  DT_FLOAT8_E4M3B11FNUZ_REF = 127,
  DT_FLOAT8_E5M2FNUZ_REF = 128,
  DT_INT4_REF = 129,
  DT_UINT4_REF = 130,
  DT_INT2_REF = 131,
  DT_UINT2_REF = 132,
  DT_FLOAT4_E2M1FN_REF = 133,
}

export interface TensorShapeProto extends Message<'tensorflow.TensorShapeProto'> {
  dim: TensorShapeProto_Dim[];
  unknownRank: boolean;
}

export const TensorShapeProtoSchema: Schema<TensorShapeProto> = {
  typeName: 'tensorflow.TensorShapeProto',
  make: () => ({
    $typeName: 'tensorflow.TensorShapeProto',
    dim: NO_ITEMS,
    unknownRank: false,
  }),
  decode(reader: Reader, end: number, message: TensorShapeProto): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 18:
          message.dim = append(message.dim, reader.message(TensorShapeProto_DimSchema));
          break;
        case 24:
          message.unknownRank = reader.bool();
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: TensorShapeProto, writer: Writer): void {
    for (const item of message.dim) {
      writer.uint32(18);
      writer.message(TensorShapeProto_DimSchema, item);
    }
    if (message.unknownRank) {
      writer.uint32(24);
      writer.bool(message.unknownRank);
    }
    writer.unknown(message);
  },
  nested: {
    dim: { kind: 'list', schemas: () => ({ '': TensorShapeProto_DimSchema }) },
  },
};

export interface TensorShapeProto_Dim extends Message<'tensorflow.TensorShapeProto.Dim'> {
  /** -1 where the dimension is unknown. */
  size: bigint;
  name: string;
}

export const TensorShapeProto_DimSchema: Schema<TensorShapeProto_Dim> = {
  typeName: 'tensorflow.TensorShapeProto.Dim',
  make: () => ({
    $typeName: 'tensorflow.TensorShapeProto.Dim',
    size: 0n,
    name: '',
  }),
  decode(reader: Reader, end: number, message: TensorShapeProto_Dim): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 8:
          message.size = reader.int64();
          break;
        case 18:
          message.name = reader.string();
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: TensorShapeProto_Dim, writer: Writer): void {
    if (message.size !== 0n) {
      writer.uint32(8);
      writer.int64(message.size);
    }
    if (message.name !== '') {
      writer.uint32(18);
      writer.string(message.name);
    }
    writer.unknown(message);
  },
  nested: {},
};

export interface ResourceHandleProto extends Message<'tensorflow.ResourceHandleProto'> {
  device: string;
  container: string;
  name: string;
  hashCode: bigint;
  maybeTypeName: string;
  dtypesAndShapes: ResourceHandleProto_DtypeAndShape[];
}

export const ResourceHandleProtoSchema: Schema<ResourceHandleProto> = {
  typeName: 'tensorflow.ResourceHandleProto',
  make: () => ({
    $typeName: 'tensorflow.ResourceHandleProto',
    device: '',
    container: '',
    name: '',
    hashCode: 0n,
    maybeTypeName: '',
    dtypesAndShapes: NO_ITEMS,
  }),
  decode(reader: Reader, end: number, message: ResourceHandleProto): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.device = reader.string();
          break;
        case 18:
          message.container = reader.string();
          break;
        case 26:
          message.name = reader.string();
          break;
        case 32:
          message.hashCode = reader.uint64();
          break;
        case 42:
          message.maybeTypeName = reader.string();
          break;
        case 50:
          message.dtypesAndShapes = append(
            message.dtypesAndShapes,
            reader.message(ResourceHandleProto_DtypeAndShapeSchema),
          );
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: ResourceHandleProto, writer: Writer): void {
    if (message.device !== '') {
      writer.uint32(10);
      writer.string(message.device);
    }
    if (message.container !== '') {
      writer.uint32(18);
      writer.string(message.container);
    }
    if (message.name !== '') {
      writer.uint32(26);
      writer.string(message.name);
    }
    if (message.hashCode !== 0n) {
      writer.uint32(32);
      writer.uint64(message.hashCode);
    }
    if (message.maybeTypeName !== '') {
      writer.uint32(42);
      writer.string(message.maybeTypeName);
    }
    for (const item of message.dtypesAndShapes) {
      writer.uint32(50);
      writer.message(ResourceHandleProto_DtypeAndShapeSchema, item);
    }
    writer.unknown(message);
  },
  nested: {
    dtypesAndShapes: { kind: 'list', schemas: () => ({ '': ResourceHandleProto_DtypeAndShapeSchema }) },
  },
};

export interface ResourceHandleProto_DtypeAndShape extends Message<'tensorflow.ResourceHandleProto.DtypeAndShape'> {
  dtype: DataType;
  shape?: TensorShapeProto | undefined;
}

export const ResourceHandleProto_DtypeAndShapeSchema: Schema<ResourceHandleProto_DtypeAndShape> = {
  typeName: 'tensorflow.ResourceHandleProto.DtypeAndShape',
  make: () => ({
    $typeName: 'tensorflow.ResourceHandleProto.DtypeAndShape',
    dtype: 0,
    shape: undefined,
  }),
  decode(reader: Reader, end: number, message: ResourceHandleProto_DtypeAndShape): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 8:
          message.dtype = reader.int32();
          break;
        case 18:
          message.shape = reader.message(TensorShapeProtoSchema, message.shape);
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: ResourceHandleProto_DtypeAndShape, writer: Writer): void {
    if (message.dtype !== 0) {
      writer.uint32(8);
      writer.int32(message.dtype);
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

/**
 * The elements stand either in tensor_content, little-endian, or in the list of their type, whose last element then
 * stands for all that are missing.
 */
export interface TensorProto extends Message<'tensorflow.TensorProto'> {
  dtype: DataType;
  tensorShape?: TensorShapeProto | undefined;
  versionNumber: number;
  tensorContent: Uint8Array;
  floatVal: number[];
  doubleVal: number[];
  /** int32, and every smaller or quantized integer. */
  intVal: number[];
  stringVal: Uint8Array[];
  scomplexVal: number[];
  int64Val: bigint[];
  boolVal: boolean[];
  dcomplexVal: number[];
  /** The bits of float16 and bfloat16. */
  halfVal: number[];
  resourceHandleVal: ResourceHandleProto[];
  uint32Val: number[];
  uint64Val: bigint[];
  float8Val: Uint8Array;
}

export const TensorProtoSchema: Schema<TensorProto> = {
  typeName: 'tensorflow.TensorProto',
  make: () => ({
    $typeName: 'tensorflow.TensorProto',
    dtype: 0,
    tensorShape: undefined,
    versionNumber: 0,
    tensorContent: NO_BYTES,
    floatVal: NO_ITEMS,
    doubleVal: NO_ITEMS,
    intVal: NO_ITEMS,
    stringVal: NO_ITEMS,
    scomplexVal: NO_ITEMS,
    int64Val: NO_ITEMS,
    boolVal: NO_ITEMS,
    dcomplexVal: NO_ITEMS,
    halfVal: NO_ITEMS,
    resourceHandleVal: NO_ITEMS,
    uint32Val: NO_ITEMS,
    uint64Val: NO_ITEMS,
    float8Val: NO_BYTES,
  }),
  decode(reader: Reader, end: number, message: TensorProto): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 8:
          message.dtype = reader.int32();
          break;
        case 18:
          message.tensorShape = reader.message(TensorShapeProtoSchema, message.tensorShape);
          break;
        case 24:
          message.versionNumber = reader.int32();
          break;
        case 34:
          message.tensorContent = reader.take();
          break;
        case 45:
          message.floatVal = append(message.floatVal, reader.float());
          break;
        case 42: {
          const limit = reader.open();
          while (reader.position < limit) message.floatVal = append(message.floatVal, reader.float());
          reader.close(limit);
          break;
        }
        case 49:
          message.doubleVal = append(message.doubleVal, reader.double());
          break;
        case 50: {
          const limit = reader.open();
          while (reader.position < limit) message.doubleVal = append(message.doubleVal, reader.double());
          reader.close(limit);
          break;
        }
        case 56:
          message.intVal = append(message.intVal, reader.int32());
          break;
        case 58: {
          const limit = reader.open();
          while (reader.position < limit) message.intVal = append(message.intVal, reader.int32());
          reader.close(limit);
          break;
        }
        case 66:
          message.stringVal = append(message.stringVal, reader.take());
          break;
        case 77:
          message.scomplexVal = append(message.scomplexVal, reader.float());
          break;
        case 74: {
          const limit = reader.open();
          while (reader.position < limit) message.scomplexVal = append(message.scomplexVal, reader.float());
          reader.close(limit);
          break;
        }
        case 80:
          message.int64Val = append(message.int64Val, reader.int64());
          break;
        case 82: {
          const limit = reader.open();
          while (reader.position < limit) message.int64Val = append(message.int64Val, reader.int64());
          reader.close(limit);
          break;
        }
        case 88:
          message.boolVal = append(message.boolVal, reader.bool());
          break;
        case 90: {
          const limit = reader.open();
          while (reader.position < limit) message.boolVal = append(message.boolVal, reader.bool());
          reader.close(limit);
          break;
        }
        case 97:
          message.dcomplexVal = append(message.dcomplexVal, reader.double());
          break;
        case 98: {
          const limit = reader.open();
          while (reader.position < limit) message.dcomplexVal = append(message.dcomplexVal, reader.double());
          reader.close(limit);
          break;
        }
        case 104:
          message.halfVal = append(message.halfVal, reader.int32());
          break;
        case 106: {
          const limit = reader.open();
          while (reader.position < limit) message.halfVal = append(message.halfVal, reader.int32());
          reader.close(limit);
          break;
        }
        case 114:
          message.resourceHandleVal = append(message.resourceHandleVal, reader.message(ResourceHandleProtoSchema));
          break;
        case 128:
          message.uint32Val = append(message.uint32Val, reader.uint32());
          break;
        case 130: {
          const limit = reader.open();
          while (reader.position < limit) message.uint32Val = append(message.uint32Val, reader.uint32());
          reader.close(limit);
          break;
        }
        case 136:
          message.uint64Val = append(message.uint64Val, reader.uint64());
          break;
        case 138: {
          const limit = reader.open();
          while (reader.position < limit) message.uint64Val = append(message.uint64Val, reader.uint64());
          reader.close(limit);
          break;
        }
        case 146:
          message.float8Val = reader.take();
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: TensorProto, writer: Writer): void {
    if (message.dtype !== 0) {
      writer.uint32(8);
      writer.int32(message.dtype);
    }
    if (message.tensorShape !== undefined) {
      writer.uint32(18);
      writer.message(TensorShapeProtoSchema, message.tensorShape);
    }
    if (message.versionNumber !== 0) {
      writer.uint32(24);
      writer.int32(message.versionNumber);
    }
    if (message.tensorContent.length > 0) {
      writer.uint32(34);
      writer.take(message.tensorContent);
    }
    if (message.floatVal.length > 0) {
      writer.uint32(42);
      const mark = writer.open();
      for (const item of message.floatVal) writer.float(item);
      writer.close(mark);
    }
    if (message.doubleVal.length > 0) {
      writer.uint32(50);
      const mark = writer.open();
      for (const item of message.doubleVal) writer.double(item);
      writer.close(mark);
    }
    if (message.intVal.length > 0) {
      writer.uint32(58);
      const mark = writer.open();
      for (const item of message.intVal) writer.int32(item);
      writer.close(mark);
    }
    for (const item of message.stringVal) {
      writer.uint32(66);
      writer.take(item);
    }
    if (message.scomplexVal.length > 0) {
      writer.uint32(74);
      const mark = writer.open();
      for (const item of message.scomplexVal) writer.float(item);
      writer.close(mark);
    }
    if (message.int64Val.length > 0) {
      writer.uint32(82);
      const mark = writer.open();
      for (const item of message.int64Val) writer.int64(item);
      writer.close(mark);
    }
    if (message.boolVal.length > 0) {
      writer.uint32(90);
      const mark = writer.open();
      for (const item of message.boolVal) writer.bool(item);
      writer.close(mark);
    }
    if (message.dcomplexVal.length > 0) {
      writer.uint32(98);
      const mark = writer.open();
      for (const item of message.dcomplexVal) writer.double(item);
      writer.close(mark);
    }
    if (message.halfVal.length > 0) {
      writer.uint32(106);
      const mark = writer.open();
      for (const item of message.halfVal) writer.int32(item);
      writer.close(mark);
    }
    for (const item of message.resourceHandleVal) {
      writer.uint32(114);
      writer.message(ResourceHandleProtoSchema, item);
    }
    if (message.uint32Val.length > 0) {
      writer.uint32(130);
      const mark = writer.open();
      for (const item of message.uint32Val) writer.uint32(item);
      writer.close(mark);
    }
    if (message.uint64Val.length > 0) {
      writer.uint32(138);
      const mark = writer.open();
      for (const item of message.uint64Val) writer.uint64(item);
      writer.close(mark);
    }
    if (message.float8Val.length > 0) {
      writer.uint32(146);
      writer.take(message.float8Val);
    }
    writer.unknown(message);
  },
  nested: {
    tensorShape: { kind: 'one', schemas: () => ({ '': TensorShapeProtoSchema }) },
    resourceHandleVal: { kind: 'list', schemas: () => ({ '': ResourceHandleProtoSchema }) },
  },
};
