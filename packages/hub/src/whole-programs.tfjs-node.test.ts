import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Backend } from '@tenon/backend';
import { Graph, type Attribute, type Operation, type SymbolicTensor } from '@tenon/graph';
import { OperationError, RefusedOperationError, Session } from '@tenon/runtime';
import { StringArray, Tensor, type DType, type NumericDType, type PartialShape, type Shape } from '@tenon/tensor';
import { memory } from '@tensorflow/tfjs-core';
import { fileAccess } from './file-access.js';
import { tfjsNodeBackend } from './testing/tfjs-backend.js';

let backend: Backend;
beforeAll(async () => {
  backend = await tfjsNodeBackend();
});

const sessions: Session[] = [];
const open = (graph: Graph, options = {}): Session => {
  const session = new Session(graph, { backend, ...options });
  sessions.push(session);
  return session;
};
afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.dispose()));
});

const dtype = (value: DType): Attribute => ({ kind: 'dtype', value });
const add = (
  graph: Graph,
  type: string,
  inputs: readonly SymbolicTensor[],
  attributes: Record<string, Attribute> = {},
  name?: string,
): Operation =>
  graph.addOperation({
    type,
    inputs,
    attributes: new Map(Object.entries(attributes)),
    ...(name !== undefined && { name }),
  });
const placeholder = (graph: Graph, type: DType, shape: PartialShape = null): SymbolicTensor =>
  graph
    .addOperation({
      type: 'Placeholder',
      attributes: new Map([
        ['dtype', dtype(type)],
        ['shape', { kind: 'shape', value: shape }],
      ]),
      shapes: [shape],
    })
    .output();
const constant = (graph: Graph, value: Tensor): SymbolicTensor =>
  graph
    .addOperation({
      type: 'Const',
      attributes: new Map([
        ['dtype', dtype(value.dtype)],
        ['value', { kind: 'tensor', value }],
      ]),
      shapes: [value.shape],
    })
    .output();
const float = (...values: number[]): Tensor<'float32'> =>
  new Tensor('float32', [values.length], Float32Array.from(values));
const text = (...values: string[]): Tensor<'string'> => new Tensor('string', [values.length], StringArray.from(values));

/** A resource variable that starts as a value. */
function variable(graph: Graph, value: Tensor, name: string): { handle: SymbolicTensor; read: SymbolicTensor } {
  const shape: Attribute = { kind: 'shape', value: value.shape };
  const handle = add(graph, 'VarHandleOp', [], { dtype: dtype(value.dtype), shape }, name);
  graph.initializers.set(handle, [{ value }]);
  const read = add(graph, 'ReadVariableOp', [handle.output()], { dtype: dtype(value.dtype) });
  return { handle: handle.output(), read: read.output() };
}

const BITS: readonly [NumericDType, Shape, Tensor['data']][] = [
  ['float32', [3], Float32Array.of(1.5, -Infinity, NaN)],
  ['float64', [2, 2], Float64Array.of(Math.PI, 2 ** 53 + 2, -0, 5e-324)],
  ['float16', [2], Uint16Array.of(0x3c01, 0xfc00)],
  ['bfloat16', [2], Uint16Array.of(0x3f81, 0xff80)],
  ['int8', [3], Int8Array.of(-128, 127, -1)],
  ['uint8', [3], Uint8Array.of(0, 255, 128)],
  ['int16', [2], Int16Array.of(-32768, 32767)],
  ['uint16', [2], Uint16Array.of(65535, 1)],
  ['int32', [], Int32Array.of(-(2 ** 31))],
  ['uint32', [2], Uint32Array.of(2 ** 32 - 1, 7)],
  ['int64', [3], BigInt64Array.of(2n ** 53n + 1n, -(2n ** 63n), -1n)],
  ['uint64', [], BigUint64Array.of(2n ** 64n - 1n)],
  ['bool', [2], Uint8Array.of(1, 0)],
  ['complex64', [1], Float32Array.of(1, -2)],
  ['complex128', [2], Float64Array.of(1, -2, Math.E, 1e300)],
  ['qint32', [1], Int32Array.of(-5)],
  ['quint8', [1], Uint8Array.of(200)],
  ['int64', [0, 2], new BigInt64Array(0)],
];

