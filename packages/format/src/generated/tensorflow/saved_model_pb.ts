// Generated from tensorflow/saved_model.proto by tools/proto/generate.mjs. Do not change it here.
import {
  append,
  NO_ITEMS,
  EmptyMap,
  NOT_SET,
  type Message,
  type Reader,
  type Schema,
  type Writer,
} from '../protobuf.js';
import { AnySchema, type Any } from '../tensorflow/any_pb.js';
import { GraphDefSchema, OpListSchema, type GraphDef, type OpList } from '../tensorflow/graph_pb.js';
import { SavedObjectGraphSchema, type SavedObjectGraph } from '../tensorflow/object_graph_pb.js';
import { TypeSpecProtoSchema, type TypeSpecProto } from '../tensorflow/structure_pb.js';
import {
  TensorProtoSchema,
  TensorShapeProtoSchema,
  type DataType,
  type TensorProto,
  type TensorShapeProto,
} from '../tensorflow/tensor_pb.js';

export interface SavedModel extends Message<'tensorflow.SavedModel'> {
  savedModelSchemaVersion: bigint;
  metaGraphs: MetaGraphDef[];
}

export const SavedModelSchema: Schema<SavedModel> = {
  typeName: 'tensorflow.SavedModel',
  make: () => ({
    $typeName: 'tensorflow.SavedModel',
    savedModelSchemaVersion: 0n,
    metaGraphs: NO_ITEMS,
  }),
  decode(reader: Reader, end: number, message: SavedModel): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 8:
          message.savedModelSchemaVersion = reader.int64();
          break;
        case 18:
          message.metaGraphs = append(message.metaGraphs, reader.message(MetaGraphDefSchema));
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: SavedModel, writer: Writer): void {
    if (message.savedModelSchemaVersion !== 0n) {
      writer.uint32(8);
      writer.int64(message.savedModelSchemaVersion);
    }
    for (const item of message.metaGraphs) {
      writer.uint32(18);
      writer.message(MetaGraphDefSchema, item);
    }
    writer.unknown(message);
  },
  nested: {
    metaGraphs: { kind: 'list', schemas: () => ({ '': MetaGraphDefSchema }) },
  },
};

export interface MetaGraphDef extends Message<'tensorflow.MetaGraphDef'> {
  metaInfoDef?: MetaGraphDef_MetaInfoDef | undefined;
  graphDef?: GraphDef | undefined;
  saverDef?: SaverDef | undefined;
  collectionDef: { [key: string]: CollectionDef };
  signatureDef: { [key: string]: SignatureDef };
  assetFileDef: AssetFileDef[];
  objectGraphDef?: SavedObjectGraph | undefined;
}

