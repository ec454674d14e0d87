import { describe, expect, it } from '@jest/globals';
import { Graph, type SymbolicTensor } from '@tenon/graph';
import { Session } from '@tenon/runtime';
import { tensorFrom, toNested, type Tensor } from '@tenon/tensor';
import * as tf from './index.js';

const run = async (fetches: readonly SymbolicTensor[], feeds: readonly (readonly [SymbolicTensor, Tensor])[] = []) =>
  (await new Session(fetches[0]!.graph).run(fetches, { feeds: new Map(feeds) })).map((value) => toNested(value));

const names = (graph: Graph): string[] => [...graph.operations].map(({ name }) => name);

describe('cond', () => {
  const build = () => {
    const graph = new Graph();
    const x = tf.placeholder(graph, { dtype: 'float32', shape: [null], name: 'x' });
    return { graph, x, isPositive: tf.greater(tf.reduceSum(x), 0) };
  };

  it('runs the branch that is taken, which reads what is outside', async () => {
    const { x, isPositive } = build();
    const y = tf.cond(
      isPositive,
      () => tf.multiply(x, 2),
      () => tf.negate(x),
    );
    expect([y.dtype, y.shape, y.operation.type]).toEqual(['float32', [null], 'StatelessIf']);
    expect(await run([y], [[x, tensorFrom([1, 2])]])).toEqual([[2, 4]]);
    expect(await run([y], [[x, tensorFrom([-1, -2])]])).toEqual([[1, 2]]);
  });

  it('gives what branches give in the form in which they do', async () => {
    const { x, isPositive } = build();
    const [a, b] = tf.cond(
      isPositive,
      () => [x, 1],
      () => [tf.square(x), 0],
    );
    const { c } = tf.cond(
      isPositive,
      () => ({ c: tf.reduceSum(x) }),
      () => ({ c: 0.5 }),
    );
    expect(await run([a, b, c], [[x, tensorFrom([1, 2])]])).toEqual([[1, 2], 1, 3]);
    expect(await run([a, b, c], [[x, tensorFrom([-1, -2])]])).toEqual([[1, 4], 0, 0.5]);
  });

  it('runs effects only in the branch that is taken, and makes variables for both', async () => {
    const { graph, x, isPositive } = build();
    const counter = tf.getVariable(graph, { name: 'counter', shape: [], initializer: tf.zeros(), trainable: false });
    const y = tf.cond(
      isPositive,
      () => {
        tf.assignAdd(counter, 1);
        const weight = tf.getVariable(graph, { name: 'weight', shape: [], initializer: tf.constantValue(3) });
        return tf.multiply(x, weight);
      },
      () => x,
    );
    expect(y.operation.type).toBe('If');
    expect(graph.collections.get('trainable_variables')!.map(({ name }) => name)).toEqual(['weight']);
    const session = new Session(graph);
    const at = (value: number) => session.run([y], { feeds: new Map([[x, tensorFrom([value])]]) });
    expect(toNested((await at(2))[0]!)).toEqual([6]);
    expect(toNested((await at(-2))[0]!)).toEqual([-2]);
    expect(toNested((await session.run([counter.value]))[0]!)).toBe(1);
  });

  it('stands within another', async () => {
    const { x, isPositive } = build();
    const y = tf.cond(
      isPositive,
      () =>
        tf.cond(
          tf.greater(tf.reduceSum(x), 10),
          () => tf.zerosLike(x),
          () => tf.add(x, 1),
        ),
      () => x,
    );
    expect(await run([y], [[x, tensorFrom([20])]])).toEqual([[0]]);
    expect(await run([y], [[x, tensorFrom([2])]])).toEqual([[3]]);
    expect(await run([y], [[x, tensorFrom([-2])]])).toEqual([[-2]]);
  });

  it('says what does not go together, and leaves nothing', () => {
    const { graph, x, isPositive } = build();
    const before = names(graph);
    const refused = (attempt: () => unknown) => {
      try {
        attempt();
      } catch (error) {
        return (error as Error).message;
      }
      throw new Error('It was accepted.');
    };
    expect(refused(() => tf.cond(isPositive, () => x, () => tf.cast(x, 'int32')))).toBe(
      'cond: its branches do not go together: the result is float32 in one and int32 in the other.',
    ); // prettier-ignore
    expect(refused(() => tf.cond(isPositive, () => [x] as tf.FlowValue[], () => [x, x]))).toBe(
      'cond: its branches give different things: (0) and (0, 1).',
    ); // prettier-ignore
    const later = () => Promise.resolve(x) as unknown as tf.FlowValue;
    expect(refused(() => tf.cond(isPositive, later, () => x))).toBe(
      'cond: its functions must not be async: await modules before, and apply them inside.',
    ); // prettier-ignore
    expect(refused(() => tf.cond(x, () => x, () => x))).toBe(
      'cond: its predicate is float32 [?]; it must be a bool scalar.',
    ); // prettier-ignore
    const layer = () => tf.batchNormalization(tf.reshape(x, [-1, 1]), { training: true });
    expect(refused(() => tf.cond(isPositive, layer, () => x))).toMatch(
      /adds to collections of the graph \(2 in "update_ops"\)/,
    );
    expect(graph.collections.get('update_ops') ?? []).toEqual([]);
    expect(names(graph).filter((name) => !name.startsWith('batch_normalization/'))).toEqual(before);
  });
});

