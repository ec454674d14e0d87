// Generated from tensorflow/object_graph.proto by tools/proto/generate.mjs. Do not change it here.
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
import { type VariableAggregation, type VariableSynchronization } from '../tensorflow/collections_pb.js';
import { VersionDefSchema, type VersionDef } from '../tensorflow/graph_pb.js';
import { StructuredValueSchema, type StructuredValue } from '../tensorflow/structure_pb.js';
import { TensorShapeProtoSchema, type DataType, type TensorShapeProto } from '../tensorflow/tensor_pb.js';

export interface TrackableObjectGraph extends Message<'tensorflow.TrackableObjectGraph'> {
  nodes: TrackableObjectGraph_TrackableObject[];
}

export const TrackableObjectGraphSchema: Schema<TrackableObjectGraph> = {
  typeName: 'tensorflow.TrackableObjectGraph',
  make: () => ({
    $typeName: 'tensorflow.TrackableObjectGraph',
    nodes: NO_ITEMS,
  }),
  decode(reader: Reader, end: number, message: TrackableObjectGraph): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.nodes = append(message.nodes, reader.message(TrackableObjectGraph_TrackableObjectSchema));
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: TrackableObjectGraph, writer: Writer): void {
    for (const item of message.nodes) {
      writer.uint32(10);
      writer.message(TrackableObjectGraph_TrackableObjectSchema, item);
    }
    writer.unknown(message);
  },
  nested: {
    nodes: { kind: 'list', schemas: () => ({ '': TrackableObjectGraph_TrackableObjectSchema }) },
  },
};

export interface TrackableObjectGraph_TrackableObject extends Message<'tensorflow.TrackableObjectGraph.TrackableObject'> {
  children: TrackableObjectGraph_TrackableObject_ObjectReference[];
  attributes: TrackableObjectGraph_TrackableObject_SerializedTensor[];
  slotVariables: TrackableObjectGraph_TrackableObject_SlotVariableReference[];
  registeredSaver?: RegisteredSaver | undefined;
}

export const TrackableObjectGraph_TrackableObjectSchema: Schema<TrackableObjectGraph_TrackableObject> = {
  typeName: 'tensorflow.TrackableObjectGraph.TrackableObject',
  make: () => ({
    $typeName: 'tensorflow.TrackableObjectGraph.TrackableObject',
    children: NO_ITEMS,
    attributes: NO_ITEMS,
    slotVariables: NO_ITEMS,
    registeredSaver: undefined,
  }),
  decode(reader: Reader, end: number, message: TrackableObjectGraph_TrackableObject): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.children = append(
            message.children,
            reader.message(TrackableObjectGraph_TrackableObject_ObjectReferenceSchema),
          );
          break;
        case 18:
          message.attributes = append(
            message.attributes,
            reader.message(TrackableObjectGraph_TrackableObject_SerializedTensorSchema),
          );
          break;
        case 26:
          message.slotVariables = append(
            message.slotVariables,
            reader.message(TrackableObjectGraph_TrackableObject_SlotVariableReferenceSchema),
          );
          break;
        case 34:
          message.registeredSaver = reader.message(RegisteredSaverSchema, message.registeredSaver);
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: TrackableObjectGraph_TrackableObject, writer: Writer): void {
    for (const item of message.children) {
      writer.uint32(10);
      writer.message(TrackableObjectGraph_TrackableObject_ObjectReferenceSchema, item);
    }
    for (const item of message.attributes) {
      writer.uint32(18);
      writer.message(TrackableObjectGraph_TrackableObject_SerializedTensorSchema, item);
    }
    for (const item of message.slotVariables) {
      writer.uint32(26);
      writer.message(TrackableObjectGraph_TrackableObject_SlotVariableReferenceSchema, item);
    }
    if (message.registeredSaver !== undefined) {
      writer.uint32(34);
      writer.message(RegisteredSaverSchema, message.registeredSaver);
    }
    writer.unknown(message);
  },
  nested: {
    children: { kind: 'list', schemas: () => ({ '': TrackableObjectGraph_TrackableObject_ObjectReferenceSchema }) },
    attributes: { kind: 'list', schemas: () => ({ '': TrackableObjectGraph_TrackableObject_SerializedTensorSchema }) },
    slotVariables: {
      kind: 'list',
      schemas: () => ({ '': TrackableObjectGraph_TrackableObject_SlotVariableReferenceSchema }),
    },
    registeredSaver: { kind: 'one', schemas: () => ({ '': RegisteredSaverSchema }) },
  },
};