export const MetaGraphDefSchema: Schema<MetaGraphDef> = {
  typeName: 'tensorflow.MetaGraphDef',
  make: () => ({
    $typeName: 'tensorflow.MetaGraphDef',
    metaInfoDef: undefined,
    graphDef: undefined,
    saverDef: undefined,
    collectionDef: new EmptyMap(),
    signatureDef: new EmptyMap(),
    assetFileDef: NO_ITEMS,
    objectGraphDef: undefined,
  }),
  decode(reader: Reader, end: number, message: MetaGraphDef): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.metaInfoDef = reader.message(MetaGraphDef_MetaInfoDefSchema, message.metaInfoDef);
          break;
        case 18:
          message.graphDef = reader.message(GraphDefSchema, message.graphDef);
          break;
        case 26:
          message.saverDef = reader.message(SaverDefSchema, message.saverDef);
          break;
        case 34: {
          const limit = reader.open();
          let key: string = '';
          let value: CollectionDef | undefined;
          while (reader.position < limit) {
            const part = reader.tag();
            switch (part) {
              case 10:
                key = reader.string();
                break;
              case 18:
                value = reader.message(CollectionDefSchema, value);
                break;
              default:
                reader.skip(part);
            }
          }
          reader.close(limit);
          message.collectionDef[key] = value ?? CollectionDefSchema.make();
          break;
        }
        case 42: {
          const limit = reader.open();
          let key: string = '';
          let value: SignatureDef | undefined;
          while (reader.position < limit) {
            const part = reader.tag();
            switch (part) {
              case 10:
                key = reader.string();
                break;
              case 18:
                value = reader.message(SignatureDefSchema, value);
                break;
              default:
                reader.skip(part);
            }
          }
          reader.close(limit);
          message.signatureDef[key] = value ?? SignatureDefSchema.make();
          break;
        }
        case 50:
          message.assetFileDef = append(message.assetFileDef, reader.message(AssetFileDefSchema));
          break;
        case 58:
          message.objectGraphDef = reader.message(SavedObjectGraphSchema, message.objectGraphDef);
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: MetaGraphDef, writer: Writer): void {
    if (message.metaInfoDef !== undefined) {
      writer.uint32(10);
      writer.message(MetaGraphDef_MetaInfoDefSchema, message.metaInfoDef);
    }
    if (message.graphDef !== undefined) {
      writer.uint32(18);
      writer.message(GraphDefSchema, message.graphDef);
    }
    if (message.saverDef !== undefined) {
      writer.uint32(26);
      writer.message(SaverDefSchema, message.saverDef);
    }
    for (const [key, value] of Object.entries(message.collectionDef)) {
      writer.uint32(34);
      const mark = writer.open();
      {
        writer.uint32(10);
        writer.string(key);
      }
      {
        writer.uint32(18);
        writer.message(CollectionDefSchema, value);
      }
      writer.close(mark);
    }
    for (const [key, value] of Object.entries(message.signatureDef)) {
      writer.uint32(42);
      const mark = writer.open();
      {
        writer.uint32(10);
        writer.string(key);
      }
      {
        writer.uint32(18);
        writer.message(SignatureDefSchema, value);
      }
      writer.close(mark);
    }
    for (const item of message.assetFileDef) {
      writer.uint32(50);
      writer.message(AssetFileDefSchema, item);
    }
    if (message.objectGraphDef !== undefined) {
      writer.uint32(58);
      writer.message(SavedObjectGraphSchema, message.objectGraphDef);
    }
    writer.unknown(message);
  },
  nested: {
    metaInfoDef: { kind: 'one', schemas: () => ({ '': MetaGraphDef_MetaInfoDefSchema }) },
    graphDef: { kind: 'one', schemas: () => ({ '': GraphDefSchema }) },
    saverDef: { kind: 'one', schemas: () => ({ '': SaverDefSchema }) },
    collectionDef: { kind: 'map', schemas: () => ({ '': CollectionDefSchema }) },
    signatureDef: { kind: 'map', schemas: () => ({ '': SignatureDefSchema }) },
    assetFileDef: { kind: 'list', schemas: () => ({ '': AssetFileDefSchema }) },
    objectGraphDef: { kind: 'one', schemas: () => ({ '': SavedObjectGraphSchema }) },
  },
};

export interface MetaGraphDef_MetaInfoDef extends Message<'tensorflow.MetaGraphDef.MetaInfoDef'> {
  metaGraphVersion: string;
  strippedOpList?: OpList | undefined;
  anyInfo?: Any | undefined;
  tags: string[];
  tensorflowVersion: string;
  tensorflowGitVersion: string;
  strippedDefaultAttrs: boolean;
  functionAliases: { [key: string]: string };
}