describe('whileLoop', () => {
  it('goes around as long as its condition holds', async () => {
    const graph = new Graph();
    const x = tf.placeholder(graph, { dtype: 'float32', shape: [null], name: 'x' });
    const n = tf.placeholder(graph, { dtype: 'float32', shape: [], name: 'n' });
    const [i, power] = tf.whileLoop(
      (count) => tf.less(count, n),
      (count, product) => [tf.add(count, 1), tf.multiply(product, x)],
      [0, tf.onesLike(x)],
    );
    expect([i.shape, power.shape, power.operation.type]).toEqual([[], [null], 'StatelessWhile']);
    for (const times of [0, 1, 3]) {
      const feeds = [[x, tensorFrom([2, 3])] as const, [n, tensorFrom(times)] as const];
      expect(await run([i, power], feeds)).toEqual([times, [2 ** times, 3 ** times]]);
    }
  });

  it('has variables with names, a bound, and shapes that change', async () => {
    const graph = new Graph();
    const x = tf.placeholder(graph, { dtype: 'float32', shape: [2], name: 'x' });
    const loop = (maximumIterations: number | SymbolicTensor) =>
      tf.whileLoop(
        ({ rows }) => tf.less(tf.reduceSum(rows), 100),
        ({ rows }) => ({ rows: tf.concat([rows, x], 0) }),
        { rows: x },
        { shapeInvariants: { rows: [null] }, maximumIterations },
      ).rows;
    const rows = loop(3);
    expect(rows.shape).toEqual([null]);
    expect(await run([rows], [[x, tensorFrom([1, 2])]])).toEqual([[1, 2, 1, 2, 1, 2, 1, 2]]);
    const bound = tf.constant(graph, 1, { dtype: 'int32' });
    expect(await run([loop(bound)], [[x, tensorFrom([1, 2])]])).toEqual([[1, 2, 1, 2]]);
    expect(await run([rows], [[x, tensorFrom([30, 40])]])).toEqual([[30, 40, 30, 40]]);
  });

  it('makes variables once, reads them, and changes them', async () => {
    const graph = new Graph();
    const counter = tf.getVariable(graph, { name: 'counter', shape: [], initializer: tf.zeros(), trainable: false });
    const [y] = tf.whileLoop(
      (value) => tf.less(value, 20),
      (value) => {
        tf.assignAdd(counter, 1);
        return [
          tf.multiply(value, tf.getVariable(graph, { name: 'factor', shape: [], initializer: tf.constantValue(3) })),
        ];
      },
      [1],
      { graph },
    );
    const session = new Session(graph);
    expect(toNested((await session.run([y]))[0]!)).toBe(27);
    expect(toNested((await session.run([counter.value]))[0]!)).toBe(3);
  });

  it('stands within another, and holds branches', async () => {
    const graph = new Graph();
    const x = tf.placeholder(graph, { dtype: 'float32', shape: [], name: 'x' });
    const [, sum] = tf.whileLoop(
      (i) => tf.less(i, 3),
      (i, total) => {
        const [, inner] = tf.whileLoop(
          (j) => tf.less(j, i),
          (j, value) => [tf.add(j, 1), tf.add(value, x)],
          [0, total],
        );
        return [tf.add(i, 1), tf.cond(tf.equal(i, 1), () => tf.negate(inner), () => tf.add(inner, 1))]; // prettier-ignore
      },
      [0, x],
    );
    // ((x + 1) + x) negated, then 2x more and 1.
    expect(await run([sum], [[x, tensorFrom(5)]])).toEqual([-11 + 10 + 1]);
  });

  it('says which variables change what they are', () => {
    const graph = new Graph();
    const x = tf.placeholder(graph, { dtype: 'float32', shape: [2], name: 'x' });
    const before = names(graph);
    const always = () => tf.less(tf.reduceSum(x), 1);
    expect(() => tf.whileLoop(always, (a) => [tf.cast(a, 'int32')], [x])).toThrow(
      'whileLoop: its variables change their data types: 0 is float32, and then int32.',
    );
    expect(() => tf.whileLoop(always, ({ a }) => ({ a: tf.concat([a, a], 0) }), { a: x })).toThrow(
      'whileLoop: its variables change their shapes: a is [2]; after an iteration it is [4]. Say with shapeInvariants what holds in every iteration.',
    );
    expect(() => tf.whileLoop(() => x, (a) => [a], [x])).toThrow('it must be a bool scalar'); // prettier-ignore
    expect(names(graph).filter((name) => !name.includes('/Const'))).toEqual(before);
  });
});
