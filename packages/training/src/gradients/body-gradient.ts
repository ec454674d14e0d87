import {
  extractFunction,
  findCaptures,
  Graph,
  importGraph,
  inferShapes,
  isState,
  type Attribute,
  type FunctionGraph,
  type FunctionLibrary,
  type Operation,
  type SymbolicTensor,
  type TensorFacts,
} from '@tenon/graph';
import type { DType, PartialShape } from '@tenon/tensor';
import { functionalControlFlow } from './functional-control-flow.js';
import { GradientBuilder } from './gradient-builder.js';
import { UndifferentiableError } from './undifferentiable-error.js';

/**
 * The body of a function and how gradients flow back through it, first in one graph: a copy of the body, to which the backward operations
 * are added. Then the two are taken apart, into a function that gives more than it did, and one that takes that.
 */
export class BodyGradient {
  readonly graph: Graph;
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
  private readonly controlOutputs: readonly Operation[];
  private readonly library: FunctionLibrary;
  private builder: GradientBuilder | undefined;
  /** What stands in the backward function for a tensor of the forward one. */
  private readonly substitutes = new Map<SymbolicTensor, SymbolicTensor>();

  constructor(
    body: FunctionGraph,
    { graph: { functions }, Flow }: GradientBuilder,
    private readonly scope: string,
  ) {
    this.library = functions;
    const copy = importGraph(body.graph, new Graph(functions));
    this.graph = copy.graph;
    this.inputs = body.inputs.map(copy.tensor);
    const outputs = body.outputs.map(copy.tensor);
    const { tensor } = functionalControlFlow(copy.graph, outputs, new Flow(outputs, this.inputs));
    this.outputs = outputs.map(tensor);
    this.controlOutputs = body.controlOutputs.map(copy.operation);
    this.Flow = Flow;
  }

  private readonly Flow: GradientBuilder['Flow'];

  get build(): GradientBuilder {
    return this.builder!;
  }

  /** Which outputs depend on some of these inputs. */
  reached(from: Iterable<number>): number[] {
    const flow = new this.Flow(this.outputs, this.pick(this.inputs, from));
    return this.outputs.flatMap((output, index) => (flow.reaches(output) ? [index] : []));
  }

  /** Which of some inputs some outputs depend on. */
  needed(outputs: Iterable<number>, inputs: Iterable<number>): number[] {
    const candidates = [...inputs];
    const arrivals = new this.Flow(this.pick(this.outputs, outputs), this.pick(this.inputs, candidates)).arrivals();
    return candidates.filter((index) => arrivals.has(this.inputs[index]!));
  }

  /** Whether an output is nothing but the input of that index. */
  isInvariant(index: number): boolean {
    return withoutIdentities(this.outputs[index]!) === this.inputs[index];
  }

  /**
   * Adds the gradients of outputs by inputs.
   *
   * @param known What is known of the inputs.
   * @returns The gradients that came for outputs, as arguments, and those by inputs: zeros where nothing depends on one.
   */
  differentiate(
    known: readonly TensorFacts[],
    outputs: readonly number[],
    inputs: readonly number[],
    gradientFacts: (output: number) => TensorFacts,
  ): { readonly given: SymbolicTensor[]; readonly found: SymbolicTensor[] } {
    const inferred = inferShapes(this.graph, {
      known: new Map(this.inputs.map((input, index) => [input, known[index]!])),
    });
    const build = new GradientBuilder(this.graph, this.scope, inferred, this.Flow);
    this.builder = build;
    const ys = this.pick(this.outputs, outputs);
    const flow = new this.Flow(ys, this.pick(this.inputs, inputs));
    flow.check();
    const given = outputs.map((output) => this.gradientArgument(this.outputs[output]!, gradientFacts(output)));
    const gradients = flow.backwards(build, given);
    const found = gradients.map((gradient, place) =>
      gradient ? build.dense(gradient) : build.zeros(this.inputs[inputs[place]!]!),
    );
    this.found = found;
    return { given, found };
  }

  private found: readonly SymbolicTensor[] = [];

