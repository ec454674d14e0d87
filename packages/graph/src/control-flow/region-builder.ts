import { Tensor } from '@tenon/tensor';
import type { Attribute, Attributes } from '../attributes.js';
import { BuiltFunction, isStateful } from '../built-function.js';
import { hasEffect, isRepeatable } from '../effects.js';
import { ControlFlowError } from '../errors.js';
import type { FunctionLibrary } from '../function-library.js';
import { Graph } from '../graph.js';
import { Operation, type SymbolicTensor } from '../operation.js';
import { Loop } from './loops.js';
import { controlFlowType } from './op-types.js';
import { schedule, type Batch } from './region-schedule.js';
import type { Content, Item, RegionFinder } from './region.js';

/** A region as a graph, while it is being built. */
export interface Scope {
  readonly graph: Graph;
  /** What stands for tensors of the original graph. */
  readonly values: Map<SymbolicTensor, SymbolicTensor>;
  readonly operations: Map<Operation | Loop, Operation>;
  /** For operations of the original that are in a function now: the operation that calls it. */
  readonly containers: Map<Operation, Operation>;
}

export function newScope(library: FunctionLibrary): Scope {
  return { graph: new Graph(library), values: new Map(), operations: new Map(), containers: new Map() };
}

/** A function that was built, and what is in it. */
interface Built {
  readonly name: string;
  readonly scope: Scope;
}

/** Builds graphs out of regions, with `If` and `While` for what the regions inside of them do. */
export class RegionBuilder {
  private readonly emitted = new Set<Operation>();

  constructor(
    private readonly finder: RegionFinder,
    private readonly library: FunctionLibrary,
    /** Whether anybody reads which input a `Merge` chose. */
    private readonly isRead: (tensor: SymbolicTensor) => boolean,
  ) {}

  /** Adds everything that a region does to a graph that has what it needs from outside. */
  fill(content: Content, scope: Scope): void {
    const subjectOf = (tensor: SymbolicTensor): Operation | Loop => {
      const { operation } = this.finder.liveness.resolve(tensor);
      return controlFlowType(operation) === 'Exit' ? this.finder.liveness.loopLeftBy(operation) : operation;
    };
    for (const batch of schedule(content, subjectOf)) this.emit(batch, content, scope);
  }

  valueOf(tensor: SymbolicTensor, { values }: Scope): SymbolicTensor {
    const resolved = this.finder.liveness.resolve(tensor);
    const value = values.get(resolved);
    if (!value) throw new ControlFlowError('A value is not there where it is needed', [resolved.name]);
    return value;
  }

  private emit(batch: Batch, content: Content, scope: Scope): void {
    const [item] = batch;
    const { subject, condition } = item!;
    if (condition) this.emitCondition(batch, condition.predicate, content, scope);
    else if (subject instanceof Loop) this.emitLoop(subject, item!, content, scope);
    else this.emitOperation(subject, item!, scope);
  }

  private emitOperation(original: Operation, item: Item, scope: Scope): void {
    if (!isRepeatable(original) && this.emitted.has(original)) {
      throw new ControlFlowError(
        'An operation that must not run twice is needed in two places that exclude each other',
        [original.name],
      );
    }
    this.emitted.add(original);
    const operation = scope.graph.addOperation({
      type: original.type,
      definition: original.definition,
      name: original.name,
      inputs: original.inputs.map((input) => this.valueOf(input, scope)),
      controlInputs: controlsIn(scope, item.controls),
      attributes: original.attributes,
      device: original.device,
      shapes: original.outputs.map(({ shape }) => shape),
    });
    scope.operations.set(original, operation);
    original.outputs.forEach((output, index) => scope.values.set(output, operation.output(index)));
  }

  private emitCondition(batch: Batch, predicate: SymbolicTensor, { region }: Content, scope: Scope): void {
    const { finder } = this;
    const choices = batch.flatMap(({ subject, condition }) => {
      if (condition!.value !== undefined || subject instanceof Loop) return [];
      return [{ merge: subject, choice: finder.liveness.choiceOf(subject)! }];
    });
    const contents = [true, false].map((value) =>
      finder.contentOf(finder.branch(region, predicate, value), {
        tensors: choices.map(({ merge, choice }) => merge.input(value ? choice.whenTrue : choice.whenFalse)),
        subjects: batch.flatMap(({ subject, condition }) => (condition!.value === value ? [subject] : [])),
      }),
    );
    const captures = [...new Set(contents.flatMap((content) => [...content.captures]))];
    const name = scope.graph.uniqueName(scopeOf(batch[0]!.subject.name));
    const [thenBranch, elseBranch] = contents.map((content, side) => {
      const isThen = side === 0;
      return this.buildFunction(`${name}_${isThen ? 'then' : 'else'}`, content, captures, (inner) =>
        choices.flatMap(({ merge, choice }) => {
          const index = isThen ? choice.whenTrue : choice.whenFalse;
          const value = this.valueOf(merge.input(index), inner);
          return this.isRead(merge.output(1)) ? [value, constant(inner.graph, index)] : [value];
        }),
      );
    });
    const results = choices.flatMap(({ merge }) => (this.isRead(merge.output(1)) ? merge.outputs : [merge.output()]));
    const operation = scope.graph.addOperation({
      type: [thenBranch!, elseBranch!].some(({ scope: inner }) => isStateful(inner.graph.operations))
        ? 'If'
        : 'StatelessIf',
      name,
      inputs: [this.valueOf(predicate, scope), ...captures.map((capture) => this.valueOf(capture, scope))],
      controlInputs: controlsIn(
        scope,
        batch.flatMap(({ controls }) => controls),
      ),
      attributes: new Map<string, Attribute>([
        ['Tcond', { kind: 'dtype', value: 'bool' }],
        ['Tin', types(captures)],
        ['Tout', types(results)],
        ['then_branch', functionNamed(thenBranch!.name)],
        ['else_branch', functionNamed(elseBranch!.name)],
      ]),
      shapes: results.map(({ shape }) => shape),
    });
    results.forEach((result, index) => scope.values.set(result, operation.output(index)));
    for (const { subject } of batch) scope.operations.set(subject, operation);
    noteContained(operation, [thenBranch!, elseBranch!], scope);
  }

