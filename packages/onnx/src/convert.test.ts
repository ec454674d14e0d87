import { describe, expect, it } from '@jest/globals';
import { fromBinary } from './generated/protobuf.js';
import type { SymbolicTensor } from '@tenon/graph';
import { MemorySource, Tensor, TensorReference, type ByteSource, type NumericDType, type Shape } from '@tenon/tensor';
import { convert, whyUnconvertible, type ConversionOptions } from './convert.js';
import { UnconvertibleOperationsError } from './errors.js';
import { ModelProtoSchema, TensorProto_DataLocation as DataLocation } from './generated/onnx/onnx_pb.js';
import { GraphBuilder } from './testing/graph-builder.js';

/** A converted graph, parsed again. */
async function parsed(
  { graph }: GraphBuilder,
  inputs: readonly SymbolicTensor[],
  outputs: readonly SymbolicTensor[],
  options?: ConversionOptions,
) {
  const converted = await convert({ graph, inputs, outputs }, options);
  const model = fromBinary(ModelProtoSchema, converted.model).graph!;
  return { ...converted, graph: model, types: model.node.map(({ opType }) => opType) };
}

/** Weights in a file that nobody may read. */
function mapped(path: string, shape: Shape, dtype: NumericDType = 'float32', offset = 4096): TensorReference {
  const refuse = (): never => {
    throw new Error(`${path} was read`);
  };
  const source: ByteSource = { name: path, path, size: 2 ** 40, read: async () => refuse(), readSync: refuse };
  return new TensorReference(dtype, shape, source, offset);
}

const IMAGES = [null, null, null, 3];

/** A block as MobileNetV2 has them, without its weights' values. */
function invertedResidual(builder: GraphBuilder, images: SymbolicTensor): SymbolicTensor {
  const convolve = { strides: [1, 1, 1, 1], padding: 'SAME' };
  const normalize = (x: SymbolicTensor) => {
    const parameters = [0, 1, 2, 3].map(() => builder.zeros([8]));
    const types = { T: 'float32', U: 'float32' } as const;
    return builder.add('FusedBatchNormV3', [x, ...parameters], x.shape, { is_training: false }, types);
  };
  const shape = [null, null, null, 8];
  const stem = normalize(builder.add('Conv2D', [images, builder.zeros([3, 3, 3, 8])], shape, convolve));
  const relu = builder.add('Relu6', [stem], shape);
  const depthwise = builder.add('DepthwiseConv2dNative', [relu, builder.zeros([3, 3, 8, 1])], shape, convolve);
  const biased = builder.add('BiasAdd', [depthwise, builder.zeros([8])], shape);
  const sum = builder.add('AddV2', [biased, relu], shape);
  const padded = builder.add('Pad', [sum, builder.constant(new Tensor('int32', [4, 2], new Int32Array(8)))], shape);
  const scaled = builder.add('Mul', [padded, builder.zeros([])], shape);
  const joined = builder.add('ConcatV2', [scaled, relu, builder.int32s(3)], [null, null, null, 16], { N: 2 });
  const types = { T: 'float32', Tidx: 'int32' } as const;
  return builder.add('Mean', [joined, builder.int32s(1, 2)], [null, 16], {}, types);
}

describe('layouts', () => {
  it('transposes images once, where they come in', async () => {
    const builder = new GraphBuilder();
    const x = builder.placeholder('images', 'float32', IMAGES);
    const { types } = await parsed(builder, [x], [invertedResidual(builder, x)]);
    expect(types.filter((type) => type === 'Transpose')).toHaveLength(1);
    expect(types[0]).toBe('Transpose');
  });

  it('transposes back what leaves, once for all that see it', async () => {
    const builder = new GraphBuilder();
    const x = builder.placeholder('images', 'float32', IMAGES);
    const y = builder.add('Relu', [builder.add('LRN', [x], IMAGES)], IMAGES);
    const z = builder.add('Reshape', [y, builder.int32s(-1)], [null], {}, { T: 'float32', Tshape: 'int32' });
    const { types } = await parsed(builder, [x], [y, z]);
    expect(types.filter((type) => type === 'Transpose')).toHaveLength(2);
  });

  it('transposes nothing where TensorFlow transposes the same way', async () => {
    const builder = new GraphBuilder();
    const x = builder.placeholder('images', 'float32', [null, 3, null, null]);
    const types = { T: 'float32', Tperm: 'int32' } as const;
    const last = builder.add('Transpose', [x, builder.int32s(0, 2, 3, 1)], IMAGES, {}, types);
    const pooled = builder.add('LRN', [last], IMAGES);
    const first = builder.add('Transpose', [pooled, builder.int32s(0, 3, 1, 2)], [null, 3, null, null], {}, types);
    expect((await parsed(builder, [x], [first])).types).toEqual(['LRN']);
  });
});

