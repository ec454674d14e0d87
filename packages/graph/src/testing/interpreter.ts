import type { DType, Tensor } from '@tenon/tensor';
import type { Attributes } from '../attributes.js';
import { hasEffect } from '../effects.js';
import type { FunctionReference } from '../attributes.js';
import type { Graph } from '../graph.js';
import type { Operation, SymbolicTensor } from '../operation.js';

/** A scalar, or the elements of a vector; booleans are 0 and 1. */
export type Value = number | readonly number[];

type Slot = Value | Reference | Stack;
class Reference {
  constructor(readonly variable: string) {}
}
class Stack {
  readonly values: Slot[] = [];
}

/** Runs small functional graphs by the meaning of their ops, to check what rewriting graphs made of them. */
export class Interpreter {
  /** @param variables Values by the names of their operations. */
  constructor(readonly variables = new Map<string, Value>()) {}

  /** Computes `fetches`, and runs everything in the graph that has an effect. */
  run(
    graph: Graph,
    fetches: readonly SymbolicTensor[],
    feeds: ReadonlyMap<SymbolicTensor, Value> = new Map(),
  ): Value[] {
    const frame = new Frame(this, graph, feeds);
    const values = fetches.map((fetch) => this.dereference(frame.valueOf(fetch)));
    for (const operation of graph.operations) if (hasEffect(operation)) frame.run(operation);
    return values;
  }

  dereference(slot: Slot): Value {
    if (!(slot instanceof Reference)) return slot as Value;
    const value = this.variables.get(slot.variable);
    if (value === undefined) throw new Error(`"${slot.variable}" is not initialised.`);
    return value;
  }
}

class Frame {
  private readonly results = new Map<Operation, readonly Slot[]>();

  constructor(
    private readonly interpreter: Interpreter,
    private readonly graph: Graph,
    private readonly given: ReadonlyMap<SymbolicTensor, Slot>,
  ) {}

  valueOf(tensor: SymbolicTensor): Slot {
    return this.given.get(tensor) ?? this.run(tensor.operation)[tensor.index]!;
  }

  run(operation: Operation): readonly Slot[] {
    let results = this.results.get(operation);
    if (!results) {
      for (const control of operation.controlInputs) this.run(control);
      // References stay references until here, where the operation really runs.
      const slots = operation.inputs.map((input) => this.valueOf(input));
      results = this.compute(operation, slots);
      this.results.set(operation, results);
    }
    return results;
  }

  private compute(operation: Operation, slots: readonly Slot[]): readonly Slot[] {
    const { variables } = this.interpreter;
    const values = () => slots.map((slot) => this.interpreter.dereference(slot));
    const update = (reference: Slot, change: (old: Value, operand: Value) => Value) => {
      const { variable } = reference as Reference;
      variables.set(
        variable,
        change(this.interpreter.variables.get(variable)!, this.interpreter.dereference(slots[1]!)),
      );
      return [reference];
    };
    switch (operation.type) {
      case 'VarHandleOp':
      case 'VariableV2':
        return [new Reference(operation.name)];
      case 'Const':
        return [constant(operation.attribute('value', 'tensor') as Tensor)];
      case 'ReadVariableOp':
        return values();
      case 'Identity':
        return operation.dtype('T') === 'resource' ? [slots[0]!] : values();
      case 'Assign':
        return update(slots[0]!, (_, value) => value);
      case 'AssignAdd':
      case 'AssignAddVariableOp':
        return update(
          slots[0]!,
          binary('int32', (a, b) => a + b),
        );
      case 'StackV2':
        return [new Stack()];
      case 'StackPushV2':
        (slots[0] as Stack).values.push(this.interpreter.dereference(slots[1]!));
        return [slots[1]!];
      case 'StackPopV2':
        return [(slots[0] as Stack).values.pop()!];
      case 'If':
      case 'StatelessIf': {
        const isTrue = this.interpreter.dereference(slots[0]!) === 1;
        return this.call(
          operation.attribute(isTrue ? 'then_branch' : 'else_branch', 'function'),
          this.read(operation, slots).slice(1),
        );
      }
      case 'While':
      case 'StatelessWhile': {
        let state: readonly Slot[] = this.read(operation, slots);
        while (this.call(operation.attribute('cond', 'function'), state)[0] === 1) {
          state = this.call(operation.attribute('body', 'function'), state);
        }
        return state;
      }
      case 'PartitionedCall':
      case 'StatefulPartitionedCall':
        return this.call(operation.attribute('f', 'function'), this.read(operation, slots));
      case 'Assert':
        if (this.interpreter.dereference(slots[0]!) !== 1) throw new Error(`Assertion failed: ${operation.name}`);
        return [];
      default: {
        const pure = OPS[operation.type];
        if (!pure) throw new Error(`The interpreter has no ${operation.type}.`);
        return pure(values(), operation.outputs[0]?.dtype ?? 'float32', operation.attributes);
      }
    }
  }

