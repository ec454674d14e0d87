import { allocate, isFullyKnown, sizeOf, Tensor, type NumericDType, type Shape } from '@tenon/tensor';
import { copyOperations } from '../copy-operations.js';
import { hasEffect } from '../effects.js';
import { Graph } from '../graph.js';
import type { Attribute } from '../attributes.js';
import type { Operation, SymbolicTensor } from '../operation.js';
import { Replacements, type RewrittenGraph } from '../rewritten-graph.js';
import { topologicalOrder } from '../topological-order.js';
import { ShapeInferenceError } from './errors.js';
import { makeFacts, sameFacts, type TensorFacts } from './facts.js';
import { functionCalls, inferGraph } from './infer-graph.js';
import { inferOperation } from './infer-operation.js';
import { sameShape } from './partial-shape.js';
import { valueOfTensor } from './values.js';

/** Runs a pure operation on constants; `undefined` if it cannot. */
export type Evaluate = (operation: Operation, inputs: readonly Tensor[]) => readonly Tensor[] | undefined;

/** Elements of a constant that folding makes, and of all those that it is made from: beyond that, weights are moved about. */
const MOST_FOLDED = 65_536;

/** A constant larger than this must not be larger than what it is made from: `Fill` and `Tile` say in a line what would fill a file. */
const MOST_EXPANDED = 1024;

/** Give back what they are given, and so can be left out. */
const IDENTITIES: ReadonlySet<string> = new Set([
  'Identity',
  'Snapshot',
  'StopGradient',
  'PreventGradient',
  'GuaranteeConst',
]);

/** Belong to frames and branches. */
const CONTROL_FLOW: ReadonlySet<string> = new Set(
  ['Switch', 'Merge', 'Enter', 'Exit', 'NextIteration']
    .flatMap((type) => [type, `Ref${type}`])
    .concat('_SwitchN', 'LoopCond'),
);

/** Are there to fail, though TensorFlow does not call them stateful. */
const CHECKS: ReadonlySet<string> = new Set(['CheckNumerics', 'CheckNumericsV2']);

/** Made outside the graph, or fed, or of files. */
const NEVER_FOLDED: ReadonlySet<string> = new Set([
  'Placeholder',
  'PlaceholderV2',
  'PlaceholderWithDefault',
  'ReadFile',
  'MatchingFiles',
]);

/**
 * Copies a graph with its constants worked out: pure operations of constants, what shapes say that are known, and picks from partly
 * known ones become `Const`; identities are left out. Shapes are inferred along the way. Takes time in proportion to the graph.
 *
 * Whatever is fed must have been made a `Placeholder` before (`prune`). Operations keep their names; collections and initializers stay behind.
 *
 * @param evaluate Where it throws, the operation stays and will fail when it runs, if it does.
 * @param known What is known of what is fed beside its shape.
 * @throws ShapeInferenceError, GraphCycleError
 */
export function foldConstants(
  graph: Graph,
  evaluate: Evaluate,
  known?: ReadonlyMap<SymbolicTensor, TensorFacts>,
): RewrittenGraph {
  const order = topologicalOrder(graph.operations);
  const { facts, problems } = inferGraph(graph, known);
  if (problems.length > 0) throw new ShapeInferenceError(problems);
  const folded = new Graph(graph.functions);
  const replacements = new Replacements(folded, () => 'it was folded away');
  const folding = new Folding(facts, evaluate);

  const remaining = function* () {
    for (const operation of order) {
      const constants = folding.visit(operation);
      if (constants) {
        const made = constants.map((constant, index) => {
          const controlInputs = [...folding.waitsFor(operation)].map(replacements.operation);
          const name = index === 0 ? operation.name : graph.uniqueName(`${operation.name}/output_${index}`);
          return folded.addOperation({
            type: 'Const',
            name,
            controlInputs,
            attributes: constantAttributes(constant),
            shapes: [constant.shape],
          });
        });
        made.forEach((constant, index) => replacements.setTensor(operation.output(index), constant.output()));
        replacements.setOperation(operation, made[0]!);
      } else if (folding.isLeftOut(operation)) {
        const source = replacements.tensor(operation.input(0));
        replacements.setTensor(operation.output(), source);
        replacements.setOperation(operation, source.operation);
      } else {
        yield operation;
      }
    }
  };
  copyOperations(remaining(), replacements);
  for (const operation of order) {
    for (const output of operation.outputs) replacements.tensor(output).shape = folding.facts(output).shape;
  }
  return replacements;
}

function constantAttributes(value: Tensor): Map<string, Attribute> {
  return new Map<string, Attribute>([
    ['dtype', { kind: 'dtype', value: value.dtype }],
    ['value', { kind: 'tensor', value }],
  ]);
}

/** Decides, operation by operation in topological order, what becomes of each. */
class Folding {
  /** What is known beyond what inference found, because something before it was folded. */
  private readonly improved = new Map<SymbolicTensor, TensorFacts>();
  private readonly constants = new Map<SymbolicTensor, Tensor>();
  /** For constants: the operations that they wait for. */
  private readonly waits = new Map<Operation, ReadonlySet<Operation>>();
  /** Operations that do something, or may not run, or come after such a one: who reads them must go on waiting for them. */
  private readonly effective = new Set<Operation>();
  private readonly calls = functionCalls();

  constructor(
    private readonly inferred: (tensor: SymbolicTensor) => TensorFacts,
    private readonly evaluate: Evaluate,
  ) {}