describe('values on libtensorflow', () => {
  it.each(BITS)('go in and out as they are: %s %j', async (type, shape, data) => {
    const graph = new Graph();
    const x = placeholder(graph, type);
    const y = add(graph, 'Identity', [x], { T: dtype(type) }).output();
    const value = new Tensor(type, shape, data as never);
    const [result] = await open(graph).run([y], { feeds: new Map([[x, value]]) });
    expect(result).toEqual(value);
  });

  it('are text that need not be UTF-8', async () => {
    const graph = new Graph();
    const x = placeholder(graph, 'string');
    const y = add(graph, 'StringLower', [x]).output();
    const bytes = StringArray.from([Uint8Array.of(0xff, 0x41, 0x00), 'ÄB', '']);
    const [result] = await open(graph).run([y], { feeds: new Map([[x, new Tensor('string', [3, 1], bytes)]]) });
    expect(result!.shape).toEqual([3, 1]);
    const { data } = result as Tensor<'string'>;
    expect([0, 1, 2].map((index) => [...data.at(index)])).toEqual([
      [0xff, 0x61, 0x00],
      [...new TextEncoder().encode('Äb')],
      [],
    ]);
  });
});

describe('state on libtensorflow', () => {
  it.each<[NumericDType, Tensor, Tensor]>([
    ['float32', float(1, 2), float(3, 6)],
    [
      'int64',
      new Tensor('int64', [1], BigInt64Array.of(2n ** 60n)),
      new Tensor('int64', [1], BigInt64Array.of(3n * 2n ** 60n)),
    ],
    ['float64', new Tensor('float64', [], Float64Array.of(0.1)), new Tensor('float64', [], Float64Array.of(0.1 + 0.2))],
  ])('is what the last program made of it: %s', async (type, first, last) => {
    const graph = new Graph();
    const { handle, read } = variable(graph, first, 'v');
    const x = placeholder(graph, type);
    const update = add(graph, 'AssignAddVariableOp', [handle, x], { dtype: dtype(type) });
    const session = open(graph);
    expect(await session.run([read])).toEqual([first]);
    const twice = add(graph, 'AddV2', [first, first].map((value) => constant(graph, value)), { T: dtype(type) }); // prettier-ignore
    const [added] = await session.run([twice.output()]);
    await session.run([update], { feeds: new Map([[x, added!]]) });
    expect(await session.run([read])).toEqual([last]);
    const [again] = await session.run([read]);
    expect(again).toEqual(last);
  });

  it('belongs to its session', async () => {
    const graph = new Graph();
    const { handle, read } = variable(graph, float(1), 'v');
    const update = add(graph, 'AssignAddVariableOp', [handle, constant(graph, float(1))], { dtype: dtype('float32') });
    const [one, other] = [open(graph), open(graph)];
    await one.run([update]);
    expect(await one.run([read])).toEqual([float(2)]);
    expect(await other.run([read])).toEqual([float(1)]);
  });

  it('starts as the same random value in every program', async () => {
    const graph = new Graph();
    const attributes = { dtype: dtype('float32'), shape: { kind: 'shape', value: [4] } as Attribute };
    const handle = add(graph, 'VarHandleOp', [], attributes, 'random');
    const shape = constant(graph, new Tensor('int32', [1], Int32Array.of(4)));
    const random = add(graph, 'RandomUniform', [shape], { T: dtype('int32'), dtype: dtype('float32') }).output();
    const operation = add(graph, 'AssignVariableOp', [handle.output(), random], { dtype: dtype('float32') });
    graph.initializers.set(handle, [{ operation }]);
    const read = add(graph, 'ReadVariableOp', [handle.output()], { dtype: dtype('float32') }).output();
    const same = add(graph, 'Identity', [read], { T: dtype('float32') }).output();
    const session = open(graph);
    const [first] = await session.run([read]);
    expect(await session.run([same])).toEqual([first]);
    expect(await session.run([read, same])).toEqual([first, first]);
  });

  it('of reference variables is what was assigned', async () => {
    const graph = new Graph();
    const attributes = { dtype: dtype('float32'), shape: { kind: 'shape', value: [1] } as Attribute };
    const old = add(graph, 'VariableV2', [], attributes, 'old');
    graph.initializers.set(old, [{ value: float(5) }]);
    const update = add(graph, 'AssignAdd', [old.output(), constant(graph, float(1))], { T: dtype('float32') });
    const session = open(graph);
    expect(await session.run([old.output()])).toEqual([float(5)]);
    await session.run([update]);
    expect(await session.run([old.output()])).toEqual([float(6)]);
  });

  it('of tables that change is what was put in', async () => {
    const graph = new Graph();
    const types = { key_dtype: dtype('string'), value_dtype: dtype('int64') };
    const table = add(graph, 'MutableHashTableV2', [], types, 'table').output();
    const keys = placeholder(graph, 'string');
    const values = placeholder(graph, 'int64');
    const lookup = { Tin: dtype('string'), Tout: dtype('int64') };
    const insert = add(graph, 'LookupTableInsertV2', [table, keys, values], lookup);
    const missing = constant(graph, new Tensor('int64', [], BigInt64Array.of(-1n)));
    const find = add(graph, 'LookupTableFindV2', [table, keys, missing], lookup).output();
    const session = open(graph);
    const put = (key: string, value: bigint) =>
      session.run([insert], {
        feeds: new Map<SymbolicTensor, Tensor>([
          [keys, text(key)],
          [values, new Tensor('int64', [1], BigInt64Array.of(value))],
        ]),
      });
    const look = () => session.run([find], { feeds: new Map([[keys, text('a', 'b')]]) });
    expect(await look()).toEqual([new Tensor('int64', [2], BigInt64Array.of(-1n, -1n))]);
    await put('a', 2n ** 60n);
    expect(await look()).toEqual([new Tensor('int64', [2], BigInt64Array.of(2n ** 60n, -1n))]);
    await put('b', 7n);
    expect(await look()).toEqual([new Tensor('int64', [2], BigInt64Array.of(2n ** 60n, 7n))]);
  });

  it('loses no update of runs at the same time', async () => {
    const graph = new Graph();
    const { handle, read } = variable(graph, float(0), 'v');
    const by = (value: number) =>
      add(graph, 'AssignAddVariableOp', [handle, constant(graph, float(value))], { dtype: dtype('float32') });
    const [one, ten] = [by(1), by(10)];
    const session = open(graph);
    await Promise.all(Array.from({ length: 20 }, (_, index) => session.run([index % 2 === 0 ? one : ten])));
    expect(await session.run([read])).toEqual([float(110)]);
  });

  it('does not lie in what was fed', async () => {
    const graph = new Graph();
    const { handle, read } = variable(graph, float(0, 0), 'v');
    const x = placeholder(graph, 'float32');
    const assign = add(graph, 'AssignVariableOp', [handle, x], { dtype: dtype('float32') });
    const update = add(graph, 'AssignAddVariableOp', [handle, constant(graph, float(1, 1))], {
      dtype: dtype('float32'),
    });
    const session = open(graph);
    const fed = float(5, 6);
    await session.run([assign], { feeds: new Map([[x, fed]]) });
    for (let run = 0; run < 3; run++) await session.run([update]);
    expect(fed).toEqual(float(5, 6));
    expect(await session.run([read])).toEqual([float(8, 9)]);
  });
});

