import {
  BuiltFunction,
  FunctionLibrary,
  Graph,
  type Attribute,
  type FunctionGraph,
  type Operation,
  type SymbolicTensor,
} from '@tenon/graph';
import type { PartialShape } from '@tenon/tensor';
import type { ControlFlow } from './control-flow.js';

/** A piece of graph made ready, and what its control flow runs. */
export interface ReadyGraph {
  /** In topological order. */
  readonly graph: Graph;
  /** What to feed, in order; `undefined` where nothing needs it. A constant or a variable where the input always is that. */
  readonly inputs: readonly (SymbolicTensor | undefined)[];
  readonly outputs: readonly SymbolicTensor[];
  readonly bodies: ReadonlyMap<Operation, ReadyBody>;
}

/** What a control-flow operation runs. */
export interface ReadyBody {
  readonly flow: ControlFlow;
  readonly plans: readonly ReadyGraph[];
}

/**
 * Copies operations into a graph of its own, whose control flow runs what planning made of its functions: inlined, folded, and without
 * the inputs and outputs that nobody needs, such as variables that are constants by now. What waits for effects waits for nothing there.
 */
export class SpecializedCopy {
  readonly graph = new Graph(new FunctionLibrary());
  private readonly tensors = new Map<SymbolicTensor, SymbolicTensor>();

  constructor(
    private readonly bodies: ReadonlyMap<Operation, ReadyBody>,
    /** Whether anyone reads an output of an operation that is copied. */
    private readonly isUsed: (output: SymbolicTensor) => boolean,
  ) {}

  has(original: SymbolicTensor): boolean {
    return this.tensors.has(original);
  }

  tensor(original: SymbolicTensor): SymbolicTensor {
    return this.tensors.get(original)!;
  }

  /** Adds an input of the graph; it stands for `original`. */
  addInput({ name, dtype, shape }: InputOptions, original?: SymbolicTensor): SymbolicTensor {
    const attributes = new Map<string, Attribute>([['dtype', { kind: 'dtype', value: dtype }]]);
    const input = this.graph.addOperation({ type: 'Placeholder', name, attributes, shapes: [shape] }).output();
    if (original) this.tensors.set(original, input);
    return input;
  }

  /** Copies an operation whose inputs are there. */
  add(operation: Operation): void {
    const body = this.bodies.get(operation);
    const kept = body ? this.specialize(operation, body) : undefined;
    const inputs = kept ? kept.inputs.map((index) => operation.input(index)) : operation.inputs;
    const outputs = kept ? kept.outputs.map((index) => operation.output(index)) : operation.outputs;
    const copy = this.graph.addOperation({
      type: operation.type,
      name: operation.name,
      definition: operation.definition,
      inputs: inputs.map((input) => this.tensor(input)),
      attributes: kept?.attributes ?? operation.attributes,
      shapes: outputs.map(({ shape }) => shape),
    });
    outputs.forEach((output, index) => this.tensors.set(output, copy.output(index)));
  }

  /** Adds the functions of a control-flow operation to the library; says what to call them with. */
  private specialize(operation: Operation, { flow, plans }: ReadyBody): SpecializedCall {
    const used = operation.outputs.flatMap((output, index) => (this.isUsed(output) ? index : []));
    const kept = flow.isLoop ? neededVariables(plans, used) : neededArguments(plans, used);
    const outputs = flow.isLoop ? kept : used;
    const functions = plans.map((plan, place): Attribute => {
      const name = `${operation.name}/function_${place}`;
      const isCondition = flow.isLoop && place === 0;
      const args = kept.map((index) => ({ input: plan.inputs[index], like: flow.arguments[index]! }));
      this.graph.functions.add(new BuiltFunction(functionOf(plan, name, args, isCondition ? [0] : outputs)));
      return { kind: 'function', value: { name, attributes: new Map() } };
    });
    const types = (tensors: readonly SymbolicTensor[]): Attribute => ({
      kind: 'list',
      value: tensors.map(({ dtype }) => ({ kind: 'dtype', value: dtype })),
    });
    const typesOfArguments = types(kept.map((index) => flow.arguments[index]!));
    const leading = operation.inputs.length - flow.arguments.length;
    return {
      inputs: [...Array.from({ length: leading }, (_, index) => index), ...kept.map((index) => index + leading)],
      outputs,
      attributes: new Map<string, Attribute>([
        ...[...operation.attributes].filter(([name]) => name === 'Tcond'),
        ...(flow.isLoop
          ? [['T', typesOfArguments] as const]
          : ([
              ['Tin', typesOfArguments],
              ['Tout', types(outputs.map((index) => operation.output(index)))],
            ] as const)),
        ...namedFunctions(operation, functions),
      ]),
    };
  }
}

