import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { parseGraphDef } from '@tenon/format';
import { Graph, importGraphDef, type Attribute, type SymbolicTensor } from '@tenon/graph';
import * as tf from '@tenon/layers';
import { Session } from '@tenon/runtime';
import { Tensor, viewBytes, type NumericDType, type Shape } from '@tenon/tensor';
import { GradientArgumentError, NoGradientError } from '../errors.js';
import { gradients } from './gradients.js';
import { isIndexedSlices, type Gradient } from './indexed-slices.js';

interface JsonTensor {
  readonly dtype: NumericDType;
  readonly shape: Shape;
  readonly data: string;
}

interface Case {
  readonly title: string;
  readonly graph: string;
  readonly feeds: Readonly<Record<string, JsonTensor>>;
  readonly ys: readonly string[];
  readonly initial: readonly string[];
  readonly xs: readonly string[];
  readonly gradients: readonly (JsonTensor | null)[];
  readonly tolerance?: readonly [number, number];
}

const cases = ['gradients', 'control-flow-gradients'].flatMap((name) => {
  const text = gunzipSync(readFileSync(`${__dirname}/../../testdata/${name}.json.gz`)).toString('utf8');
  return (JSON.parse(text) as { cases: readonly Case[] }).cases;
});

const toTensor = ({ dtype, shape, data }: JsonTensor): Tensor<NumericDType> =>
  new Tensor(dtype, shape, viewBytes(dtype, new Uint8Array(Buffer.from(data, 'base64'))));

/** All of a gradient: rows are added up here, as the definition of `IndexedSlices` says. */
async function evaluate(
  session: Session,
  gradient: Gradient,
  feeds: ReadonlyMap<SymbolicTensor, Tensor>,
): Promise<Tensor<NumericDType>> {
  if (!isIndexedSlices(gradient)) return (await session.run([gradient], { feeds }))[0] as Tensor<NumericDType>;
  const fetches = [gradient.values, gradient.indices, gradient.denseShape];
  const [values, indices, denseShape] = (await session.run(fetches, { feeds })) as Tensor<NumericDType>[];
  const shape = Array.from(denseShape!.data, Number);
  const dense = new Float64Array(shape.reduce((a, b) => a * b, 1));
  const width = dense.length / shape[0]!;
  Array.from(indices!.data, Number).forEach((row, index) => {
    for (let i = 0; i < width; i++) dense[row * width + i]! += Number(values!.data[index * width + i]);
  });
  return new Tensor('float64', shape, dense);
}

describe('gradients are those of TensorFlow', () => {
  it.each(cases.map((testCase) => [testCase.title, testCase] as const))('%s', async (_title, testCase) => {
    const graph = importGraphDef(parseGraphDef(Buffer.from(testCase.graph, 'base64')));
    const feeds = new Map<SymbolicTensor, Tensor>();
    const placeholder = (name: string, { dtype }: JsonTensor, shape: Shape | null): SymbolicTensor =>
      graph.operation(name.split(':')[0]!)?.output() ??
      graph
        .addOperation({
          type: 'Placeholder',
          name: name.split(':')[0]!,
          attributes: new Map<string, Attribute>([['dtype', { kind: 'dtype', value: dtype }]]),
          shapes: [shape],
        })
        .output();
    for (const [name, value] of Object.entries(testCase.feeds))
      feeds.set(placeholder(name, value, null), toTensor(value));
    const [ys, initial, xs] = [testCase.ys, testCase.initial, testCase.xs].map((names) =>
      names.map((name) => graph.tensor(name)),
    );
    const made = gradients(ys!, xs!, { initial: initial! });
    expect(made.map((gradient) => gradient !== undefined)).toEqual(testCase.gradients.map((value) => value !== null));
    const session = new Session(graph);
    for (const [index, expected] of testCase.gradients.entries()) {
      if (!expected) continue;
      const actual = await evaluate(session, made[index]!, feeds);
      const wanted = toTensor(expected);
      expect(actual.shape).toEqual(wanted.shape);
      const [relative, absolute] = testCase.tolerance ?? (wanted.dtype === 'float64' ? [1e-12, 1e-13] : [1e-5, 1e-6]);
      const values = Array.from(actual.data, Number);
      Array.from(wanted.data, Number).forEach((value, element) => {
        const difference = Math.abs(values[element]! - value);
        if (!(difference <= absolute + relative * Math.abs(value))) {
          throw new Error(
            `element ${element} of the gradient by ${testCase.xs[index]!} is ${values[element]}, not ${value}`,
          );
        }
      });
    }
  });
});

describe('gradients of Fourier transforms', () => {
  const attribute = (value: NumericDType | 'complex64'): Attribute => ({ kind: 'dtype', value });

  /** The gradient of the magnitudes of a transform over six of what numbers there are, the numbers made six before or not. */
  async function gradientOf(size: number, isMadeToFit: boolean): Promise<number[]> {
    const graph = new Graph();
    const constant = (value: Tensor) =>
      graph
        .addOperation({
          type: 'Const',
          attributes: new Map<string, Attribute>([
            ['dtype', attribute(value.dtype as NumericDType)],
            ['value', { kind: 'tensor', value }],
          ]),
          shapes: [value.shape],
        })
        .output();
    const add = (type: string, inputs: SymbolicTensor[], attributes: [string, Attribute][] = []) =>
      graph.addOperation({ type, inputs, attributes: new Map(attributes) }).output();
    const integers = (shape: Shape, ...values: number[]) =>
      constant(new Tensor('int32', shape, Int32Array.from(values)));
    const x = constant(
      new Tensor(
        'float32',
        [size],
        Float32Array.from({ length: size }, (_, index) => Math.sin(index)),
      ),
    );
    const types: [string, Attribute][] = [['T', attribute('float32')]];
    const fitting =
      size > 6
        ? add('Slice', [x, integers([1], 0), integers([1], 6)], [...types, ['Index', attribute('int32')]])
        : add('Pad', [x, integers([1, 2], 0, 6 - size)], [...types, ['Tpaddings', attribute('int32')]]);
    const spectrum = add('RFFT', [isMadeToFit ? fitting : x, integers([1], 6)]);
    const magnitudes = add('ComplexAbs', [spectrum]);
    const [gradient] = gradients([magnitudes], [x]) as SymbolicTensor[];
    const [value] = await new Session(graph).run([gradient!]);
    return Array.from(value!.data as Float32Array);
  }

  it.each([4, 6, 9])('know what was cut off or filled up of %d numbers', async (size) => {
    const [actual, expected] = [await gradientOf(size, false), await gradientOf(size, true)];
    expect(actual).toHaveLength(size);
    actual.forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 5));
  });
});