export interface TrackableObjectGraph_TrackableObject_ObjectReference extends Message<'tensorflow.TrackableObjectGraph.TrackableObject.ObjectReference'> {
  nodeId: number;
  localName: string;
}

export const TrackableObjectGraph_TrackableObject_ObjectReferenceSchema: Schema<TrackableObjectGraph_TrackableObject_ObjectReference> =
  {
    typeName: 'tensorflow.TrackableObjectGraph.TrackableObject.ObjectReference',
    make: () => ({
      $typeName: 'tensorflow.TrackableObjectGraph.TrackableObject.ObjectReference',
      nodeId: 0,
      localName: '',
    }),
    decode(reader: Reader, end: number, message: TrackableObjectGraph_TrackableObject_ObjectReference): void {
      while (reader.position < end) {
        const start = reader.position;
        const tag = reader.tag();
        switch (tag) {
          case 8:
            message.nodeId = reader.int32();
            break;
          case 18:
            message.localName = reader.string();
            break;
          default:
            reader.keep(message, tag, start);
        }
      }
    },
    encode(message: TrackableObjectGraph_TrackableObject_ObjectReference, writer: Writer): void {
      if (message.nodeId !== 0) {
        writer.uint32(8);
        writer.int32(message.nodeId);
      }
      if (message.localName !== '') {
        writer.uint32(18);
        writer.string(message.localName);
      }
      writer.unknown(message);
    },
    nested: {},
  };

export interface TrackableObjectGraph_TrackableObject_SerializedTensor extends Message<'tensorflow.TrackableObjectGraph.TrackableObject.SerializedTensor'> {
  name: string;
  fullName: string;
  checkpointKey: string;
}

export const TrackableObjectGraph_TrackableObject_SerializedTensorSchema: Schema<TrackableObjectGraph_TrackableObject_SerializedTensor> =
  {
    typeName: 'tensorflow.TrackableObjectGraph.TrackableObject.SerializedTensor',
    make: () => ({
      $typeName: 'tensorflow.TrackableObjectGraph.TrackableObject.SerializedTensor',
      name: '',
      fullName: '',
      checkpointKey: '',
    }),
    decode(reader: Reader, end: number, message: TrackableObjectGraph_TrackableObject_SerializedTensor): void {
      while (reader.position < end) {
        const start = reader.position;
        const tag = reader.tag();
        switch (tag) {
          case 10:
            message.name = reader.string();
            break;
          case 18:
            message.fullName = reader.string();
            break;
          case 26:
            message.checkpointKey = reader.string();
            break;
          default:
            reader.keep(message, tag, start);
        }
      }
    },
    encode(message: TrackableObjectGraph_TrackableObject_SerializedTensor, writer: Writer): void {
      if (message.name !== '') {
        writer.uint32(10);
        writer.string(message.name);
      }
      if (message.fullName !== '') {
        writer.uint32(18);
        writer.string(message.fullName);
      }
      if (message.checkpointKey !== '') {
        writer.uint32(26);
        writer.string(message.checkpointKey);
      }
      writer.unknown(message);
    },
    nested: {},
  };

export interface TrackableObjectGraph_TrackableObject_SlotVariableReference extends Message<'tensorflow.TrackableObjectGraph.TrackableObject.SlotVariableReference'> {
  originalVariableNodeId: number;
  slotName: string;
  slotVariableNodeId: number;
}

export const TrackableObjectGraph_TrackableObject_SlotVariableReferenceSchema: Schema<TrackableObjectGraph_TrackableObject_SlotVariableReference> =
  {
    typeName: 'tensorflow.TrackableObjectGraph.TrackableObject.SlotVariableReference',
    make: () => ({
      $typeName: 'tensorflow.TrackableObjectGraph.TrackableObject.SlotVariableReference',
      originalVariableNodeId: 0,
      slotName: '',
      slotVariableNodeId: 0,
    }),
    decode(reader: Reader, end: number, message: TrackableObjectGraph_TrackableObject_SlotVariableReference): void {
      while (reader.position < end) {
        const start = reader.position;
        const tag = reader.tag();
        switch (tag) {
          case 8:
            message.originalVariableNodeId = reader.int32();
            break;
          case 18:
            message.slotName = reader.string();
            break;
          case 24:
            message.slotVariableNodeId = reader.int32();
            break;
          default:
            reader.keep(message, tag, start);
        }
      }
    },
    encode(message: TrackableObjectGraph_TrackableObject_SlotVariableReference, writer: Writer): void {
      if (message.originalVariableNodeId !== 0) {
        writer.uint32(8);
        writer.int32(message.originalVariableNodeId);
      }
      if (message.slotName !== '') {
        writer.uint32(18);
        writer.string(message.slotName);
      }
      if (message.slotVariableNodeId !== 0) {
        writer.uint32(24);
        writer.int32(message.slotVariableNodeId);
      }
      writer.unknown(message);
    },
    nested: {},
  };

