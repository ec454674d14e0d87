/**
 * protobuf's text form: `saved_model.pbtxt` and its like. Apart from the rest, since few programs need it.
 *
 * @packageDocumentation
 */
export { parseSavedModelText, parseText, textToBinary } from './text/parse-text.js';