export const MetaGraphDef_MetaInfoDefSchema: Schema<MetaGraphDef_MetaInfoDef> = {
  typeName: 'tensorflow.MetaGraphDef.MetaInfoDef',
  make: () => ({
    $typeName: 'tensorflow.MetaGraphDef.MetaInfoDef',
    metaGraphVersion: '',
    strippedOpList: undefined,
    anyInfo: undefined,
    tags: NO_ITEMS,
    tensorflowVersion: '',
    tensorflowGitVersion: '',
    strippedDefaultAttrs: false,
    functionAliases: new EmptyMap(),
  }),
  decode(reader: Reader, end: number, message: MetaGraphDef_MetaInfoDef): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.metaGraphVersion = reader.string();
          break;
        case 18:
          message.strippedOpList = reader.message(OpListSchema, message.strippedOpList);
          break;
        case 26:
          message.anyInfo = reader.message(AnySchema, message.anyInfo);
          break;
        case 34:
          message.tags = append(message.tags, reader.string());
          break;
        case 42:
          message.tensorflowVersion = reader.string();
          break;
        case 50:
          message.tensorflowGitVersion = reader.string();
          break;
        case 56:
          message.strippedDefaultAttrs = reader.bool();
          break;
        case 66: {
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
          message.functionAliases[key] = value ?? '';
          break;
        }
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: MetaGraphDef_MetaInfoDef, writer: Writer): void {
    if (message.metaGraphVersion !== '') {
      writer.uint32(10);
      writer.string(message.metaGraphVersion);
    }
    if (message.strippedOpList !== undefined) {
      writer.uint32(18);
      writer.message(OpListSchema, message.strippedOpList);
    }
    if (message.anyInfo !== undefined) {
      writer.uint32(26);
      writer.message(AnySchema, message.anyInfo);
    }
    for (const item of message.tags) {
      writer.uint32(34);
      writer.string(item);
    }
    if (message.tensorflowVersion !== '') {
      writer.uint32(42);
      writer.string(message.tensorflowVersion);
    }
    if (message.tensorflowGitVersion !== '') {
      writer.uint32(50);
      writer.string(message.tensorflowGitVersion);
    }
    if (message.strippedDefaultAttrs) {
      writer.uint32(56);
      writer.bool(message.strippedDefaultAttrs);
    }
    for (const [key, value] of Object.entries(message.functionAliases)) {
      writer.uint32(66);
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
    writer.unknown(message);
  },
  nested: {
    strippedOpList: { kind: 'one', schemas: () => ({ '': OpListSchema }) },
    anyInfo: { kind: 'one', schemas: () => ({ '': AnySchema }) },
  },
};

export interface SaverDef extends Message<'tensorflow.SaverDef'> {
  filenameTensorName: string;
  saveTensorName: string;
  restoreOpName: string;
  maxToKeep: number;
  sharded: boolean;
  keepCheckpointEveryNHours: number;
  version: SaverDef_CheckpointFormatVersion;
}

export const SaverDefSchema: Schema<SaverDef> = {
  typeName: 'tensorflow.SaverDef',
  make: () => ({
    $typeName: 'tensorflow.SaverDef',
    filenameTensorName: '',
    saveTensorName: '',
    restoreOpName: '',
    maxToKeep: 0,
    sharded: false,
    keepCheckpointEveryNHours: 0,
    version: 0,
  }),
  decode(reader: Reader, end: number, message: SaverDef): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.filenameTensorName = reader.string();
          break;
        case 18:
          message.saveTensorName = reader.string();
          break;
        case 26:
          message.restoreOpName = reader.string();
          break;
        case 32:
          message.maxToKeep = reader.int32();
          break;
        case 40:
          message.sharded = reader.bool();
          break;
        case 53:
          message.keepCheckpointEveryNHours = reader.float();
          break;
        case 56:
          message.version = reader.int32();
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: SaverDef, writer: Writer): void {
    if (message.filenameTensorName !== '') {
      writer.uint32(10);
      writer.string(message.filenameTensorName);
    }
    if (message.saveTensorName !== '') {
      writer.uint32(18);
      writer.string(message.saveTensorName);
    }
    if (message.restoreOpName !== '') {
      writer.uint32(26);
      writer.string(message.restoreOpName);
    }
    if (message.maxToKeep !== 0) {
      writer.uint32(32);
      writer.int32(message.maxToKeep);
    }
    if (message.sharded) {
      writer.uint32(40);
      writer.bool(message.sharded);
    }
    if (!Object.is(message.keepCheckpointEveryNHours, 0)) {
      writer.uint32(53);
      writer.float(message.keepCheckpointEveryNHours);
    }
    if (message.version !== 0) {
      writer.uint32(56);
      writer.int32(message.version);
    }
    writer.unknown(message);
  },
  nested: {},
};

export enum SaverDef_CheckpointFormatVersion {
  LEGACY = 0,
  V1 = 1,
  V2 = 2,
}

export interface CollectionDef extends Message<'tensorflow.CollectionDef'> {
  kind:
    | { case: 'nodeList'; value: CollectionDef_NodeList }
    | { case: 'bytesList'; value: CollectionDef_BytesList }
    | { case: 'int64List'; value: CollectionDef_Int64List }
    | { case: 'floatList'; value: CollectionDef_FloatList }
    | { case: 'anyList'; value: CollectionDef_AnyList }
    | { case: undefined; value?: undefined };
}