export interface RegisteredSaver extends Message<'tensorflow.RegisteredSaver'> {
  name: string;
  objectName: string;
}

export const RegisteredSaverSchema: Schema<RegisteredSaver> = {
  typeName: 'tensorflow.RegisteredSaver',
  make: () => ({
    $typeName: 'tensorflow.RegisteredSaver',
    name: '',
    objectName: '',
  }),
  decode(reader: Reader, end: number, message: RegisteredSaver): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.name = reader.string();
          break;
        case 18:
          message.objectName = reader.string();
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: RegisteredSaver, writer: Writer): void {
    if (message.name !== '') {
      writer.uint32(10);
      writer.string(message.name);
    }
    if (message.objectName !== '') {
      writer.uint32(18);
      writer.string(message.objectName);
    }
    writer.unknown(message);
  },
  nested: {},
};

export interface SavedObjectGraph extends Message<'tensorflow.SavedObjectGraph'> {
  nodes: SavedObject[];
  concreteFunctions: { [key: string]: SavedConcreteFunction };
}

export const SavedObjectGraphSchema: Schema<SavedObjectGraph> = {
  typeName: 'tensorflow.SavedObjectGraph',
  make: () => ({
    $typeName: 'tensorflow.SavedObjectGraph',
    nodes: NO_ITEMS,
    concreteFunctions: new EmptyMap(),
  }),
  decode(reader: Reader, end: number, message: SavedObjectGraph): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.nodes = append(message.nodes, reader.message(SavedObjectSchema));
          break;
        case 18: {
          const limit = reader.open();
          let key: string = '';
          let value: SavedConcreteFunction | undefined;
          while (reader.position < limit) {
            const part = reader.tag();
            switch (part) {
              case 10:
                key = reader.string();
                break;
              case 18:
                value = reader.message(SavedConcreteFunctionSchema, value);
                break;
              default:
                reader.skip(part);
            }
          }
          reader.close(limit);
          message.concreteFunctions[key] = value ?? SavedConcreteFunctionSchema.make();
          break;
        }
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: SavedObjectGraph, writer: Writer): void {
    for (const item of message.nodes) {
      writer.uint32(10);
      writer.message(SavedObjectSchema, item);
    }
    for (const [key, value] of Object.entries(message.concreteFunctions)) {
      writer.uint32(18);
      const mark = writer.open();
      {
        writer.uint32(10);
        writer.string(key);
      }
      {
        writer.uint32(18);
        writer.message(SavedConcreteFunctionSchema, value);
      }
      writer.close(mark);
    }
    writer.unknown(message);
  },
  nested: {
    nodes: { kind: 'list', schemas: () => ({ '': SavedObjectSchema }) },
    concreteFunctions: { kind: 'map', schemas: () => ({ '': SavedConcreteFunctionSchema }) },
  },
};

export interface SavedObject extends Message<'tensorflow.SavedObject'> {
  children: TrackableObjectGraph_TrackableObject_ObjectReference[];
  slotVariables: TrackableObjectGraph_TrackableObject_SlotVariableReference[];
  kind:
    | { case: 'userObject'; value: SavedUserObject }
    | { case: 'asset'; value: SavedAsset }
    | { case: 'function'; value: SavedFunction }
    | { case: 'variable'; value: SavedVariable }
    | { case: 'bareConcreteFunction'; value: SavedBareConcreteFunction }
    | { case: 'constant'; value: SavedConstant }
    | { case: 'resource'; value: SavedResource }
    | { case: 'capturedTensor'; value: CapturedTensor }
    | { case: undefined; value?: undefined };
  saveableObjects: { [key: string]: SaveableObject };
  registeredName: string;
  serializedUserProto?: Any | undefined;
  dependencies: TrackableObjectGraph_TrackableObject_ObjectReference[];
  registeredSaver: string;
}