  private gradientArgument({ dtype, name }: SymbolicTensor, { shape, elements }: TensorFacts): SymbolicTensor {
    if (dtype !== 'resource') return this.argument(dtype, shape);
    const element = elements?.[0];
    if (!element) throw new UndifferentiableError(`what "${name}" is a handle of is not known`);
    return this.argument(element.dtype, element.shape);
  }

  /** Adds an argument. */
  argument(dtype: DType, shape: PartialShape = null): SymbolicTensor {
    const attributes = new Map<string, Attribute>([['T', { kind: 'dtype', value: dtype }]]);
    return this.graph.addOperation({ type: '_Arg', name: 'argument', attributes, shapes: [shape] }).output();
  }

  /**
   * What the backward operations read of the forward ones. Of tensors that are read for their shape alone, only that is.
   *
   * @param isFree Whether the backward function can have an input of the forward one as it is.
   */
  captures(isFree: (input: SymbolicTensor) => boolean): SymbolicTensor[] {
    const isAtHand = (tensor: SymbolicTensor) => {
      const source = withoutIdentities(tensor);
      return isFree(source) || isRepeated(source.operation);
    };
    const describing = [...this.build.added].filter(
      ({ type, inputs }) =>
        DESCRIBING.has(type) && !this.build.added.has(inputs[0]!.operation) && !isAtHand(inputs[0]!),
    );
    const without = new Set(describing);
    const piece = (isInside: (operation: Operation) => boolean) => ({ isInside, outputs: this.found });
    const others = new Set(findCaptures(piece((operation) => this.isBackward(operation) && !without.has(operation))));
    for (const operation of describing) if (!others.has(operation.input(0))) this.build.ahead.add(operation);
    return findCaptures(piece((operation) => this.isBackward(operation, isFree)));
  }

  /** Says what the backward function has in the place of a tensor of the forward one. */
  substitute(original: SymbolicTensor, replacement: SymbolicTensor): void {
    this.substitutes.set(original, replacement);
  }

  private isBackward(operation: Operation, isFree?: (input: SymbolicTensor) => boolean): boolean {
    if (this.build.added.has(operation) && !this.build.ahead.has(operation)) return true;
    if (isRepeated(operation)) return true;
    return isFree !== undefined && operation.type === 'Identity' && isFree(withoutIdentities(operation.output()));
  }

  /** The function as it was, with other inputs and outputs. */
  forward(name: string, inputs: readonly SymbolicTensor[], outputs: readonly SymbolicTensor[]): FunctionGraph {
    const given = new Set(inputs.map(({ operation }) => operation));
    return extractFunction({
      name,
      inputs,
      outputs,
      targets: this.controlOutputs,
      library: this.library,
      isInside: (operation) =>
        !given.has(operation) && (!this.build.added.has(operation) || this.build.ahead.has(operation)),
    });
  }

  /** The backward operations as a function. */
  backward(
    name: string,
    inputs: readonly SymbolicTensor[],
    outputs: readonly SymbolicTensor[],
    isFree: (input: SymbolicTensor) => boolean,
  ): FunctionGraph {
    for (const operation of this.build.added) {
      if (this.build.ahead.has(operation)) continue;
      operation.inputs.forEach((input, index) => {
        const substitute = this.substitutes.get(input);
        if (substitute && substitute.operation !== operation) this.graph.replaceInput(operation, index, substitute);
      });
    }
    return extractFunction({
      name,
      inputs,
      outputs: outputs.map((output) => this.substitutes.get(output) ?? output),
      library: this.library,
      isInside: (operation) => this.isBackward(operation, isFree),
    });
  }

  private pick(tensors: readonly SymbolicTensor[], indices: Iterable<number>): SymbolicTensor[] {
    return Array.from(indices, (index) => tensors[index]!);
  }
}

/** What is said of a tensor in a few numbers. */
const DESCRIBING = new Set(['Shape', 'Size', 'Rank', 'TensorListLength', 'TensorListElementShape']);

/** What both functions may have, each for itself. */
function isRepeated(operation: Operation): boolean {
  return operation.type === 'Const' || isState(operation);
}

function withoutIdentities(tensor: SymbolicTensor): SymbolicTensor {
  let source = tensor;
  while (source.operation.type === 'Identity') source = source.operation.input(0);
  return source;
}