export const CollectionDefSchema: Schema<CollectionDef> = {
  typeName: 'tensorflow.CollectionDef',
  make: () => ({
    $typeName: 'tensorflow.CollectionDef',
    kind: NOT_SET,
  }),
  decode(reader: Reader, end: number, message: CollectionDef): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.kind = {
            case: 'nodeList',
            value: reader.message(
              CollectionDef_NodeListSchema,
              message.kind.case === 'nodeList' ? message.kind.value : undefined,
            ),
          };
          break;
        case 18:
          message.kind = {
            case: 'bytesList',
            value: reader.message(
              CollectionDef_BytesListSchema,
              message.kind.case === 'bytesList' ? message.kind.value : undefined,
            ),
          };
          break;
        case 26:
          message.kind = {
            case: 'int64List',
            value: reader.message(
              CollectionDef_Int64ListSchema,
              message.kind.case === 'int64List' ? message.kind.value : undefined,
            ),
          };
          break;
        case 34:
          message.kind = {
            case: 'floatList',
            value: reader.message(
              CollectionDef_FloatListSchema,
              message.kind.case === 'floatList' ? message.kind.value : undefined,
            ),
          };
          break;
        case 42:
          message.kind = {
            case: 'anyList',
            value: reader.message(
              CollectionDef_AnyListSchema,
              message.kind.case === 'anyList' ? message.kind.value : undefined,
            ),
          };
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: CollectionDef, writer: Writer): void {
    switch (message.kind.case) {
      case 'nodeList':
        {
          writer.uint32(10);
          writer.message(CollectionDef_NodeListSchema, message.kind.value);
        }
        break;
      case 'bytesList':
        {
          writer.uint32(18);
          writer.message(CollectionDef_BytesListSchema, message.kind.value);
        }
        break;
      case 'int64List':
        {
          writer.uint32(26);
          writer.message(CollectionDef_Int64ListSchema, message.kind.value);
        }
        break;
      case 'floatList':
        {
          writer.uint32(34);
          writer.message(CollectionDef_FloatListSchema, message.kind.value);
        }
        break;
      case 'anyList':
        {
          writer.uint32(42);
          writer.message(CollectionDef_AnyListSchema, message.kind.value);
        }
        break;
    }
    writer.unknown(message);
  },
  nested: {
    kind: {
      kind: 'oneof',
      schemas: () => ({
        nodeList: CollectionDef_NodeListSchema,
        bytesList: CollectionDef_BytesListSchema,
        int64List: CollectionDef_Int64ListSchema,
        floatList: CollectionDef_FloatListSchema,
        anyList: CollectionDef_AnyListSchema,
      }),
    },
  },
};

export interface CollectionDef_NodeList extends Message<'tensorflow.CollectionDef.NodeList'> {
  value: string[];
}

export const CollectionDef_NodeListSchema: Schema<CollectionDef_NodeList> = {
  typeName: 'tensorflow.CollectionDef.NodeList',
  make: () => ({
    $typeName: 'tensorflow.CollectionDef.NodeList',
    value: NO_ITEMS,
  }),
  decode(reader: Reader, end: number, message: CollectionDef_NodeList): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.value = append(message.value, reader.string());
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: CollectionDef_NodeList, writer: Writer): void {
    for (const item of message.value) {
      writer.uint32(10);
      writer.string(item);
    }
    writer.unknown(message);
  },
  nested: {},
};

export interface CollectionDef_BytesList extends Message<'tensorflow.CollectionDef.BytesList'> {
  value: Uint8Array[];
}

export const CollectionDef_BytesListSchema: Schema<CollectionDef_BytesList> = {
  typeName: 'tensorflow.CollectionDef.BytesList',
  make: () => ({
    $typeName: 'tensorflow.CollectionDef.BytesList',
    value: NO_ITEMS,
  }),
  decode(reader: Reader, end: number, message: CollectionDef_BytesList): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.value = append(message.value, reader.take());
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: CollectionDef_BytesList, writer: Writer): void {
    for (const item of message.value) {
      writer.uint32(10);
      writer.take(item);
    }
    writer.unknown(message);
  },
  nested: {},
};

export interface CollectionDef_Int64List extends Message<'tensorflow.CollectionDef.Int64List'> {
  value: bigint[];
}