export const SavedObjectSchema: Schema<SavedObject> = {
  typeName: 'tensorflow.SavedObject',
  make: () => ({
    $typeName: 'tensorflow.SavedObject',
    children: NO_ITEMS,
    slotVariables: NO_ITEMS,
    kind: NOT_SET,
    saveableObjects: new EmptyMap(),
    registeredName: '',
    serializedUserProto: undefined,
    dependencies: NO_ITEMS,
    registeredSaver: '',
  }),
  decode(reader: Reader, end: number, message: SavedObject): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.children = append(
            message.children,
            reader.message(TrackableObjectGraph_TrackableObject_ObjectReferenceSchema),
          );
          break;
        case 26:
          message.slotVariables = append(
            message.slotVariables,
            reader.message(TrackableObjectGraph_TrackableObject_SlotVariableReferenceSchema),
          );
          break;
        case 34:
          message.kind = {
            case: 'userObject',
            value: reader.message(
              SavedUserObjectSchema,
              message.kind.case === 'userObject' ? message.kind.value : undefined,
            ),
          };
          break;
        case 42:
          message.kind = {
            case: 'asset',
            value: reader.message(SavedAssetSchema, message.kind.case === 'asset' ? message.kind.value : undefined),
          };
          break;
        case 50:
          message.kind = {
            case: 'function',
            value: reader.message(
              SavedFunctionSchema,
              message.kind.case === 'function' ? message.kind.value : undefined,
            ),
          };
          break;
        case 58:
          message.kind = {
            case: 'variable',
            value: reader.message(
              SavedVariableSchema,
              message.kind.case === 'variable' ? message.kind.value : undefined,
            ),
          };
          break;
        case 66:
          message.kind = {
            case: 'bareConcreteFunction',
            value: reader.message(
              SavedBareConcreteFunctionSchema,
              message.kind.case === 'bareConcreteFunction' ? message.kind.value : undefined,
            ),
          };
          break;
        case 74:
          message.kind = {
            case: 'constant',
            value: reader.message(
              SavedConstantSchema,
              message.kind.case === 'constant' ? message.kind.value : undefined,
            ),
          };
          break;
        case 82:
          message.kind = {
            case: 'resource',
            value: reader.message(
              SavedResourceSchema,
              message.kind.case === 'resource' ? message.kind.value : undefined,
            ),
          };
          break;
        case 98:
          message.kind = {
            case: 'capturedTensor',
            value: reader.message(
              CapturedTensorSchema,
              message.kind.case === 'capturedTensor' ? message.kind.value : undefined,
            ),
          };
          break;
        case 90: {
          const limit = reader.open();
          let key: string = '';
          let value: SaveableObject | undefined;
          while (reader.position < limit) {
            const part = reader.tag();
            switch (part) {
              case 10:
                key = reader.string();
                break;
              case 18:
                value = reader.message(SaveableObjectSchema, value);
                break;
              default:
                reader.skip(part);
            }
          }
          reader.close(limit);
          message.saveableObjects[key] = value ?? SaveableObjectSchema.make();
          break;
        }
        case 106:
          message.registeredName = reader.string();
          break;
        case 114:
          message.serializedUserProto = reader.message(AnySchema, message.serializedUserProto);
          break;
        case 122:
          message.dependencies = append(
            message.dependencies,
            reader.message(TrackableObjectGraph_TrackableObject_ObjectReferenceSchema),
          );
          break;
        case 130:
          message.registeredSaver = reader.string();
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: SavedObject, writer: Writer): void {
    for (const item of message.children) {
      writer.uint32(10);
      writer.message(TrackableObjectGraph_TrackableObject_ObjectReferenceSchema, item);
    }
    for (const item of message.slotVariables) {
      writer.uint32(26);
      writer.message(TrackableObjectGraph_TrackableObject_SlotVariableReferenceSchema, item);
    }
    switch (message.kind.case) {
      case 'userObject':
        {
          writer.uint32(34);
          writer.message(SavedUserObjectSchema, message.kind.value);
        }
        break;
      case 'asset':
        {
          writer.uint32(42);
          writer.message(SavedAssetSchema, message.kind.value);
        }
        break;
      case 'function':
        {
          writer.uint32(50);
          writer.message(SavedFunctionSchema, message.kind.value);
        }
        break;
      case 'variable':
        {
          writer.uint32(58);
          writer.message(SavedVariableSchema, message.kind.value);
        }
        break;
      case 'bareConcreteFunction':
        {
          writer.uint32(66);
          writer.message(SavedBareConcreteFunctionSchema, message.kind.value);
        }
        break;
      case 'constant':
        {
          writer.uint32(74);
          writer.message(SavedConstantSchema, message.kind.value);
        }
        break;
      case 'resource':
        {
          writer.uint32(82);
          writer.message(SavedResourceSchema, message.kind.value);
        }
        break;
      case 'capturedTensor':
        {
          writer.uint32(98);
          writer.message(CapturedTensorSchema, message.kind.value);
        }
        break;
    }
    for (const [key, value] of Object.entries(message.saveableObjects)) {
      writer.uint32(90);
      const mark = writer.open();
      {
        writer.uint32(10);
        writer.string(key);
      }
      {
        writer.uint32(18);
        writer.message(SaveableObjectSchema, value);
      }
      writer.close(mark);
    }
    if (message.registeredName !== '') {
      writer.uint32(106);
      writer.string(message.registeredName);
    }
    if (message.serializedUserProto !== undefined) {
      writer.uint32(114);
      writer.message(AnySchema, message.serializedUserProto);
    }
    for (const item of message.dependencies) {
      writer.uint32(122);
      writer.message(TrackableObjectGraph_TrackableObject_ObjectReferenceSchema, item);
    }
    if (message.registeredSaver !== '') {
      writer.uint32(130);
      writer.string(message.registeredSaver);
    }
    writer.unknown(message);
  },
  nested: {
    children: { kind: 'list', schemas: () => ({ '': TrackableObjectGraph_TrackableObject_ObjectReferenceSchema }) },
    slotVariables: {
      kind: 'list',
      schemas: () => ({ '': TrackableObjectGraph_TrackableObject_SlotVariableReferenceSchema }),
    },
    kind: {
      kind: 'oneof',
      schemas: () => ({
        userObject: SavedUserObjectSchema,
        asset: SavedAssetSchema,
        function: SavedFunctionSchema,
        variable: SavedVariableSchema,
        bareConcreteFunction: SavedBareConcreteFunctionSchema,
        constant: SavedConstantSchema,
        resource: SavedResourceSchema,
        capturedTensor: CapturedTensorSchema,
      }),
    },
    saveableObjects: { kind: 'map', schemas: () => ({ '': SaveableObjectSchema }) },
    serializedUserProto: { kind: 'one', schemas: () => ({ '': AnySchema }) },
    dependencies: { kind: 'list', schemas: () => ({ '': TrackableObjectGraph_TrackableObject_ObjectReferenceSchema }) },
  },
};

