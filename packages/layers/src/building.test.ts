import { describe, expect, it } from '@jest/globals';
import { Graph, ShapeInferenceError } from '@tenon/graph';
import { Session } from '@tenon/runtime';
import { tensorFrom, toNested } from '@tenon/tensor';
import * as tf from './index.js';

const names = (graph: Graph): string[] => [...graph.operations].map(({ name }) => name);

describe('operations', () => {
  it('take values, and give them the data type that the op wants there', async () => {
    const graph = new Graph();
    const x = tf.placeholder(graph, { dtype: 'float64', shape: [null, 2], name: 'x' });
    const sum = tf.reduceSum(tf.add(x, 1), { axis: 1, name: 'sum' });
    expect([sum.name, sum.dtype, sum.shape]).toEqual(['sum:0', 'float64', [null]]);
    expect(graph.operation('AddV2')!.input(1).dtype).toBe('float64');
    const feeds = new Map([[x, tensorFrom([[1, 2]], 'float64')]]);
    const [value] = await new Session(graph).run([sum], { feeds });
    expect([...(value!.data as Float64Array)]).toEqual([5]);
  });

  it('know their shapes at once, through shapes that are computed', () => {
    const graph = new Graph();
    const x = tf.placeholder(graph, { dtype: 'float32', shape: [2, 3, 4] });
    const rows = tf.slice(tf.shapeOf(x), [1], [2]);
    expect(tf.reshape(x, tf.concat([rows, [2]], 0)).shape).toEqual([3, 4, 2]);
    expect(tf.flatten(tf.placeholder(graph, { dtype: 'float32', shape: [null, 3, 4] })).shape).toEqual([null, 12]);
  });

  it('take places as TensorFlow does', async () => {
    const graph = new Graph();
    const x = tf.constant(graph, [[1, 2], [3, 4]]); // prettier-ignore
    const gathered = [tf.gather(x, 1), tf.gather(x, [1, 0], { axis: 1 }), tf.gather(x, tf.constant(graph, [0n]))];
    expect(gathered.map(({ shape }) => shape)).toEqual([[2], [2, 2], [1, 2]]); // prettier-ignore
    expect(gathered[0]!.operation.inputs.map(({ dtype }) => dtype)).toEqual(['float32', 'int32', 'int32']);
    const values = await new Session(graph).run(gathered);
    expect(values.map((value) => toNested(value))).toEqual([[3, 4], [[2, 1], [4, 3]], [[1, 2]]]); // prettier-ignore
  });

  it('give indices and sizes the integer types that TensorFlow has for them', () => {
    const graph = new Graph();
    const x = tf.placeholder(graph, { dtype: 'float32', shape: [4, 4] });
    const typesOf = (type: string, inputs: tf.BuildInputs) =>
      tf.operation(graph, type, inputs).inputs.map(({ dtype }) => dtype);
    expect(typesOf('StridedSlice', [x, [0, 1], [2, 3], [1, 1]])).toEqual(['float32', 'int32', 'int32', 'int32']);
    expect(typesOf('GatherNd', [x, [[0, 1], [2, 2]]])).toEqual(['float32', 'int32']); // prettier-ignore
    expect(typesOf('GatherNd', [x, [[0n, 1n]]])).toEqual(['float32', 'int64']);
    expect(typesOf('Roll', [x, 1, 0])).toEqual(['float32', 'int32', 'int32']);
    expect(typesOf('Roll', [x, tf.constant(graph, 1n), 0])).toEqual(['float32', 'int64', 'int32']);
  });

  // What TensorFlow's StringSplitV2 gives.
  it.each([
    [
      undefined,
      [
        [0, 0],
        [0, 1],
        [0, 2],
        [2, 0],
        [2, 1],
        [2, 2],
      ],
      ['a', 'b', 'c', 'x,', ',', 'y'],
      [3, 3],
    ],
    [
      ', ',
      [
        [0, 0],
        [1, 0],
        [2, 0],
        [2, 1],
        [2, 2],
      ],
      [' a  b\tc ', '', 'x', '', 'y'],
      [3, 3],
    ],
  ])('split texts at %p', async (separator, indices, values, denseShape) => {
    const graph = new Graph();
    const parts = tf.splitStrings(tf.constant(graph, [' a  b\tc ', '', 'x, , y']), separator ? { separator } : {});
    const found = await new Session(graph).run([parts.indices, parts.values, parts.denseShape]);
    const bigints = (rows: number[][]) => rows.map((row) => row.map(BigInt));
    expect(found.map(toNested)).toEqual([bigints(indices), values, denseShape.map(BigInt)]);
  });

  it('that cannot take their inputs are not added', () => {
    const graph = new Graph();
    const [a, b] = [3, 4].map((columns) => tf.placeholder(graph, { dtype: 'float32', shape: [2, columns] }));
    const before = names(graph);
    expect(() => tf.matMul(a!, b!)).toThrow(ShapeInferenceError);
    expect(names(graph)).toEqual(before);
  });

  it('are of one graph', () => {
    const [a, b] = [new Graph(), new Graph()].map((graph) => tf.placeholder(graph, { dtype: 'float32' }));
    expect(() => tf.add(a!, b!)).toThrow(expect.objectContaining({ code: 'ERR_BUILD_ARGUMENT', what: 'AddV2' }));
    expect(() => tf.add(1, 2)).toThrow('at least one of its inputs must be a tensor');
    expect(() => tf.operation(new Graph(), 'NoSuchOp')).toThrow('TensorFlow has no such op');
  });

  it('wait for what they are told to', () => {
    const graph = new Graph();
    const counter = tf.getVariable(graph, { name: 'counter', shape: [], initializer: tf.zeros(), trainable: false });
    const step = tf.assignAdd(counter, 1);
    const after = tf.controlDependencies(graph, [step], () => tf.identity(counter, { name: 'after' }));
    expect(after.operation.controlInputs).toEqual([step]);
    expect(after.operation.input(0).operation.controlInputs).toEqual([step]);
  });
});

