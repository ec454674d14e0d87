import { Tensor, type DType } from '@tenon/tensor';
import type { Attribute } from '../attributes.js';
import { FunctionLibrary } from '../function-library.js';
import { Graph } from '../graph.js';
import type { Operation, SymbolicTensor } from '../operation.js';
import { FLAGS, INPUTS, type Expression, type Test } from './programs.js';

/** A branch or loop that operations are being added to. */
interface Context {
  readonly parent: Context | undefined;
  /** Something that runs just when the branch or iteration does. */
  readonly pivot: Operation;
  readonly isLoop: boolean;
  /** Brings in a value from the parent. */
  enter(value: SymbolicTensor): SymbolicTensor;
  readonly entered: Map<SymbolicTensor, SymbolicTensor>;
}

/** Builds programs with control flow of TensorFlow 1, in the way in which TensorFlow's own `cond` and `while_loop` do. */
export class V1Builder {
  readonly graph = new Graph(new FunctionLibrary());
  readonly inputs: readonly SymbolicTensor[];
  readonly flags: readonly SymbolicTensor[];
  private readonly counter: SymbolicTensor;
  /** The contexts of values that are not outside of all of them. */
  private readonly contexts = new Map<SymbolicTensor, Context>();
  private context: Context | undefined;
  private loops = 0;

  constructor() {
    const placeholder = (name: string, dtype: DType) =>
      this.add('Placeholder', [], { dtype: typed(dtype) }, name).output();
    this.inputs = Array.from({ length: INPUTS }, (_, index) => placeholder(`x${index}`, 'int32'));
    this.flags = Array.from({ length: FLAGS }, (_, index) => placeholder(`p${index}`, 'bool'));
    this.counter = this.add(
      'VarHandleOp',
      [],
      { dtype: typed('int32'), shape: { kind: 'shape', value: [] } },
      'counter',
    ).output();
  }

  build(program: Expression, variables: readonly SymbolicTensor[] = []): SymbolicTensor {
    switch (program.kind) {
      case 'input':
        return this.inputs[program.index]!;
      case 'constant':
        return this.constant(program.value, program.isAnchored);
      case 'variable':
        return variables[program.depth] ?? this.constant(0, true);
      case 'add':
        return this.compute('AddV2', this.build(program.left, variables), this.build(program.right, variables));
      case 'multiply':
        return this.compute('Mul', this.build(program.left, variables), this.build(program.right, variables));
      case 'let':
        return this.build(program.within, [this.build(program.value, variables), ...variables]);
      case 'if':
        return this.condition(this.test(program.test, variables), [program.then], [program.otherwise], variables)[0]!;
      case 'pair': {
        const [a, b, c, d] = program.sides;
        const [left, right] = this.condition(this.test(program.test, variables), [a, b], [c, d], variables);
        return this.compute('Mul', left!, right!);
      }
      case 'loop':
        return this.loop(program, variables);
      case 'count': {
        const amount = this.constant(program.amount, true);
        const counted = this.add('AssignAddVariableOp', [this.here(this.counter), amount], { dtype: typed('int32') });
        const value = this.here(this.build(program.within, variables));
        if (!program.isAwaited) return value;
        return this.own(this.add('Identity', [value], { T: typed('int32') }, 'Identity', [counted]).output());
      }
    }
  }

  private test(test: Test, variables: readonly SymbolicTensor[]): SymbolicTensor {
    if (test.kind === 'less')
      return this.compute('Less', this.build(test.left, variables), this.build(test.right, variables));
    const flag = this.here(this.flags[test.index]!);
    return test.isNegated ? this.own(this.add('LogicalNot', [flag]).output()) : flag;
  }

  private condition(
    test: SymbolicTensor,
    then: readonly Expression[],
    otherwise: readonly Expression[],
    variables: readonly SymbolicTensor[],
  ): SymbolicTensor[] {
    const predicate = this.here(test);
    const pivots = this.add('Switch', [predicate, predicate], { T: typed('bool') }, 'cond/Switch');
    const id = this.own(this.add('Identity', [predicate], { T: typed('bool') }, 'cond/pred_id').output());
    const branch = (side: 0 | 1, expressions: readonly Expression[]) => {
      const pivot = this.add('Identity', [pivots.output(side)], { T: typed('bool') }, 'cond/switch');
      return this.inside(
        {
          pivot,
          isLoop: false,
          enter: (value) => this.add('Switch', [value, id], { T: typed(value.dtype) }, 'cond/Switch').output(side),
        },
        () => expressions.map((expression) => this.here(this.build(expression, variables))),
      );
    };
    const whenFalse = branch(0, otherwise);
    const whenTrue = branch(1, then);
    return whenTrue.map((value, index) => {
      const attributes = { T: typed('int32'), N: { kind: 'int', value: 2n } as const };
      return this.own(this.add('Merge', [whenFalse[index]!, value], attributes, 'cond/Merge').output());
    });
  }

