import { UnsupportedOperationError, type Backend, type Executable, type Segment } from '@tenon/backend';
import type { Operation, SymbolicTensor } from '@tenon/graph';
import { Tensor } from '@tenon/tensor';

/** What a backend can get wrong. */
export type Mistake =
  | 'adds one'
  | 'changes its input'
  | 'gives the first result again'
  | 'compiles anything'
  | 'names nothing'
  | 'throws what it likes'
  | 'runs when disposed'
  | 'drops runs when disposed'
  | 'shares its memory'
  | 'knows one size'
  | 'cannot make up its mind';

/** A backend that can negate float32, and makes mistakes. */
export class NegatingBackend implements Backend {
  readonly name = 'negating';
  private asked = 0;

  constructor(private readonly mistake?: Mistake) {}

  supports({ type, inputs }: Operation): boolean {
    if (this.mistake === 'cannot make up its mind' && type === 'Neg') return this.asked++ % 2 === 0;
    return type === 'Neg' && inputs[0]?.dtype === 'float32';
  }

  async compile(segment: Segment): Promise<Executable> {
    const others = [...segment.graph.operations].filter(
      (operation) => !['Placeholder', 'Const'].includes(operation.type) && !this.supports(operation),
    );
    if (others.length > 0 && this.mistake === 'throws what it likes') throw new Error('No.');
    if (others.length > 0 && this.mistake !== 'compiles anything')
      throw new UnsupportedOperationError(
        this.name,
        this.mistake === 'names nothing' ? [] : others.map(({ type, name }) => ({ type, operation: name })),
      );
    return new Negation(segment, this.mistake);
  }
}

class Negation implements Executable {
  private isDisposed = false;
  private first: Tensor[] | undefined;
  private size: number | undefined;

  constructor(
    private readonly segment: Segment,
    private readonly mistake: Mistake | undefined,
  ) {}

  async run(inputs: readonly Tensor[]): Promise<Tensor[]> {
    if (this.isDisposed && this.mistake !== 'runs when disposed') throw new Error('It was disposed.');
    if (this.mistake === 'drops runs when disposed') {
      await Promise.resolve();
      if (this.isDisposed) throw new Error('It was disposed.');
    }
    const values = new Map(this.segment.inputs.map((input, index) => [input, inputs[index]!]));
    for (const operation of this.segment.graph.operations) {
      if (operation.type === 'Const') values.set(operation.output(), operation.attribute('value', 'tensor') as Tensor);
      if (operation.type === 'Neg') values.set(operation.output(), this.negate(values.get(operation.input(0))!));
    }
    const results = this.segment.outputs.map((output: SymbolicTensor) => values.get(output)!);
    this.first ??= results;
    return this.mistake === 'gives the first result again' ? this.first : results;
  }

  async dispose(): Promise<void> {
    this.isDisposed = true;
  }

  private negate({ shape, data }: Tensor): Tensor {
    const values = data as Float32Array;
    if (this.mistake === 'knows one size') {
      this.size ??= values.length;
      if (this.size !== values.length) throw new Error(`I was made for ${this.size} elements.`);
    }
    const into = this.mistake === 'changes its input' || this.mistake === 'shares its memory' ? values : undefined;
    const results = values.map((value) => -value + (this.mistake === 'adds one' ? 1 : 0));
    if (into) into.set(results);
    return new Tensor('float32', shape, into ?? results);
  }
}
