import { TextFormatError } from '../errors.js';
import { SavedModelSchema, type Message, type SavedModel, type Schema } from '../messages.js';
import { describeOther, parse, parseSavedModel } from '../parse.js';
import { TextScanner } from './text-scanner.js';
import { TextTranscoder } from './text-transcoder.js';

/**
 * Turns the text form of a message into its binary form, for those who read a part of it, as `listMetaGraphs` does.
 *
 * Fields that the message does not have are passed over: newer versions of TensorFlow have more of them. Names that an enum does not
 * have stand for 0, which is what an absent field holds.
 *
 * @param text As a string, or as the bytes of a file in UTF-8.
 * @param file What to call it in errors.
 * @throws TextFormatError saying at which line and column, if it is no such text or nests deeper than 100 messages.
 */
export function textToBinary(schema: Schema, text: string | Uint8Array, file: string): Uint8Array<ArrayBuffer> {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  try {
    return new TextTranscoder(new TextScanner(bytes, file)).transcode(schema.typeName);
  } catch (error) {
    const other = error instanceof TextFormatError ? describeOther(bytes) : '';
    // Text and JSON both may begin with a brace, but an empty file is an empty message.
    if (other === '' || bytes.length === 0) throw error;
    const { line, column, problem } = error as TextFormatError;
    throw new TextFormatError(file, line, column, problem + other);
  }
}

/**
 * Parses the text form of a message.
 *
 * @throws TextFormatError as `textToBinary`.
 * @throws MalformedFileError if a string in it is not UTF-8.
 */
export function parseText<M extends Message>(schema: Schema<M>, text: string | Uint8Array, file: string): M {
  return parse(schema, textToBinary(schema, text, file), file);
}

/**
 * Parses `saved_model.pbtxt`.
 *
 * @throws TextFormatError as `textToBinary`.
 * @throws MalformedFileError if it holds no graph, or a string in it is not UTF-8.
 */
export function parseSavedModelText(text: string | Uint8Array, file = 'saved_model.pbtxt'): SavedModel {
  return parseSavedModel(textToBinary(SavedModelSchema, text, file), file);
}
