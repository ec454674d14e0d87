// Generated from tensorflow/collections.proto by tools/proto/generate.mjs. Do not change it here.
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

export enum VariableSynchronization {
  AUTO = 0,
  NONE = 1,
  ON_WRITE = 2,
  ON_READ = 3,
}

export enum VariableAggregation {
  NONE = 0,
  SUM = 1,
  MEAN = 2,
  ONLY_FIRST_REPLICA = 3,
}

export interface VariableDef extends Message<'tensorflow.VariableDef'> {
  variableName: string;
  initializerName: string;
  snapshotName: string;
  saveSliceInfoDef?: SaveSliceInfoDef | undefined;
  isResource: boolean;
  initialValueName: string;
  trainable: boolean;
  synchronization: VariableSynchronization;
  aggregation: VariableAggregation;
}

export const VariableDefSchema: Schema<VariableDef> = {
  typeName: 'tensorflow.VariableDef',
  make: () => ({
    $typeName: 'tensorflow.VariableDef',
    variableName: '',
    initializerName: '',
    snapshotName: '',
    saveSliceInfoDef: undefined,
    isResource: false,
    initialValueName: '',
    trainable: false,
    synchronization: 0,
    aggregation: 0,
  }),
  decode(reader: Reader, end: number, message: VariableDef): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.variableName = reader.string();
          break;
        case 18:
          message.initializerName = reader.string();
          break;
        case 26:
          message.snapshotName = reader.string();
          break;
        case 34:
          message.saveSliceInfoDef = reader.message(SaveSliceInfoDefSchema, message.saveSliceInfoDef);
          break;
        case 40:
          message.isResource = reader.bool();
          break;
        case 50:
          message.initialValueName = reader.string();
          break;
        case 56:
          message.trainable = reader.bool();
          break;
        case 64:
          message.synchronization = reader.int32();
          break;
        case 72:
          message.aggregation = reader.int32();
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: VariableDef, writer: Writer): void {
    if (message.variableName !== '') {
      writer.uint32(10);
      writer.string(message.variableName);
    }
    if (message.initializerName !== '') {
      writer.uint32(18);
      writer.string(message.initializerName);
    }
    if (message.snapshotName !== '') {
      writer.uint32(26);
      writer.string(message.snapshotName);
    }
    if (message.saveSliceInfoDef !== undefined) {
      writer.uint32(34);
      writer.message(SaveSliceInfoDefSchema, message.saveSliceInfoDef);
    }
    if (message.isResource) {
      writer.uint32(40);
      writer.bool(message.isResource);
    }
    if (message.initialValueName !== '') {
      writer.uint32(50);
      writer.string(message.initialValueName);
    }
    if (message.trainable) {
      writer.uint32(56);
      writer.bool(message.trainable);
    }
    if (message.synchronization !== 0) {
      writer.uint32(64);
      writer.int32(message.synchronization);
    }
    if (message.aggregation !== 0) {
      writer.uint32(72);
      writer.int32(message.aggregation);
    }
    writer.unknown(message);
  },
  nested: {
    saveSliceInfoDef: { kind: 'one', schemas: () => ({ '': SaveSliceInfoDefSchema }) },
  },
};

export interface SaveSliceInfoDef extends Message<'tensorflow.SaveSliceInfoDef'> {
  fullName: string;
  fullShape: bigint[];
  varOffset: bigint[];
  varShape: bigint[];
}

export const SaveSliceInfoDefSchema: Schema<SaveSliceInfoDef> = {
  typeName: 'tensorflow.SaveSliceInfoDef',
  make: () => ({
    $typeName: 'tensorflow.SaveSliceInfoDef',
    fullName: '',
    fullShape: NO_ITEMS,
    varOffset: NO_ITEMS,
    varShape: NO_ITEMS,
  }),
  decode(reader: Reader, end: number, message: SaveSliceInfoDef): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.fullName = reader.string();
          break;
        case 16:
          message.fullShape = append(message.fullShape, reader.int64());
          break;
        case 18: {
          const limit = reader.open();
          while (reader.position < limit) message.fullShape = append(message.fullShape, reader.int64());
          reader.close(limit);
          break;
        }
        case 24:
          message.varOffset = append(message.varOffset, reader.int64());
          break;
        case 26: {
          const limit = reader.open();
          while (reader.position < limit) message.varOffset = append(message.varOffset, reader.int64());
          reader.close(limit);
          break;
        }
        case 32:
          message.varShape = append(message.varShape, reader.int64());
          break;
        case 34: {
          const limit = reader.open();
          while (reader.position < limit) message.varShape = append(message.varShape, reader.int64());
          reader.close(limit);
          break;
        }
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: SaveSliceInfoDef, writer: Writer): void {
    if (message.fullName !== '') {
      writer.uint32(10);
      writer.string(message.fullName);
    }
    if (message.fullShape.length > 0) {
      writer.uint32(18);
      const mark = writer.open();
      for (const item of message.fullShape) writer.int64(item);
      writer.close(mark);
    }
    if (message.varOffset.length > 0) {
      writer.uint32(26);
      const mark = writer.open();
      for (const item of message.varOffset) writer.int64(item);
      writer.close(mark);
    }
    if (message.varShape.length > 0) {
      writer.uint32(34);
      const mark = writer.open();
      for (const item of message.varShape) writer.int64(item);
      writer.close(mark);
    }
    writer.unknown(message);
  },
  nested: {},
};

