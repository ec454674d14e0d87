import { beforeEach, describe, expect, it } from '@jest/globals';
import { ProgramError, type Backend, type Program, type ProgramExecutable } from '@tenon/backend';
import type { Attribute, Operation, SymbolicTensor } from '@tenon/graph';
import { StringArray, Tensor, type DType } from '@tenon/tensor';
import { OperationError, RefusedOperationError } from './errors.js';
import { Session } from './session.js';
import { Builder } from './testing/build.js';

const bytes = (value: string): Attribute => ({ kind: 'bytes', value: new TextEncoder().encode(value) });
const dtype = (value: DType): Attribute => ({ kind: 'dtype', value });
const text = (value: string): Tensor => new Tensor('string', [], StringArray.from([value]));
const scalar = (value: number): Tensor => new Tensor('float32', [], Float32Array.of(value));

/** Runs programs that read variables and add to them, and keeps a record of what it was asked for. */
class Adder implements Backend {
  readonly name = 'adder';
  readonly record: string[] = [];
  fails = false;

  supports(): boolean {
    return true;
  }

  compile(): never {
    throw new Error('Everything is a whole program.');
  }

  async compileProgram({ outputs, targets, files }: Program): Promise<ProgramExecutable> {
    const { record } = this;
    record.push(`compile ${[...outputs, ...targets].map(({ name }) => name).join()}`);
    for (const { path } of files) record.push(`file ${path}`);
    const values = new Map<Operation, Tensor>();
    return {
      run: async () => {
        record.push('run');
        if (this.fails) throw new ProgramError(this.name, 'run', 'sum', new Error('overflow'));
        for (const { inputs } of targets) {
          const [variable, by] = inputs as [SymbolicTensor, SymbolicTensor];
          const added = by.operation.attribute('value', 'tensor') as Tensor<'float32'>;
          const before = values.get(variable.operation) as Tensor<'float32'>;
          values.set(variable.operation, scalar(before.data[0]! + added.data[0]!));
        }
        return outputs.map(({ operation }) => values.get(operation.input(0).operation)!);
      },
      initialize: async ({ name, inputs }) => {
        record.push(`initialize ${name}`);
        const [variable, first] = inputs as [SymbolicTensor, SymbolicTensor];
        values.set(variable.operation, first.operation.attribute('value', 'tensor') as Tensor);
      },
      readState: async (state) => {
        record.push(`read ${state.name}`);
        return [values.get(state)!];
      },
      writeState: async (written) => {
        for (const [state, [value]] of written) {
          record.push(`write ${state.name}`);
          values.set(state, value!);
        }
      },
      dispose: async () => void record.push('dispose'),
    };
  }
}

let adder: Adder;
let b: Builder;
beforeEach(() => {
  adder = new Adder();
  b = new Builder();
});

function counter(): { read: SymbolicTensor; increment: Operation } {
  const variable = b.variable('VarHandleOp', 'counter', [], scalar(1));
  const one = b.constant(scalar(1), 'one');
  const increment = b.operation('AssignAddVariableOp', [variable, one], { dtype: dtype('float32') }, { name: 'increment' }); // prettier-ignore
  return { read: b.read(variable), increment };
}

describe('the state of whole programs', () => {
  it('goes from the program that changed it to the one that needs it', async () => {
    const { read, increment } = counter();
    const session = new Session(b.graph, { backend: adder });
    expect(await session.run([read])).toEqual([scalar(1)]);
    await session.run([increment]);
    await session.run([increment]);
    expect(await session.run([read])).toEqual([scalar(3)]);
    expect(await session.run([read])).toEqual([scalar(3)]);
    expect(adder.record).toEqual([
      ...['compile read:0', 'write counter', 'run'],
      ...['compile increment', 'read counter', 'write counter', 'run', 'run'],
      ...['read counter', 'write counter', 'run', 'run'],
    ]);
  });

  it('is not handed on where nobody changed it', async () => {
    const variable = b.variable('VarHandleOp', 'counter', []);
    const operation = b.assign(variable, b.constant(scalar(1), 'one'), 'first');
    b.graph.initializers.set(variable.operation, [{ operation }]);
    const session = new Session(b.graph, { backend: adder });
    const [a, c] = [b.read(variable, 'a'), b.read(variable, 'c')];
    for (const fetch of [a, c, a, c]) await session.run([fetch]);
    expect(adder.record).toEqual([
      ...['compile a:0', 'initialize first', 'run'],
      ...['compile c:0', 'read counter', 'write counter', 'run'],
      ...['run', 'run'],
    ]);
  });

  it('is kept where a run failed', async () => {
    const { read, increment } = counter();
    const session = new Session(b.graph, { backend: adder });
    await session.run([increment]);
    adder.fails = true;
    await expect(session.run([increment])).rejects.toThrow(ProgramError);
    adder.fails = false;
    expect(await session.run([read])).toEqual([scalar(2)]);
  });

  it('is freed with the session', async () => {
    const { read, increment } = counter();
    const session = new Session(b.graph, { backend: adder });
    await session.run([read]);
    await session.run([increment]);
    await session.dispose();
    expect(adder.record.filter((line) => line === 'dispose')).toHaveLength(2);
  });
});

describe('whole programs', () => {
  it('name the operation that failed', async () => {
    const x = b.constant(scalar(1), 'x');
    const sum = b.apply('AddV2', [x, x], 'sum');
    adder.fails = true;
    await expect(new Session(b.graph, { backend: adder }).run([sum])).rejects.toEqual(
      new OperationError('AddV2', 'sum', new Error('overflow')),
    );
  });

  it('are not compiled if they touch what they may not', async () => {
    const abort = b.operation('Abort', [], {}, { name: 'abort' });
    const print = (name: string, stream: string) =>
      b.operation('PrintV2', [b.constant(text('x'), `${name}/text`)], { output_stream: bytes(stream) }, { name });
    const targets = [abort, print('prints', 'stderr'), print('writes', 'file:///tmp/x')];
    const error: unknown = await new Session(b.graph, { backend: adder })
      .run(targets)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RefusedOperationError);
    expect((error as RefusedOperationError).operations.map(({ operation }) => operation)).toEqual(['abort', 'writes']);
    expect(adder.record).toEqual([]);
  });
});