describe('failures on libtensorflow', () => {
  it('name the operation, and leak nothing', async () => {
    const graph = new Graph();
    const x = placeholder(graph, 'int32');
    const y = add(graph, 'FloorDiv', [x, constant(graph, new Tensor('int32', [], Int32Array.of(0)))], {
      T: dtype('int32'),
    }, 'quotient'); // prettier-ignore
    const session = open(graph);
    const value = new Tensor('int32', [1], Int32Array.of(1));
    const run = () => session.run([y.output()], { feeds: new Map([[x, value]]) });
    await expect(run()).rejects.toThrow(OperationError);
    await expect(run()).rejects.toThrow(/FloorDiv "quotient": .*zero/s);
    const { numTensors, numDataBuffers } = memory();
    for (let index = 0; index < 50; index++) await run().catch(() => undefined);
    expect(memory()).toMatchObject({ numTensors, numDataBuffers });
  });

  /** Fails where there is no such element. */
  const picky = (type: DType) => {
    const graph = new Graph();
    const [x, index] = [placeholder(graph, type), placeholder(graph, 'int32')];
    const y = add(graph, 'Identity', [x], { T: dtype(type) }).output();
    const attributes = { Tparams: dtype('float32'), Tindices: dtype('int32') };
    const z = add(graph, 'Gather', [constant(graph, float(5)), index], attributes).output();
    const session = open(graph);
    return (value: Tensor, at: number) =>
      session.run([y, z], {
        feeds: new Map([
          [x, value],
          [index, new Tensor('int32', [], Int32Array.of(at))],
        ]),
      });
  };

  it.each([...BITS, ['string', [2], text('a', 'b').data] as const])(
    'change nothing of what goes in later: %s %j',
    async (type, shape, data) => {
      const run = picky(type);
      const value = new Tensor(type as 'float32', shape, data as Float32Array);
      await expect(run(value, 1)).rejects.toThrow(OperationError);
      for (let index = 0; index < 2; index++) expect((await run(value, 0))[0]).toEqual(value);
      await expect(run(value, 1)).rejects.toThrow(OperationError);
    },
  );

  it('leave nothing of what was fed in memory', async () => {
    const run = picky('float32');
    const value = new Tensor('float32', [1_000_000], new Float32Array(1_000_000).fill(1));
    const fail = () => run(value, 1).catch(() => undefined);
    // Allocators keep some of what was freed: no more after the first runs.
    for (let index = 0; index < 25; index++) await fail();
    const before = process.memoryUsage.rss();
    for (let index = 0; index < 100; index++) await fail();
    // What was fed is 400 MB in all.
    expect(process.memoryUsage.rss() - before).toBeLessThan(100e6);
  });

  it('do not come of a thousand runs', async () => {
    const graph = new Graph();
    const x = placeholder(graph, 'float64');
    const y = add(graph, 'Neg', [x], { T: dtype('float64') }).output();
    const session = open(graph);
    const feeds = new Map([[x, new Tensor('float64', [1000], new Float64Array(1000).fill(1))]]);
    await session.run([y], { feeds });
    const { numTensors, numDataBuffers } = memory();
    for (let index = 0; index < 1000; index++) await session.run([y], { feeds });
    expect(memory()).toMatchObject({ numTensors, numDataBuffers });
  });
});