  /** Whoever takes a reference for a value reads it when it is called. */
  private read(operation: Operation, slots: readonly Slot[]): Slot[] {
    return slots.map((slot, index) => (operation.input(index).isReference ? this.interpreter.dereference(slot) : slot));
  }

  private call({ name, attributes }: FunctionReference, inputs: readonly Slot[]): readonly Slot[] {
    const entry = this.graph.functions.find(name);
    if (!entry) throw new Error(`There is no function "${name}".`);
    const body = entry.instantiate(attributes);
    const given = new Map(body.inputs.map((input, index) => [input, inputs[index]!]));
    const frame = new Frame(this.interpreter, body.graph, given);
    const outputs = body.outputs.map((output) => frame.valueOf(output));
    for (const operation of body.controlOutputs) frame.run(operation);
    return outputs.map((slot, index) => (body.outputs[index]!.isReference ? this.interpreter.dereference(slot) : slot));
  }
}

type Pure = (inputs: readonly Value[], dtype: DType, attributes: Attributes) => readonly Value[];

function constant(tensor: Tensor): Value {
  const elements = Array.from(tensor.data as ArrayLike<number | bigint>, Number);
  return tensor.rank === 0 ? elements[0]! : elements;
}

function round(value: number, dtype: DType): number {
  if (dtype === 'int32') return value | 0;
  return dtype === 'float32' ? Math.fround(value) : Number(value);
}

function binary(dtype: DType, compute: (a: number, b: number) => number | boolean): (a: Value, b: Value) => Value {
  const scalar = (a: number, b: number) => round(Number(compute(a, b)), dtype);
  return (a, b) => {
    if (typeof a === 'number') return typeof b === 'number' ? scalar(a, b) : b.map((item) => scalar(a, item));
    return typeof b === 'number' ? a.map((item) => scalar(item, b)) : a.map((item, index) => scalar(item, b[index]!));
  };
}

function elementwise(compute: (a: number, b: number) => number | boolean): Pure {
  return ([a, b], dtype) => [binary(dtype, compute)(a!, b!)];
}

function each(compute: (a: number) => number | boolean): Pure {
  return ([a], dtype) => [binary(dtype, (item) => compute(item))(a!, 0)];
}

function reduce(compute: (a: number, b: number) => number): Pure {
  // Over the only axis; a scalar has none.
  return ([a], dtype) => [typeof a === 'number' ? a : a!.reduce((x, y) => round(compute(x, y), dtype))];
}

const OPS: Readonly<Record<string, Pure>> = {
  Add: elementwise((a, b) => a + b),
  AddV2: elementwise((a, b) => a + b),
  AddN: (inputs, dtype) => [inputs.reduce((a, b) => binary(dtype, (x, y) => x + y)(a, b))],
  // The gradients that are tested here are those of scalars, whose shapes are empty.
  BroadcastGradientArgs: () => [[], []],
  Cast: each((a) => a),
  ControlTrigger: () => [],
  Equal: elementwise((a, b) => a === b),
  Fill: ([, value]) => [value!],
  FloorDiv: elementwise((a, b) => Math.floor(a / b)),
  FloorMod: elementwise((a, b) => a - Math.floor(a / b) * b),
  Greater: elementwise((a, b) => a > b),
  GreaterEqual: elementwise((a, b) => a >= b),
  Less: elementwise((a, b) => a < b),
  LessEqual: elementwise((a, b) => a <= b),
  LogicalAnd: elementwise((a, b) => a * b),
  LogicalNot: each((a) => 1 - a),
  Max: reduce(Math.max),
  Maximum: elementwise(Math.max),
  Mul: ([a, b], dtype) => [binary(dtype, dtype === 'int32' ? Math.imul : (x, y) => x * y)(a!, b!)],
  Neg: each((a) => -a),
  NoOp: () => [],
  NotEqual: elementwise((a, b) => a !== b),
  OnesLike: each(() => 1),
  Reshape: ([a]) => [a!],
  Shape: () => [[]],
  StopGradient: ([a]) => [a!],
  Sub: elementwise((a, b) => a - b),
  Sum: reduce((a, b) => a + b),
  ZerosLike: each(() => 0),
};