export interface ValuesDef extends Message<'tensorflow.ValuesDef'> {
  values: string[];
  externalValues: { [key: string]: string };
}

export const ValuesDefSchema: Schema<ValuesDef> = {
  typeName: 'tensorflow.ValuesDef',
  make: () => ({
    $typeName: 'tensorflow.ValuesDef',
    values: NO_ITEMS,
    externalValues: new EmptyMap(),
  }),
  decode(reader: Reader, end: number, message: ValuesDef): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.values = append(message.values, reader.string());
          break;
        case 18: {
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
          message.externalValues[key] = value ?? '';
          break;
        }
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: ValuesDef, writer: Writer): void {
    for (const item of message.values) {
      writer.uint32(10);
      writer.string(item);
    }
    for (const [key, value] of Object.entries(message.externalValues)) {
      writer.uint32(18);
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
  nested: {},
};

export interface ControlFlowContextDef extends Message<'tensorflow.ControlFlowContextDef'> {
  ctxt:
    | { case: 'condCtxt'; value: CondContextDef }
    | { case: 'whileCtxt'; value: WhileContextDef }
    | { case: undefined; value?: undefined };
}

export const ControlFlowContextDefSchema: Schema<ControlFlowContextDef> = {
  typeName: 'tensorflow.ControlFlowContextDef',
  make: () => ({
    $typeName: 'tensorflow.ControlFlowContextDef',
    ctxt: NOT_SET,
  }),
  decode(reader: Reader, end: number, message: ControlFlowContextDef): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.ctxt = {
            case: 'condCtxt',
            value: reader.message(
              CondContextDefSchema,
              message.ctxt.case === 'condCtxt' ? message.ctxt.value : undefined,
            ),
          };
          break;
        case 18:
          message.ctxt = {
            case: 'whileCtxt',
            value: reader.message(
              WhileContextDefSchema,
              message.ctxt.case === 'whileCtxt' ? message.ctxt.value : undefined,
            ),
          };
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: ControlFlowContextDef, writer: Writer): void {
    switch (message.ctxt.case) {
      case 'condCtxt':
        {
          writer.uint32(10);
          writer.message(CondContextDefSchema, message.ctxt.value);
        }
        break;
      case 'whileCtxt':
        {
          writer.uint32(18);
          writer.message(WhileContextDefSchema, message.ctxt.value);
        }
        break;
    }
    writer.unknown(message);
  },
  nested: {
    ctxt: { kind: 'oneof', schemas: () => ({ condCtxt: CondContextDefSchema, whileCtxt: WhileContextDefSchema }) },
  },
};

export interface CondContextDef extends Message<'tensorflow.CondContextDef'> {
  contextName: string;
  predName: string;
  pivotName: string;
  branch: number;
  valuesDef?: ValuesDef | undefined;
  nestedContexts: ControlFlowContextDef[];
}

export const CondContextDefSchema: Schema<CondContextDef> = {
  typeName: 'tensorflow.CondContextDef',
  make: () => ({
    $typeName: 'tensorflow.CondContextDef',
    contextName: '',
    predName: '',
    pivotName: '',
    branch: 0,
    valuesDef: undefined,
    nestedContexts: NO_ITEMS,
  }),
  decode(reader: Reader, end: number, message: CondContextDef): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.contextName = reader.string();
          break;
        case 18:
          message.predName = reader.string();
          break;
        case 26:
          message.pivotName = reader.string();
          break;
        case 32:
          message.branch = reader.int32();
          break;
        case 42:
          message.valuesDef = reader.message(ValuesDefSchema, message.valuesDef);
          break;
        case 50:
          message.nestedContexts = append(message.nestedContexts, reader.message(ControlFlowContextDefSchema));
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: CondContextDef, writer: Writer): void {
    if (message.contextName !== '') {
      writer.uint32(10);
      writer.string(message.contextName);
    }
    if (message.predName !== '') {
      writer.uint32(18);
      writer.string(message.predName);
    }
    if (message.pivotName !== '') {
      writer.uint32(26);
      writer.string(message.pivotName);
    }
    if (message.branch !== 0) {
      writer.uint32(32);
      writer.int32(message.branch);
    }
    if (message.valuesDef !== undefined) {
      writer.uint32(42);
      writer.message(ValuesDefSchema, message.valuesDef);
    }
    for (const item of message.nestedContexts) {
      writer.uint32(50);
      writer.message(ControlFlowContextDefSchema, item);
    }
    writer.unknown(message);
  },
  nested: {
    valuesDef: { kind: 'one', schemas: () => ({ '': ValuesDefSchema }) },
    nestedContexts: { kind: 'list', schemas: () => ({ '': ControlFlowContextDefSchema }) },
  },
};

