import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { DeviceTensor, Segment } from '@tenon/backend';
import { FunctionLibrary, Graph, inferShapes, type Attribute, type SymbolicTensor } from '@tenon/graph';
import { Tensor, type DType } from '@tenon/tensor';
import {
  copyRegisteredKernels,
  memory,
  registerBackend,
  removeBackend,
  Tensor as TfTensor,
} from '@tensorflow/tfjs-core';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { tfjs } from './tfjs-backend.js';
import { difference } from '../../backend-onnx/src/testing/compare.js';
import { buildSegment, readGoldenCases } from '../../backend-onnx/src/testing/golden-cases.js';

/** A backend that nobody knows to be synchronous, as a graphics processor is not. */
const NAME = 'elsewhere';

beforeAll(() => {
  registerBackend(NAME, () => new MathBackendCPU());
  copyRegisteredKernels('cpu', NAME);
});
afterAll(() => removeBackend(NAME));

const dtype = (name: string, value: DType) => [name, { kind: 'dtype', value }] as [string, Attribute];
const floats = (...values: number[]) => new Tensor('float32', [values.length], Float32Array.from(values));

function placeholder(graph: Graph, name: string, type: DType = 'float32'): SymbolicTensor {
  const attributes = new Map([dtype('dtype', type)]);
  return graph.addOperation({ type: 'Placeholder', name, attributes, shapes: [[null]] }).output();
}

/** `(x + y) * y`, and `x + y` reshaped to what the shape says that a segment computes. */
function arithmetic(): Segment {
  const graph = new Graph(new FunctionLibrary());
  const [x, y, shape] = [placeholder(graph, 'x'), placeholder(graph, 'y'), placeholder(graph, 'shape', 'int32')];
  const T = dtype('T', 'float32');
  const sum = graph.addOperation({ type: 'AddV2', inputs: [x, y], attributes: new Map([T]) }).output();
  const product = graph.addOperation({ type: 'Mul', inputs: [sum, y], attributes: new Map([T]) }).output();
  const doubled = graph.addOperation({
    type: 'AddV2',
    inputs: [shape, shape],
    attributes: new Map([dtype('T', 'int32')]),
  });
  const attributes = new Map([T, dtype('Tshape', 'int32')]);
  const reshaped = graph.addOperation({ type: 'Reshape', inputs: [sum, doubled.output()], attributes }).output();
  inferShapes(graph);
  return { graph, inputs: [x, y, shape], outputs: [product, reshaped, product, y] };
}

const wanted = new Tensor('int32', [1], Int32Array.of(1));

async function read(values: readonly (Tensor | DeviceTensor)[]): Promise<Tensor[]> {
  return Promise.all(
    values.map(async (value) => {
      if (Tensor.isTensor(value)) return value;
      const host = await value.read();
      value.dispose();
      return host;
    }),
  );
}

describe('a segment on a backend that is waited for', () => {
  it('keeps its results on the device, whence its next run takes them', async () => {
    const executable = await tfjs({ backend: NAME }).compile(arithmetic());
    expect('runSync' in executable).toBe(false);
    const before = memory().numTensors;
    const first = await executable.run([floats(1, 2), floats(3, 4), wanted]);
    expect(first.slice(0, 3).map((value) => Tensor.isTensor(value))).toEqual([false, false, false]);
    expect(first[0]).toMatchObject({ dtype: 'float32', shape: [2] });
    const second = await executable.run([first[0]!, first[2]!, wanted]);
    expect((await read(second)).slice(0, 2)).toEqual([floats(24 * 12, 48 * 24), floats(24, 48)]);
    expect(await read(first)).toEqual([floats(12, 24), floats(4, 6), floats(12, 24), floats(3, 4)]);
    expect(memory().numTensors).toBe(before);
    await executable.dispose();
  });

  it('runs several times at once', async () => {
    const executable = await tfjs({ backend: NAME }).compile(arithmetic());
    const runs = [1, 2, 3, 4].map((value) => executable.run([floats(value, 0), floats(10, 20), wanted]));
    const results = await Promise.all(runs.map(async (run) => (await read(await run))[0]));
    expect(results).toEqual([1, 2, 3, 4].map((value) => floats((value + 10) * 10, 400)));
    await executable.dispose();
  });

  it('finishes its runs before it is disposed, and runs no more', async () => {
    const executable = await tfjs({ backend: NAME }).compile(arithmetic());
    const run = executable.run([floats(1, 1), floats(2, 2), wanted]);
    await Promise.all([executable.dispose(), executable.dispose()]);
    expect((await read(await run))[0]).toEqual(floats(6, 6));
    await expect(executable.run([floats(1), floats(2), wanted])).rejects.toMatchObject({ code: 'ERR_DISPOSED' });
  });

  it('leaks nothing when it fails, whether in a kernel or while it is read', async () => {
    const executable = await tfjs({ backend: NAME }).compile(arithmetic());
    const before = memory().numTensors;
    await expect(executable.run([floats(1, 2, 3), floats(1, 2), wanted])).rejects.toMatchObject({ code: 'ERR_TFJS' });
    await expect(executable.run([floats(1, 2, 3), floats(1, 2, 3), wanted])).rejects.toMatchObject({
      code: 'ERR_TFJS',
      operation: 'Reshape "Reshape"',
    });
    const lost = jest.spyOn(TfTensor.prototype, 'data').mockRejectedValue(new Error('The device was lost.'));
    await expect(executable.run([floats(1, 2), floats(1, 2), wanted])).rejects.toThrow('The device was lost.');
    lost.mockRestore();
    expect(memory().numTensors).toBe(before);
    await executable.dispose();
    expect(memory().numTensors).toBe(0);
  });

  it('gives what TensorFlow gives', async () => {
    const backend = tfjs({ backend: NAME });
    const wrong: string[] = [];
    for (const golden of readGoldenCases('networks')) {
      const segment = buildSegment(golden, 'dynamic');
      const executable = await backend.compile(segment);
      const results = await read(await executable.run(segment.feeds));
      segment.expected.forEach((expected, index) => {
        const problem = difference(results[index]!, expected, golden.tolerance);
        if (problem !== undefined) wrong.push(`${golden.name}: ${problem}`);
      });
      await executable.dispose();
    }
    expect(wrong).toEqual([]);
    expect(memory().numTensors).toBe(0);
  });
});
