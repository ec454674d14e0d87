import { afterAll, describe, expect, it } from '@jest/globals';
import { UnsupportedOperationError, type Executable, type Segment } from '@tenon/backend';
import {
  FunctionLibrary,
  Graph,
  inferShapes,
  type Attribute,
  type ConstantValue,
  type SymbolicTensor,
} from '@tenon/graph';
import { MemorySource, Tensor, TensorReference, type DType, type PartialShape } from '@tenon/tensor';
import { engine, memory, setBackend } from '@tensorflow/tfjs-core';
import { tfjs } from './tfjs-backend.js';

const typeAttribute = (name: string, value: DType) => [name, { kind: 'dtype', value }] as [string, Attribute];

function placeholder(graph: Graph, name: string, dtype: DType, shape: PartialShape): SymbolicTensor {
  return graph
    .addOperation({ type: 'Placeholder', name, attributes: new Map([typeAttribute('dtype', dtype)]), shapes: [shape] })
    .output();
}

function constant(graph: Graph, value: ConstantValue): SymbolicTensor {
  const attributes = new Map<string, Attribute>([
    typeAttribute('dtype', value.dtype),
    ['value', { kind: 'tensor', value }],
  ]);
  return graph.addOperation({ type: 'Const', attributes, shapes: [value.shape] }).output();
}

function apply(
  type: string,
  inputs: readonly SymbolicTensor[],
  attributes: [string, Attribute][] = [],
): SymbolicTensor {
  const T = typeAttribute('T', inputs[0]!.dtype);
  const operation = inputs[0]!.graph.addOperation({
    type,
    inputs: [...inputs],
    attributes: new Map([T, ...attributes]),
  });
  inferShapes(inputs[0]!.graph);
  return operation.output();
}

/** `type` of two inputs of unknown shapes. */
function binary(type: string, dtype: DType = 'float32'): Segment {
  const graph = new Graph(new FunctionLibrary());
  const inputs = ['x', 'y'].map((name) => placeholder(graph, name, dtype, null));
  return { graph, inputs, outputs: [apply(type, inputs)] };
}

const floats = (...values: number[]) => new Tensor('float32', [values.length], Float32Array.from(values));
const integers = (...values: number[]) => new Tensor('int32', [values.length], Int32Array.from(values));

/** 512 floats in a source of their own. */
function reference(first: number): TensorReference {
  const values = Float32Array.from({ length: 512 }, (_, index) => first + index);
  return new TensorReference('float32', [512], new MemorySource(new Uint8Array(values.buffer)), 0);
}

function multiplication(weight: ConstantValue): Segment {
  const graph = new Graph(new FunctionLibrary());
  const x = placeholder(graph, 'x', 'float32', [1]);
  return { graph, inputs: [x], outputs: [apply('Mul', [x, constant(graph, weight)])] };
}

async function use<T>(executable: Executable, work: (executable: Executable) => Promise<T>): Promise<T> {
  try {
    return await work(executable);
  } finally {
    await executable.dispose();
  }
}

