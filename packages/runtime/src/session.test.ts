import { describe, expect, it } from '@jest/globals';
import { UnsupportedOperationError } from '@tenon/backend';
import type { Operation, SymbolicTensor } from '@tenon/graph';
import { ConversionError, isFullyKnown, Tensor, toNested, type TensorLike } from '@tenon/tensor';
import {
  FeedError,
  MissingFeedError,
  OperationError,
  SessionDisposedError,
  UninitializedError,
  UnknownTensorError,
} from './errors.js';
import { Session } from './session.js';
import { Builder, float } from './testing/build.js';
import { FakeBackend } from './testing/fake-backend.js';

const numbers = (tensor: Tensor | undefined): number[] => [...(tensor!.data as Float32Array)];

describe('Session', () => {
  it('computes what is fetched from what is fed', async () => {
    const b = new Builder();
    const x = b.placeholder('x', [null]);
    const y = b.apply('AddV2', [x, b.constant(float([], 2))], 'y');
    const session = new Session(b.graph);
    const [value] = await session.run([y], { feeds: new Map([[x, float([2], 1, 2)]]) });
    expect(numbers(value)).toEqual([3, 4]);
  });

  it('takes names for tensors, and feeds tensors that are no placeholders', async () => {
    const b = new Builder();
    const x = b.placeholder('x', [null]);
    const doubled = b.apply('AddV2', [x, x], 'doubled');
    b.apply('Neg', [doubled], 'negated');
    const session = new Session(b.graph);
    const [value] = await session.run(['negated:0'], { feeds: new Map([['doubled', float([1], 5)]]) });
    expect(numbers(value)).toEqual([-5]);
  });

  it('makes plain values what the tensor is that they are fed to', async () => {
    const b = new Builder();
    const [x, count, words] = [
      b.placeholder('x', [null, 2]),
      b.placeholder('count', [], 'int32'),
      b.placeholder('words', [null], 'string'),
    ];
    const feeds = new Map<SymbolicTensor, TensorLike>([
      [x, Float32Array.of(1, 2, 3, 4)],
      [count, 5],
      [words, ['a', 'ü']],
    ]);
    const values = await new Session(b.graph).run([x, count, words], { feeds });
    expect(values.map(({ dtype, shape }) => [dtype, shape])).toEqual([
      ['float32', [2, 2]],
      ['int32', []],
      ['string', [2]],
    ]);
    expect(values.map(toNested)).toEqual([
      [
        [1, 2],
        [3, 4],
      ],
      5,
      ['a', 'ü'],
    ]);
  });

  it('refuses plain values that would lose something, and names the tensor', async () => {
    const b = new Builder();
    const count = b.placeholder('count', [], 'int32');
    const run = new Session(b.graph).run([count], { feeds: new Map([['count', 1.5]]) });
    await expect(run).rejects.toThrow(ConversionError);
    await expect(run).rejects.toThrow(/^"count:0" cannot be fed this: /);
  });

  it('returns what is fed where that is fetched', async () => {
    const b = new Builder();
    const x = b.placeholder('x', [null]);
    const value = float([1], 7);
    expect(await new Session(b.graph).run([x], { feeds: new Map([[x, value]]) })).toEqual([value]);
  });

  it('runs only what the fetches need', async () => {
    const b = new Builder();
    const x = b.placeholder('x', [null]);
    const y = b.apply('Neg', [x], 'y');
    b.apply('Neg', [b.placeholder('never fed')], 'z');
    const [value] = await new Session(b.graph).run([y], { feeds: new Map([[x, float([1], 1)]]) });
    expect(numbers(value)).toEqual([-1]);
  });

  it('names every feed of a wrong type or shape', async () => {
    const b = new Builder();
    const x = b.placeholder('x', [null, 2]);
    const y = b.placeholder('y', []);
    const sum = b.apply('AddV2', [x, y]);
    const feeds = new Map([
      [x, float([3], 1, 2, 3)],
      [y, new Tensor('int32', [], Int32Array.of(1))],
    ]);
    const error = await new Session(b.graph).run([sum], { feeds }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(FeedError);
    expect((error as FeedError).message).toBe(
      '"x:0" takes float32 [?, 2]; it was fed float32 [3].\n"y:0" takes float32 []; it was fed int32 [].',
    );
  });

  it('names every placeholder that was not fed', async () => {
    const b = new Builder();
    const sum = b.apply('AddV2', [b.placeholder('x'), b.placeholder('y')]);
    await expect(new Session(b.graph).run([sum])).rejects.toEqual(new MissingFeedError(['x', 'y']));
  });

  it('names every fetch that it does not know', async () => {
    const other = new Builder().placeholder('elsewhere');
    await expect(new Session(new Builder().graph).run(['a:0', other])).rejects.toEqual(
      new UnknownTensorError(['a:0', 'elsewhere:0']),
    );
  });

  it('names every operation that nothing can run, before it reads a weight', async () => {
    const b = new Builder();
    const x = b.placeholder('x', [null]);
    const broken = b.variable('VarHandleOp', 'v', [1]);
    const one = b.operation('Betainc', [x, x, x], { T: { kind: 'dtype', value: 'float32' } }, { name: 'one' }).output();
    const two = b
      .operation('Betainc', [one, b.read(broken), x], { T: { kind: 'dtype', value: 'float32' } }, { name: 'two' })
      .output();
    const error = await new Session(b.graph)
      .run([two], { feeds: new Map([[x, float([1], 1)]]) })
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(UnsupportedOperationError);
    expect((error as UnsupportedOperationError).operations).toEqual([
      { type: 'Betainc', operation: 'one' },
      { type: 'Betainc', operation: 'two' },
    ]);
  });

  it('says which operation failed', async () => {
    const b = new Builder();
    const x = b.placeholder('x');
    const y = b.apply('AddV2', [x, b.constant(float([2], 1, 2))], 'sum');
    const error = await new Session(b.graph)
      .run([y], { feeds: new Map([[x, float([3], 1, 2, 3)]]) })
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(OperationError);
    expect(error).toMatchObject({ type: 'AddV2', operation: 'sum' });
  });

  it('stops when its signal says so', async () => {
    const b = new Builder();
    const x = b.placeholder('x');
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(new Session(b.graph).run([x], { feeds: new Map([[x, float([], 1)]]), signal })).rejects.toThrow(
      'enough',
    );
  });

  it('refuses to run after it was disposed', async () => {
    const b = new Builder();
    const session = new Session(b.graph);
    await session.dispose();
    await expect(session.run([b.placeholder('x')])).rejects.toThrow(SessionDisposedError);
  });
});

describe.each(['VarHandleOp', 'VariableV2'] as const)('Session with variables (%s)', (type) => {
  const value = (b: Builder, variable: ReturnType<Builder['variable']>, name = 'value') =>
    type === 'VarHandleOp' ? b.read(variable, name) : b.apply('Identity', [variable], name);

  it('gives variables their first value, and keeps what is assigned', async () => {
    const b = new Builder();
    const variable = b.variable(type, 'v', [1], float([1], 5));
    const x = b.placeholder('x', [1]);
    const read = value(b, variable);
    const assign = b.assign(variable, x);
    const session = new Session(b.graph);
    expect(numbers((await session.run([read]))[0])).toEqual([5]);
    expect(await session.run([assign], { feeds: new Map([[x, float([1], 9)]]) })).toEqual([]);
    expect(numbers((await session.run([read]))[0])).toEqual([9]);
    await session.run([assign], { feeds: new Map([[x, float([1], 10)]]) });
    expect(numbers((await session.run([read]))[0])).toEqual([10]);
  });

  it('runs the initialiser of a variable that has no value, once', async () => {
    const b = new Builder();
    const variable = b.variable(type, 'v', [1]);
    const initializer = b.assign(variable, b.constant(float([1], 3)), 'initialise');
    b.graph.initializers.set(variable.operation, [{ operation: initializer }]);
    const x = b.placeholder('x', [1]);
    const assign = b.assign(variable, x);
    const read = value(b, variable);
    const session = new Session(b.graph);
    expect(numbers((await session.run([read]))[0])).toEqual([3]);
    await session.run([assign], { feeds: new Map([[x, float([1], 4)]]) });
    expect(numbers((await session.run([read]))[0])).toEqual([4]);
  });

  it('refuses initialisers that need each other', async () => {
    const b = new Builder();
    const [one, two] = [b.variable(type, 'one', [1]), b.variable(type, 'two', [1])];
    b.graph.initializers.set(one.operation, [{ operation: b.assign(one, value(b, two, 'two/value'), 'one/assign') }]);
    b.graph.initializers.set(two.operation, [{ operation: b.assign(two, value(b, one, 'one/value'), 'two/assign') }]);
    const session = new Session(b.graph);
    const runs = ['one/value:0', 'two/value:0'].map((name) => session.run([name]));
    for (const run of runs) await expect(run).rejects.toThrow('has no value yet');
  });

  it('shares nothing between sessions', async () => {
    const b = new Builder();
    const variable = b.variable(type, 'v', [1], float([1], 5));
    const assign = b.assign(variable, b.constant(float([1], 6)));
    const read = value(b, variable);
    await new Session(b.graph).run([assign]);
    expect(numbers((await new Session(b.graph).run([read]))[0])).toEqual([5]);
  });

  it('says which variable has no value', async () => {
    const b = new Builder();
    const read = value(b, b.variable(type, 'v', [1]));
    const error = await new Session(b.graph).run([read]).catch((e: unknown) => e);
    expect((error as OperationError).cause).toEqual(new UninitializedError('v'));
  });

  it('reads before and after an assignment as control dependencies say', async () => {
    const b = new Builder();
    const variable = b.variable(type, 'v', [1], float([1], 1));
    const before = type === 'VarHandleOp' ? b.read(variable, 'before') : b.apply('Neg', [variable], 'before');
    const assign = b.operation(
      type === 'VarHandleOp' ? 'AssignVariableOp' : 'Assign',
      [variable, b.constant(float([1], 2))],
      { [type === 'VarHandleOp' ? 'dtype' : 'T']: { kind: 'dtype', value: 'float32' } },
      { name: 'assign', controlInputs: [before.operation] },
    );
    const after =
      type === 'VarHandleOp' ? b.read(variable, 'after', [assign]) : b.apply('Neg', [variable], 'after', [assign]);
    const [first, second] = await new Session(b.graph).run([before, after]);
    expect([numbers(first), numbers(second)]).toEqual(type === 'VarHandleOp' ? [[1], [2]] : [[-1], [-2]]);
  });
});

describe('Session with a backend', () => {
  const chain = () => {
    const b = new Builder();
    const x = b.placeholder('x', [1, 1 << 15]);
    const first = b.apply('Neg', [x], 'first');
    const onHost = b.apply('Abs', [first], 'host');
    const second = b.apply('Neg', [onHost], 'second');
    const third = b.apply('Exp', [second], 'third');
    return { b, x, first, third };
  };
  const big = () => float([1, 1 << 15], ...new Array<number>(1 << 15).fill(2));

  it('gives the backend what it supports, in as few segments as the order allows', async () => {
    const { b, x, third } = chain();
    const backend = new FakeBackend(['Neg', 'Exp']);
    const session = new Session(b.graph, { backend });
    const callable = session.callable([third], [x]);
    const [value] = await callable.run([big()]);
    expect(numbers(value)[0]).toBeCloseTo(Math.exp(-2));
    expect(backend.segments.map(({ graph }) => [...graph.operations].map(({ type }) => type))).toEqual([
      ['Placeholder', 'Neg'],
      ['Placeholder', 'Neg', 'Exp'],
    ]);
    expect(callable.preview().placements).toEqual([
      { operation: 'first', type: 'Neg', place: 'fake' },
      { operation: 'host', type: 'Abs', place: 'host' },
      { operation: 'second', type: 'Neg', place: 'fake' },
      { operation: 'third', type: 'Exp', place: 'fake' },
    ]);
  });

  it('keeps work that is cheap on the host', async () => {
    const b = new Builder();
    const x = b.placeholder('x', [null]);
    const y = b.apply('Neg', [x]);
    const backend = new FakeBackend(['Neg']);
    await new Session(b.graph, { backend }).run([y], { feeds: new Map([[x, float([1], 1)]]) });
    expect(backend.segments).toEqual([]);
  });

  it('leaves nothing on the device, whether a run succeeds or fails', async () => {
    const { b, x, first, third } = chain();
    const backend = new FakeBackend(['Neg', 'Exp']);
    const session = new Session(b.graph, { backend });
    const callable = session.callable([first, third], [x]);
    await callable.run([big()]);
    expect(backend.held).toBe(0);
    backend.failure = new Error('out of memory');
    await expect(callable.run([big()])).rejects.toThrow('out of memory');
    expect(backend.held).toBe(0);
  });

  it('compiles once for runs that overlap', async () => {
    const { b, x, third } = chain();
    const backend = new FakeBackend(['Neg', 'Exp']);
    const session = new Session(b.graph, { backend });
    const runs = Array.from({ length: 4 }, () => session.run([third], { feeds: new Map([[x, big()]]) }));
    const results = await Promise.all(runs);
    expect(results.map(([value]) => numbers(value)[7])).toEqual(new Array(4).fill(numbers(results[0]![0])[7]));
    expect(backend.segments).toHaveLength(2);
  });

  it('disposes what the backend compiled', async () => {
    const { b, x, third } = chain();
    const backend = new FakeBackend(['Neg', 'Exp']);
    const session = new Session(b.graph, { backend });
    await session.callable([third], [x]).prepare();
    await session.dispose();
    expect(backend.disposed).toBe(2);
  });

  it('takes a variable for a constant until something assigns it', async () => {
    const b = new Builder();
    const size = 1 << 15;
    const variable = b.variable('VarHandleOp', 'v', [size], float([size], ...new Array<number>(size).fill(3)));
    const y = b.apply('Neg', [b.apply('AddV2', [b.read(variable), b.placeholder('x', [size])])], 'y');
    const assign = b.assign(variable, b.placeholder('new', [size]));
    const backend = new FakeBackend(['Neg', 'AddV2']);
    const session = new Session(b.graph, { backend });
    const ones = float([size], ...new Array<number>(size).fill(1));
    const compute = async () => numbers((await session.run([y], { feeds: new Map([['x', ones]]) }))[0])[0];
    expect(await compute()).toBe(-4);
    expect(backend.segments.at(-1)!.inputs).toHaveLength(1);
    await session.run([assign], { feeds: new Map([['new', ones]]) });
    expect(await compute()).toBe(-2);
    expect(backend.segments.at(-1)!.inputs).toHaveLength(2);
    expect(backend.segments).toHaveLength(2);
    await session.run([assign], { feeds: new Map([['new', ones]]) });
    expect(await compute()).toBe(-2);
    expect(backend.segments).toHaveLength(2);
  });

  it('lets runs finish on a program that is out of date, and frees it then', async () => {
    const b = new Builder();
    const size = 1 << 15;
    const filled = (value: number) => float([size], ...new Array<number>(size).fill(value));
    const variable = b.variable('VarHandleOp', 'v', [size], filled(3));
    const read = b.read(variable);
    const first = b.apply('Neg', [read], 'first');
    const second = b.apply('Neg', [b.apply('Abs', [b.apply('AddV2', [first, b.placeholder('x', [size])])])], 'second');
    const assign = b.assign(variable, b.placeholder('new', [size]));
    const backend = new FakeBackend(['Neg', 'AddV2']);
    const session = new Session(b.graph, { backend });
    const run = () => session.run([second], { feeds: new Map([['x', filled(0)]]) });
    await run();
    let open!: () => void;
    backend.gate = new Promise((resolve) => (open = resolve));
    const slow = run();
    await session.run([assign], { feeds: new Map([['new', filled(5)]]) });
    const next = run();
    open();
    expect(numbers((await slow)[0])[0]).toBe(-3);
    expect(numbers((await next)[0])[0]).toBe(-5);
    const held = backend.segments.length;
    await session.dispose();
    expect(backend.disposed).toBe(held);
  });

  it('compiles for the shapes fed where the backend needs them, and keeps what it compiled', async () => {
    const b = new Builder();
    const x = b.placeholder('x', [null, null]);
    const attributes = { T: { kind: 'dtype', value: 'float32' } } as const;
    const y = b.operation('MatMul', [x, b.constant(float([2, 2], 1, 2, 3, 4))], attributes).output();
    const isKnown = (operation: Operation) => operation.inputs.every(({ shape }) => isFullyKnown(shape));
    const backend = new FakeBackend(['MatMul'], isKnown);
    const session = new Session(b.graph, { backend });
    const big = (rows: number) => float([rows, 2], ...new Array<number>(2 * rows).fill(1));
    for (const rows of [1 << 14, 1 << 13, 1 << 14]) {
      const [value] = await session.run([y], { feeds: new Map([[x, big(rows)]]) });
      expect([value!.shape, numbers(value).slice(0, 2)]).toEqual([
        [rows, 2],
        [4, 6],
      ]);
    }
    expect(backend.segments.map(({ inputs }) => inputs[0]!.shape)).toEqual([
      [1 << 14, 2],
      [1 << 13, 2],
    ]);
  });
});
