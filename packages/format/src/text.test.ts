import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { MalformedFileError, TextFormatError } from './errors.js';
import {
  AttrValueSchema,
  CollectionDefSchema,
  GraphDefSchema,
  SavedModelSchema,
  StructuredValueSchema,
  TensorProtoSchema,
  type Schema,
} from './messages.js';
import { parse, parseSavedModel } from './parse.js';
import { brokenBytes } from './testing/broken-bytes.js';
import { fromHex, readJson } from './testing/golden.js';
import { parseSavedModelText, parseText } from './text.js';

interface Goldens {
  readonly read: readonly { readonly message: string; readonly text: string; readonly binary: string }[];
  readonly refused: readonly { readonly message: string; readonly text: string }[];
  readonly written: readonly { readonly module: string; readonly text: string }[];
}

const goldens = readJson<Goldens>('text-format.json');

const SCHEMAS = new Map<string, Schema>(
  [
    AttrValueSchema,
    CollectionDefSchema,
    GraphDefSchema,
    SavedModelSchema,
    StructuredValueSchema,
    TensorProtoSchema,
  ].map((schema) => [schema.typeName, schema as Schema]),
);

function read(message: string, text: string | Uint8Array): unknown {
  return parseText(SCHEMAS.get(message)!, text, 'x.pbtxt');
}

function errorOf(text: string, message = 'tensorflow.GraphDef'): TextFormatError {
  try {
    read(message, text);
  } catch (error) {
    if (error instanceof TextFormatError) return error;
    throw error;
  }
  throw new Error('Nothing was wrong.');
}

describe('the text form', () => {
  for (const { message, text, binary } of goldens.read) {
    it(`means what TensorFlow reads in ${JSON.stringify(text.slice(0, 60))}`, () => {
      expect(read(message, text)).toEqual(parse(SCHEMAS.get(message)!, fromHex(binary), 'x.pb'));
    });
  }

  for (const { message, text } of goldens.refused) {
    it(`is refused as by TensorFlow: ${JSON.stringify(text)}`, () => {
      expect(() => read(message, text)).toThrow(TextFormatError);
    });
  }

  for (const { module, text } of goldens.written) {
    it(`of ${module} is the model`, () => {
      const path = `${__dirname}/../../../tools/fixtures/modules/${module}/saved_model.pb`;
      const expected = parseSavedModel(readFileSync(path));
      expect(parseSavedModelText(text)).toEqual(withoutUnknown(expected));
      expect(parseSavedModelText(new TextEncoder().encode(text))).toEqual(withoutUnknown(expected));
    });
  }

  it('is read past what is not known', () => {
    const text = `
      new_things { a: 1 b { c: [1, { }, < d: "x" >] [some.extension]: -inf } } 17: 5
      node { name: "a" news: SOME_ENUM more: ["x" "y", -1.5e3]; }
      [an.extension] { x: 1 }
      versions { producer: 3, }`;
    expect(read('tensorflow.GraphDef', text)).toEqual(
      read('tensorflow.GraphDef', 'node { name: "a" } versions { producer: 3 }'),
    );
    const attachment = 'any_list { value { [type.googleapis.com/some.Thing] { x: [1, 2] } } }';
    expect(read('tensorflow.CollectionDef', attachment)).toEqual(
      read('tensorflow.CollectionDef', 'any_list { value { type_url: "type.googleapis.com/some.Thing" } }'),
    );
    expect(read('tensorflow.TensorProto', 'dtype: DT_OF_TOMORROW')).toEqual(read('tensorflow.TensorProto', ''));
  });

  it('may have what the grammar allows beside what TensorFlow writes', () => {
    expect(read('tensorflow.TensorProto', String.raw`string_val: "\ud83d\ude00\?" int_val: - 3`)).toEqual(
      read('tensorflow.TensorProto', 'string_val: "😀?" int_val: -3'),
    );
    expect(read('tensorflow.TensorProto', '\ufeffint_val: 1')).toEqual(read('tensorflow.TensorProto', 'int_val: 1'));
  });

  it('says where it goes wrong', () => {
    const error = errorOf('node {\n  name: "größer" op: 5\n}');
    expect(error).toMatchObject({ code: 'ERR_TEXT_FORMAT', file: 'x.pbtxt', line: 2, column: 22 });
    expect(error.message).toBe('x.pbtxt:2:22: a string was expected instead of "5".');
    expect(errorOf('node {\n  name: "a"').message).toBe('x.pbtxt:1:6: a message does not end; "}" was expected.');
    expect(errorOf('versions { producer: 1e3 }').message).toBe('x.pbtxt:1:22: "producer" should be an int32.');
    expect(errorOf('<html></html>').message).toMatch(/instead of "<"; it looks like an HTML or XML page\.$/);
  });

  it('nests no deeper than binary messages do', () => {
    const nested = (depth: number): string => `${'list_value { values { '.repeat(depth)}${'} } '.repeat(depth)}`;
    expect(read('tensorflow.StructuredValue', nested(50))).toBeDefined();
    expect(errorOf(nested(51), 'tensorflow.StructuredValue').problem).toBe('messages nest deeper than 100');
    expect(errorOf('unknown { '.repeat(100_000)).problem).toBe('messages nest deeper than 100');
  });

  it('is not taken for a number at any price', () => {
    const digits = '1'.repeat(100_000);
    expect(errorOf(`versions { producer: ${digits} }`).problem).toMatch(/int32/);
    expect(errorOf(`float_val: ${digits}x`, 'tensorflow.TensorProto').problem).toMatch(/a number/);
  });

  it('leads to a message or a typed error, whatever happened to it', () => {
    const text = new TextEncoder().encode(goldens.written[0]!.text);
    fc.assert(
      fc.property(brokenBytes(text), (bytes) => {
        try {
          read('tensorflow.SavedModel', bytes);
        } catch (error) {
          if (!(error instanceof TextFormatError) && !(error instanceof MalformedFileError)) throw error;
        }
      }),
      { numRuns: 100 },
    );
  });
});

/** Fields that are not in our .proto files have no names. */
function withoutUnknown<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withoutUnknown) as T;
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, field]) => (name === '$unknown' ? [] : [[name, withoutUnknown(field)]])),
  ) as T;
}