describe('scopes', () => {
  it('name operations, and are told apart by numbers', () => {
    const graph = new Graph();
    const build = () => tf.nameScope(graph, 'a', (scope) => [scope, tf.constant(graph, 1, { name: 'c' }).name]);
    expect([build(), build()]).toEqual([
      ['a', 'a/c:0'],
      ['a_1', 'a_1/c:0'],
    ]);
    expect(tf.constant(graph, 1, { name: 'a' }).name).toBe('a_2:0');
    expect(tf.currentNameScope(graph)).toBe('');
  });

  it('end where what they hold throws', () => {
    const graph = new Graph();
    const attempt = () =>
      tf.variableScope(graph, 'a', () => {
        throw new Error('no');
      });
    expect(attempt).toThrow('no');
    expect(tf.getVariable(graph, { name: 'v', shape: [] }).name).toBe('v');
  });

  it('of variables are the same when they are entered again', () => {
    const graph = new Graph();
    const get = (reuse: boolean, shape: readonly number[] = [2]) =>
      tf.variableScope(graph, 'tower', () => tf.getVariable(graph, { name: 'w', shape }), { reuse });
    const first = get(false);
    expect(first.name).toBe('tower/w');
    expect(get(true)).toBe(first);
    expect(() => get(false)).toThrow(expect.objectContaining({ code: 'ERR_VARIABLE_EXISTS', variable: 'tower/w' }));
    expect(() => get(true, [3])).toThrow('it is float32 [2]; float32 [3] is wanted');
    expect(() =>
      tf.variableScope(graph, 'other', () => tf.getVariable(graph, { name: 'w', shape: [] }), { reuse: true }),
    ).toThrow(expect.objectContaining({ code: 'ERR_VARIABLE_REUSE', variable: 'other/w' }));
  });
});