  private emitLoop(loop: Loop, item: Item, { region }: Content, scope: Scope): void {
    const { condition, body } = this.finder.loop(region, loop);
    const captures = [...new Set([...condition.captures, ...body.captures])];
    const variables = loop.variables.map(({ merge }) => merge.output());
    const carried = [...variables, ...captures];
    const name = scope.graph.uniqueName(scopeOf(loop.condition.name));
    const conditionFunction = this.buildFunction(`${name}_cond`, condition, carried, (inner) => [
      this.valueOf(loop.condition.input(0), inner),
    ]);
    const bodyFunction = this.buildFunction(`${name}_body`, body, carried, (inner) => [
      ...loop.variables.map(({ nextIteration }) => this.valueOf(nextIteration.input(0), inner)),
      ...captures.map((capture) => this.valueOf(capture, inner)),
    ]);
    const functions = [conditionFunction, bodyFunction];
    const operation = scope.graph.addOperation({
      type: functions.some(({ scope: inner }) => isStateful(inner.graph.operations)) ? 'While' : 'StatelessWhile',
      name,
      inputs: [
        ...loop.variables.map(({ enter }) => this.valueOf(enter.input(0), scope)),
        ...captures.map((capture) => this.valueOf(capture, scope)),
      ],
      controlInputs: controlsIn(scope, item.controls),
      attributes: new Map<string, Attribute>([
        ['T', types(carried)],
        ['cond', functionNamed(conditionFunction.name)],
        ['body', functionNamed(bodyFunction.name)],
        ['parallel_iterations', { kind: 'int', value: BigInt(loop.enters[0]!.int('parallel_iterations')) }],
      ]),
      shapes: carried.map(({ shape }) => shape),
    });
    scope.operations.set(loop, operation);
    for (const exit of loop.exits) {
      const last = this.finder.liveness.resolve(exit.input(0));
      const index = variables.indexOf(last);
      scope.values.set(exit.output(), index < 0 ? this.valueOf(last, scope) : operation.output(index));
      scope.operations.set(exit, operation);
    }
    noteContained(operation, functions, scope);
  }

  private buildFunction(
    baseName: string,
    content: Content,
    given: readonly SymbolicTensor[],
    outputsOf: (inner: Scope) => SymbolicTensor[],
  ): Built {
    const inner = newScope(this.library);
    const inputs = given.map((tensor, index) => {
      const argument = inner.graph
        .addOperation({
          type: '_Arg',
          name: `${tensor.operation.name}/arg`,
          attributes: new Map<string, Attribute>([
            ['T', { kind: 'dtype', value: tensor.dtype }],
            ['index', { kind: 'int', value: BigInt(index) }],
          ]),
          shapes: [tensor.shape],
        })
        .output();
      // A variable that is changed inside is there as such; its value from outside would be an old one.
      if (!content.variables.has(tensor.operation)) inner.values.set(tensor, argument);
      return argument;
    });
    this.fill(content, inner);
    const outputs = outputsOf(inner);
    const name = this.library.uniqueName(baseName.replaceAll('/', '_'));
    this.library.add(
      new BuiltFunction({
        name,
        graph: inner.graph,
        inputs,
        outputs,
        controlOutputs: [...inner.graph.operations].filter(hasEffect),
        outputNames: outputs.map((_, index) => `output_${index}`),
      }),
    );
    return { name, scope: inner };
  }
}

function noteContained(operation: Operation, functions: readonly Built[], scope: Scope): void {
  for (const { scope: inner } of functions) {
    for (const contained of [...inner.operations.keys(), ...inner.containers.keys()]) {
      if (contained instanceof Operation) scope.containers.set(contained, operation);
    }
  }
}

/** What is waited for outside of the scope's region, the operation that the region belongs to waits for. */
function controlsIn({ operations }: Scope, controls: readonly (Operation | Loop)[]): Operation[] {
  return [...new Set(controls.flatMap((control) => operations.get(control) ?? []))];
}

function types(tensors: readonly SymbolicTensor[]): Attribute {
  return { kind: 'list', value: tensors.map(({ dtype }): Attribute => ({ kind: 'dtype', value: dtype })) };
}

function functionNamed(name: string): Attribute {
  const attributes: Attributes = new Map();
  return { kind: 'function', value: { name, attributes } };
}

function constant(graph: Graph, value: number): SymbolicTensor {
  const attributes = new Map<string, Attribute>([
    ['dtype', { kind: 'dtype', value: 'int32' }],
    ['value', { kind: 'tensor', value: new Tensor('int32', [], Int32Array.of(value)) }],
  ]);
  return graph.addOperation({ type: 'Const', name: 'value_index', attributes, shapes: [[]] }).output();
}

/** The name scope that an operation is in, or its own name where it is in none. */
function scopeOf(name: string): string {
  const slash = name.lastIndexOf('/');
  return slash > 0 ? name.slice(0, slash) : name;
}
