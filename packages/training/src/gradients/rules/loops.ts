import {
  Graph,
  importGraph,
  isStateful,
  type Attribute,
  type FunctionGraph,
  type Operation,
  type SymbolicTensor,
} from '@tenon/graph';
import { Tensor, type DType, type PartialShape } from '@tenon/tensor';
import { BodyGradient } from '../body-gradient.js';
import { functionIn, LOWERED, moreShapes, typeList } from '../function-attributes.js';
import type { GradientBuilder } from '../gradient-builder.js';
import type { GradientRule, OutputGradients } from '../rule.js';

/**
 * The gradient of a loop is a loop as often around, backwards. For it the loop counts, and keeps on lists what each iteration computed that
 * its gradient needs; the gradient takes it from their ends. So TensorFlow 2 does it.
 */
const whileLoop: GradientRule = (operation, dy, b) => {
  const library = operation.graph;
  const condition = functionIn(library, operation.attribute('cond', 'function'));
  const body = new BodyGradient(functionIn(library, operation.attribute('body', 'function')), b, 'gradients');
  const carried = findCarried(operation, dy, b, body);
  if (carried.length === 0) return [];
  const known = operation.outputs.map((output) => b.facts(output));
  const initial = carried.map((index) => dy(index));

  const { given, found } = body.differentiate(known, carried, carried, (index) => known[index]!);
  const invariant = new Set(body.inputs.filter((_, index) => body.isInvariant(index)));
  const isFree = (input: SymbolicTensor) => invariant.has(input);
  const captured = body.captures(isFree).filter((tensor) => !given.includes(tensor));
  const free = captured.filter(isFree);
  const kept = captured.filter((tensor) => !isFree(tensor));

  const count = operation.inputs.length;
  const stacks = kept.map((tensor) => keep(tensor, body));
  const counter = body.argument('int32', []);
  const next = increment(body.graph, counter);
  const more: readonly PartialShape[] = [[], ...kept.map(() => [])];
  const forward = body.forward(
    b.functionName('forward_body'),
    [...body.inputs, counter, ...stacks.map(({ before }) => before)],
    [...body.outputs, next, ...stacks.map(({ pushed }) => pushed)],
  );
  const forwardCondition = withArguments(condition, b, ['int32', ...kept.map((): DType => 'variant')]);
  const inputs = [
    ...operation.inputs,
    b.integers(0),
    ...stacks.map(({ dtype, shape }) =>
      b.apply('EmptyTensorList', [spelled(shape, (value) => b.constant(value)), b.integers(-1)], {
        element_dtype: { kind: 'dtype', value: dtype },
      }),
    ),
  ];
  b.redefine(operation, {
    ...(isStateful(forward.graph.operations) && { type: 'While' }),
    inputs,
    attributes: new Map([
      ...operation.attributes,
      ['T', typeList(inputs)],
      ['cond', b.addFunction(forwardCondition)],
      ['body', b.addFunction(forward)],
      ['output_shapes', moreShapes(operation.find('output_shapes'), more)],
    ]),
    shapes: [...operation.outputs.map(({ shape }) => shape), ...more],
  });

  // Backwards: how often so far, how often in all, gradients, lists, and what is the same in every iteration.
  const [done, total] = [body.argument('int32', []), body.argument('int32', [])];
  const backward = body.backward(
    b.functionName('body'),
    [done, total, ...given, ...stacks.map(({ after }) => after), ...free],
    [increment(body.graph, done, body.build), total, ...found, ...stacks.map(({ popped }) => popped), ...free],
    isFree,
  );
  const loopInputs = [
    b.integers(0),
    operation.output(count),
    ...initial,
    ...stacks.map((_, place) => operation.output(count + 1 + place)),
    ...free.map((input) => operation.input(body.inputs.indexOf(input))),
  ];
  const backwardCondition = isLess(loopInputs, b);
  const loop = b.addOperation({
    type: isStateful(backward.graph.operations) ? 'While' : 'StatelessWhile',
    inputs: loopInputs,
    attributes: new Map<string, Attribute>([
      ['T', typeList(loopInputs)],
      ['cond', b.addFunction(backwardCondition)],
      ['body', b.addFunction(backward)],
      ['parallel_iterations', operation.find('parallel_iterations') ?? { kind: 'int', value: 10n }],
      LOWERED,
    ]),
  });
  const places = new Map(carried.map((index, place) => [index, place]));
  return Array.from({ length: count }, (_, index) => {
    const place = places.get(index);
    return place === undefined ? undefined : () => loop.output(2 + place);
  });
};