export interface SavedUserObject extends Message<'tensorflow.SavedUserObject'> {
  identifier: string;
  version?: VersionDef | undefined;
  metadata: string;
}

export const SavedUserObjectSchema: Schema<SavedUserObject> = {
  typeName: 'tensorflow.SavedUserObject',
  make: () => ({
    $typeName: 'tensorflow.SavedUserObject',
    identifier: '',
    version: undefined,
    metadata: '',
  }),
  decode(reader: Reader, end: number, message: SavedUserObject): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.identifier = reader.string();
          break;
        case 18:
          message.version = reader.message(VersionDefSchema, message.version);
          break;
        case 26:
          message.metadata = reader.string();
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: SavedUserObject, writer: Writer): void {
    if (message.identifier !== '') {
      writer.uint32(10);
      writer.string(message.identifier);
    }
    if (message.version !== undefined) {
      writer.uint32(18);
      writer.message(VersionDefSchema, message.version);
    }
    if (message.metadata !== '') {
      writer.uint32(26);
      writer.string(message.metadata);
    }
    writer.unknown(message);
  },
  nested: {
    version: { kind: 'one', schemas: () => ({ '': VersionDefSchema }) },
  },
};

export interface SavedAsset extends Message<'tensorflow.SavedAsset'> {
  /** Into MetaGraphDef.asset_file_def. */
  assetFileDefIndex: number;
}

