import { hasEffect, isRepeatable, isState } from '../effects.js';
import { ControlFlowError } from '../errors.js';
import type { Operation, SymbolicTensor } from '../operation.js';
import { isBackEdge, sortByDependencies } from '../topological-order.js';
import { ConditionSets, type ConditionSet } from './condition-sets.js';
import type { Loop, Loops } from './loops.js';
import { controlFlowType } from './op-types.js';

/** A `Merge` that chooses between the two sides of a condition. */
export interface Choice {
  readonly predicate: SymbolicTensor;
  /** Which input of the `Merge` is there when the predicate is true, and which when it is false. */
  readonly whenTrue: number;
  readonly whenFalse: number;
}

/**
 * Under which conditions operations of TensorFlow 1 run.
 *
 * A `Switch` gives its value out on one side and nothing on the other, and an operation runs only when it gets all of its inputs. So
 * the conditions of an operation are those of all its inputs together, `Merge` aside: that one runs when it gets one of them.
 * Conditions are relative to an iteration of the loop that the operation is in.
 */
export class Liveness {
  readonly sets = new ConditionSets();
  /** Operations in an order in which a loop is left after everything that it needs. */
  readonly order: readonly Operation[];
  private readonly states = new Map<Operation, ConditionSet>();
  private readonly loopStates = new Map<Loop, ConditionSet>();
  private readonly choices = new Map<Operation, Choice>();
  /** `Merge`s that only ever get one of their inputs, and which. */
  private readonly passThrough = new Map<Operation, number>();
  private readonly resolved = new Map<SymbolicTensor, SymbolicTensor>();
  private readonly predicates = new Map<
    SymbolicTensor,
    { readonly tensor: SymbolicTensor; readonly isNegated: boolean }
  >();
  /** Operations for which it matters when they run, and whatever comes after them. */
  private readonly ordering = new Set<Operation>();

  /** @throws ControlFlowError, GraphCycleError */
  constructor(
    operations: readonly Operation[],
    readonly loops: Loops,
  ) {
    this.order = sortByDependencies(operations, (operation) => this.dependenciesOf(operation));
    for (const operation of this.order) {
      this.states.set(operation, this.stateFor(operation));
      if (this.mattersWhen(operation)) this.ordering.add(operation);
    }
  }

  /** The conditions under which an operation runs. */
  stateOf(operation: Operation): ConditionSet {
    return this.states.get(operation)!;
  }

  /** The conditions under which a loop runs at all. */
  stateOfLoop(loop: Loop): ConditionSet {
    return this.loopStates.get(loop) ?? this.sets.always;
  }

  /** The conditions under which there is a value. */
  stateOfTensor({ operation, index }: SymbolicTensor): ConditionSet {
    const state = this.stateOf(operation);
    if (controlFlowType(operation) !== 'Switch') return state;
    const { tensor, isNegated } = this.predicateOf(operation.input(1));
    return this.sets.with(state, tensor, (index === 1) !== isNegated);
  }

  choiceOf(merge: Operation): Choice | undefined {
    return this.choices.get(merge);
  }

  /** The one input that a `Merge` ever gets, where it is only one. */
  onlyInput(merge: Operation): number | undefined {
    return this.passThrough.get(merge);
  }

  /** The tensor that has the same value, behind all that only decides whether there is one. */
  resolve(tensor: SymbolicTensor): SymbolicTensor {
    const path: SymbolicTensor[] = [];
    let current = tensor;
    for (
      let next: SymbolicTensor | undefined = current;
      next;
      next = this.resolved.get(current) ?? this.behind(current)
    ) {
      if (next !== current) path.push(current);
      current = next;
    }
    for (const passed of path) this.resolved.set(passed, current);
    return current;
  }

  /** Whether anybody can tell if something that waits for this operation does not. */
  isOrdering(operation: Operation): boolean {
    return this.ordering.has(operation);
  }

  /** What an operation waits for. An `Exit` waits for the loop as a whole. */
  dependenciesOf(operation: Operation): Operation[] {
    const dependencies: Operation[] = [];
    for (const { operation: producer } of operation.inputs)
      if (!isBackEdge(producer, operation)) dependencies.push(producer);
    for (const producer of operation.controlInputs) dependencies.push(producer);
    if (controlFlowType(operation) === 'Exit') {
      const { enters, nextIterations, conditions } = this.loopLeftBy(operation);
      for (const part of [enters, nextIterations, conditions]) for (const producer of part) dependencies.push(producer);
    }
    return dependencies;
  }

  /** What an operation waits for, without what never comes. */
  neededFor(operation: Operation): Operation[] {
    if (this.stateOf(operation) === this.sets.never) return [];
    const only = this.passThrough.get(operation);
    return only === undefined
      ? this.dependenciesOf(operation)
      : [operation.input(only).operation, ...operation.controlInputs];
  }

  /** The loop that an `Exit` leaves. */
  loopLeftBy(exit: Operation): Loop {
    return this.loops.of(exit.input(0).operation)!;
  }