export const CollectionDef_Int64ListSchema: Schema<CollectionDef_Int64List> = {
  typeName: 'tensorflow.CollectionDef.Int64List',
  make: () => ({
    $typeName: 'tensorflow.CollectionDef.Int64List',
    value: NO_ITEMS,
  }),
  decode(reader: Reader, end: number, message: CollectionDef_Int64List): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 8:
          message.value = append(message.value, reader.int64());
          break;
        case 10: {
          const limit = reader.open();
          while (reader.position < limit) message.value = append(message.value, reader.int64());
          reader.close(limit);
          break;
        }
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: CollectionDef_Int64List, writer: Writer): void {
    if (message.value.length > 0) {
      writer.uint32(10);
      const mark = writer.open();
      for (const item of message.value) writer.int64(item);
      writer.close(mark);
    }
    writer.unknown(message);
  },
  nested: {},
};

export interface CollectionDef_FloatList extends Message<'tensorflow.CollectionDef.FloatList'> {
  value: number[];
}

export const CollectionDef_FloatListSchema: Schema<CollectionDef_FloatList> = {
  typeName: 'tensorflow.CollectionDef.FloatList',
  make: () => ({
    $typeName: 'tensorflow.CollectionDef.FloatList',
    value: NO_ITEMS,
  }),
  decode(reader: Reader, end: number, message: CollectionDef_FloatList): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 13:
          message.value = append(message.value, reader.float());
          break;
        case 10: {
          const limit = reader.open();
          while (reader.position < limit) message.value = append(message.value, reader.float());
          reader.close(limit);
          break;
        }
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: CollectionDef_FloatList, writer: Writer): void {
    if (message.value.length > 0) {
      writer.uint32(10);
      const mark = writer.open();
      for (const item of message.value) writer.float(item);
      writer.close(mark);
    }
    writer.unknown(message);
  },
  nested: {},
};

export interface CollectionDef_AnyList extends Message<'tensorflow.CollectionDef.AnyList'> {
  value: Any[];
}

export const CollectionDef_AnyListSchema: Schema<CollectionDef_AnyList> = {
  typeName: 'tensorflow.CollectionDef.AnyList',
  make: () => ({
    $typeName: 'tensorflow.CollectionDef.AnyList',
    value: NO_ITEMS,
  }),
  decode(reader: Reader, end: number, message: CollectionDef_AnyList): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.value = append(message.value, reader.message(AnySchema));
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: CollectionDef_AnyList, writer: Writer): void {
    for (const item of message.value) {
      writer.uint32(10);
      writer.message(AnySchema, item);
    }
    writer.unknown(message);
  },
  nested: {
    value: { kind: 'list', schemas: () => ({ '': AnySchema }) },
  },
};

export interface TensorInfo extends Message<'tensorflow.TensorInfo'> {
  encoding:
    | { case: 'name'; value: string }
    | { case: 'cooSparse'; value: TensorInfo_CooSparse }
    | { case: 'compositeTensor'; value: TensorInfo_CompositeTensor }
    | { case: undefined; value?: undefined };
  dtype: DataType;
  tensorShape?: TensorShapeProto | undefined;
}