export interface WhileContextDef extends Message<'tensorflow.WhileContextDef'> {
  contextName: string;
  parallelIterations: number;
  backProp: boolean;
  swapMemory: boolean;
  pivotName: string;
  pivotForPredName: string;
  pivotForBodyName: string;
  loopExitNames: string[];
  valuesDef?: ValuesDef | undefined;
  loopEnterNames: string[];
  maximumIterationsName: string;
  nestedContexts: ControlFlowContextDef[];
}

export const WhileContextDefSchema: Schema<WhileContextDef> = {
  typeName: 'tensorflow.WhileContextDef',
  make: () => ({
    $typeName: 'tensorflow.WhileContextDef',
    contextName: '',
    parallelIterations: 0,
    backProp: false,
    swapMemory: false,
    pivotName: '',
    pivotForPredName: '',
    pivotForBodyName: '',
    loopExitNames: NO_ITEMS,
    valuesDef: undefined,
    loopEnterNames: NO_ITEMS,
    maximumIterationsName: '',
    nestedContexts: NO_ITEMS,
  }),
  decode(reader: Reader, end: number, message: WhileContextDef): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.contextName = reader.string();
          break;
        case 16:
          message.parallelIterations = reader.int32();
          break;
        case 24:
          message.backProp = reader.bool();
          break;
        case 32:
          message.swapMemory = reader.bool();
          break;
        case 42:
          message.pivotName = reader.string();
          break;
        case 50:
          message.pivotForPredName = reader.string();
          break;
        case 58:
          message.pivotForBodyName = reader.string();
          break;
        case 66:
          message.loopExitNames = append(message.loopExitNames, reader.string());
          break;
        case 74:
          message.valuesDef = reader.message(ValuesDefSchema, message.valuesDef);
          break;
        case 82:
          message.loopEnterNames = append(message.loopEnterNames, reader.string());
          break;
        case 90:
          message.maximumIterationsName = reader.string();
          break;
        case 98:
          message.nestedContexts = append(message.nestedContexts, reader.message(ControlFlowContextDefSchema));
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: WhileContextDef, writer: Writer): void {
    if (message.contextName !== '') {
      writer.uint32(10);
      writer.string(message.contextName);
    }
    if (message.parallelIterations !== 0) {
      writer.uint32(16);
      writer.int32(message.parallelIterations);
    }
    if (message.backProp) {
      writer.uint32(24);
      writer.bool(message.backProp);
    }
    if (message.swapMemory) {
      writer.uint32(32);
      writer.bool(message.swapMemory);
    }
    if (message.pivotName !== '') {
      writer.uint32(42);
      writer.string(message.pivotName);
    }
    if (message.pivotForPredName !== '') {
      writer.uint32(50);
      writer.string(message.pivotForPredName);
    }
    if (message.pivotForBodyName !== '') {
      writer.uint32(58);
      writer.string(message.pivotForBodyName);
    }
    for (const item of message.loopExitNames) {
      writer.uint32(66);
      writer.string(item);
    }
    if (message.valuesDef !== undefined) {
      writer.uint32(74);
      writer.message(ValuesDefSchema, message.valuesDef);
    }
    for (const item of message.loopEnterNames) {
      writer.uint32(82);
      writer.string(item);
    }
    if (message.maximumIterationsName !== '') {
      writer.uint32(90);
      writer.string(message.maximumIterationsName);
    }
    for (const item of message.nestedContexts) {
      writer.uint32(98);
      writer.message(ControlFlowContextDefSchema, item);
    }
    writer.unknown(message);
  },
  nested: {
    valuesDef: { kind: 'one', schemas: () => ({ '': ValuesDefSchema }) },
    nestedContexts: { kind: 'list', schemas: () => ({ '': ControlFlowContextDefSchema }) },
  },
};