interface InputOptions {
  readonly name: string;
  readonly dtype: SymbolicTensor['dtype'];
  readonly shape: PartialShape;
}

/** Which of an operation's inputs and outputs a copy has, and its attributes. */
interface SpecializedCall {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly attributes: ReadonlyMap<string, Attribute>;
}

function namedFunctions({ type }: Operation, functions: readonly Attribute[]): [string, Attribute][] {
  if (type.endsWith('Case')) return [['branches', { kind: 'list', value: functions }]];
  const names = type.endsWith('While') ? ['cond', 'body'] : ['then_branch', 'else_branch'];
  return names.map((name, place) => [name, functions[place]!]);
}

/** A piece of graph as a function that gives these of its outputs. */
function functionOf(
  { graph, outputs, bodies }: ReadyGraph,
  name: string,
  args: readonly { readonly input: SymbolicTensor | undefined; readonly like: SymbolicTensor }[],
  results: readonly number[],
): FunctionGraph {
  const fetches = results.map((index) => outputs[index]!);
  const needed = neededFor(fetches);
  const read = new Set(fetches);
  for (const operation of needed) for (const input of operation.inputs) read.add(input);
  const copy = new SpecializedCopy(bodies, (output) => read.has(output));
  const inputs = args.map(({ input, like }, index) =>
    input && isInput(input)
      ? copy.addInput({ name: input.operation.name, dtype: input.dtype, shape: input.shape }, input)
      : copy.addInput({ name: `unused_${index}`, dtype: like.dtype, shape: like.shape }),
  );
  for (const operation of graph.operations) {
    if (needed.has(operation) && !operation.outputs.some((output) => copy.has(output))) copy.add(operation);
  }
  return {
    name,
    graph: copy.graph,
    inputs,
    outputs: fetches.map((fetch) => copy.tensor(fetch)),
    controlOutputs: [],
    outputNames: results.map((index) => `output_${index}`),
  };
}

/** The variables of a loop that its condition or anyone who reads its outputs needs, and those that these are computed from. */
function neededVariables(plans: readonly ReadyGraph[], used: readonly number[]): number[] {
  const [condition, body] = plans as readonly [ReadyGraph, ReadyGraph];
  const needed = new Set([...used, ...inputsOf(condition, condition.outputs.slice(0, 1))]);
  // A set hands out what is added while it is gone through.
  for (const index of needed) for (const source of inputsOf(body, [body.outputs[index]!])) needed.add(source);
  return [...needed].sort((a, b) => a - b);
}

function neededArguments(plans: readonly ReadyGraph[], used: readonly number[]): number[] {
  const needed = new Set(plans.flatMap((plan) => inputsOf(plan, used.map((index) => plan.outputs[index]!)))); // prettier-ignore
  return [...needed].sort((a, b) => a - b);
}

/** The inputs that tensors are computed from, by their places. */
function inputsOf({ inputs }: ReadyGraph, tensors: readonly SymbolicTensor[]): number[] {
  const needed = neededFor(tensors);
  return inputs.flatMap((input, index) => (input && isInput(input) && needed.has(input.operation) ? index : []));
}

function isInput({ operation }: SymbolicTensor): boolean {
  return operation.type === 'Placeholder';
}

/** The operations that tensors are computed with. */
function neededFor(tensors: readonly SymbolicTensor[]): Set<Operation> {
  const needed = new Set<Operation>();
  const pending = [...tensors];
  for (let tensor = pending.pop(); tensor; tensor = pending.pop()) {
    if (needed.has(tensor.operation)) continue;
    needed.add(tensor.operation);
    for (const input of tensor.operation.inputs) pending.push(input);
  }
  return needed;
}