  private behind(tensor: SymbolicTensor): SymbolicTensor | undefined {
    const { operation, index } = tensor;
    switch (controlFlowType(operation)) {
      case 'Switch':
      case 'Enter':
      case 'LoopCond':
        return operation.input(0);
      case 'Merge': {
        const only = this.passThrough.get(operation);
        return only === undefined || index !== 0 ? undefined : operation.input(only);
      }
      default:
        return undefined;
    }
  }

  /** What a predicate comes down to: conditions on the same value are the same condition, whatever it was handed through. */
  private predicateOf(predicate: SymbolicTensor): { readonly tensor: SymbolicTensor; readonly isNegated: boolean } {
    const path: { readonly tensor: SymbolicTensor; readonly isNegated: boolean }[] = [];
    let tensor = predicate;
    let isNegated = false;
    for (;;) {
      const known = this.predicates.get(tensor);
      if (known) {
        tensor = known.tensor;
        isNegated = isNegated !== known.isNegated;
        break;
      }
      path.push({ tensor, isNegated });
      const { operation } = tensor;
      if (operation.type === 'Identity') tensor = operation.input(0);
      else if (operation.type === 'LogicalNot') {
        tensor = operation.input(0);
        isNegated = !isNegated;
      } else if (operation.type === 'LoopCond') {
        break;
      } else {
        const behind = this.behind(tensor);
        if (!behind) break;
        tensor = behind;
      }
    }
    for (const step of path) this.predicates.set(step.tensor, { tensor, isNegated: step.isNegated !== isNegated });
    return { tensor, isNegated };
  }

  private stateFor(operation: Operation): ConditionSet {
    const { sets } = this;
    switch (controlFlowType(operation)) {
      case 'Enter': {
        const loop = this.loops.of(operation)!;
        const outside = this.stateFromInputs(operation, loop.parent);
        this.loopStates.set(loop, sets.union(this.stateOfLoop(loop), outside));
        return sets.always;
      }
      case 'Exit':
        return sets.union(this.stateOfLoop(this.loopLeftBy(operation)), this.stateFromControls(operation));
      case 'Merge':
        if (operation.inputs.some((input) => isBackEdge(input.operation, operation))) return sets.always;
        return sets.union(this.choose(operation), this.stateFromControls(operation));
      default:
        return this.stateFromInputs(operation, this.loops.of(operation));
    }
  }

  private stateFromInputs(operation: Operation, loop: Loop | undefined): ConditionSet {
    let state = this.stateFromControls(operation);
    for (const input of operation.inputs) {
      // What comes from outside of the loop is there in every iteration.
      if (this.loops.of(input.operation) === loop) state = this.sets.union(state, this.stateOfTensor(input));
    }
    return state;
  }

  private stateFromControls(operation: Operation): ConditionSet {
    const loop = this.loops.of(operation);
    let state = this.sets.always;
    for (const control of operation.controlInputs) {
      if (this.loops.of(control) === loop) state = this.sets.union(state, this.stateOf(control));
    }
    return state;
  }

  /** Finds out what a `Merge` chooses by, and returns the conditions under which it gets anything. */
  private choose(merge: Operation): ConditionSet {
    const { sets } = this;
    const inputs = merge.inputs
      .map((input, index) => ({ index, state: this.stateOfTensor(input) }))
      .filter(({ state }) => state !== sets.never);
    const [first, second, ...others] = inputs;
    if (!first) return sets.never;
    if (!second) {
      this.passThrough.set(merge, first.index);
      return first.state;
    }
    if (others.length === 0) {
      for (const [predicate, value] of first.state.conditions) {
        if (second.state.conditions.get(predicate) !== !value) continue;
        const common = sets.union(sets.without(first.state, predicate), sets.without(second.state, predicate));
        if (this.ofBody(first.state, merge, predicate) !== this.ofBody(second.state, merge, predicate)) continue;
        const [whenTrue, whenFalse] = value ? [first.index, second.index] : [second.index, first.index];
        this.choices.set(merge, { predicate, whenTrue, whenFalse });
        return common;
      }
    }
    throw new ControlFlowError('The inputs of a Merge are not the two sides of one condition', [
      merge.name,
      ...merge.inputs.map(({ name }) => name),
    ]);
  }

  /**
   * Conditions without that predicate, and without that the loop goes on: what comes straight from outside of the loop is there in
   * its last, partial, iteration too, and may be the other side to what is only there when the loop goes on.
   */
  private ofBody(state: ConditionSet, merge: Operation, predicate: SymbolicTensor): ConditionSet {
    const loop = this.loops.of(merge);
    const others = this.sets.without(state, predicate);
    return loop ? this.sets.without(others, loop.condition.output()) : others;
  }

  private mattersWhen(operation: Operation): boolean {
    if (hasEffect(operation) || !isRepeatable(operation)) return true;
    if (operation.definition.isStateful && !isState(operation) && operation.type !== '_Arg') return true;
    // Whoever takes a reference for a value reads the variable.
    if (operation.inputs.some(({ isReference }) => isReference)) return true;
    return this.dependenciesOf(operation).some((dependency) => this.ordering.has(dependency));
  }
}