describe('files on libtensorflow', () => {
  const readFile = (path: string): { graph: Graph; contents: SymbolicTensor } => {
    const graph = new Graph();
    const name = constant(graph, new Tensor('string', [], StringArray.from([path])));
    return { graph, contents: add(graph, 'ReadFile', [name]).output() };
  };
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tenon-files-'));
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'assets/words.txt'), 'words');
    writeFileSync(join(folder, 'secret.txt'), 'secret');
    symlinkSync('../secret.txt', join(folder, 'assets/link.txt'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('are the assets of the module', async () => {
    const { graph, contents } = readFile(join(folder, 'assets/words.txt'));
    const session = open(graph, { files: fileAccess({ directories: [folder] }) });
    const [result] = await session.run([contents]);
    expect((result as Tensor<'string'>).data.decode(0)).toBe('words');
  });

  it('are no others', async () => {
    const { graph, contents } = readFile(join(folder, 'secret.txt'));
    const session = open(graph, { files: fileAccess({ directories: [folder] }) });
    await expect(session.run([contents])).rejects.toThrow(RefusedOperationError);
  });

  it('are no others that a link leads to', async () => {
    const { graph, contents } = readFile(join(folder, 'assets/link.txt'));
    const session = open(graph, { files: fileAccess({ directories: [folder] }) });
    await expect(session.run([contents])).rejects.toMatchObject({ code: 'ERR_FILE_ACCESS' });
  });

  it('are known before the program runs', async () => {
    const graph = new Graph();
    const path = placeholder(graph, 'string');
    const contents = add(graph, 'ReadFile', [path]).output();
    const session = open(graph, { files: fileAccess({ directories: [folder] }) });
    const feeds = new Map([[path, new Tensor('string', [], StringArray.from([join(folder, 'secret.txt')]))]]);
    await expect(session.run([contents], { feeds })).rejects.toThrow(/not known before it runs/);
    const trusted = open(graph, { files: fileAccess({ directories: [folder] }, ['read-files']) });
    const [result] = await trusted.run([contents], { feeds });
    expect((result as Tensor<'string'>).data.decode(0)).toBe('secret');
  });
});
