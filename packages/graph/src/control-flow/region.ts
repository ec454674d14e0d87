import { hasEffect, isRepeatable, isState } from '../effects.js';
import { ControlFlowError } from '../errors.js';
import { expand } from '../graph.js';
import { Operation, type SymbolicTensor } from '../operation.js';
import type { ConditionSet } from './condition-sets.js';
import type { Choice, Liveness } from './liveness.js';
import { Loop } from './loops.js';
import { controlFlowType, isControlFlow } from './op-types.js';
import type { RequiredEffects } from './required-effects.js';

/** A piece of the program that becomes a graph of its own: the whole, a branch, the condition or the body of a loop. */
export interface Region {
  readonly parent: Region | undefined;
  /** The innermost loop that the region is inside of. */
  readonly loop: Loop | undefined;
  /** What holds wherever the region runs, in an iteration of that loop. */
  readonly context: ConditionSet;
  /** The regions around it, from the whole on, and itself. */
  readonly path: readonly Region[];
}

/** What to compute in a region. */
export interface Targets {
  readonly tensors?: readonly SymbolicTensor[];
  /** Operations and loops to run. */
  readonly subjects?: readonly (Operation | Loop)[];
  /** Operations to wait for, as far as they matter. */
  readonly awaited?: readonly Operation[];
  /** Variables of outer regions that are changed around the region. */
  readonly variables?: Iterable<Operation>;
}

/** The two regions of a loop. */
export interface LoopContent {
  /** What decides whether there is another iteration. */
  readonly condition: Content;
  readonly body: Content;
}

/** What a region holds. */
export interface Content {
  readonly region: Region;
  readonly items: ReadonlyMap<Operation | Loop, Item>;
  /** Values of outer regions that are read inside. */
  readonly captures: ReadonlySet<SymbolicTensor>;
  /** Operations of outer regions that are waited for inside. */
  readonly controlCaptures: ReadonlySet<Operation | Loop>;
  /** Variables of outer regions that are changed inside, so they have to be there, and not just their values. */
  readonly variables: ReadonlySet<Operation>;
  /** Operations that must not run twice, of inner regions too. */
  readonly unrepeatable: ReadonlySet<Operation>;
}

/** One thing that a region does, with what it needs before. */
export interface Item {
  readonly subject: Operation | Loop;
  readonly tensors: readonly SymbolicTensor[];
  readonly controls: readonly (Operation | Loop)[];
  /** Set for what runs only on one side of a condition: a `Merge`, or an operation with an effect. */
  readonly condition?: Condition;
}

interface Condition {
  readonly predicate: SymbolicTensor;
  /** The side on which an effect takes place; a `Merge` has both. */
  readonly value?: boolean;
  readonly unrepeatable: ReadonlySet<Operation>;
}

/** Regions deeper than this come from a broken or hostile file. */
const DEEPEST_REGION = 400;

/** Finds out what belongs into which region. */
export class RegionFinder {
  private readonly branches = new Map<Region, Map<ConditionSet, Region>>();
  private readonly sides = new Map<Region, Map<SymbolicTensor | Operation | Loop, Content>>();
  private readonly loops = new Map<Region, Map<Loop, LoopContent>>();

  constructor(
    readonly liveness: Liveness,
    private readonly required: RequiredEffects,
  ) {}

  /** The region inside `region` that runs where, beside, a predicate has that value. */
  branch(region: Region, predicate: SymbolicTensor, value: boolean): Region {
    const context = this.liveness.sets.with(region.context, predicate, value);
    const known = remember(this.branches, region, () => new Map<ConditionSet, Region>());
    return remember(known, context, () => inner(region, context, region.loop));
  }

  /** What a branch has to hold for one value or effect. */
  side(branch: Region, target: SymbolicTensor | Operation | Loop): Content {
    const known = remember(this.sides, branch, () => new Map<SymbolicTensor | Operation | Loop, Content>());
    return remember(known, target, () =>
      this.contentOf(
        branch,
        target instanceof Operation || target instanceof Loop ? { subjects: [target] } : { tensors: [target] },
      ),
    );
  }