export const SavedAssetSchema: Schema<SavedAsset> = {
  typeName: 'tensorflow.SavedAsset',
  make: () => ({
    $typeName: 'tensorflow.SavedAsset',
    assetFileDefIndex: 0,
  }),
  decode(reader: Reader, end: number, message: SavedAsset): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 8:
          message.assetFileDefIndex = reader.int32();
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: SavedAsset, writer: Writer): void {
    if (message.assetFileDefIndex !== 0) {
      writer.uint32(8);
      writer.int32(message.assetFileDefIndex);
    }
    writer.unknown(message);
  },
  nested: {},
};

export interface SavedFunction extends Message<'tensorflow.SavedFunction'> {
  concreteFunctions: string[];
  functionSpec?: FunctionSpec | undefined;
}

export const SavedFunctionSchema: Schema<SavedFunction> = {
  typeName: 'tensorflow.SavedFunction',
  make: () => ({
    $typeName: 'tensorflow.SavedFunction',
    concreteFunctions: NO_ITEMS,
    functionSpec: undefined,
  }),
  decode(reader: Reader, end: number, message: SavedFunction): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.concreteFunctions = append(message.concreteFunctions, reader.string());
          break;
        case 18:
          message.functionSpec = reader.message(FunctionSpecSchema, message.functionSpec);
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: SavedFunction, writer: Writer): void {
    for (const item of message.concreteFunctions) {
      writer.uint32(10);
      writer.string(item);
    }
    if (message.functionSpec !== undefined) {
      writer.uint32(18);
      writer.message(FunctionSpecSchema, message.functionSpec);
    }
    writer.unknown(message);
  },
  nested: {
    functionSpec: { kind: 'one', schemas: () => ({ '': FunctionSpecSchema }) },
  },
};

export interface CapturedTensor extends Message<'tensorflow.CapturedTensor'> {
  name: string;
  concreteFunction: string;
}

export const CapturedTensorSchema: Schema<CapturedTensor> = {
  typeName: 'tensorflow.CapturedTensor',
  make: () => ({
    $typeName: 'tensorflow.CapturedTensor',
    name: '',
    concreteFunction: '',
  }),
  decode(reader: Reader, end: number, message: CapturedTensor): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.name = reader.string();
          break;
        case 18:
          message.concreteFunction = reader.string();
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: CapturedTensor, writer: Writer): void {
    if (message.name !== '') {
      writer.uint32(10);
      writer.string(message.name);
    }
    if (message.concreteFunction !== '') {
      writer.uint32(18);
      writer.string(message.concreteFunction);
    }
    writer.unknown(message);
  },
  nested: {},
};

export interface SavedConcreteFunction extends Message<'tensorflow.SavedConcreteFunction'> {
  /** Nodes of the object graph that are passed after the arguments, in order. */
  boundInputs: number[];
  canonicalizedInputSignature?: StructuredValue | undefined;
  outputSignature?: StructuredValue | undefined;
}

export const SavedConcreteFunctionSchema: Schema<SavedConcreteFunction> = {
  typeName: 'tensorflow.SavedConcreteFunction',
  make: () => ({
    $typeName: 'tensorflow.SavedConcreteFunction',
    boundInputs: NO_ITEMS,
    canonicalizedInputSignature: undefined,
    outputSignature: undefined,
  }),
  decode(reader: Reader, end: number, message: SavedConcreteFunction): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 16:
          message.boundInputs = append(message.boundInputs, reader.int32());
          break;
        case 18: {
          const limit = reader.open();
          while (reader.position < limit) message.boundInputs = append(message.boundInputs, reader.int32());
          reader.close(limit);
          break;
        }
        case 26:
          message.canonicalizedInputSignature = reader.message(
            StructuredValueSchema,
            message.canonicalizedInputSignature,
          );
          break;
        case 34:
          message.outputSignature = reader.message(StructuredValueSchema, message.outputSignature);
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: SavedConcreteFunction, writer: Writer): void {
    if (message.boundInputs.length > 0) {
      writer.uint32(18);
      const mark = writer.open();
      for (const item of message.boundInputs) writer.int32(item);
      writer.close(mark);
    }
    if (message.canonicalizedInputSignature !== undefined) {
      writer.uint32(26);
      writer.message(StructuredValueSchema, message.canonicalizedInputSignature);
    }
    if (message.outputSignature !== undefined) {
      writer.uint32(34);
      writer.message(StructuredValueSchema, message.outputSignature);
    }
    writer.unknown(message);
  },
  nested: {
    canonicalizedInputSignature: { kind: 'one', schemas: () => ({ '': StructuredValueSchema }) },
    outputSignature: { kind: 'one', schemas: () => ({ '': StructuredValueSchema }) },
  },
};

