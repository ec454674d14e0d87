import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UnsupportedOperationError, type Segment } from '@tenon/backend';
import { FunctionLibrary, Graph, type Attribute, type ConstantValue, type SymbolicTensor } from '@tenon/graph';
import {
  MemorySource,
  Tensor,
  TensorReference,
  viewBytes,
  type ByteSource,
  type NumericDType,
  type PartialShape,
} from '@tenon/tensor';
import { FileSource } from '@tenon/tensor/node';
import { onnx } from './onnx-backend.js';

const dtypeAttribute = (name: string, value: NumericDType) => [name, { kind: 'dtype', value }] as [string, Attribute];

function placeholder(graph: Graph, name: string, dtype: NumericDType, shape: PartialShape): SymbolicTensor {
  const attributes = new Map([dtypeAttribute('dtype', dtype)]);
  return graph.addOperation({ type: 'Placeholder', name, attributes, shapes: [shape] }).output();
}

function constant(graph: Graph, value: ConstantValue): SymbolicTensor {
  const attributes = new Map<string, Attribute>([
    dtypeAttribute('dtype', value.dtype as NumericDType),
    ['value', { kind: 'tensor', value }],
  ]);
  return graph.addOperation({ type: 'Const', attributes, shapes: [value.shape] }).output();
}

function binary(graph: Graph, type: string, x: SymbolicTensor, y: SymbolicTensor, shape: PartialShape): SymbolicTensor {
  const attributes = new Map([dtypeAttribute('T', x.dtype as NumericDType)]);
  return graph.addOperation({ type, inputs: [x, y], attributes, shapes: [shape] }).output();
}

/** `x + y` of that type. */
function addition(dtype: NumericDType, shape: PartialShape = [null]): Segment {
  const graph = new Graph(new FunctionLibrary());
  const [x, y] = [placeholder(graph, 'x', dtype, shape), placeholder(graph, 'y', dtype, shape)];
  return { graph, inputs: [x, y], outputs: [binary(graph, 'AddV2', x, y, shape)] };
}

/** `x` times each of the weights. */
function multiplication(weights: readonly ConstantValue[]): Segment {
  const graph = new Graph(new FunctionLibrary());
  const x = placeholder(graph, 'x', 'float32', [null, null]);
  const outputs = weights.map((weight) => binary(graph, 'Mul', x, constant(graph, weight), [null, null]));
  return { graph, inputs: [x], outputs };
}

const floats = (...values: number[]) => new Tensor('float32', [values.length], Float32Array.from(values));

describe('a compiled segment', () => {
  it.each([
    ['int64', BigInt64Array.of(2n ** 62n, -5n), BigInt64Array.of(1n, 2n), BigInt64Array.of(2n ** 62n + 1n, -3n)],
    ['uint64', BigUint64Array.of(2n ** 63n), BigUint64Array.of(3n), BigUint64Array.of(2n ** 63n + 3n)],
    ['float64', Float64Array.of(0.1), Float64Array.of(0.2), Float64Array.of(0.1 + 0.2)],
    ['int8', Int8Array.of(127), Int8Array.of(1), Int8Array.of(-128)],
    // 1.5 + 2 and 3 + 0.5 in half precision, and in bfloat16.
    ['float16', Uint16Array.of(0x3e00, 0x4200), Uint16Array.of(0x4000, 0x3800), Uint16Array.of(0x4300, 0x4300)],
    ['bfloat16', Uint16Array.of(0x3fc0, 0x4040), Uint16Array.of(0x4000, 0x3f00), Uint16Array.of(0x4060, 0x4060)],
  ] as const)('takes and gives %s', async (dtype, x, y, sum) => {
    const executable = await onnx().compile(addition(dtype));
    const inputs = [x, y].map((data) => new Tensor<NumericDType>(dtype, [data.length], data));
    const [result] = await executable.run(inputs);
    expect(result).toEqual(new Tensor<NumericDType>(dtype, [sum.length], sum));
    await executable.dispose();
  });

  it('takes and gives bool', async () => {
    const graph = new Graph(new FunctionLibrary());
    const x = placeholder(graph, 'x', 'bool', [null]);
    const y = graph.addOperation({ type: 'LogicalNot', inputs: [x], shapes: [[null]] }).output();
    const executable = await onnx().compile({ graph, inputs: [x], outputs: [y] });
    const [result] = await executable.run([new Tensor('bool', [2], Uint8Array.of(0, 1))]);
    expect(result).toEqual(new Tensor('bool', [2], Uint8Array.of(1, 0)));
    await executable.dispose();
  });

  it('runs with every size of its unknown dimensions, none included', async () => {
    const executable = await onnx().compile(addition('float32', [null, 2]));
    for (const rows of [3, 0, 1]) {
      const input = new Tensor('float32', [rows, 2], new Float32Array(2 * rows).fill(1));
      const [result] = await executable.run([input, input]);
      expect(result).toEqual(new Tensor('float32', [rows, 2], new Float32Array(2 * rows).fill(2)));
    }
    await executable.dispose();
  });

  it('runs when its rank is unknown', async () => {
    const executable = await onnx().compile(addition('float32', null));
    const scalar = new Tensor('float32', [], Float32Array.of(4));
    expect(await executable.run([scalar, scalar])).toEqual([new Tensor('float32', [], Float32Array.of(8))]);
    await executable.dispose();
  });

  it('reads what is on a device', async () => {
    const executable = await onnx().compile(addition('float32'));
    const onDevice = { dtype: 'float32', shape: [1], read: async () => floats(3), dispose: () => {} } as const;
    expect(await executable.run([onDevice, floats(4)])).toEqual([floats(7)]);
    await executable.dispose();
  });

  it('finishes its runs before it is disposed, and runs no more', async () => {
    const executable = await onnx().compile(addition('float32'));
    const runs = [1, 2, 3].map((value) => executable.run([floats(value), floats(10)]));
    await Promise.all([executable.dispose(), executable.dispose()]);
    expect(await Promise.all(runs)).toEqual([[floats(11)], [floats(12)], [floats(13)]]);
    await expect(executable.run([floats(1), floats(2)])).rejects.toMatchObject({ code: 'ERR_DISPOSED' });
  });

  it.each([-1, 3])('takes no label %d of three classes, as TensorFlow does', async (label) => {
    const graph = new Graph(new FunctionLibrary());
    const inputs = [placeholder(graph, 'logits', 'float32', [null, 3]), placeholder(graph, 'labels', 'int32', [null])];
    const type = 'SparseSoftmaxCrossEntropyWithLogits';
    const attributes = new Map([dtypeAttribute('T', 'float32'), dtypeAttribute('Tlabels', 'int32')]);
    const { outputs } = graph.addOperation({ type, inputs, attributes, shapes: [[null], [null, 3]] });
    const executable = await onnx().compile({ graph, inputs, outputs });
    const run = (value: number) =>
      executable.run([
        new Tensor('float32', [1, 3], new Float32Array(3)),
        new Tensor('int32', [1], Int32Array.of(value)),
      ]);
    await expect(run(label)).rejects.toMatchObject({ code: 'ERR_ONNX_RUNTIME' });
    const [loss] = (await run(2)) as readonly Tensor[];
    expect((loss!.data as Float32Array)[0]).toBeCloseTo(Math.log(3), 6);
    await executable.dispose();
  });

  it('says which operations it was of when a run fails', async () => {
    const executable = await onnx().compile(addition('float32'));
    await expect(executable.run([floats(1, 2), floats(1, 2, 3)])).rejects.toMatchObject({
      code: 'ERR_ONNX_RUNTIME',
      action: 'run',
      operations: ['AddV2 "AddV2"'],
    });
    await executable.dispose();
  });
});

