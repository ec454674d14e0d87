// Generated from tenon/outline.proto by tools/proto/generate.mjs. Do not change it here.
import { append, NO_ITEMS, type Message, type Reader, type Schema, type Writer } from '../protobuf.js';

/** tensorflow.SavedModel */
export interface SavedModelOutline extends Message<'tenon.SavedModelOutline'> {
  metaGraphs: Uint8Array[];
}

export const SavedModelOutlineSchema: Schema<SavedModelOutline> = {
  typeName: 'tenon.SavedModelOutline',
  make: () => ({
    $typeName: 'tenon.SavedModelOutline',
    metaGraphs: NO_ITEMS,
  }),
  decode(reader: Reader, end: number, message: SavedModelOutline): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 18:
          message.metaGraphs = append(message.metaGraphs, reader.take());
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: SavedModelOutline, writer: Writer): void {
    for (const item of message.metaGraphs) {
      writer.uint32(18);
      writer.take(item);
    }
    writer.unknown(message);
  },
  nested: {},
};

/** tensorflow.MetaGraphDef */
export interface MetaGraphOutline extends Message<'tenon.MetaGraphOutline'> {
  metaInfoDef?: MetaInfoOutline | undefined;
}

export const MetaGraphOutlineSchema: Schema<MetaGraphOutline> = {
  typeName: 'tenon.MetaGraphOutline',
  make: () => ({
    $typeName: 'tenon.MetaGraphOutline',
    metaInfoDef: undefined,
  }),
  decode(reader: Reader, end: number, message: MetaGraphOutline): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.metaInfoDef = reader.message(MetaInfoOutlineSchema, message.metaInfoDef);
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: MetaGraphOutline, writer: Writer): void {
    if (message.metaInfoDef !== undefined) {
      writer.uint32(10);
      writer.message(MetaInfoOutlineSchema, message.metaInfoDef);
    }
    writer.unknown(message);
  },
  nested: {
    metaInfoDef: { kind: 'one', schemas: () => ({ '': MetaInfoOutlineSchema }) },
  },
};

/** tensorflow.MetaGraphDef.MetaInfoDef */
export interface MetaInfoOutline extends Message<'tenon.MetaInfoOutline'> {
  tags: string[];
}

export const MetaInfoOutlineSchema: Schema<MetaInfoOutline> = {
  typeName: 'tenon.MetaInfoOutline',
  make: () => ({
    $typeName: 'tenon.MetaInfoOutline',
    tags: NO_ITEMS,
  }),
  decode(reader: Reader, end: number, message: MetaInfoOutline): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 34:
          message.tags = append(message.tags, reader.string());
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: MetaInfoOutline, writer: Writer): void {
    for (const item of message.tags) {
      writer.uint32(34);
      writer.string(item);
    }
    writer.unknown(message);
  },
  nested: {},
};