export interface SavedBareConcreteFunction extends Message<'tensorflow.SavedBareConcreteFunction'> {
  concreteFunctionName: string;
  argumentKeywords: string[];
  allowedPositionalArguments: bigint;
  functionSpec?: FunctionSpec | undefined;
}

export const SavedBareConcreteFunctionSchema: Schema<SavedBareConcreteFunction> = {
  typeName: 'tensorflow.SavedBareConcreteFunction',
  make: () => ({
    $typeName: 'tensorflow.SavedBareConcreteFunction',
    concreteFunctionName: '',
    argumentKeywords: NO_ITEMS,
    allowedPositionalArguments: 0n,
    functionSpec: undefined,
  }),
  decode(reader: Reader, end: number, message: SavedBareConcreteFunction): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.concreteFunctionName = reader.string();
          break;
        case 18:
          message.argumentKeywords = append(message.argumentKeywords, reader.string());
          break;
        case 24:
          message.allowedPositionalArguments = reader.int64();
          break;
        case 34:
          message.functionSpec = reader.message(FunctionSpecSchema, message.functionSpec);
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: SavedBareConcreteFunction, writer: Writer): void {
    if (message.concreteFunctionName !== '') {
      writer.uint32(10);
      writer.string(message.concreteFunctionName);
    }
    for (const item of message.argumentKeywords) {
      writer.uint32(18);
      writer.string(item);
    }
    if (message.allowedPositionalArguments !== 0n) {
      writer.uint32(24);
      writer.int64(message.allowedPositionalArguments);
    }
    if (message.functionSpec !== undefined) {
      writer.uint32(34);
      writer.message(FunctionSpecSchema, message.functionSpec);
    }
    writer.unknown(message);
  },
  nested: {
    functionSpec: { kind: 'one', schemas: () => ({ '': FunctionSpecSchema }) },
  },
};

export interface SavedConstant extends Message<'tensorflow.SavedConstant'> {
  operation: string;
}

export const SavedConstantSchema: Schema<SavedConstant> = {
  typeName: 'tensorflow.SavedConstant',
  make: () => ({
    $typeName: 'tensorflow.SavedConstant',
    operation: '',
  }),
  decode(reader: Reader, end: number, message: SavedConstant): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.operation = reader.string();
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: SavedConstant, writer: Writer): void {
    if (message.operation !== '') {
      writer.uint32(10);
      writer.string(message.operation);
    }
    writer.unknown(message);
  },
  nested: {},
};

export interface SavedVariable extends Message<'tensorflow.SavedVariable'> {
  dtype: DataType;
  shape?: TensorShapeProto | undefined;
  trainable: boolean;
  synchronization: VariableSynchronization;
  aggregation: VariableAggregation;
  name: string;
  device: string;
  experimentalDistributedVariableComponents: SavedVariable[];
}

export const SavedVariableSchema: Schema<SavedVariable> = {
  typeName: 'tensorflow.SavedVariable',
  make: () => ({
    $typeName: 'tensorflow.SavedVariable',
    dtype: 0,
    shape: undefined,
    trainable: false,
    synchronization: 0,
    aggregation: 0,
    name: '',
    device: '',
    experimentalDistributedVariableComponents: NO_ITEMS,
  }),
  decode(reader: Reader, end: number, message: SavedVariable): void {
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
          message.trainable = reader.bool();
          break;
        case 32:
          message.synchronization = reader.int32();
          break;
        case 40:
          message.aggregation = reader.int32();
          break;
        case 50:
          message.name = reader.string();
          break;
        case 58:
          message.device = reader.string();
          break;
        case 66:
          message.experimentalDistributedVariableComponents = append(
            message.experimentalDistributedVariableComponents,
            reader.message(SavedVariableSchema),
          );
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: SavedVariable, writer: Writer): void {
    if (message.dtype !== 0) {
      writer.uint32(8);
      writer.int32(message.dtype);
    }
    if (message.shape !== undefined) {
      writer.uint32(18);
      writer.message(TensorShapeProtoSchema, message.shape);
    }
    if (message.trainable) {
      writer.uint32(24);
      writer.bool(message.trainable);
    }
    if (message.synchronization !== 0) {
      writer.uint32(32);
      writer.int32(message.synchronization);
    }
    if (message.aggregation !== 0) {
      writer.uint32(40);
      writer.int32(message.aggregation);
    }
    if (message.name !== '') {
      writer.uint32(50);
      writer.string(message.name);
    }
    if (message.device !== '') {
      writer.uint32(58);
      writer.string(message.device);
    }
    for (const item of message.experimentalDistributedVariableComponents) {
      writer.uint32(66);
      writer.message(SavedVariableSchema, item);
    }
    writer.unknown(message);
  },
  nested: {
    shape: { kind: 'one', schemas: () => ({ '': TensorShapeProtoSchema }) },
    experimentalDistributedVariableComponents: { kind: 'list', schemas: () => ({ '': SavedVariableSchema }) },
  },
};