  private loop(program: Extract<Expression, { kind: 'loop' }>, variables: readonly SymbolicTensor[]): SymbolicTensor {
    const frame: Record<string, Attribute> = {
      frame_name: { kind: 'bytes', value: new TextEncoder().encode(`while_${this.loops++}`) },
    };
    const initial = [this.constant(0, true), this.here(this.build(program.initial, variables))];
    const limit = this.constant(program.times, true);
    const enters = initial.map((value) =>
      this.add('Enter', [value], { T: typed('int32'), ...frame }, 'while/Enter').output(),
    );
    const merges = enters.map((value) =>
      this.add('Merge', [value, value], { T: typed('int32'), N: { kind: 'int', value: 2n } }, 'while/Merge'),
    );
    const enterConstant = (value: SymbolicTensor) =>
      this.add(
        'Enter',
        [value],
        { T: typed(value.dtype), is_constant: { kind: 'bool', value: true }, ...frame },
        'while/Enter',
      ).output();
    const less = this.add('Less', [merges[0]!.output(), enterConstant(limit)], { T: typed('int32') }, 'while/Less');
    const goesOn = this.add('LoopCond', [less.output()], {}, 'while/LoopCond').output();
    const switches = merges.map((merge) =>
      this.add('Switch', [merge.output(), goesOn], { T: typed('int32') }, 'while/Switch'),
    );
    const current = switches.map((value) =>
      this.add('Identity', [value.output(1)], { T: typed('int32') }, 'while/Identity').output(),
    );
    this.inside({ pivot: current[0]!.operation, isLoop: true, enter: enterConstant }, () => {
      const [k, value] = current.map((tensor) => this.own(tensor));
      const next = [
        this.compute('AddV2', k!, this.constant(1, true)),
        this.here(this.build(program.body, [value!, k!, ...variables])),
      ];
      next.forEach((tensor, index) => {
        const nextIteration = this.add('NextIteration', [tensor], { T: typed('int32') }, 'while/NextIteration');
        this.graph.replaceInput(merges[index]!, 1, nextIteration.output());
      });
    });
    const exits = switches.map((value) =>
      this.add('Exit', [value.output(0)], { T: typed('int32') }, 'while/Exit').output(),
    );
    return this.own(exits[1]!);
  }

  private inside<T>(context: Pick<Context, 'pivot' | 'isLoop' | 'enter'>, build: () => T): T {
    const parent = this.context;
    this.context = { ...context, parent, entered: new Map() };
    const built = build();
    this.context = parent;
    return built;
  }

  /** Notes that a value was made in the context that is being built. */
  private own(value: SymbolicTensor): SymbolicTensor {
    if (this.context) this.contexts.set(value, this.context);
    return value;
  }

  /** The value as it is here, brought in through every context in between. */
  private here(value: SymbolicTensor): SymbolicTensor {
    const bring = (context: Context | undefined): SymbolicTensor => {
      if (!context || this.contexts.get(value) === context) return value;
      let entered = context.entered.get(value);
      if (!entered) {
        const outside = bring(context.parent);
        const inside = this.context;
        this.context = context.parent;
        entered = context.enter(outside);
        this.context = inside;
        this.contexts.set(entered, context);
        context.entered.set(value, entered);
      }
      return entered;
    };
    return bring(this.context);
  }

  private compute(type: string, left: SymbolicTensor, right: SymbolicTensor): SymbolicTensor {
    return this.own(this.add(type, [this.here(left), this.here(right)], { T: typed('int32') }).output());
  }

  /** A constant that belongs to the branch or loop, or one outside of all that is brought in. */
  private constant(value: number, isAnchored: boolean): SymbolicTensor {
    const attributes: Record<string, Attribute> = {
      dtype: typed('int32'),
      value: { kind: 'tensor', value: new Tensor('int32', [], Int32Array.of(value)) },
    };
    const controls = isAnchored && this.context ? [this.context.pivot] : [];
    const constant = this.add('Const', [], attributes, 'Const', controls).output();
    return isAnchored ? this.own(constant) : this.here(constant);
  }

  private add(
    type: string,
    inputs: SymbolicTensor[],
    attributes: Record<string, Attribute> = {},
    name = type,
    controlInputs: Operation[] = [],
  ): Operation {
    const { context } = this;
    // What depends on nothing but what is the same in all iterations would run in the last, partial, one too.
    const isInvariant =
      context?.isLoop && inputs.length > 0 && inputs.every((input) => input.operation.type === 'Enter');
    return this.graph.addOperation({
      type,
      name,
      inputs,
      controlInputs: isInvariant ? [...controlInputs, context.pivot] : controlInputs,
      attributes: new Map(Object.entries(attributes)),
    });
  }
}

function typed(dtype: DType): Attribute {
  return { kind: 'dtype', value: dtype };
}