describe('weights', () => {
  it('stay in the file they are in', async () => {
    const builder = new GraphBuilder();
    const ids = builder.placeholder('ids', 'int32', [null]);
    const table = builder.constant(mapped('/weights/variables.data-00000-of-00001', [1000, 16]));
    const axis = builder.constant(new Tensor('int32', [], Int32Array.of(0)));
    const types = { Tparams: 'float32', Tindices: 'int32', Taxis: 'int32' } as const;
    const rows = builder.add('GatherV2', [table, ids, axis], [null, 16], {}, types);
    const { graph, directory, detached } = await parsed(builder, [ids], [rows]);
    expect(directory).toBe('/weights/');
    expect(detached).toEqual([]);
    expect(graph.initializer[0]).toMatchObject({ dims: [1000n, 16n], dataLocation: DataLocation.EXTERNAL });
    expect(graph.initializer[0]!.externalData.map(({ key, value }) => [key, value])).toEqual([
      ['location', 'variables.data-00000-of-00001'],
      ['offset', '4096'],
      ['length', '64000'],
    ]);
  });

  it('are found from the innermost folder that holds all of them; what lies in no file is written into the model', async () => {
    const builder = new GraphBuilder();
    const near = builder.constant(mapped('/modules/first/variables/data', [1000]));
    const far = builder.constant(mapped('/modules/finest/data', [500]));
    const bytes = new Uint8Array(1200).fill(7);
    const nowhere = new TensorReference('float32', [300], new MemorySource(bytes), 0);
    const outputs = [near, far, builder.constant(nowhere)].map((value) => builder.add('Relu', [value], value.shape));
    const { directory, detached, graph } = await parsed(builder, [], outputs);
    expect(directory).toBe('/modules/');
    expect(detached).toEqual([]);
    const locations = graph.initializer.map(({ externalData }) => externalData[0]?.value);
    expect(locations).toEqual(['first/variables/data', 'finest/data', undefined]);
    expect(graph.initializer[2]!.rawData).toEqual(bytes);
  });

  it('are detached where none lies in a file', async () => {
    const builder = new GraphBuilder();
    const nowhere = new TensorReference('float32', [300], new MemorySource(new Uint8Array(1200)), 0);
    const { directory, detached, graph } = await parsed(builder, [], [builder.constant(nowhere)]);
    expect(directory).toBeUndefined();
    expect(detached).toEqual([{ location: graph.initializer[0]!.externalData[0]!.value, reference: nowhere }]);
  });

  it('are written into the model where they are small', async () => {
    const builder = new GraphBuilder();
    const bytes = new Uint8Array(Float32Array.of(7, 8).buffer);
    const value = builder.constant(new TensorReference('float32', [2], new MemorySource(bytes), 0));
    const { graph } = await parsed(builder, [], [builder.add('Relu', [value], [2])]);
    expect(graph.initializer[0]!.rawData).toEqual(bytes);
  });

  it('of convolutions are transposed in the model, or only seen differently where nothing moves', async () => {
    const builder = new GraphBuilder();
    const x = builder.placeholder('images', 'float32', [null, 9, 9, 64]);
    const options = { strides: [1, 1, 1, 1], padding: 'VALID' };
    const full = builder.constant(mapped('/weights/a', [3, 3, 64, 512]));
    const single = builder.constant(mapped('/weights/b', [1, 1, 512, 1]));
    const y = builder.add('Conv2D', [x, full], [null, 7, 7, 512], options);
    const z = builder.add('Conv2D', [y, single], [null, 7, 7, 1], options);
    const { graph, types } = await parsed(builder, [x], [z]);
    expect(graph.initializer.map(({ dims }) => dims)).toEqual([
      [3n, 3n, 64n, 512n],
      [1n, 512n, 1n, 1n],
    ]);
    expect(types.filter((type) => type === 'Transpose')).toHaveLength(3);
  });
});

describe('shapes', () => {
  it('leaves unknown dimensions and ranks unknown', async () => {
    const builder = new GraphBuilder();
    const x = builder.placeholder('x', 'float32', [null, 3]);
    const y = builder.placeholder('y', 'float32', null);
    const { graph } = await parsed(
      builder,
      [y, x],
      [builder.add('Relu', [x], [null, 3]), builder.add('Relu', [y], null)],
    );
    expect(graph.input.map(({ name }) => name)).toEqual(['y:0', 'x:0']);
    const shapes = [...graph.input, ...graph.output].map(({ type }) => type!.value.value!.shape);
    expect(shapes.map((shape) => shape?.dim.map(({ value }) => value.value))).toEqual([
      undefined,
      [undefined, 3n],
      [undefined, 3n],
      undefined,
    ]);
  });
});