describe('gradients that there are not', () => {
  const float: Attribute = { kind: 'dtype', value: 'float32' };
  const chain = (...types: readonly string[]): { graph: Graph; x: SymbolicTensor; y: SymbolicTensor } => {
    const graph = new Graph();
    const attributes = new Map<string, Attribute>([['T', float]]);
    const x = graph
      .addOperation({ type: 'Placeholder', name: 'x', attributes: new Map([['dtype', float]]), shapes: [[2, 2]] })
      .output();
    const y = types.reduce((at, type) => graph.addOperation({ type, inputs: [at], attributes }).output(), x);
    return { graph, x, y };
  };

  it('are named with the way to them, and nothing is added', () => {
    const { graph, x, y } = chain('Tanh', 'Cholesky', 'Neg', 'MatrixExponential', 'Exp');
    const size = graph.size;
    const attempt = () => gradients([y], [x]);
    expect(attempt).toThrow(NoGradientError);
    expect(attempt).toThrow(
      expect.objectContaining({
        code: 'ERR_NO_GRADIENT',
        operations: [
          expect.objectContaining({
            operation: 'Cholesky',
            path: ['Exp', 'MatrixExponential', 'Neg', 'Cholesky', 'Tanh', 'x'],
          }),
          expect.objectContaining({ operation: 'MatrixExponential' }),
        ],
      }),
    );
    expect(graph.size).toBe(size);
  });

  it('leave no trace where a rule gives up', () => {
    const { graph, x } = chain();
    const attributes = new Map<string, Attribute>([
      ['T', float],
      ['N', { kind: 'int', value: 1n }],
      ['equation', { kind: 'bytes', value: new TextEncoder().encode('ii->i') }],
    ]);
    const y = graph.addOperation({ type: 'Einsum', inputs: [x], attributes }).output();
    const size = graph.size;
    expect(() => gradients([y], [x])).toThrow(/a label stands twice for one operand in "ii->i" \(Einsum ← x\)/);
    expect(graph.size).toBe(size);
  });

  it('are named within loops and branches, which stay what they were', () => {
    const { graph, x } = chain();
    const build = () =>
      tf.whileLoop(
        (value) => tf.less(tf.reduceSum(value), 9),
        (value) => [
          tf.cond(
            tf.less(tf.reduceSum(value), 3),
            () => tf.apply('MatrixExponential', [tf.square(value)], {}, { name: 'exponential' }),
            () => tf.exp(value),
          ),
        ],
        [x],
        { shapeInvariants: [null] },
      )[0];
    const [other, y] = [tf.whileLoop((value) => tf.less(tf.reduceSum(value), 9), (value) => [tf.exp(value)], [x])[0], build()]; // prettier-ignore
    const [size, functions] = [graph.size, [...graph.functions.names]];
    const loops = [other, y].map(({ operation }) => operation);
    const shape = () => loops.map(({ inputs, outputs, attributes }) => [inputs.length, outputs.length, attributes]);
    const before = shape();
    expect(() => gradients([tf.add(y, other)], [x])).toThrow(
      expect.objectContaining({
        code: 'ERR_NO_GRADIENT',
        operations: [
          expect.objectContaining({
            type: 'MatrixExponential',
            path: expect.arrayContaining(['while_1', expect.stringContaining('cond'), 'x']) as unknown,
          }),
        ],
      }),
    );
    expect([graph.size, [...graph.functions.names]]).toEqual([size + 1, functions]);
    expect(shape()).toEqual(before);
  });

  it('are undefined where nothing depends on x', () => {
    const { x, y } = chain('Floor', 'Exp');
    expect(gradients([y], [x])).toEqual([undefined]);
    expect(gradients([y], [y.operation.input(0)], { stopAt: [y] })).toEqual([undefined]);
  });

  it('cannot be asked for across graphs, of integers, or with initial gradients that do not fit', () => {
    const [a, b] = [chain('Exp'), chain('Exp')];
    const size = a.graph.addOperation({ type: 'Shape', inputs: [a.x], attributes: new Map([['T', float]]) }).output();
    expect(() => gradients([a.y, size], [b.x], { initial: [size] })).toThrow(GradientArgumentError);
    expect(() => gradients([a.y, size], [b.x], { initial: [size] })).toThrow(
      expect.objectContaining({
        problems: [
          '"x:0" is in another graph than "Exp:0".',
          '"Shape:0" is int32; only real floating-point tensors have gradients.',
          'There are 1 initial gradients for 2 tensors; there must be one each.',
          'The initial gradient "Shape:0" is int32; "Exp:0", which it is for, is float32.',
        ],
      }),
    );
  });
});