  /** What a loop of `region` does. */
  loop(region: Region, loop: Loop): LoopContent {
    const known = remember(this.loops, region, () => new Map<Loop, LoopContent>());
    return remember(known, loop, () => {
      const { sets } = this.liveness;
      const { condition, variables } = loop;
      const nextIterations = variables.map(({ nextIteration }) => nextIteration);
      const body = this.contentOf(inner(region, sets.with(sets.always, condition.output(), true), loop), {
        tensors: nextIterations.map((operation) => operation.input(0)),
        awaited: nextIterations.flatMap(({ controlInputs }) => controlInputs),
        subjects: this.required.inBody.get(loop) ?? [],
      });
      return {
        body,
        condition: this.contentOf(inner(region, sets.always, loop), {
          tensors: [condition.input(0)],
          awaited: condition.controlInputs,
          subjects: this.required.inCondition.get(loop) ?? [],
          // It has to see what the body makes of them.
          variables: body.variables,
        }),
      };
    });
  }

  /** What has to be in a region so that it can compute `targets`. */
  contentOf(region: Region, targets: Targets): Content {
    return new Collector(this, region).collect(targets);
  }
}

/** The region that is the whole graph. */
export function wholeRegion({ sets }: Liveness): Region {
  const path: Region[] = [];
  const region: Region = { parent: undefined, loop: undefined, context: sets.always, path };
  path.push(region);
  return region;
}

function inner(parent: Region, context: ConditionSet, loop: Loop | undefined): Region {
  if (parent.path.length > DEEPEST_REGION) {
    throw new ControlFlowError(
      `Conditions and loops are more than ${DEEPEST_REGION} levels deep`,
      [...context.conditions.keys()].slice(-1).map(({ name }) => name),
    );
  }
  const path = [...parent.path];
  const region: Region = { parent, loop, context, path };
  path.push(region);
  return region;
}

function remember<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  let value = known.get(key);
  if (value === undefined) {
    value = make();
    known.set(key, value);
  }
  return value;
}

/** Collects what belongs into one region. */
class Collector {
  private readonly items = new Map<Operation | Loop, Item>();
  private readonly captures = new Set<SymbolicTensor>();
  private readonly controlCaptures = new Set<Operation | Loop>();
  private readonly variables = new Set<Operation>();
  private readonly unrepeatable = new Set<Operation>();
  private readonly pending: (Operation | Loop)[] = [];
  private readonly seen = new Set<Operation | Loop>();
  private readonly liveness: Liveness;

  constructor(
    private readonly finder: RegionFinder,
    private readonly region: Region,
  ) {
    this.liveness = finder.liveness;
  }

  collect({ tensors = [], subjects = [], awaited = [], variables: changed = [] }: Targets): Content {
    for (const variable of changed) this.variables.add(variable);
    for (const tensor of tensors) this.needTensor(tensor);
    for (const subject of subjects) this.need(subject instanceof Loop ? subject : this.subjectOf(subject));
    for (const control of this.controlsBehind(awaited)) this.needControl(control);
    this.addPending();
    this.alignEffects();
    this.addPending();
    for (const variable of this.variables) {
      this.captures.delete(variable.output());
      this.items.set(variable, { subject: variable, tensors: [], controls: [] });
    }
    const { region, items, captures, controlCaptures, variables, unrepeatable } = this;
    return { region, items, captures, controlCaptures, variables, unrepeatable };
  }

  private addPending(): void {
    // What is added may make more pending.
    for (const subject of this.pending) this.addItem(this.itemFor(subject));
    this.pending.length = 0;
  }

  private addItem(item: Item | undefined): void {
    if (!item) return;
    this.items.set(item.subject, item);
    for (const tensor of item.tensors) this.needTensor(tensor);
    for (const control of item.controls) this.needControl(control);
  }

  /** An effect that shares something which must not run twice with a `Merge` has to come under the same condition first. */
  private alignEffects(): void {
    const predicates = new Map<Operation, SymbolicTensor>();
    for (const { condition } of this.items.values()) {
      if (condition?.value !== undefined) continue;
      for (const operation of condition?.unrepeatable ?? []) predicates.set(operation, condition!.predicate);
    }
    for (const { subject, condition } of [...this.items.values()]) {
      if (condition?.value === undefined) continue;
      for (const operation of condition.unrepeatable) {
        const predicate = predicates.get(operation);
        if (!predicate || predicate === condition.predicate || !this.stateOf(subject).conditions.has(predicate))
          continue;
        this.addItem(this.conditionalEffect(subject, predicate));
        break;
      }
    }
  }

