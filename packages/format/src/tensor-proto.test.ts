import { describe, expect, it } from '@jest/globals';
import { StringArray, Tensor } from '@tenon/tensor';
import { InvalidTensorError, UnsupportedDTypeError } from './errors.js';
import { create, DataType, fromBinary, TensorProtoSchema, toBinary } from './messages.js';
import { decodeTensor, encodeTensor } from './tensor-proto.js';
import { expectGolden, fromHex, readJson, type GoldenTensor } from './testing/golden.js';

const cases = readJson<(GoldenTensor & { readonly label: string; readonly proto: string })[]>('tensor-protos.json');

const shapeOf = (...sizes: bigint[]) => ({ dim: sizes.map((size) => ({ size })) });

describe('decodeTensor', () => {
  it.each(cases)('reads what TensorFlow reads: $label', ({ proto, ...golden }) => {
    expectGolden(decodeTensor(fromBinary(TensorProtoSchema, fromHex(proto))), golden);
  });

  it('sees aligned content in place', () => {
    const tensorContent = new Uint8Array(16);
    const tensor = decodeTensor(
      create(TensorProtoSchema, { dtype: DataType.DT_FLOAT, tensorShape: shapeOf(4n), tensorContent }),
    );
    expect((tensor as Tensor<'float32'>).data.buffer).toBe(tensorContent.buffer);
  });

  it.each([
    ['2^40 elements from one', { floatVal: [1], tensorShape: shapeOf(2n ** 40n) }],
    ['2^40 zeros', { tensorShape: shapeOf(2n ** 20n, 2n ** 20n) }],
    ['more elements than can be counted', { tensorShape: shapeOf(2n ** 62n, 2n ** 62n) }],
    ['an unknown dimension', { floatVal: [1], tensorShape: shapeOf(-1n) }],
    ['an unknown rank', { floatVal: [1], tensorShape: { unknownRank: true } }],
    ['content that does not fill it', { tensorContent: new Uint8Array(8), tensorShape: shapeOf(3n) }],
    ['content that overfills it', { tensorContent: new Uint8Array(16), tensorShape: shapeOf(3n) }],
    ['huge strings', { dtype: DataType.DT_STRING, stringVal: [new Uint8Array(8)], tensorShape: shapeOf(2n ** 30n) }],
    ['strings cut short', { dtype: DataType.DT_STRING, tensorContent: Uint8Array.of(5, 1), tensorShape: shapeOf(1n) }],
    ['handles that are missing', { dtype: DataType.DT_RESOURCE, tensorShape: shapeOf(2n ** 40n) }],
    ['half a complex number', { dtype: DataType.DT_COMPLEX64, scomplexVal: [1], tensorShape: shapeOf(1n) }],
  ])('refuses %s without allocating it', (_, fields) => {
    const proto = create(TensorProtoSchema, { dtype: DataType.DT_FLOAT, ...fields });
    expect(() => decodeTensor(proto, 'Const "c"')).toThrow(InvalidTensorError);
    expect(() => decodeTensor(proto, 'Const "c"')).toThrow(/^Const "c", of shape/);
  });

  it.each([DataType.DT_INVALID, DataType.DT_FLOAT8_E5M2, DataType.DT_VARIANT, 77 as DataType])(
    'refuses the data type %s',
    (dtype) => {
      expect(() => decodeTensor(create(TensorProtoSchema, { dtype }))).toThrow(UnsupportedDTypeError);
    },
  );

  it('reads a reference type as what it refers to', () => {
    const proto = create(TensorProtoSchema, { dtype: DataType.DT_FLOAT_REF, floatVal: [2.5] });
    expect(decodeTensor(proto)).toMatchObject({ dtype: 'float32', shape: [] });
  });
});

describe('encodeTensor', () => {
  it.each(cases)('writes what reads back the same: $label', ({ proto, ...golden }) => {
    const tensor = decodeTensor(fromBinary(TensorProtoSchema, fromHex(proto)));
    const bytes = toBinary(TensorProtoSchema, encodeTensor(tensor));
    expectGolden(decodeTensor(fromBinary(TensorProtoSchema, bytes)), golden);
  });

  it('writes only the elements of a tensor that is a view', () => {
    const data = new Float32Array([1, 2, 3, 4]).subarray(1, 3);
    expect(encodeTensor(new Tensor('float32', [2], data)).tensorContent).toHaveLength(8);
  });

  it('refuses variants', () => {
    const variant = new Tensor('variant', [1], [{}]);
    expect(() => encodeTensor(variant)).toThrow(UnsupportedDTypeError);
  });

  it('keeps strings that are not UTF-8', () => {
    const strings = StringArray.from([Uint8Array.of(0xff, 0x00), 'é']);
    expect(encodeTensor(new Tensor('string', [2], strings)).stringVal).toEqual([
      Uint8Array.of(0xff, 0x00),
      Uint8Array.of(0xc3, 0xa9),
    ]);
  });
});
