// Generated from tensorflow/any.proto by tools/proto/generate.mjs. Do not change it here.
import { NO_BYTES, type Message, type Reader, type Schema, type Writer } from '../protobuf.js';

export interface Any extends Message<'tensorflow.Any'> {
  typeUrl: string;
  value: Uint8Array;
}

export const AnySchema: Schema<Any> = {
  typeName: 'tensorflow.Any',
  make: () => ({
    $typeName: 'tensorflow.Any',
    typeUrl: '',
    value: NO_BYTES,
  }),
  decode(reader: Reader, end: number, message: Any): void {
    while (reader.position < end) {
      const start = reader.position;
      const tag = reader.tag();
      switch (tag) {
        case 10:
          message.typeUrl = reader.string();
          break;
        case 18:
          message.value = reader.take();
          break;
        default:
          reader.keep(message, tag, start);
      }
    }
  },
  encode(message: Any, writer: Writer): void {
    if (message.typeUrl !== '') {
      writer.uint32(10);
      writer.string(message.typeUrl);
    }
    if (message.value.length > 0) {
      writer.uint32(18);
      writer.take(message.value);
    }
    writer.unknown(message);
  },
  nested: {},
};
