import {
  isStateful,
  type Attribute,
  type FunctionGraph,
  type FunctionReference,
  type Graph,
  type Operation,
  type SymbolicTensor,
} from '@tenon/graph';
import { tensorFrom, type DType, type PartialShape } from '@tenon/tensor';
import { BodyGradient } from '../body-gradient.js';
import { functionIn, LOWERED, moreShapes, typeList } from '../function-attributes.js';
import type { GradientBuilder } from '../gradient-builder.js';
import { UndifferentiableError, type GradientRule, type OutputGradients } from '../rule.js';

/** How an op calls one of several functions, or the only one. */
interface Calling {
  readonly functions: readonly FunctionReference[];
  /** How many inputs say which one; the others are what it takes. */
  readonly choosing: 0 | 1;
  /** The op that does it, by whether functions have state. */
  readonly type: (hasState: boolean) => string;
  readonly attributes: (functions: readonly Attribute[]) => ReadonlyMap<string, Attribute>;
}

/**
 * The gradient of a choice is the same choice between the gradients of what there is to choose from. For it the functions give what they
 * computed on their way that their gradient needs; the functions that were not chosen give something in its place.
 */
function callGradient(
  operation: Operation,
  { functions, choosing, type, attributes }: Calling,
  dy: OutputGradients,
  b: GradientBuilder,
) {
  const given = operation.inputs.slice(choosing);
  const bodies = functions.map((one) => new BodyGradient(functionIn(operation.graph, one), b, 'gradients'));
  const from = given.flatMap((input, index) => (b.wants(input) ? [index] : []));
  const of = operation.outputs.flatMap((_, index) => (dy.raw(index) ? [index] : []));
  const by = from.filter((index) => bodies.some((body) => body.needed(of, [index]).length > 0));
  if (by.length === 0) return [];
  const outputGradients = of.map((index) => dy(index));

  const known = given.map((input) => b.facts(input));
  const outputFacts = operation.outputs.map((output) => b.facts(output));
  const parts = bodies.map((body) => {
    const gradients = body.differentiate(known, of, by, (index) => outputFacts[index]!);
    const own = new Set(body.inputs);
    const captured = body.captures((input) => own.has(input)).filter((tensor) => !gradients.given.includes(tensor));
    return { body, ...gradients, kept: captured.filter((tensor) => !own.has(tensor)), own, captured };
  });
  const direct = given.flatMap((_, index) =>
    parts.some(({ body, captured }) => captured.includes(body.inputs[index]!)) ? [index] : [],
  );
  const more = parts.flatMap(({ body, kept }) =>
    kept.map((tensor) => ({ body, tensor, shape: shapeOf(tensor, body, functions.length) })),
  );

  const forward = parts.map(({ body }, index) =>
    body.forward(b.functionName(`forward_${index}`), body.inputs, [
      ...body.outputs,
      ...more.map((item) => (item.body === body ? item.tensor : placeholderFor(item.tensor, body.graph))),
    ]),
  );
  const count = operation.outputs.length;
  const shapes = more.map(({ shape }) => shape);
  b.redefine(operation, {
    type: type(forward.some(hasState)),
    inputs: operation.inputs,
    attributes: new Map([
      ...operation.attributes,
      ...attributes(forward.map((one) => b.addFunction(one))),
      ['Tin', typeList(given)],
      ['Tout', typeList([...operation.outputs, ...more.map(({ tensor }) => tensor)])],
      ...(operation.definition.attributes.has('output_shapes')
        ? [['output_shapes', moreShapes(operation.find('output_shapes'), shapes)] as const]
        : []),
    ]),
    shapes: [...operation.outputs.map(({ shape }) => shape), ...shapes],
  });

  const backward = parts.map(({ body, given: args, found, own }, index) =>
    body.backward(
      b.functionName(`backward_${index}`),
      [
        ...args,
        ...direct.map((place) => body.inputs[place]!),
        ...more.map((item) => (item.body === body ? item.tensor : body.argument(item.tensor.dtype))),
      ],
      found,
      (input) => own.has(input),
    ),
  );
  const inputs = [
    ...outputGradients,
    ...direct.map((place) => given[place]!),
    ...more.map((_, place) => operation.output(count + place)),
  ];
  const call = b.addOperation({
    type: type(backward.some(hasState)),
    inputs: [...operation.inputs.slice(0, choosing), ...inputs],
    attributes: new Map<string, Attribute>([
      ...(choosing === 1 && operation.find('Tcond') ? [['Tcond', operation.find('Tcond')!] as const] : []),
      ['Tin', typeList(inputs)],
      ['Tout', typeList(parts[0]!.found)],
      ...attributes(backward.map((one) => b.addFunction(one))),
      ...(choosing === 1 ? [LOWERED] : []),
    ]),
  });
  return [
    ...operation.inputs.slice(0, choosing).map(() => undefined),
    ...given.map((_, index) => {
      const place = by.indexOf(index);
      return place < 0 ? undefined : () => call.output(place);
    }),
  ];
}

