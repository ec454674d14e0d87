import { describe, expect, it } from '@jest/globals';
import { fromBinary } from './generated/protobuf.js';
import fc from 'fast-check';
import { elementType, type ConvertibleDType } from './data-types.js';
import {
  AttributeProto_AttributeType as AttributeType,
  ModelProtoSchema,
  TensorProto_DataLocation as DataLocation,
  TensorProto_DataType as DataType,
} from './generated/onnx/onnx_pb.js';
import { writeModel, type GraphParts } from './write-model.js';

const EMPTY: GraphParts = { nodes: [], initializers: [], inputs: [], outputs: [] };

const parse = (parts: Partial<GraphParts>) => fromBinary(ModelProtoSchema, writeModel({ ...EMPTY, ...parts }));

describe('writeModel', () => {
  it('says which versions it is of', () => {
    const model = parse({});
    expect(model.irVersion).toBe(10n);
    expect(model.opsetImport).toMatchObject([{ domain: '', version: 21n }]);
    expect(model.graph?.name).toBe('segment');
  });

  it('writes nodes with attributes of every kind', () => {
    const attributes = { axis: -1, mode: 'größer', alpha: { float: 0.5 }, perm: [0, -3, 2 ** 40], none: [] };
    const [node] = parse({ nodes: [{ type: 'Any', inputs: ['a', '', 'b'], outputs: ['c'], attributes }] }).graph!.node;
    expect(node).toMatchObject({ opType: 'Any', name: 'c', input: ['a', '', 'b'], output: ['c'] });
    expect(node!.attribute.map(({ name, type }) => [name, type])).toEqual([
      ['axis', AttributeType.INT],
      ['mode', AttributeType.STRING],
      ['alpha', AttributeType.FLOAT],
      ['perm', AttributeType.INTS],
      ['none', AttributeType.INTS],
    ]);
    const [axis, mode, alpha, perm, none] = node!.attribute;
    expect(axis!.i).toBe(-1n);
    expect(new TextDecoder().decode(mode!.s)).toBe('größer');
    expect(alpha!.f).toBe(0.5);
    expect(perm!.ints).toEqual([0n, -3n, 2n ** 40n]);
    expect(none!.ints).toEqual([]);
  });

  it('writes graphs inside of nodes', () => {
    const value = { name: 'y', dtype: 'float32', shape: [2, null] } as const;
    const inner = {
      nodes: [{ type: 'Abs', inputs: ['x'], outputs: ['y'], attributes: {} }],
      initializers: [],
      inputs: [],
      outputs: [value],
    };
    const node = { type: 'If', inputs: ['c'], outputs: ['z'], attributes: { then_branch: { graph: inner } } };
    const { attribute } = parse({ nodes: [node] }).graph!.node[0]!;
    expect(attribute).toMatchObject([{ name: 'then_branch', type: AttributeType.GRAPH }]);
    expect(attribute[0]!.g!.node).toMatchObject([{ opType: 'Abs', input: ['x'], output: ['y'] }]);
    expect(attribute[0]!.g!.output).toMatchObject([{ name: 'y' }]);
  });

  it('writes initializers with their bytes, or with where they lie', () => {
    const bytes = new Uint8Array(100_000).map((_, index) => index);
    const place = { location: 'variables.data', offset: 2 ** 33, length: 8 };
    const [inside, outside, nothing] = parse({
      initializers: [
        { name: 'inside', dtype: 'uint8', shape: [100_000], content: bytes },
        { name: 'outside', dtype: 'float32', shape: [2, 1], content: place },
        { name: 'nothing', dtype: 'int64', shape: [0], content: new Uint8Array() },
      ],
    }).graph!.initializer;
    expect(inside).toMatchObject({ name: 'inside', dataType: DataType.UINT8, dims: [100_000n], rawData: bytes });
    expect(outside).toMatchObject({ dataType: DataType.FLOAT, dims: [2n, 1n], dataLocation: DataLocation.EXTERNAL });
    expect(outside!.externalData.map(({ key, value }) => [key, value])).toEqual([
      ['location', 'variables.data'],
      ['offset', '8589934592'],
      ['length', '8'],
    ]);
    expect(nothing).toMatchObject({ dims: [0n], rawData: new Uint8Array() });
  });

  it('writes inputs with known, unknown and no dimensions', () => {
    const { input } = parse({
      inputs: [
        { name: 'x', dtype: 'float32', shape: [null, 0, 3] },
        { name: 'y', dtype: 'bool', shape: null },
        { name: 'z', dtype: 'int32', shape: [] },
      ],
    }).graph!;
    const types = input.map(({ type }) => type!.value.value!);
    expect(types[0]!.shape!.dim.map(({ value }) => value.value)).toEqual([undefined, 0n, 3n]);
    expect(types[1]).toMatchObject({ elemType: DataType.BOOL });
    expect(types[1]!.shape).toBeUndefined();
    expect(types[2]!.shape!.dim).toEqual([]);
  });

  it('has the numbers of the data types', () => {
    const names: Partial<Record<ConvertibleDType, keyof typeof DataType>> = { float32: 'FLOAT', float64: 'DOUBLE' };
    for (const dtype of [
      ...(['float32', 'float64', 'float16', 'bfloat16', 'int8', 'int16', 'int32', 'int64'] as const),
      ...(['uint8', 'uint16', 'uint32', 'uint64', 'bool'] as const),
    ]) {
      expect(elementType(dtype)).toBe(DataType[names[dtype] ?? (dtype.toUpperCase() as keyof typeof DataType)]);
    }
  });

  it('writes any names and integers so that they are read back', () => {
    const integer = fc.oneof(fc.integer(), fc.maxSafeInteger());
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.array(integer), (inputs, values) => {
        const [node] = parse({ nodes: [{ type: 'T', inputs, outputs: ['o'], attributes: { values } }] }).graph!.node;
        expect(node!.input).toEqual(inputs);
        expect(node!.attribute[0]!.ints).toEqual(values.map(BigInt));
      }),
    );
  });
});