export interface FunctionSpec extends Message<'tensorflow.FunctionSpec'> {
  fullargspec?: StructuredValue | undefined;
  isMethod: boolean;
  inputSignature?: StructuredValue | undefined;
  jitCompile: FunctionSpec_JitCompile;
}

export const FunctionSpecSchema: Schema<FunctionSpec> = {
  typeName: 'tensorflow.FunctionSpec',
  make: () => ({
    $typeName: 'tensorflow.FunctionSpec',
    fullargspec: undefined,
    isMethod: false,
    inputSignature: undefined,
    jitCompile: 0,
  }),
  decode(reader: Reader, end: number, message: FunctionSpec): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.fullargspec = reader.message(StructuredValueSchema, message.fullargspec);
          break;
        case 16:
          message.isMethod = reader.bool();
          break;
        case 42:
          message.inputSignature = reader.message(StructuredValueSchema, message.inputSignature);
          break;
        case 48:
          message.jitCompile = reader.int32();
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: FunctionSpec, writer: Writer): void {
    if (message.fullargspec !== undefined) {
      writer.uint32(10);
      writer.message(StructuredValueSchema, message.fullargspec);
    }
    if (message.isMethod) {
      writer.uint32(16);
      writer.bool(message.isMethod);
    }
    if (message.inputSignature !== undefined) {
      writer.uint32(42);
      writer.message(StructuredValueSchema, message.inputSignature);
    }
    if (message.jitCompile !== 0) {
      writer.uint32(48);
      writer.int32(message.jitCompile);
    }
    writer.unknown(message);
  },
  nested: {
    fullargspec: { kind: 'one', schemas: () => ({ '': StructuredValueSchema }) },
    inputSignature: { kind: 'one', schemas: () => ({ '': StructuredValueSchema }) },
  },
};

export enum FunctionSpec_JitCompile {
  DEFAULT = 0,
  ON = 1,
  OFF = 2,
}

export interface SavedResource extends Message<'tensorflow.SavedResource'> {
  device: string;
}

export const SavedResourceSchema: Schema<SavedResource> = {
  typeName: 'tensorflow.SavedResource',
  make: () => ({
    $typeName: 'tensorflow.SavedResource',
    device: '',
  }),
  decode(reader: Reader, end: number, message: SavedResource): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.device = reader.string();
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: SavedResource, writer: Writer): void {
    if (message.device !== '') {
      writer.uint32(10);
      writer.string(message.device);
    }
    writer.unknown(message);
  },
  nested: {},
};

export interface SaveableObject extends Message<'tensorflow.SaveableObject'> {
  saveFunction: number;
  restoreFunction: number;
}

export const SaveableObjectSchema: Schema<SaveableObject> = {
  typeName: 'tensorflow.SaveableObject',
  make: () => ({
    $typeName: 'tensorflow.SaveableObject',
    saveFunction: 0,
    restoreFunction: 0,
  }),
  decode(reader: Reader, end: number, message: SaveableObject): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 16:
          message.saveFunction = reader.int32();
          break;
        case 24:
          message.restoreFunction = reader.int32();
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: SaveableObject, writer: Writer): void {
    if (message.saveFunction !== 0) {
      writer.uint32(16);
      writer.int32(message.saveFunction);
    }
    if (message.restoreFunction !== 0) {
      writer.uint32(24);
      writer.int32(message.restoreFunction);
    }
    writer.unknown(message);
  },
  nested: {},
};
