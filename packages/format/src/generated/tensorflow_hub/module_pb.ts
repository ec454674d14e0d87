// Generated from tensorflow_hub/module.proto by tools/proto/generate.mjs. Do not change it here.
import { append, NO_ITEMS, NO_BYTES, type Message, type Reader, type Schema, type Writer } from '../protobuf.js';

/** The file tfhub_module.pb. */
export interface ModuleDef extends Message<'tensorflow_hub.ModuleDef'> {
  format: ModuleDef_Format;
  /** A reader that lacks one of these must refuse the module. */
  requiredFeatures: string[];
}

export const ModuleDefSchema: Schema<ModuleDef> = {
  typeName: 'tensorflow_hub.ModuleDef',
  make: () => ({
    $typeName: 'tensorflow_hub.ModuleDef',
    format: 0,
    requiredFeatures: NO_ITEMS,
  }),
  decode(reader: Reader, end: number, message: ModuleDef): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 8:
          message.format = reader.int32();
          break;
        case 18:
          message.requiredFeatures = append(message.requiredFeatures, reader.string());
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: ModuleDef, writer: Writer): void {
    if (message.format !== 0) {
      writer.uint32(8);
      writer.int32(message.format);
    }
    for (const item of message.requiredFeatures) {
      writer.uint32(18);
      writer.string(item);
    }
    writer.unknown(message);
  },
  nested: {},
};

export enum ModuleDef_Format {
  UNSPECIFIED = 0,
  V3 = 3,
}

/** One attached message, in the collection hub_module_attachments. */
export interface ModuleAttachment extends Message<'tensorflow_hub.ModuleAttachment'> {
  key: string;
  value: Uint8Array;
}

export const ModuleAttachmentSchema: Schema<ModuleAttachment> = {
  typeName: 'tensorflow_hub.ModuleAttachment',
  make: () => ({
    $typeName: 'tensorflow_hub.ModuleAttachment',
    key: '',
    value: NO_BYTES,
  }),
  decode(reader: Reader, end: number, message: ModuleAttachment): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.key = reader.string();
          break;
        case 18:
          message.value = reader.take();
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: ModuleAttachment, writer: Writer): void {
    if (message.key !== '') {
      writer.uint32(10);
      writer.string(message.key);
    }
    if (message.value.length > 0) {
      writer.uint32(18);
      writer.take(message.value);
    }
    writer.unknown(message);
  },
  nested: {},
};

/** The message attached under "image_module_info". */
export interface ImageModuleInfo extends Message<'tensorflow_hub.ImageModuleInfo'> {
  defaultImageSize?: ImageModuleInfo_InputSize | undefined;
}

export const ImageModuleInfoSchema: Schema<ImageModuleInfo> = {
  typeName: 'tensorflow_hub.ImageModuleInfo',
  make: () => ({
    $typeName: 'tensorflow_hub.ImageModuleInfo',
    defaultImageSize: undefined,
  }),
  decode(reader: Reader, end: number, message: ImageModuleInfo): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.defaultImageSize = reader.message(ImageModuleInfo_InputSizeSchema, message.defaultImageSize);
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: ImageModuleInfo, writer: Writer): void {
    if (message.defaultImageSize !== undefined) {
      writer.uint32(10);
      writer.message(ImageModuleInfo_InputSizeSchema, message.defaultImageSize);
    }
    writer.unknown(message);
  },
  nested: {
    defaultImageSize: { kind: 'one', schemas: () => ({ '': ImageModuleInfo_InputSizeSchema }) },
  },
};

export interface ImageModuleInfo_InputSize extends Message<'tensorflow_hub.ImageModuleInfo.InputSize'> {
  height: number;
  width: number;
}

export const ImageModuleInfo_InputSizeSchema: Schema<ImageModuleInfo_InputSize> = {
  typeName: 'tensorflow_hub.ImageModuleInfo.InputSize',
  make: () => ({
    $typeName: 'tensorflow_hub.ImageModuleInfo.InputSize',
    height: 0,
    width: 0,
  }),
  decode(reader: Reader, end: number, message: ImageModuleInfo_InputSize): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 8:
          message.height = reader.int32();
          break;
        case 16:
          message.width = reader.int32();
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: ImageModuleInfo_InputSize, writer: Writer): void {
    if (message.height !== 0) {
      writer.uint32(8);
      writer.int32(message.height);
    }
    if (message.width !== 0) {
      writer.uint32(16);
      writer.int32(message.width);
    }
    writer.unknown(message);
  },
  nested: {},
};