  facts(tensor: SymbolicTensor): TensorFacts {
    return this.improved.get(tensor) ?? this.inferred(tensor);
  }

  waitsFor(operation: Operation): Iterable<Operation> {
    return this.waits.get(operation) ?? [];
  }

  /** The constants that an operation becomes, one per output; `undefined` if it stays, or is left out. */
  visit(operation: Operation): readonly Tensor[] | undefined {
    const { type, inputs, controlInputs } = operation;
    const isEffective =
      hasEffect(operation) ||
      CONTROL_FLOW.has(type) ||
      inputs.some((input) => this.effective.has(input.operation)) ||
      controlInputs.some((control) => this.effective.has(control));
    if (isEffective || CHECKS.has(type)) this.effective.add(operation);
    if (type === 'Const') {
      this.waits.set(operation, new Set(controlInputs.filter((control) => this.effective.has(control))));
      const value = operation.attribute('value', 'tensor');
      if (Tensor.isTensor(value)) this.constants.set(operation.output(), value);
      return undefined;
    }
    if (inputs.some((input) => this.improved.has(input))) this.improve(operation);
    if (this.isLeftOut(operation)) this.passOn(operation);
    if (!mayFold(operation) || this.isLeftOut(operation)) return undefined;
    const constants = this.spelledOut(operation) ?? this.evaluated(operation);
    if (!constants) return undefined;
    constants.forEach((constant, index) => this.become(operation.output(index), constant));
    this.waits.set(operation, this.waitsOfReplacement(operation));
    return constants;
  }

  isLeftOut(operation: Operation): boolean {
    const [input] = operation.inputs;
    if (!IDENTITIES.has(operation.type) || !input || input.isReference) return false;
    // Only an identity tells which way a switch went: that of its outputs which nobody reads cannot be waited for.
    if (
      CONTROL_FLOW.has(input.operation.type) ||
      operation.controlInputs.some((control) => this.effective.has(control))
    )
      return false;
    return sameShape(this.facts(input).shape, this.facts(operation.output()).shape);
  }

  /** What stands for the input stands for the output too. */
  private passOn(operation: Operation): void {
    const constant = this.constants.get(operation.input(0));
    if (constant) this.constants.set(operation.output(), constant);
    const waits = this.waits.get(operation.input(0).operation);
    if (waits) this.waits.set(operation, waits);
  }

  private become(output: SymbolicTensor, constant: Tensor): void {
    this.constants.set(output, constant);
    this.improved.set(output, makeFacts(constant.shape, valueOfTensor(constant), undefined));
  }

  private improve(operation: Operation): void {
    const { outputs, problem } = inferOperation(
      operation,
      operation.inputs.map((input) => this.facts(input)),
      this.calls,
    );
    if (problem !== undefined) return;
    operation.outputs.forEach((output, index) => {
      if (!sameFacts(outputs[index]!, this.inferred(output))) this.improved.set(output, outputs[index]!);
    });
  }

  /** Tensors whose every element is known from shapes. */
  private spelledOut({ outputs }: Operation): Tensor[] | undefined {
    const constants: Tensor[] = [];
    for (const output of outputs) {
      const { shape, value } = this.facts(output);
      if (!isFullyKnown(shape) || !value?.every((element): element is number => element !== null)) return undefined;
      constants.push(tensorOf(output.dtype as NumericDType, shape, value));
    }
    return constants;
  }

  private evaluated(operation: Operation): readonly Tensor[] | undefined {
    const inputs = operation.inputs.map((input) => this.constants.get(input));
    if (inputs.length === 0 || !inputs.every((input) => input !== undefined)) return undefined;
    const given = inputs.reduce((size, input) => size + input.size, 0);
    const mayHave = (size: number) => size <= MOST_EXPANDED || (size <= MOST_FOLDED && size <= 2 * given);
    const expected = operation.outputs.map((output) => this.facts(output).shape);
    if (given > MOST_FOLDED || expected.some((shape) => isFullyKnown(shape) && !mayHave(sizeOf(shape))))
      return undefined;
    let results: readonly Tensor[] | undefined;
    try {
      results = this.evaluate(operation, inputs);
    } catch {
      // In a branch that is never taken it does no harm; where it is, it fails then, and says so.
      return undefined;
    }
    return results?.every(({ size }) => mayHave(size)) ? results : undefined;
  }

  private waitsOfReplacement({ inputs, controlInputs }: Operation): ReadonlySet<Operation> {
    const waits = new Set(controlInputs.filter((control) => this.effective.has(control)));
    for (const { operation } of inputs) {
      const inherited = this.waits.get(operation);
      if (inherited) inherited.forEach((wait) => waits.add(wait));
      else if (this.effective.has(operation)) waits.add(operation);
    }
    return waits;
  }
}

function mayFold({ type, definition, outputs }: Operation): boolean {
  if (NEVER_FOLDED.has(type) || CONTROL_FLOW.has(type) || CHECKS.has(type) || definition.isStateful) return false;
  return (
    outputs.length > 0 &&
    outputs.every(({ dtype, isReference }) => !isReference && dtype !== 'resource' && dtype !== 'variant')
  );
}

function tensorOf(dtype: NumericDType, shape: Shape, value: readonly number[]): Tensor {
  const data = allocate(dtype, value.length);
  value.forEach(
    (element, index) =>
      (data[index] = data instanceof BigInt64Array || data instanceof BigUint64Array ? BigInt(element) : element),
  );
  return new Tensor(dtype, shape, data);
}
