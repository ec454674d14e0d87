// Generated from tensorflow/checkpoint.proto by tools/proto/generate.mjs. Do not change it here.
import { append, NO_ITEMS, NOT_SET, type Message, type Reader, type Schema, type Writer } from '../protobuf.js';
import { VersionDefSchema, type VersionDef } from '../tensorflow/graph_pb.js';
import { TensorShapeProtoSchema, type DataType, type TensorShapeProto } from '../tensorflow/tensor_pb.js';

export interface BundleHeaderProto extends Message<'tensorflow.BundleHeaderProto'> {
  numShards: number;
  endianness: BundleHeaderProto_Endianness;
  version?: VersionDef | undefined;
}

export const BundleHeaderProtoSchema: Schema<BundleHeaderProto> = {
  typeName: 'tensorflow.BundleHeaderProto',
  make: () => ({
    $typeName: 'tensorflow.BundleHeaderProto',
    numShards: 0,
    endianness: 0,
    version: undefined,
  }),
  decode(reader: Reader, end: number, message: BundleHeaderProto): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 8:
          message.numShards = reader.int32();
          break;
        case 16:
          message.endianness = reader.int32();
          break;
        case 26:
          message.version = reader.message(VersionDefSchema, message.version);
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: BundleHeaderProto, writer: Writer): void {
    if (message.numShards !== 0) {
      writer.uint32(8);
      writer.int32(message.numShards);
    }
    if (message.endianness !== 0) {
      writer.uint32(16);
      writer.int32(message.endianness);
    }
    if (message.version !== undefined) {
      writer.uint32(26);
      writer.message(VersionDefSchema, message.version);
    }
    writer.unknown(message);
  },
  nested: {
    version: { kind: 'one', schemas: () => ({ '': VersionDefSchema }) },
  },
};

export enum BundleHeaderProto_Endianness {
  LITTLE = 0,
  BIG = 1,
}

export interface BundleEntryProto extends Message<'tensorflow.BundleEntryProto'> {
  dtype: DataType;
  shape?: TensorShapeProto | undefined;
  shardId: number;
  offset: bigint;
  size: bigint;
  /** Masked. */
  crc32c: number;
  /** Not empty for a tensor that is stored in slices, each an entry of its own. */
  slices: TensorSliceProto[];
}

export const BundleEntryProtoSchema: Schema<BundleEntryProto> = {
  typeName: 'tensorflow.BundleEntryProto',
  make: () => ({
    $typeName: 'tensorflow.BundleEntryProto',
    dtype: 0,
    shape: undefined,
    shardId: 0,
    offset: 0n,
    size: 0n,
    crc32c: 0,
    slices: NO_ITEMS,
  }),
  decode(reader: Reader, end: number, message: BundleEntryProto): void {
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
        case 24:
          message.shardId = reader.int32();
          break;
        case 32:
          message.offset = reader.int64();
          break;
        case 40:
          message.size = reader.int64();
          break;
        case 53:
          message.crc32c = reader.fixed32();
          break;
        case 58:
          message.slices = append(message.slices, reader.message(TensorSliceProtoSchema));
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: BundleEntryProto, writer: Writer): void {
    if (message.dtype !== 0) {
      writer.uint32(8);
      writer.int32(message.dtype);
    }
    if (message.shape !== undefined) {
      writer.uint32(18);
      writer.message(TensorShapeProtoSchema, message.shape);
    }
    if (message.shardId !== 0) {
      writer.uint32(24);
      writer.int32(message.shardId);
    }
    if (message.offset !== 0n) {
      writer.uint32(32);
      writer.int64(message.offset);
    }
    if (message.size !== 0n) {
      writer.uint32(40);
      writer.int64(message.size);
    }
    if (message.crc32c !== 0) {
      writer.uint32(53);
      writer.fixed32(message.crc32c);
    }
    for (const item of message.slices) {
      writer.uint32(58);
      writer.message(TensorSliceProtoSchema, item);
    }
    writer.unknown(message);
  },
  nested: {
    shape: { kind: 'one', schemas: () => ({ '': TensorShapeProtoSchema }) },
    slices: { kind: 'list', schemas: () => ({ '': TensorSliceProtoSchema }) },
  },
};

export interface TensorSliceProto extends Message<'tensorflow.TensorSliceProto'> {
  extent: TensorSliceProto_Extent[];
}

export const TensorSliceProtoSchema: Schema<TensorSliceProto> = {
  typeName: 'tensorflow.TensorSliceProto',
  make: () => ({
    $typeName: 'tensorflow.TensorSliceProto',
    extent: NO_ITEMS,
  }),
  decode(reader: Reader, end: number, message: TensorSliceProto): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.extent = append(message.extent, reader.message(TensorSliceProto_ExtentSchema));
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: TensorSliceProto, writer: Writer): void {
    for (const item of message.extent) {
      writer.uint32(10);
      writer.message(TensorSliceProto_ExtentSchema, item);
    }
    writer.unknown(message);
  },
  nested: {
    extent: { kind: 'list', schemas: () => ({ '': TensorSliceProto_ExtentSchema }) },
  },
};

export interface TensorSliceProto_Extent extends Message<'tensorflow.TensorSliceProto.Extent'> {
  start: bigint;
  /** Not set for a whole dimension. */
  hasLength: { case: 'length'; value: bigint } | { case: undefined; value?: undefined };
}

export const TensorSliceProto_ExtentSchema: Schema<TensorSliceProto_Extent> = {
  typeName: 'tensorflow.TensorSliceProto.Extent',
  make: () => ({
    $typeName: 'tensorflow.TensorSliceProto.Extent',
    start: 0n,
    hasLength: NOT_SET,
  }),
  decode(reader: Reader, end: number, message: TensorSliceProto_Extent): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 8:
          message.start = reader.int64();
          break;
        case 16:
          message.hasLength = { case: 'length', value: reader.int64() };
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: TensorSliceProto_Extent, writer: Writer): void {
    if (message.start !== 0n) {
      writer.uint32(8);
      writer.int64(message.start);
    }
    switch (message.hasLength.case) {
      case 'length':
        {
          writer.uint32(16);
          writer.int64(message.hasLength.value);
        }
        break;
    }
    writer.unknown(message);
  },
  nested: {},
};