describe('variables', () => {
  it('stand in collections, with what initialises them', () => {
    const graph = new Graph();
    const w = tf.getVariable(graph, { name: 'w', shape: [2] });
    const steps = tf.getVariable(graph, { name: 'steps', shape: [], dtype: 'int64', trainable: false });
    expect(graph.collections.get('variables')).toEqual([w.operation, steps.operation]);
    expect(graph.collections.get('trainable_variables')).toEqual([w.operation]);
    expect(graph.initializers.get(w.operation)).toEqual([{ operation: w.initializer }]);
    expect(names(graph)).toEqual(expect.arrayContaining(['w', 'w/Assign', 'w/Read/ReadVariableOp']));
  });

  it('cannot be given values of another shape', () => {
    const graph = new Graph();
    const initializer = tf.constantValue([1, 2, 3]);
    expect(() => tf.getVariable(graph, { name: 'w', shape: [2], initializer })).toThrow(
      'float32 [3] was given for a variable that is float32 [2]',
    );
  });
});

describe('layers', () => {
  it('have names of their own, within the scope', () => {
    const graph = new Graph();
    const x = tf.placeholder(graph, { dtype: 'float32', shape: [null, 4] });
    tf.dense(x, { units: 2, name: 'named' });
    tf.variableScope(graph, 'a', () => tf.dense(x, { units: 2 }));
    expect(() => tf.dense(x, { units: 2, name: 'named' })).toThrow(tf.VariableExistsError);
    expect(tf.variablesOf(graph).map(({ name }) => name)).toEqual([
      'named/kernel',
      'named/bias',
      'a/dense/kernel',
      'a/dense/bias',
    ]);
  });

  it('share their variables in a scope that says so, one by one', async () => {
    const graph = new Graph();
    const x = tf.placeholder(graph, { dtype: 'float32', shape: [null, 2], name: 'x' });
    const model = () =>
      tf.dense(
        tf.variableScope(graph, 'inner', () => tf.dense(tf.dense(x, { units: 3 }), { units: 2 })),
        { units: 1 },
      );
    const first = tf.variableScope(graph, 'tower', model);
    const second = tf.variableScope(graph, 'tower', model, { reuse: true });
    expect(tf.variablesOf(graph)).toHaveLength(6);
    expect(second.name).not.toBe(first.name);
    const feeds = new Map([[x, tensorFrom([[1, 2]])]]);
    const [a, b] = await new Session(graph).run([first, second], { feeds });
    expect(a).toEqual(b);
    const another = () => tf.variableScope(graph, 'tower', () => [model(), model()], { reuse: true });
    expect(another).toThrow(tf.VariableReuseError);
  });

  it('say what they need to know of their input', () => {
    const graph = new Graph();
    const unknown = tf.placeholder(graph, { dtype: 'float32', shape: [null, null] });
    expect(() => tf.dense(unknown, { units: 2 })).toThrow('the last dimension of its input must be known');
    expect(() => tf.convolution2d(unknown, { filters: 1, kernelSize: 1 })).toThrow(tf.BuildArgumentError);
    expect(() => tf.batchNormalization(unknown)).toThrow(tf.BuildArgumentError);
    expect(() => tf.dropout(unknown, { rate: 1 })).toThrow('the rate must be in [0, 1); it is 1.');
  });
});

describe('tables', () => {
  it('find the lines of words in a file, and the words on lines', async () => {
    const graph = new Graph();
    const words = tf.vocabularyTable(graph, { file: '/vocabulary.txt' });
    const lines = tf.reverseVocabularyTable(graph, { file: '/vocabulary.txt', unknown: '?' });
    const found = tf.lookup(words, tf.constant(graph, ['b', 'x', 'a']));
    const back = tf.lookup(lines, tf.constant(graph, [1n, 7n]));
    expect(graph.collections.get('asset_filepaths')).toHaveLength(2);
    expect(graph.collections.get('table_initializer')).toHaveLength(2);
    const files = {
      mayRead: (path: string) => path === '/vocabulary.txt',
      mayWrite: false,
      readFile: () => new TextEncoder().encode('a\nb\n'),
      writeFile: () => undefined,
    };
    const [ids, texts] = await new Session(graph, { files }).run([found, back]);
    expect([...(ids!.data as BigInt64Array)]).toEqual([1n, -1n, 0n]);
    expect(toNested(texts!)).toEqual(['b', '?']);
  });
});