/** The loop variables that gradients flow through, from iteration to iteration. */
function findCarried(operation: Operation, dy: OutputGradients, b: GradientBuilder, body: BodyGradient): number[] {
  const reached = new Set<number>();
  operation.inputs.forEach((input, index) => {
    if (b.wants(input)) reached.add(index);
  });
  growing(reached, () => body.reached(reached));
  const carried = new Set([...reached].filter((index) => dy.raw(index) !== undefined));
  growing(carried, () => body.needed(carried, reached));
  return [...carried].sort((left, right) => left - right);
}

/** Adds what more there is, until there is no more. */
function growing(set: Set<number>, more: () => readonly number[]): void {
  for (let size = -1; size !== set.size;) {
    size = set.size;
    for (const index of more()) set.add(index);
  }
}

/** Keeps a tensor of every iteration on a list, and takes it from there in the backward ones. */
function keep(tensor: SymbolicTensor, body: BodyGradient) {
  const { build, graph } = body;
  const shape = tensor.dtype === 'variant' ? [] : (build.knownShape(tensor) ?? describedShape(tensor, build));
  const [before, after] = [body.argument('variant', []), body.argument('variant', [])];
  const element = ['element_dtype', { kind: 'dtype', value: tensor.dtype }] as const;
  const pushed = graph.addOperation({
    type: 'TensorListPushBack',
    inputs: [before, tensor],
    attributes: new Map<string, Attribute>([element]),
    shapes: [[]],
  });
  const pop = build.addOperation({
    type: 'TensorListPopBack',
    inputs: [after, spelled(shape, (value) => build.constant(value))],
    attributes: new Map<string, Attribute>([element]),
    shapes: [[], shape],
  });
  body.substitute(tensor, pop.output(1));
  return { before, after, pushed: pushed.output(), popped: pop.output(0), dtype: tensor.dtype, shape };
}

/** The shape of what says the shape of another tensor. */
function describedShape({ operation: { type, inputs } }: SymbolicTensor, build: GradientBuilder): PartialShape {
  if (type !== 'Shape') return null;
  return [build.rank(inputs[0]!) ?? null];
}

/** A shape as lists of tensors take it: -1 for what is not known. */
function spelled(shape: PartialShape, constant: (value: Tensor) => SymbolicTensor): SymbolicTensor {
  const sizes = shape?.map((size) => size ?? -1) ?? [-1];
  return constant(new Tensor('int32', shape ? [sizes.length] : [], Int32Array.from(sizes)));
}

function increment(graph: Graph, counter: SymbolicTensor, build?: GradientBuilder): SymbolicTensor {
  if (build) return build.add(counter, build.integers(1));
  const one = graph.addOperation({
    type: 'Const',
    attributes: new Map<string, Attribute>([
      ['dtype', { kind: 'dtype', value: 'int32' }],
      ['value', { kind: 'tensor', value: new Tensor('int32', [], Int32Array.of(1)) }],
    ]),
    shapes: [[]],
  });
  const attributes = new Map<string, Attribute>([['T', { kind: 'dtype', value: 'int32' }]]);
  return graph.addOperation({ type: 'AddV2', inputs: [counter, one.output()], attributes, shapes: [[]] }).output();
}

/** The condition of a loop with more variables, which it does not look at. */
function withArguments(condition: FunctionGraph, b: GradientBuilder, more: readonly DType[]): FunctionGraph {
  const { graph, tensor, operation } = importGraph(condition.graph, new Graph(b.graph.functions));
  return {
    name: b.functionName('forward_cond'),
    graph,
    inputs: [...condition.inputs.map(tensor), ...more.map((dtype) => argument(graph, dtype))],
    outputs: condition.outputs.map(tensor),
    controlOutputs: condition.controlOutputs.map(operation),
    outputNames: condition.outputNames,
  };
}

/** Whether the first of these loop variables is less than the second. */
function isLess(variables: readonly SymbolicTensor[], b: GradientBuilder): FunctionGraph {
  const graph = new Graph(b.graph.functions);
  const inputs = variables.map(({ dtype }, index) => argument(graph, dtype, index < 2 ? [] : null));
  const attributes = new Map<string, Attribute>([['T', { kind: 'dtype', value: 'int32' }]]);
  const less = graph.addOperation({ type: 'Less', inputs: inputs.slice(0, 2), attributes, shapes: [[]] });
  return {
    name: b.functionName('cond'),
    graph,
    inputs,
    outputs: [less.output()],
    controlOutputs: [],
    outputNames: ['output_0'],
  };
}

function argument(graph: Graph, dtype: DType, shape: PartialShape = null): SymbolicTensor {
  const attributes = new Map<string, Attribute>([['T', { kind: 'dtype', value: dtype }]]);
  return graph.addOperation({ type: '_Arg', name: 'argument', attributes, shapes: [shape] }).output();
}

export const loops: Readonly<Record<string, GradientRule>> = { While: whileLoop, StatelessWhile: whileLoop };