export const TensorInfoSchema: Schema<TensorInfo> = {
  typeName: 'tensorflow.TensorInfo',
  make: () => ({
    $typeName: 'tensorflow.TensorInfo',
    encoding: NOT_SET,
    dtype: 0,
    tensorShape: undefined,
  }),
  decode(reader: Reader, end: number, message: TensorInfo): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.encoding = { case: 'name', value: reader.string() };
          break;
        case 34:
          message.encoding = {
            case: 'cooSparse',
            value: reader.message(
              TensorInfo_CooSparseSchema,
              message.encoding.case === 'cooSparse' ? message.encoding.value : undefined,
            ),
          };
          break;
        case 42:
          message.encoding = {
            case: 'compositeTensor',
            value: reader.message(
              TensorInfo_CompositeTensorSchema,
              message.encoding.case === 'compositeTensor' ? message.encoding.value : undefined,
            ),
          };
          break;
        case 16:
          message.dtype = reader.int32();
          break;
        case 26:
          message.tensorShape = reader.message(TensorShapeProtoSchema, message.tensorShape);
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: TensorInfo, writer: Writer): void {
    switch (message.encoding.case) {
      case 'name':
        {
          writer.uint32(10);
          writer.string(message.encoding.value);
        }
        break;
      case 'cooSparse':
        {
          writer.uint32(34);
          writer.message(TensorInfo_CooSparseSchema, message.encoding.value);
        }
        break;
      case 'compositeTensor':
        {
          writer.uint32(42);
          writer.message(TensorInfo_CompositeTensorSchema, message.encoding.value);
        }
        break;
    }
    if (message.dtype !== 0) {
      writer.uint32(16);
      writer.int32(message.dtype);
    }
    if (message.tensorShape !== undefined) {
      writer.uint32(26);
      writer.message(TensorShapeProtoSchema, message.tensorShape);
    }
    writer.unknown(message);
  },
  nested: {
    encoding: {
      kind: 'oneof',
      schemas: () => ({ cooSparse: TensorInfo_CooSparseSchema, compositeTensor: TensorInfo_CompositeTensorSchema }),
    },
    tensorShape: { kind: 'one', schemas: () => ({ '': TensorShapeProtoSchema }) },
  },
};

export interface TensorInfo_CooSparse extends Message<'tensorflow.TensorInfo.CooSparse'> {
  valuesTensorName: string;
  indicesTensorName: string;
  denseShapeTensorName: string;
}

export const TensorInfo_CooSparseSchema: Schema<TensorInfo_CooSparse> = {
  typeName: 'tensorflow.TensorInfo.CooSparse',
  make: () => ({
    $typeName: 'tensorflow.TensorInfo.CooSparse',
    valuesTensorName: '',
    indicesTensorName: '',
    denseShapeTensorName: '',
  }),
  decode(reader: Reader, end: number, message: TensorInfo_CooSparse): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.valuesTensorName = reader.string();
          break;
        case 18:
          message.indicesTensorName = reader.string();
          break;
        case 26:
          message.denseShapeTensorName = reader.string();
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: TensorInfo_CooSparse, writer: Writer): void {
    if (message.valuesTensorName !== '') {
      writer.uint32(10);
      writer.string(message.valuesTensorName);
    }
    if (message.indicesTensorName !== '') {
      writer.uint32(18);
      writer.string(message.indicesTensorName);
    }
    if (message.denseShapeTensorName !== '') {
      writer.uint32(26);
      writer.string(message.denseShapeTensorName);
    }
    writer.unknown(message);
  },
  nested: {},
};

export interface TensorInfo_CompositeTensor extends Message<'tensorflow.TensorInfo.CompositeTensor'> {
  typeSpec?: TypeSpecProto | undefined;
  components: TensorInfo[];
}

export const TensorInfo_CompositeTensorSchema: Schema<TensorInfo_CompositeTensor> = {
  typeName: 'tensorflow.TensorInfo.CompositeTensor',
  make: () => ({
    $typeName: 'tensorflow.TensorInfo.CompositeTensor',
    typeSpec: undefined,
    components: NO_ITEMS,
  }),
  decode(reader: Reader, end: number, message: TensorInfo_CompositeTensor): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.typeSpec = reader.message(TypeSpecProtoSchema, message.typeSpec);
          break;
        case 18:
          message.components = append(message.components, reader.message(TensorInfoSchema));
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: TensorInfo_CompositeTensor, writer: Writer): void {
    if (message.typeSpec !== undefined) {
      writer.uint32(10);
      writer.message(TypeSpecProtoSchema, message.typeSpec);
    }
    for (const item of message.components) {
      writer.uint32(18);
      writer.message(TensorInfoSchema, item);
    }
    writer.unknown(message);
  },
  nested: {
    typeSpec: { kind: 'one', schemas: () => ({ '': TypeSpecProtoSchema }) },
    components: { kind: 'list', schemas: () => ({ '': TensorInfoSchema }) },
  },
};

export interface SignatureDef extends Message<'tensorflow.SignatureDef'> {
  inputs: { [key: string]: TensorInfo };
  outputs: { [key: string]: TensorInfo };
  methodName: string;
  defaults: { [key: string]: TensorProto };
}

