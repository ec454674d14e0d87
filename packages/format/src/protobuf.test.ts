import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  AttrValueSchema,
  BundleEntryProtoSchema,
  create,
  DataType,
  fromBinary,
  FunctionDefSchema,
  NameAttrListSchema,
  NodeDefSchema,
  StructuredValueSchema,
  TensorProtoSchema,
  TensorShapeProtoSchema,
  toBinary,
  type AttrValue,
  type StructuredValue,
} from './messages.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));

describe('messages', () => {
  // Each was written by TensorFlow 2.21's Python classes.
  it.each([
    [
      'a node',
      NodeDefSchema,
      {
        name: 'größe',
        op: 'Const',
        input: ['a:1', '^b'],
        attr: { dtype: { value: { case: 'type', value: DataType.DT_HALF } } },
      },
      '0a076772c3b6c39f65 1205436f6e7374 1a03613a31 1a025e62 2a0b0a0564747970651202 3013',
    ],
    [
      'numbers at their limits',
      TensorProtoSchema,
      {
        int64Val: [-1n, 2n ** 63n - 1n, -(2n ** 63n), 0n],
        intVal: [-1, 2 ** 31 - 1, -(2 ** 31)],
        uint64Val: [2n ** 64n - 1n],
        uint32Val: [2 ** 32 - 1],
        floatVal: [-0, 1.5],
        doubleVal: [0.1],
        boolVal: [true, false],
      },
      '2a08 00000080 0000c03f 3208 9a9999999999b93f 3a19 ffffffffffffffffff01 ffffffff07 80808080f8ffffffff01' +
        '521e ffffffffffffffffff01 ffffffffffffffff7f 80808080808080808001 00' +
        '5a02 0100 820105 ffffffff0f 8a010a ffffffffffffffffff01',
    ],
    ['a zigzag number', StructuredValueSchema, { kind: { case: 'int64Value', value: -3n } }, '6005'],
    ['a number that is set to zero', StructuredValueSchema, { kind: { case: 'int64Value', value: 0n } }, '6000'],
    ['a fixed number', BundleEntryProtoSchema, { crc32c: 0xfedcba98 }, '3598badcfe'],
    ['numbers as keys', FunctionDefSchema, { resourceArgUniqueId: { 7: 9 } }, '420408071009'],
  ] as const)('reads and writes %s', (_, schema, init, expected) => {
    const message = create(schema as never, init as never);
    expect(hex(toBinary(schema as never, message))).toBe(expected.replaceAll(' ', ''));
    expect(fromBinary(schema as never, bytes(expected))).toEqual(message);
  });

  it('reads lists that are not packed, and packed ones in parts', () => {
    expect(fromBinary(TensorProtoSchema, bytes('3801 3802 3a020304')).intVal).toEqual([1, 2, 3, 4]);
  });

  it('merges a message that comes twice, and takes the last of numbers', () => {
    const shape = '1202 1801';
    const sizes = '1204 12020805';
    const { tensorShape, dtype } = fromBinary(TensorProtoSchema, bytes(`0801 ${shape} ${sizes} 0802`));
    expect(tensorShape).toMatchObject({ unknownRank: true, dim: [{ size: 5n }] });
    expect(dtype).toBe(DataType.DT_DOUBLE);
  });

  it('keeps what it does not know, and fields of another wire type, and writes them again', () => {
    // Fields 100 (varint), 101 (64 bits), 102 (bytes), 103 (32 bits), 104 (group), and field 3 as bytes.
    const unknown = 'a00601 a9060102030405060708 b20602abcd bd0601020304 c306 0801 c406 1a0101';
    const message = fromBinary(TensorShapeProtoSchema, bytes(`1801${unknown}`));
    expect(message.unknownRank).toBe(true);
    expect(hex(toBinary(TensorShapeProtoSchema, message))).toBe(`1801${unknown}`.replaceAll(' ', ''));
  });

  it('keeps keys that objects know otherwise', () => {
    const keys = ['__proto__', 'constructor', 'toString'];
    const message = create(NameAttrListSchema);
    for (const key of keys) message.attr[key] = create(AttrValueSchema, { value: { case: 'i', value: 1n } });
    const read = fromBinary(NameAttrListSchema, toBinary(NameAttrListSchema, message));
    expect(Object.keys(read.attr)).toEqual(keys);
    expect(create(NameAttrListSchema).attr['constructor']).toBeUndefined();
  });

  it('sees bytes in place', () => {
    const whole = bytes('2203010203');
    expect(fromBinary(TensorProtoSchema, whole).tensorContent.buffer).toBe(whole.buffer);
  });

  it.each([
    ['a number cut short', '3880'],
    ['a number without end', '38ffffffffffffffffffffff01'],
    ['a length beyond the end', '2205 01'],
    ['a message beyond its parent', '1204 120a 0801'],
    ['a field that reaches beyond its message', '1202 0a05 6162636465'],
    ['a field numbered 0', '0001'],
    ['an impossible wire type', '0f'],
    ['a group that ends as another', '0b14'],
    ['the end of no group', '0c'],
    ['a string that is not UTF-8', '0a02c328'],
  ])('refuses %s', (_, text) => {
    const schema = text.startsWith('0a') ? NodeDefSchema : TensorProtoSchema;
    expect(() => fromBinary(schema as never, bytes(text))).toThrow(RangeError);
  });

  it('refuses messages and groups that nest without end', () => {
    let value: StructuredValue = create(StructuredValueSchema);
    for (let depth = 0; depth < 60; depth++) {
      value = create(StructuredValueSchema, { kind: { case: 'listValue', value: { values: [value] } } });
    }
    const deep = toBinary(StructuredValueSchema, value);
    expect(() => fromBinary(StructuredValueSchema, deep)).toThrow(/deeper than 100/);
    expect(() => fromBinary(StructuredValueSchema, new Uint8Array(100_000).fill(0x0b))).toThrow(/deeper than 100/);
  });

  it('reads back whatever it wrote', () => {
    const { attribute } = fc.letrec<{ attribute: AttrValue }>((tie) => ({
      attribute: fc
        .oneof(
          { maxDepth: 3 },
          fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => ({ case: 'i' as const, value })),
          fc.float({ noNaN: true }).map((value) => ({ case: 'f' as const, value })),
          fc.boolean().map((value) => ({ case: 'b' as const, value })),
          fc.uint8Array({ maxLength: 300 }).map((value) => ({ case: 's' as const, value })),
          fc.string({ unit: 'grapheme', maxLength: 200 }).map((value) => ({ case: 'placeholder' as const, value })),
          fc.constant({ case: undefined }),
          fc.record({ name: fc.string(), attr: fc.dictionary(fc.string(), tie('attribute')) }).map((func) => ({
            case: 'func' as const,
            value: create(NameAttrListSchema, func),
          })),
          fc.array(tie('attribute')).map((items) => ({
            case: 'list' as const,
            value: { func: items.map((item, index) => ({ name: String(index), attr: { item } })) },
          })),
        )
        .map((value) => create(AttrValueSchema, { value: value as never })),
    }));
    fc.assert(
      fc.property(attribute, (message) => {
        const read = fromBinary(AttrValueSchema, toBinary(AttrValueSchema, message));
        expect(read).toEqual(message);
      }),
    );
  });
});