describe('outputs', () => {
  it('may be inputs, constants, and the same twice', async () => {
    const builder = new GraphBuilder();
    const x = builder.placeholder('x', 'int32', [2]);
    const constant = builder.int32s(1, 2);
    const y = builder.add('Neg', [x], [2]);
    const { graph, outputNames } = await parsed(builder, [x], [x, constant, y, y]);
    expect(new Set(outputNames).size).toBe(4);
    expect(outputNames[2]).toBe('Neg:0');
    expect(graph.output.map(({ name }) => name)).toEqual(outputNames);
  });

  it('of bfloat16 are widened if asked', async () => {
    const builder = new GraphBuilder();
    const x = builder.placeholder('x', 'bfloat16', [2]);
    const y = builder.add('Identity', [x], [2]);
    const types = async (options?: ConversionOptions) => {
      const { graph } = await parsed(builder, [x], [y], options);
      return [...graph.input, ...graph.output].map(({ type }) => type!.value.value!.elemType);
    };
    expect(await types()).toEqual([16, 16]);
    expect(await types({ widenBfloat16: true })).toEqual([1, 1]);
  });
});

describe('what does not convert', () => {
  it('is all named at once, and only that', async () => {
    const builder = new GraphBuilder();
    const x = builder.placeholder('x', 'float64', [null, 9, 9, 3]);
    const filter = builder.zeros([3, 3, 3, 4], 'float64');
    const y = builder.add('Conv2D', [x, filter], [null, 9, 9, 4], { strides: [1, 1, 1, 1], padding: 'SAME' });
    const z = builder.add('Abs', [y], y.shape);
    const w = builder.add('Lgamma', [z], z.shape);
    const failure = convert({ graph: builder.graph, inputs: [x], outputs: [w] });
    await expect(failure).rejects.toThrow(UnconvertibleOperationsError);
    await expect(failure).rejects.toMatchObject({
      code: 'ERR_UNCONVERTIBLE_OPERATIONS',
      operations: [
        { type: 'Conv2D', operation: 'Conv2D', reason: 'ONNX Runtime has no Conv for float64' },
        { type: 'Lgamma', operation: 'Lgamma', reason: 'no converter for this op' },
      ],
    });
  });

  it.each<[string, (builder: GraphBuilder) => SymbolicTensor]>([
    ['no converter for this op', (g) => g.add('Lgamma', [g.placeholder('x', 'float32', [2])], [2])],
    ['complex64 has no place in it', (g) => g.add('Neg', [g.placeholder('x', 'complex64', [2])], [2])],
    [
      'the rank of input 0 is unknown',
      (g) =>
        g.add(
          'Tile',
          [g.placeholder('x', 'float32', null), g.int32s(2)],
          null,
          {},
          { T: 'float32', Tmultiples: 'int32' },
        ),
    ],
    [
      'the axis is not constant',
      (g) => {
        const [x, axis] = [g.placeholder('x', 'float32', [2]), g.placeholder('axis', 'int32', [])];
        const types = { T: 'float32', Tidx: 'int32', output_type: 'int64' } as const;
        return g.add('ArgMax', [x, axis], [], {}, types);
      },
    ],
    [
      'the rank of input 0 is unknown',
      (g) => {
        const steps = { strides: [1, 2, 2, 1], padding: 'SAME' };
        return g.add('Conv2D', [g.placeholder('x', 'float32', null), g.zeros([3, 3, 3, 4])], null, steps);
      },
    ],
    ['powers of integers', (g) => g.add('Pow', [g.zeros([2], 'int32'), g.zeros([2], 'int32')], [2])],
  ])('says why: %s', (reason, make) => {
    expect(whyUnconvertible(make(new GraphBuilder()).operation)).toBe(reason);
  });

  it('is found out without reading weights', () => {
    const builder = new GraphBuilder();
    const x = builder.placeholder('x', 'float32', [null, 100]);
    const weights = builder.constant(mapped('/weights/a', [100, 100]));
    const bias = builder.constant(mapped('/weights/a', [100]));
    const y = builder.add('MatMul', [x, weights], [null, 100]);
    expect(whyUnconvertible(y.operation)).toBeUndefined();
    expect(whyUnconvertible(builder.add('BiasAdd', [y, bias], [null, 100]).operation)).toBeUndefined();
  });
});