export const SignatureDefSchema: Schema<SignatureDef> = {
  typeName: 'tensorflow.SignatureDef',
  make: () => ({
    $typeName: 'tensorflow.SignatureDef',
    inputs: new EmptyMap(),
    outputs: new EmptyMap(),
    methodName: '',
    defaults: new EmptyMap(),
  }),
  decode(reader: Reader, end: number, message: SignatureDef): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10: {
          const limit = reader.open();
          let key: string = '';
          let value: TensorInfo | undefined;
          while (reader.position < limit) {
            const part = reader.tag();
            switch (part) {
              case 10:
                key = reader.string();
                break;
              case 18:
                value = reader.message(TensorInfoSchema, value);
                break;
              default:
                reader.skip(part);
            }
          }
          reader.close(limit);
          message.inputs[key] = value ?? TensorInfoSchema.make();
          break;
        }
        case 18: {
          const limit = reader.open();
          let key: string = '';
          let value: TensorInfo | undefined;
          while (reader.position < limit) {
            const part = reader.tag();
            switch (part) {
              case 10:
                key = reader.string();
                break;
              case 18:
                value = reader.message(TensorInfoSchema, value);
                break;
              default:
                reader.skip(part);
            }
          }
          reader.close(limit);
          message.outputs[key] = value ?? TensorInfoSchema.make();
          break;
        }
        case 26:
          message.methodName = reader.string();
          break;
        case 34: {
          const limit = reader.open();
          let key: string = '';
          let value: TensorProto | undefined;
          while (reader.position < limit) {
            const part = reader.tag();
            switch (part) {
              case 10:
                key = reader.string();
                break;
              case 18:
                value = reader.message(TensorProtoSchema, value);
                break;
              default:
                reader.skip(part);
            }
          }
          reader.close(limit);
          message.defaults[key] = value ?? TensorProtoSchema.make();
          break;
        }
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: SignatureDef, writer: Writer): void {
    for (const [key, value] of Object.entries(message.inputs)) {
      writer.uint32(10);
      const mark = writer.open();
      {
        writer.uint32(10);
        writer.string(key);
      }
      {
        writer.uint32(18);
        writer.message(TensorInfoSchema, value);
      }
      writer.close(mark);
    }
    for (const [key, value] of Object.entries(message.outputs)) {
      writer.uint32(18);
      const mark = writer.open();
      {
        writer.uint32(10);
        writer.string(key);
      }
      {
        writer.uint32(18);
        writer.message(TensorInfoSchema, value);
      }
      writer.close(mark);
    }
    if (message.methodName !== '') {
      writer.uint32(26);
      writer.string(message.methodName);
    }
    for (const [key, value] of Object.entries(message.defaults)) {
      writer.uint32(34);
      const mark = writer.open();
      {
        writer.uint32(10);
        writer.string(key);
      }
      {
        writer.uint32(18);
        writer.message(TensorProtoSchema, value);
      }
      writer.close(mark);
    }
    writer.unknown(message);
  },
  nested: {
    inputs: { kind: 'map', schemas: () => ({ '': TensorInfoSchema }) },
    outputs: { kind: 'map', schemas: () => ({ '': TensorInfoSchema }) },
    defaults: { kind: 'map', schemas: () => ({ '': TensorProtoSchema }) },
  },
};

export interface AssetFileDef extends Message<'tensorflow.AssetFileDef'> {
  tensorInfo?: TensorInfo | undefined;
  /** Relative to the module's assets folder. */
  filename: string;
}

export const AssetFileDefSchema: Schema<AssetFileDef> = {
  typeName: 'tensorflow.AssetFileDef',
  make: () => ({
    $typeName: 'tensorflow.AssetFileDef',
    tensorInfo: undefined,
    filename: '',
  }),
  decode(reader: Reader, end: number, message: AssetFileDef): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.tensorInfo = reader.message(TensorInfoSchema, message.tensorInfo);
          break;
        case 18:
          message.filename = reader.string();
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: AssetFileDef, writer: Writer): void {
    if (message.tensorInfo !== undefined) {
      writer.uint32(10);
      writer.message(TensorInfoSchema, message.tensorInfo);
    }
    if (message.filename !== '') {
      writer.uint32(18);
      writer.string(message.filename);
    }
    writer.unknown(message);
  },
  nested: {
    tensorInfo: { kind: 'one', schemas: () => ({ '': TensorInfoSchema }) },
  },
};