  private needTensor(tensor: SymbolicTensor): void {
    const resolved = this.liveness.resolve(tensor);
    const { operation } = resolved;
    if (this.isLoopVariable(operation)) {
      if (resolved.index !== 0)
        throw new ControlFlowError('What came around a loop is asked for by its number', [resolved.name]);
      const { loop, parent } = this.region;
      const isGiven = this.liveness.loops.of(operation) === loop && parent?.loop !== loop;
      if (!isGiven) this.captures.add(resolved);
      return;
    }
    const subject = this.subjectOf(operation);
    const home = this.homeOf(subject);
    if (home === this.region) this.need(subject);
    else if (home) this.captures.add(resolved);
    else {
      throw new ControlFlowError('A value is read that is not there whenever it is read', [resolved.name]);
    }
  }

  private needControl(control: Operation | Loop): void {
    const home = this.homeOf(control);
    if (home === this.region) {
      if (!this.runsInCondition(control)) this.need(control);
    } else if (home) {
      this.controlCaptures.add(control);
    }
  }

  /** What has an effect before a loop knows whether it goes on has run before its body does. */
  private runsInCondition(control: Operation | Loop): boolean {
    const { loop, context } = this.region;
    if (!loop || control instanceof Loop || !hasEffect(control) || this.liveness.loops.of(control) !== loop)
      return false;
    const condition = loop.condition.output();
    return context.conditions.has(condition) && !this.liveness.stateOf(control).conditions.has(condition);
  }

  private need(subject: Operation | Loop): void {
    if (this.seen.has(subject)) return;
    this.seen.add(subject);
    this.pending.push(subject);
  }

  private itemFor(subject: Operation | Loop): Item | undefined {
    if (this.homeOf(subject) !== this.region) return this.conditionalEffect(subject);
    if (subject instanceof Loop) return this.loopItem(subject);
    const choice = this.liveness.choiceOf(subject);
    if (choice) return this.choiceItem(subject, choice);
    if (isControlFlow(subject)) {
      throw new ControlFlowError(`A ${subject.type} is used as no condition or loop uses it`, [subject.name]);
    }
    if (!isRepeatable(subject)) this.unrepeatable.add(subject);
    this.noteChangedVariables(subject);
    return { subject, tensors: subject.inputs, controls: this.controlsOf(subject) };
  }

  private choiceItem(merge: Operation, { predicate, whenTrue, whenFalse }: Choice): Item {
    const sides = [
      this.finder.side(this.finder.branch(this.region, predicate, true), merge.input(whenTrue)),
      this.finder.side(this.finder.branch(this.region, predicate, false), merge.input(whenFalse)),
    ];
    const { tensors, controls, unrepeatable } = this.needsOf(sides);
    return {
      subject: merge,
      tensors: [predicate, ...tensors],
      controls: [...controls, ...this.controlsOf(merge)],
      condition: { predicate, unrepeatable },
    };
  }

  /** Something with an effect that runs only under conditions beyond those of the region. */
  private conditionalEffect(subject: Operation | Loop, preferred?: SymbolicTensor): Item | undefined {
    const { region, liveness, finder } = this;
    const state = this.stateOf(subject);
    if (liveness.sets.union(state, region.context) === liveness.sets.never) return undefined;
    for (const [predicate, value] of state.conditions) {
      if (preferred && predicate !== preferred) continue;
      if (region.context.conditions.has(predicate) || !this.isAvailable(predicate)) continue;
      const side = finder.side(finder.branch(region, predicate, value), subject);
      const { tensors, controls, unrepeatable } = this.needsOf([side]);
      return { subject, tensors: [predicate, ...tensors], controls, condition: { predicate, value, unrepeatable } };
    }
    throw new ControlFlowError('An operation runs under a condition that depends on itself', [subject.name]);
  }

  private loopItem(loop: Loop): Item {
    const { finder, region, liveness } = this;
    const { condition, body } = finder.loop(region, loop);
    const { tensors, controls } = this.needsOf([condition, body]);
    const outside = loop.exits
      .map((exit) => liveness.resolve(exit.input(0)))
      .filter(({ operation }) => liveness.loops.of(operation) !== loop);
    return {
      subject: loop,
      tensors: [...loop.variables.map(({ enter }) => enter.input(0)), ...tensors, ...outside],
      controls: [...controls, ...this.controlsBehind(loop.enters.flatMap(({ controlInputs }) => controlInputs))],
    };
  }

