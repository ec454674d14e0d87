import { describe, expect, it } from '@jest/globals';
import type { Backend, DeviceTensor, Executable, Segment } from '@tenon/backend';
import { Graph, type Attribute, type Operation, type SymbolicTensor } from '@tenon/graph';
import { Tensor, type DType, type Shape } from '@tenon/tensor';
import { SynchronousRunError } from './errors.js';
import { evaluateOnHost } from './host.js';
import { Session } from './session.js';
import { FakeBackend } from './testing/fake-backend.js';

/** A value on a "device" that can be read at once, and says how often it was. */
class Resident implements DeviceTensor {
  reads = 0;
  isDisposed = false;

  constructor(
    readonly value: Tensor,
    private readonly isOwned: boolean,
  ) {}

  get dtype(): DType {
    return this.value.dtype;
  }

  get shape(): Shape {
    return this.value.shape;
  }

  async read(): Promise<Tensor> {
    return this.readSync();
  }

  readSync(): Tensor {
    this.reads++;
    return this.value;
  }

  dispose(): void {
    this.isDisposed = this.isOwned;
  }
}

/** Computes at once, and leaves what it computed on the device. */
class ResidentBackend implements Backend {
  readonly name = 'resident';
  readonly isResident = true;
  readonly made: Resident[] = [];

  supports({ type }: Operation): boolean {
    return type === 'Mul';
  }

  async compile({ graph, inputs, outputs }: Segment): Promise<Executable> {
    const runSync = (given: readonly (Tensor | DeviceTensor)[]): Resident[] => {
      const values = new Map<SymbolicTensor, Tensor>();
      inputs.forEach((input, index) => {
        const value = given[index]!;
        values.set(input, Tensor.isTensor(value) ? value : (value as Resident).value);
      });
      for (const operation of graph.operations) {
        if (operation.type !== 'Mul') continue;
        const [result] = evaluateOnHost(
          operation,
          operation.inputs.map((input) => values.get(input)!),
        )!;
        values.set(operation.output(), result!);
      }
      return outputs.map((output) => {
        const made = new Resident(values.get(output)!, true);
        this.made.push(made);
        return made;
      });
    };
    return { run: async (given) => runSync(given), runSync, dispose: async () => undefined };
  }
}

const floats = (...elements: number[]): Tensor => new Tensor('float32', [elements.length], Float32Array.from(elements));
const attribute = (name: string, value: DType): [string, Attribute] => [name, { kind: 'dtype', value }];

/** `variable * x`, and that once more with a floor between, which the backend does not have. */
function build(): {
  graph: Graph;
  x: SymbolicTensor;
  product: SymbolicTensor;
  floored: SymbolicTensor;
  variable: Operation;
} {
  const graph = new Graph();
  const T = attribute('T', 'float32');
  const dtype = attribute('dtype', 'float32');
  const add = (type: string, inputs: SymbolicTensor[], attributes = [T]): SymbolicTensor =>
    graph.addOperation({ type, inputs, attributes: new Map(attributes), shapes: [[null]] }).output();
  const x = add('Placeholder', [], [dtype]);
  const shape: [string, Attribute] = ['shape', { kind: 'shape', value: [null] }];
  const variable = graph.addOperation({ type: 'VarHandleOp', name: 'v', attributes: new Map([dtype, shape]) });
  const value = add('ReadVariableOp', [variable.output()], [dtype]);
  const product = add('Mul', [value, x]);
  const floored = add('Mul', [add('Floor', [product]), product]);
  return { graph, x, product, floored, variable };
}

describe('programs that run at once', () => {
  it('take values from a device and leave them there', async () => {
    const { graph, x, product, variable } = build();
    const session = new Session(graph, { backend: new ResidentBackend() });
    const value = new Resident(floats(2, 3), false);
    session.assign(variable, value);
    const callable = session.callable([product], [x]);
    await callable.prepare();
    const fed = new Resident(floats(1.5, 2.5), false);
    const [result] = callable.runSync!([fed]) as Resident[];
    expect(result!.value.data).toEqual(Float32Array.of(3, 7.5));
    expect([value.reads, fed.reads, result!.reads]).toEqual([0, 0, 0]);
    expect([value.isDisposed, fed.isDisposed, result!.isDisposed]).toEqual([false, false, false]);
    expect(session.valueOf(variable)).toBe(value);
    await session.dispose();
  });

  it('read what the host needs, and dispose of what nobody needs any more', async () => {
    const { graph, x, floored, variable } = build();
    const backend = new ResidentBackend();
    const session = new Session(graph, { backend });
    session.assign(variable, floats(2, 3));
    const callable = session.callable([floored], [x]);
    await callable.prepare();
    const [result] = callable.runSync!([floats(1.2, 2.5)]) as Resident[];
    expect(result!.value.data).toEqual(Float32Array.of(2 * Math.fround(2 * Math.fround(1.2)), 7 * 7.5));
    expect(backend.made.map(({ reads, isDisposed }) => [reads, isDisposed])).toEqual([
      [1, true],
      [0, false],
    ]);
    await session.dispose();
  });

  it('give host tensors where they are run otherwise', async () => {
    const { graph, x, product, variable } = build();
    const backend = new ResidentBackend();
    const session = new Session(graph, { backend });
    session.assign(variable, new Resident(floats(2), false));
    const [result] = await session.run([product], { feeds: new Map([[x, floats(4)]]) });
    expect(result!.data).toEqual(Float32Array.of(8));
    expect(backend.made.map(({ isDisposed }) => isDisposed)).toEqual([true]);
    await session.dispose();
  });

  it('must be prepared, and the backend must not wait', async () => {
    const { graph, x, product, variable } = build();
    const session = new Session(graph, { backend: new ResidentBackend() });
    session.assign(variable, floats(2));
    expect(() => session.callable([product], [x]).runSync!([floats(1)])).toThrow(SynchronousRunError);
    await session.dispose();

    const waiting = build();
    const backend = new FakeBackend(['Mul', 'Floor']);
    const heavy = new Session(waiting.graph, { backend: Object.assign(backend, { isResident: true }) });
    heavy.assign(waiting.variable, floats(2));
    const callable = heavy.callable([waiting.product], [waiting.x]);
    await callable.prepare();
    expect(() => callable.runSync!([floats(1)])).toThrow('a step of it runs asynchronously');
    await heavy.dispose();
  });
});
