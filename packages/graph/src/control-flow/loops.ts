import { ControlFlowError } from '../errors.js';
import type { Operation } from '../operation.js';
import { isBackEdge } from '../topological-order.js';
import { controlFlowType } from './op-types.js';

/** What a loop hands on from one iteration to the next. */
export interface LoopVariable {
  /** Its output is the value at the start of an iteration, and after the last one. */
  readonly merge: Operation;
  readonly enter: Operation;
  /** Its input is the value for the next iteration. */
  readonly nextIteration: Operation;
}

/** A while loop of TensorFlow 1: what lies between `Enter`s and `Exit`s of one frame. */
export class Loop {
  /** The loop that this one is in. */
  parent: Loop | undefined;
  readonly enters: Operation[] = [];
  readonly exits: Operation[] = [];
  readonly variables: LoopVariable[] = [];
  readonly conditions: Operation[] = [];
  readonly nextIterations: Operation[] = [];

  constructor(readonly name: string) {}

  get depth(): number {
    let depth = 1;
    for (let loop = this.parent; loop; loop = loop.parent) depth++;
    return depth;
  }

  isWithin(other: Loop): boolean {
    if (this === other) return true;
    let { parent } = this;
    while (parent && parent !== other) parent = parent.parent;
    return parent === other;
  }

  /** The one `LoopCond`. */
  get condition(): Operation {
    const [condition, ...others] = this.conditions;
    if (!condition || others.length > 0) {
      throw new ControlFlowError(
        `The loop "${this.name}" is to have one condition but has ${this.conditions.length}`,
        (this.conditions.length > 0 ? this.conditions : this.enters).map(({ name }) => name),
      );
    }
    return condition;
  }
}

/** Which loop each operation is in. */
export class Loops {
  private readonly byOperation = new Map<Operation, Loop>();
  private readonly byName = new Map<string, Loop>();
  private readonly variables = new Map<Operation, LoopVariable>();

  /**
   * @param order The operations of a graph in topological order.
   * @throws ControlFlowError if loops are not nested as loops are.
   */
  constructor(order: readonly Operation[]) {
    // An `Enter` that comes late may show that its loop lies deeper than it seemed, and what hangs on it too.
    let changed = true;
    while (changed) {
      changed = false;
      for (const operation of order) if (this.place(operation)) changed = true;
    }
    for (const operation of order) this.register(operation);
  }

  /** The innermost loop that an operation is in. An `Enter` is inside its loop, an `Exit` outside. */
  of(operation: Operation): Loop | undefined {
    return this.byOperation.get(operation);
  }

  /** What a `Merge` at the start of iterations hands on; `undefined` for other operations. */
  variableOf(merge: Operation): LoopVariable | undefined {
    return this.variables.get(merge);
  }

  /** Returns whether a loop turned out to be inside another. */
  private place(operation: Operation): boolean {
    const around = this.deepest(operation);
    switch (controlFlowType(operation)) {
      case 'Enter': {
        const name = operation.string('frame_name');
        const known = this.byName.get(name);
        const loop = known ?? new Loop(name);
        this.byName.set(name, loop);
        this.byOperation.set(operation, loop);
        if (!around || loop.parent === around || (loop.parent && loop.parent.depth >= around.depth)) return false;
        if (around.isWithin(loop)) {
          throw new ControlFlowError(`The loop "${name}" is entered from inside itself`, [operation.name]);
        }
        loop.parent = around;
        return known !== undefined;
      }
      case 'Exit': {
        const loop = this.byOperation.get(operation.input(0).operation);
        if (!loop) throw new ControlFlowError('There is an Exit outside of loops', [operation.name]);
        this.set(operation, loop.parent);
        return false;
      }
      default:
        this.set(operation, around);
        return false;
    }
  }

  private set(operation: Operation, loop: Loop | undefined): void {
    if (loop) this.byOperation.set(operation, loop);
    else this.byOperation.delete(operation);
  }

  private deepest(operation: Operation): Loop | undefined {
    let deepest: Loop | undefined;
    const see = (producer: Operation) => {
      const loop = this.byOperation.get(producer);
      if (!loop || loop === deepest || deepest?.isWithin(loop)) return;
      if (deepest && !loop.isWithin(deepest)) {
        throw new ControlFlowError(
          `An operation reads from two loops, "${deepest.name}" and "${loop.name}", and neither is inside the other`,
          [operation.name, producer.name],
        );
      }
      deepest = loop;
    };
    for (const { operation: producer } of operation.inputs) if (!isBackEdge(producer, operation)) see(producer);
    for (const producer of operation.controlInputs) see(producer);
    return deepest;
  }

  private register(operation: Operation): void {
    const loop = this.byOperation.get(operation);
    switch (controlFlowType(operation)) {
      case 'Enter':
        loop!.enters.push(operation);
        return;
      case 'Exit':
        this.byOperation.get(operation.input(0).operation)!.exits.push(operation);
        return;
      case 'LoopCond':
        if (!loop) throw new ControlFlowError('There is a LoopCond outside of loops', [operation.name]);
        loop.conditions.push(operation);
        return;
      case 'NextIteration':
        loop?.nextIterations.push(operation);
        return;
      case 'Merge':
        if (operation.inputs.some((input) => isBackEdge(input.operation, operation))) {
          if (!loop)
            throw new ControlFlowError('Operations wait for each other in a loop that nothing enters', [
              operation.name,
            ]);
          const variable = variableOf(operation);
          loop.variables.push(variable);
          this.variables.set(operation, variable);
        }
        return;
      default:
    }
  }
}

function variableOf(merge: Operation): LoopVariable {
  const producers = merge.inputs.map(({ operation }) => operation);
  const enter = producers.find((producer) => controlFlowType(producer) === 'Enter');
  const nextIteration = producers.find((producer) => controlFlowType(producer) === 'NextIteration');
  if (producers.length !== 2 || !enter || !nextIteration) {
    throw new ControlFlowError('What a loop hands on is to come from one Enter and one NextIteration', [
      merge.name,
      ...producers.map(({ name }) => name),
    ]);
  }
  return { merge, enter, nextIteration };
}