describe('weights', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tenon-onnx-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** 512 floats from `first` on, behind 3 bytes that are something else's. */
  function bytes(first: number): Uint8Array {
    const values = Float32Array.from({ length: 512 }, (_, index) => first + index);
    return Buffer.concat([Buffer.from('abc'), new Uint8Array(values.buffer)]);
  }

  const reference = (source: ByteSource) => new TensorReference('float32', [1, 512], source, 3);

  it('are used from memory', async () => {
    const executable = await onnx().compile(multiplication([reference(new MemorySource(bytes(5)))]));
    const [result] = await executable.run([new Tensor('float32', [1, 1], Float32Array.of(1))]);
    expect(result).toEqual(new Tensor('float32', [1, 512], viewBytes('float32', bytes(5).slice(3))));
    await executable.dispose();
  });

  it('are used from their files, wherever these lie, and from memory beside them', async () => {
    const other = mkdtempSync(join(folder, 'other-'));
    const files = [join(folder, 'a.data'), join(folder, 'b.data'), join(other, 'a.data')];
    files.forEach((file, index) => writeFileSync(file, bytes(1000 * index)));
    const sources = [...files.map((file) => new FileSource(file)), new MemorySource(bytes(3000))];
    const executable = await onnx().compile(multiplication(sources.map(reference)));
    const results = await executable.run([new Tensor('float32', [1, 1], Float32Array.of(2))]);
    results.forEach((result, index) => {
      const expected = viewBytes('float32', bytes(1000 * index).slice(3)).map((value) => 2 * value);
      expect(result).toEqual(new Tensor('float32', [1, 512], expected));
    });
    await executable.dispose();
    sources.forEach((source) => source instanceof FileSource && source.close());
  });

  it('that do not fit into their file are an error', async () => {
    const file = join(folder, 'short.data');
    writeFileSync(file, bytes(0).subarray(0, 1500));
    const source = new FileSource(file);
    const long = { ...source, name: file, path: source.path, size: 4096, read: source.read.bind(source) };
    await expect(onnx().compile(multiplication([reference(long)]))).rejects.toMatchObject({
      code: 'ERR_ONNX_RUNTIME',
      action: 'compile',
    });
    source.close();
  });
});

describe('the backend', () => {
  it('refuses to compile what it does not support', async () => {
    const graph = new Graph(new FunctionLibrary());
    const x = placeholder(graph, 'x', 'float32', [2]);
    const attributes = new Map([dtypeAttribute('T', 'float32')]);
    const y = graph.addOperation({ type: 'Lgamma', inputs: [x], attributes, shapes: [[2]] });
    const backend = onnx();
    expect(backend.supports(y)).toBe(false);
    const compiling = backend.compile({ graph, inputs: [x], outputs: [y.output()] });
    await expect(compiling).rejects.toThrow(UnsupportedOperationError);
    await expect(compiling).rejects.toMatchObject({ backend: 'onnx', operations: [{ type: 'Lgamma' }] });
  });

  it('says which execution providers there are when another is asked for', async () => {
    const backend = onnx({ executionProviders: ['nonsense', 'cpu'] });
    await expect(backend.compile(addition('float32'))).rejects.toMatchObject({
      code: 'ERR_EXECUTION_PROVIDER',
      provider: 'nonsense',
      available: expect.arrayContaining(['cpu']),
    });
  });

  it('hands options on to ONNX Runtime', async () => {
    const options = { sessionOptions: { graphOptimizationLevel: 'disabled', intraOpNumThreads: 1 } } as const;
    const executable = await onnx(options).compile(addition('float32'));
    expect(await executable.run([floats(1), floats(2)])).toEqual([floats(3)]);
    await executable.dispose();
  });
});