/** Functions that give something else in its place have it of another shape. */
function shapeOf(tensor: SymbolicTensor, { build }: BodyGradient, functions: number): PartialShape {
  const shape = tensor.dtype === 'variant' ? [] : build.knownShape(tensor);
  return functions === 1 || shape?.length === 0 ? shape : null;
}

/** What a function gives that was chosen in the place of the one that computes the tensor. Nobody looks at it. */
function placeholderFor({ dtype, name }: SymbolicTensor, graph: Graph): SymbolicTensor {
  if (dtype === 'resource') throw new UndifferentiableError(`it makes "${name}", a resource, in a branch`);
  if (dtype !== 'variant') return constant(graph, tensorFrom(NOTHING[dtype] ?? 0, dtype));
  const scalar = constant(graph, tensorFrom(-1, 'int32'));
  const attributes = new Map<string, Attribute>([
    ['element_dtype', { kind: 'dtype', value: 'float32' }],
    ['shape_type', { kind: 'dtype', value: 'int32' }],
  ]);
  return graph.addOperation({ type: 'EmptyTensorList', inputs: [scalar, scalar], attributes, shapes: [[]] }).output();
}

const NOTHING: Partial<Record<DType, string | boolean>> = { string: '', bool: false };

function constant(graph: Graph, value: ReturnType<typeof tensorFrom>): SymbolicTensor {
  const attributes = new Map<string, Attribute>([
    ['dtype', { kind: 'dtype', value: value.dtype }],
    ['value', { kind: 'tensor', value }],
  ]);
  return graph.addOperation({ type: 'Const', attributes, shapes: [value.shape] }).output();
}

function hasState({ graph }: FunctionGraph): boolean {
  return isStateful(graph.operations);
}

const choice: GradientRule = (operation, dy, b) => {
  const names = ['then_branch', 'else_branch'] as const;
  return callGradient(
    operation,
    {
      functions: names.map((name) => operation.attribute(name, 'function')),
      choosing: 1,
      type: (state) => (state ? 'If' : 'StatelessIf'),
      attributes: (functions) => new Map(names.map((name, index) => [name, functions[index]!])),
    },
    dy,
    b,
  );
};

const cases: GradientRule = (operation, dy, b) =>
  callGradient(
    operation,
    {
      functions: operation.list('branches', 'function'),
      choosing: 1,
      type: (state) => (state ? 'Case' : 'StatelessCase'),
      attributes: (functions) => new Map([['branches', { kind: 'list', value: functions }]]),
    },
    dy,
    b,
  );

/** Of operations that call a function, or whose op is one. */
export const call: GradientRule = (operation, dy, b) => {
  const { type, attributes, graph } = operation;
  const own = graph.functions.find(type) && { name: type, attributes };
  return callGradient(
    operation,
    {
      functions: [own ?? operation.attribute('f', 'function')],
      choosing: 0,
      type: (state) => (state ? 'StatefulPartitionedCall' : 'PartitionedCall'),
      attributes: ([one]) => new Map([['f', one!]]),
    },
    dy,
    b,
  );
};

export const branches: Readonly<Record<string, GradientRule>> = {
  If: choice,
  StatelessIf: choice,
  Case: cases,
  StatelessCase: cases,
  PartitionedCall: call,
  StatefulPartitionedCall: call,
};