describe.each(['cpu', 'wasm'])('a segment on %s', (name) => {
  const backend = tfjs({ backend: name });
  afterAll(() => expect(memory().numTensors).toBe(0));

  it('runs with every size of its unknown dimensions, at once and waited for', async () => {
    await use(await backend.compile(binary('AddV2')), async (executable) => {
      expect(await executable.run([floats(1, 2), floats(10)])).toEqual([floats(11, 12)]);
      expect(executable.runSync!([floats(), floats()])).toEqual([floats()]);
    });
  });

  // Each of these is beyond what float32 holds, and the sums and products beyond what int32 holds.
  const [x, y] = [integers(2 ** 31 - 1, -(2 ** 31), 2 ** 24 + 1, 123456789), integers(5, -7, 2 ** 30 + 3, -987654321)];
  const bits = (compute: (a: number, b: number) => number) =>
    integers(...x.data.map((a, at) => compute(a, y.data[at]!)));
  it.each([
    ['AddV2', bits((a, b) => (a + b) | 0)],
    ['Sub', bits((a, b) => (a - b) | 0)],
    ['Mul', bits(Math.imul)],
    ['Maximum', bits(Math.max)],
    ['Minimum', bits(Math.min)],
  ] as const)('computes %s of int32 exactly, or leaves it to others', async (type, expected) => {
    const segment = binary(type, 'int32');
    if (!backend.supports(segment.outputs[0]!.operation)) return expect([name, type]).toEqual(['cpu', 'Mul']);
    await use(await backend.compile(segment), async (executable) => {
      expect(await executable.run([x, y])).toEqual([expected]);
    });
  });

  it('tells int32 apart that are the same as float32', async () => {
    const close = [
      integers(2 ** 24, 2 ** 24 + 1, 2 ** 31 - 1),
      integers(2 ** 24 + 1, 2 ** 24 + 1, 2 ** 31 - 2),
    ] as const;
    const results: Record<string, number[]> = {};
    for (const type of ['Equal', 'NotEqual', 'Less', 'GreaterEqual']) {
      await use(await backend.compile(binary(type, 'int32')), async (executable) => {
        results[type] = Array.from(((await executable.run(close))[0] as Tensor<'bool'>).data);
      });
    }
    expect(results).toEqual({ Equal: [0, 1, 0], NotEqual: [1, 0, 1], Less: [1, 0, 0], GreaterEqual: [0, 1, 1] });
  });

  const big = 2 ** 24 + 1;
  const number = (value: number) => new Tensor('int32', [], Int32Array.of(value));
  it.each([
    ['PadV2', [new Tensor('int32', [1, 2], Int32Array.of(1, 1)), number(big)], integers(big, 1, big)],
    ['OneHot', [number(2), number(big), number(-big)], new Tensor('int32', [1, 2], Int32Array.of(-big, big))],
  ] as const)('fills with int32 exactly in %s, or leaves it to others', async (type, constants, expected) => {
    const graph = new Graph(new FunctionLibrary());
    const x = placeholder(graph, 'x', 'int32', [1]);
    const attributes = [typeAttribute('Tpaddings', 'int32'), typeAttribute('TI', 'int32')];
    const output = apply(type, [x, ...constants.map((value) => constant(graph, value))], attributes);
    if (!backend.supports(output.operation)) return expect(`${name} ${type}`).not.toBe('cpu PadV2');
    await use(await backend.compile({ graph, inputs: [x], outputs: [output] }), async (executable) => {
      expect(await executable.run([integers(1)])).toEqual([expected]);
    });
  });

  it('rounds int32 to float32 where it is cast', async () => {
    const graph = new Graph(new FunctionLibrary());
    const [x, y] = [placeholder(graph, 'x', 'int32', [1]), placeholder(graph, 'y', 'float32', [1])];
    const types = [typeAttribute('SrcT', 'int32'), typeAttribute('DstT', 'float32')];
    const difference = apply('Sub', [apply('Cast', [x], types), y]);
    await use(await backend.compile({ graph, inputs: [x, y], outputs: [difference] }), async (executable) => {
      expect(await executable.run([integers(2 ** 24 + 1), floats(2 ** 24)])).toEqual([floats(0)]);
    });
  });

  it('says no to what TensorFlow.js has no data type for', () => {
    for (const dtype of ['int64', 'float64', 'uint8', 'int8', 'int16', 'float16', 'bfloat16'] as const) {
      expect(backend.supports(binary('AddV2', dtype).outputs[0]!.operation)).toBe(false);
    }
  });

  it('gives positions that TensorFlow has as int64', async () => {
    const graph = new Graph(new FunctionLibrary());
    const scores = placeholder(graph, 'scores', 'float32', [null, 3]);
    const axis = constant(graph, new Tensor('int32', [], Int32Array.of(-1)));
    const best = apply('ArgMax', [scores, axis], [typeAttribute('output_type', 'int64')]);
    await use(await backend.compile({ graph, inputs: [scores], outputs: [best] }), async (executable) => {
      const rows = new Tensor('float32', [2, 3], Float32Array.of(1, 5, 2, 9, 5, 2));
      expect(await executable.run([rows])).toEqual([new Tensor('int64', [2], BigInt64Array.of(1n, 0n))]);
    });
  });

  it('gives inputs and constants that are outputs, and the same output twice', async () => {
    const { graph, inputs, outputs } = multiplication(reference(0));
    const weight = graph.operation('Mul')!.input(1);
    const segment = { graph, inputs, outputs: [weight, outputs[0]!, inputs[0]!, outputs[0]!] };
    await use(await backend.compile(segment), async (executable) => {
      for (let run = 0; run < 2; run++) {
        const [constant, product, input, again] = (await executable.run([floats(2)])) as Tensor<'float32'>[];
        expect([constant!.data[511], product!.data[511], input!.data[0], again!.data[511]]).toEqual([
          511, 1022, 2, 1022,
        ]);
      }
    });
  });

  it('refuses indices that are outside', async () => {
    const graph = new Graph(new FunctionLibrary());
    const [table, indices] = [placeholder(graph, 'table', 'float32', [4]), placeholder(graph, 'i', 'int32', [null])];
    const row = graph.addOperation({
      type: 'Gather',
      inputs: [table, indices],
      attributes: new Map([typeAttribute('Tparams', 'float32'), typeAttribute('Tindices', 'int32')]),
      shapes: [[null]],
    });
    const segment = { graph, inputs: [table, indices], outputs: [row.output()] };
    await use(await backend.compile(segment), async (executable) => {
      expect(await executable.run([floats(1, 2, 3, 4), integers(3, 0)])).toEqual([floats(4, 1)]);
      for (const index of [4, -1]) {
        await expect(executable.run([floats(1, 2, 3, 4), integers(0, index)])).rejects.toMatchObject({
          code: 'ERR_TFJS',
          operation: 'Gather "Gather"',
          message: expect.stringContaining(`Index ${index} is not in [0, 4)`) as unknown,
        });
      }
    });
  });

  it('refuses indices that only int64 holds', async () => {
    const graph = new Graph(new FunctionLibrary());
    const [table, indices] = [placeholder(graph, 'table', 'float32', [4]), placeholder(graph, 'i', 'int64', [null])];
    const attributes = new Map([typeAttribute('Tparams', 'float32'), typeAttribute('Tindices', 'int64')]);
    const row = graph.addOperation({ type: 'Gather', inputs: [table, indices], attributes, shapes: [[null]] }).output();
    await use(await backend.compile({ graph, inputs: [table, indices], outputs: [row] }), async (executable) => {
      const at = (index: bigint) =>
        executable.run([floats(1, 2, 3, 4), new Tensor('int64', [1], BigInt64Array.of(index))]);
      expect(await at(2n)).toEqual([floats(3)]);
      await expect(at(2n ** 32n)).rejects.toMatchObject({ code: 'ERR_TFJS' });
    });
  });

  it('leaks nothing in a thousand runs, nor when they fail midway', async () => {
    const graph = new Graph(new FunctionLibrary());
    const [x, y] = [placeholder(graph, 'x', 'float32', null), placeholder(graph, 'y', 'float32', null)];
    const doubled = apply('Mul', [x, constant(graph, floats(2))]);
    const softmax = graph.addOperation({
      type: 'Softmax',
      inputs: [doubled],
      attributes: new Map([typeAttribute('T', 'float32')]),
      shapes: [null],
    });
    const outputs = [apply('Sub', [softmax.output(), y])];
    await use(await backend.compile({ graph, inputs: [x, y], outputs }), async (executable) => {
      const before = memory();
      for (let run = 0; run < 1000; run++) {
        executable.runSync!([floats(1, 2, 3), floats(1)]);
        if (run % 10 === 0) expect(() => executable.runSync!([floats(1, 2, 3), floats(1, 2)])).toThrow();
      }
      expect(memory()).toEqual(before);
    });
  });

  it('keeps a weight once for all segments that use it, and no longer than they', async () => {
    const weight = reference(1);
    const before = memory().numTensors;
    const first = await backend.compile(multiplication(weight));
    const second = await backend.compile(multiplication(weight));
    expect(memory().numTensors).toBe(before + 1);
    await first.dispose();
    expect(((await second.run([floats(2)]))[0] as Tensor<'float32'>).data[0]).toBe(2);
    await second.dispose();
    expect(memory().numTensors).toBe(before);
    await expect(second.run([floats(2)])).rejects.toMatchObject({ code: 'ERR_DISPOSED' });
  });

  it('keeps nothing of a segment whose weights cannot be read', async () => {
    const { graph, inputs, outputs } = multiplication(reference(1));
    const broken = new TensorReference('float32', [512], new MemorySource(new Uint8Array(8)), 0);
    const sum = apply('AddV2', [outputs[0]!, constant(graph, broken)]);
    await expect(backend.compile({ graph, inputs, outputs: [sum] })).rejects.toThrow();
    expect(memory().numTensors).toBe(0);
  });

  it('leaves TensorFlow.js to whoever else uses it', async () => {
    const other = name === 'cpu' ? 'wasm' : 'cpu';
    const executable = await backend.compile(binary('AddV2'));
    await (await tfjs({ backend: other }).compile(binary('AddV2'))).dispose();
    await setBackend(other);
    expect(await executable.run([floats(1), floats(2)])).toEqual([floats(3)]);
    expect(engine().backendName).toBe(other);
    await executable.dispose();
  });
});

describe('the backend', () => {
  it('refuses to compile what it does not support, all of it at once', async () => {
    const { graph, inputs, outputs } = binary('AddV2');
    const lost = apply('Lgamma', [apply('Digamma', [outputs[0]!])]);
    const compiling = tfjs({ backend: 'cpu' }).compile({ graph, inputs, outputs: [lost] });
    await expect(compiling).rejects.toThrow(UnsupportedOperationError);
    await expect(compiling).rejects.toMatchObject({
      backend: 'tfjs',
      operations: [{ type: 'Digamma' }, { type: 'Lgamma' }],
    });
  });

  it('says what is missing where a backend of TensorFlow.js is not there', async () => {
    await expect(tfjs({ backend: 'abacus' }).compile(binary('AddV2'))).rejects.toMatchObject({
      code: 'ERR_TFJS_UNAVAILABLE',
      backends: ['abacus'],
    });
  });

  it('has no int32 where TensorFlow.js rounds it', () => {
    const backend = tfjs({ backend: 'webgl' });
    expect(backend.supports(binary('AddV2', 'int32').outputs[0]!.operation)).toBe(false);
    expect(backend.supports(binary('AddV2').outputs[0]!.operation)).toBe(true);
  });
});