  /** What inner regions need of this one. */
  private needsOf(contents: readonly Content[]): {
    tensors: SymbolicTensor[];
    controls: (Operation | Loop)[];
    unrepeatable: ReadonlySet<Operation>;
  } {
    const unrepeatable = new Set<Operation>();
    for (const content of contents) {
      for (const operation of content.unrepeatable) {
        unrepeatable.add(operation);
        this.unrepeatable.add(operation);
      }
      for (const variable of content.variables) if (this.homeOf(variable) !== this.region) this.variables.add(variable);
    }
    return {
      tensors: [...new Set(contents.flatMap(({ captures }) => [...captures]))],
      controls: [...new Set(contents.flatMap(({ controlCaptures }) => [...controlCaptures]))],
      unrepeatable,
    };
  }

  private noteChangedVariables(operation: Operation): void {
    const { definition, attributes, name, inputs } = operation;
    if (!definition.inputs.some(({ isReference }) => isReference)) return;
    expand(definition.inputs, definition, attributes, name).forEach(({ isReference }, index) => {
      if (!isReference) return;
      const variable = this.liveness.resolve(inputs[index]!).operation;
      if (this.homeOf(variable) === this.region) return;
      if (!isState(variable)) {
        throw new ControlFlowError('A branch or loop changes a variable that reaches it through other operations', [
          name,
          variable.name,
        ]);
      }
      this.variables.add(variable);
    });
  }

  /** What an operation waits for, as far as anybody can tell. */
  private controlsOf(operation: Operation): (Operation | Loop)[] {
    const awaited = [...operation.controlInputs];
    for (const input of operation.inputs) {
      // A switch that an input comes through may have had to wait.
      for (let tensor = input; controlFlowType(tensor.operation) === 'Switch'; tensor = tensor.operation.input(0)) {
        for (const control of tensor.operation.controlInputs) awaited.push(control);
      }
    }
    return this.controlsBehind(awaited);
  }

  /** Looks through operations of control flow, which will not be there any more. */
  private controlsBehind(awaited: readonly Operation[]): (Operation | Loop)[] {
    const found = new Set<Operation | Loop>();
    const seen = new Set<Operation>();
    const pending = [...awaited];
    for (let operation = pending.pop(); operation; operation = pending.pop()) {
      if (seen.has(operation) || !this.liveness.isOrdering(operation)) continue;
      seen.add(operation);
      const isPassThrough = this.liveness.onlyInput(operation);
      switch (controlFlowType(operation)) {
        case 'Enter':
        case 'NextIteration':
          continue;
        case 'Switch':
        case 'LoopCond':
          for (const input of operation.inputs) pending.push(input.operation);
          for (const control of operation.controlInputs) pending.push(control);
          continue;
        case 'Merge':
          if (this.isLoopVariable(operation)) continue;
          if (isPassThrough !== undefined) {
            pending.push(operation.input(isPassThrough).operation);
            for (const control of operation.controlInputs) pending.push(control);
            continue;
          }
          break;
        default:
      }
      found.add(this.subjectOf(operation));
    }
    return [...found];
  }

  private isLoopVariable(operation: Operation): boolean {
    return this.liveness.loops.variableOf(operation) !== undefined;
  }

  private subjectOf(operation: Operation): Operation | Loop {
    return controlFlowType(operation) === 'Exit' ? this.liveness.loopLeftBy(operation) : operation;
  }

  private stateOf(subject: Operation | Loop): ConditionSet {
    return subject instanceof Loop ? this.liveness.stateOfLoop(subject) : this.liveness.stateOf(subject);
  }

  /** The outermost region in which something can run; `undefined` if it cannot even in this one. */
  private homeOf(subject: Operation | Loop): Region | undefined {
    const loop = subject instanceof Loop ? subject.parent : this.liveness.loops.of(subject);
    const state = this.stateOf(subject);
    return this.region.path.find(
      (region) => region.loop === loop && this.liveness.sets.isWithin(region.context, state),
    );
  }

  private isAvailable(predicate: SymbolicTensor): boolean {
    return this.isLoopVariable(predicate.operation) || this.homeOf(this.subjectOf(predicate.operation)) !== undefined;
  }
}
