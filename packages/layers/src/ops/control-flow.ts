import {
  BuiltFunction,
  extractFunction,
  findCaptures,
  hasEffect,
  inferAddedOperation,
  isStateful,
  type Attribute,
  type FunctionGraph,
  type Graph,
  type Operation,
  SymbolicTensor,
} from '@tenon/graph';
import { formatShape, Tensor, tensorFrom, type DType, type PartialShape } from '@tenon/tensor';
import { BuildArgumentError } from '../errors.js';
import { addConstant, apply, graphOf, operation, type NameOptions } from '../operation.js';
import { joinScopes, nameScope, stateOf } from '../scopes.js';
import { Variable } from '../variable.js';
import { identity } from './array.js';
import { traceOperations, type Traced } from './trace-operations.js';

/** What branches and loops give: a tensor, a variable, which is read, or a value. An array is several of them. */
export type FlowValue = SymbolicTensor | Variable | Tensor | number | bigint | boolean | string;

/** One of them, several in an array, or several by name. */
export type FlowValues = FlowValue | readonly FlowValue[] | { readonly [name: string]: FlowValue };

/** The tensors for values: one, as many, or by the same names. */
export type FlowTensors<T extends FlowValues> = T extends FlowValue
  ? SymbolicTensor
  : { -readonly [K in keyof T]: SymbolicTensor };

/** Values in the same form. */
export type InFormOf<T extends FlowValues> = T extends FlowValue
  ? FlowValue
  : T extends readonly unknown[]
    ? readonly FlowValue[]
    : { readonly [K in keyof T]: FlowValue };

/**
 * Chooses between two pieces of graph when it runs: what the other one builds does not. TensorFlow's `tf.cond`, as a functional `If`.
 *
 * Both may read all tensors and variables of the graph and apply modules that are in it. Operations with effects that they build run when
 * their branch is taken.
 *
 * @param predicate bool, a scalar.
 * @param whenTrue Builds before it returns; it cannot wait for anything.
 * @param whenFalse Gives as many tensors as `whenTrue`, under the same names and of the same data types. Shapes may differ.
 * @returns What the branch that was taken gives, in the same form.
 * @throws BuildArgumentError if the branches do not go together, or build something that belongs to the graph as a whole: update operations
 *   and losses.
 * @example
 * const y = cond(isTraining, () => dropout(x, { rate: 0.5, training: true }), () => x);
 */
export function cond<const T extends FlowValues>(
  predicate: SymbolicTensor | Variable,
  whenTrue: () => T,
  whenFalse: () => InFormOf<NoInfer<T>>,
  { name = 'cond' }: NameOptions = {},
): FlowTensors<T> {
  const { graph } = predicate;
  return nameScope(graph, name, (scope) => {
    const chosen = predicate instanceof Variable ? identity(predicate) : predicate;
    checkPredicate(chosen, 'cond', 'its predicate');
    const branches = [whenTrue, whenFalse].map((build, index) =>
      nameScope(graph, index === 0 ? 'then' : 'else', () => traceOperations<FlowValues>(graph, 'cond', build)),
    ) as [Traced<FlowValues>, Traced<FlowValues>];
    try {
      return choose(scope, chosen, branches) as FlowTensors<T>;
    } finally {
      for (const { discard } of branches) discard();
    }
  });
}

function choose(
  scope: string,
  predicate: SymbolicTensor,
  branches: readonly [Traced<FlowValues>, Traced<FlowValues>],
): unknown {
  const { graph } = predicate;
  const lists = branches.map(({ result }) => listOf(result, 'cond'));
  const [keys, others] = lists.map((list) => list.map(([key]) => key));
  if (keys!.join('\0') !== others!.join('\0')) {
    throw new BuildArgumentError(
      'cond',
      `its branches give different things: (${keys!.join(', ')}) and (${others!.join(', ')}).`,
    );
  }
  const dtypes = keys!.map((_, index) => lists.map((list) => dtypeOf(list[index]![1])).find((dtype) => dtype));
  const outputs = branches.map((branch, side) =>
    branch.within(() => lists[side]!.map(([, value], index) => toTensor(graph, value, dtypes[index]))),
  );
  const [left, right] = outputs;
  const problems = left!.flatMap((tensor, index) => {
    const other = right![index]!;
    return tensor.dtype === other.dtype ? [] : [`${keys![index]!} is ${tensor.dtype} in one and ${other.dtype} in the other`]; // prettier-ignore
  });
  if (problems.length > 0)
    throw new BuildArgumentError('cond', `its branches do not go together: ${problems.join('; ')}.`);

  const pieces = branches.map((branch, side) => ({
    isInside: branch.isInside,
    outputs: outputs[side]!,
    targets: branch.operations().filter(hasEffect),
  }));
  const captures = [...new Set(pieces.flatMap(findCaptures))];
  const functions = pieces.map((piece, side) =>
    addFunction(graph, `${scope}_${side === 0 ? 'then' : 'else'}`, { ...piece, inputs: captures }),
  );
  const shapes = left!.map(({ shape }, index) => joined(shape, right![index]!.shape));
  const added = graph.addOperation({
    type: functions.some(({ graph: body }) => isStateful(body.operations)) ? 'If' : 'StatelessIf',
    name: scope,
    inputs: [predicate, ...captures],
    controlInputs: controlsOf(graph, branches),
    attributes: new Map<string, Attribute>([
      ['Tcond', { kind: 'dtype', value: 'bool' }],
      ['Tin', typesOf(captures)],
      ['Tout', typesOf(left!)],
      ['then_branch', referenceTo(functions[0]!)],
      ['else_branch', referenceTo(functions[1]!)],
      ['output_shapes', shapeList(shapes)],
      LOWERED,
    ]),
  });
  inferAddedOperation(added);
  return inFormOf(branches[0].result, added.outputs);
}

/** The variables of a loop: several in an array, or several by name. */
export type LoopVariables = readonly FlowValue[] | { readonly [name: string]: FlowValue };

/** How the functions of a loop take its variables: those of an array as arguments, those with names as one object. */
export type LoopArguments<V extends LoopVariables> = V extends readonly unknown[]
  ? { -readonly [K in keyof V]: SymbolicTensor }
  : [variables: FlowTensors<V>];

export interface WhileLoopOptions<V extends LoopVariables> extends NameOptions {
  /** How often to go around at most: an int32 scalar. */
  readonly maximumIterations?: number | SymbolicTensor;
  /**
   * What of the shapes of variables holds in every iteration, in the form of the variables: for those whose shapes change. By default the
   * shapes with which they begin.
   */
  readonly shapeInvariants?: { readonly [K in keyof V]?: PartialShape | undefined };
  /** How many iterations may be under way at once, where what runs it does that: 10 by default. */
  readonly parallelIterations?: number;
  /** Where to build: may be left out where one of the variables says which. */
  readonly graph?: Graph;
}

/**
 * Repeats a piece of graph as long as a condition holds. TensorFlow's `tf.while_loop`, as a functional `While`; gradients flow through it.
 *
 * The condition and the body may read all tensors and variables of the graph and apply modules that are in it.
 *
 * @param condition Whether to go around once more: bool, a scalar.
 * @param body What the variables are after an iteration, in the form in which they were given; of the same data types.
 * @param variables What they are first. Numbers are float32, as everywhere.
 * @returns What they are when the condition does not hold any more.
 * @throws BuildArgumentError (the graph is as it was then, but for constants) if the body gives variables of other data types or shapes (see `shapeInvariants`), or builds something that
 *   belongs to the graph as a whole.
 * @example
 * const [, power] = whileLoop((i) => less(i, 8), (i, a) => [add(i, 1), multiply(a, x)], [0, onesLike(x)]);
 */
export function whileLoop<const V extends LoopVariables>(
  condition: (...variables: LoopArguments<V>) => SymbolicTensor | Variable,
  body: (...variables: LoopArguments<V>) => InFormOf<V>,
  variables: V,
  options: WhileLoopOptions<V> = {},
): FlowTensors<V> {
  const { maximumIterations, shapeInvariants, name = 'while' } = options;
  const list = listOf(variables, 'whileLoop');
  const graph =
    options.graph ?? graphOf('whileLoop', [...list.map(([, value]) => value), ...(maximumIterations instanceof SymbolicTensor ? [maximumIterations] : [])]); // prettier-ignore
  return nameScope(graph, name, (scope) => {
    const initial = list.map(([, value]) => toTensor(graph, value));
    const shapes = initial.map(({ shape }, index) => {
      const invariant = (shapeInvariants as Readonly<Record<string, PartialShape | undefined>> | undefined)?.[
        list[index]![0]
      ];
      return invariant === undefined ? shape : invariant;
    });
    checkShapes(list, initial, shapes, 'it begins with');
    const keys = list.map(([key]) => key);
    const inForm = (tensors: readonly SymbolicTensor[]) => {
      const formed = inFormOf(variables, tensors);
      return (Array.isArray(formed) ? formed : [formed]) as unknown as LoopArguments<V>;
    };
    // TensorFlow's gradient of a loop looks for these two first: how often it went around, and how often at most.
    const isBounded = maximumIterations !== undefined;
    const first = [toTensor(graph, 0, 'int32'), toTensor(graph, maximumIterations ?? -1, 'int32'), ...initial];
    const held: readonly PartialShape[] = [[], [], ...shapes];
    const functions = buildLoop(graph, scope, {
      first,
      shapes: held,
      condition: ([count, limit, ...tensors]) => {
        const goesOn = condition(...inForm(tensors));
        const chosen = goesOn instanceof Variable ? identity(goesOn) : goesOn;
        if (!(chosen instanceof SymbolicTensor))
          throw new BuildArgumentError('whileLoop', 'its condition must give a tensor of the graph.');
        checkPredicate(chosen, 'whileLoop', 'what its condition gives');
        return isBounded ? apply('LogicalAnd', [apply('Less', [count!, limit!]), chosen]) : chosen;
      },
      body: ([count, limit, ...tensors]) => {
        const after = listOf(body(...inForm(tensors)), 'whileLoop');
        const given = after.map(([key]) => key);
        if (given.join('\0') !== keys.join('\0'))
          throw new BuildArgumentError(
            'whileLoop',
            `its variables are (${keys.join(', ')}), but its body gives (${given.join(', ')}).`,
          );
        const results = after.map(([, value], index) => toTensor(graph, value, tensors[index]!.dtype));
        checkTypes(list, results, initial);
        checkShapes(list, results, shapes, 'after an iteration it is');
        return [apply('AddV2', [count!, 1]), limit!, ...results];
      },
    });
    const inputs = [...first, ...functions.captures];
    const stateful = [functions.condition, functions.body].some(({ graph: inner }) => isStateful(inner.operations));
    const added = graph.addOperation({
      type: stateful ? 'While' : 'StatelessWhile',
      name: scope,
      inputs,
      controlInputs: controlsOf(graph, functions.traced),
      attributes: new Map<string, Attribute>([
        ['T', typesOf(inputs)],
        ['cond', referenceTo(functions.condition)],
        ['body', referenceTo(functions.body)],
        ['output_shapes', shapeList([...held, ...functions.captures.map(({ shape }) => shape)])],
        ['parallel_iterations', { kind: 'int', value: BigInt(options.parallelIterations ?? 10) }],
        LOWERED,
      ]),
    });
    inferAddedOperation(added);
    return inFormOf(variables, added.outputs.slice(2, 2 + keys.length)) as FlowTensors<V>;
  });
}

/** How a loop is built, of tensors alone. */
interface Loop {
  readonly first: readonly SymbolicTensor[];
  readonly shapes: readonly PartialShape[];
  readonly condition: (variables: readonly SymbolicTensor[]) => SymbolicTensor;
  readonly body: (variables: readonly SymbolicTensor[]) => readonly SymbolicTensor[];
}

function buildLoop(graph: Graph, scope: string, { first, shapes, condition, body }: Loop) {
  const traced: Traced<readonly SymbolicTensor[]>[] = [];
  const variables: SymbolicTensor[][] = [];
  const trace = (part: string, build: (given: readonly SymbolicTensor[]) => readonly SymbolicTensor[]) =>
    nameScope(graph, part, () => {
      const given = first.map(
        ({ dtype }, index) =>
        operation(graph, 'Placeholder', [], { dtype, shape: { kind: 'shape', value: shapes[index]! } }, { name: 'variable' }).output(), // prettier-ignore
      );
      variables.push(given);
      const made = traceOperations(graph, 'whileLoop', () => build(given), given);
      traced.push(made);
      return { isInside: made.isInside, outputs: made.result, targets: made.operations().filter(hasEffect) };
    });
  try {
    const pieces = [trace('cond', (given) => [condition(given)]), trace('body', body)];
    const captures = [...new Set(pieces.flatMap(findCaptures))].filter((tensor) => !variables.flat().includes(tensor));
    const functions = pieces.map((piece, index) =>
      addFunction(graph, `${scope}_${index === 0 ? 'cond' : 'body'}`, {
        ...piece,
        inputs: [...variables[index]!, ...captures],
        outputs: index === 0 ? piece.outputs : [...piece.outputs, ...captures],
      }),
    );
    return { condition: functions[0]!, body: functions[1]!, captures, traced };
  } finally {
    for (const { discard } of traced) discard();
    for (const { operation: placeholder } of variables.flat()) graph.remove(placeholder);
  }
}

function checkPredicate({ dtype, shape }: SymbolicTensor, what: string, which: string): void {
  if (dtype === 'bool' && (shape === null || shape.length === 0)) return;
  throw new BuildArgumentError(what, `${which} is ${dtype} ${formatShape(shape)}; it must be a bool scalar.`);
}

function checkTypes(
  list: readonly (readonly [string, unknown])[],
  after: readonly SymbolicTensor[],
  before: readonly SymbolicTensor[],
): void {
  const problems = after.flatMap(({ dtype }, index) =>
    dtype === before[index]!.dtype ? [] : [`${list[index]![0]} is ${before[index]!.dtype}, and then ${dtype}`],
  );
  if (problems.length > 0)
    throw new BuildArgumentError('whileLoop', `its variables change their data types: ${problems.join('; ')}.`);
}

/** @throws BuildArgumentError naming every tensor of which less is known than its variable promises. */
function checkShapes(
  list: readonly (readonly [string, unknown])[],
  tensors: readonly SymbolicTensor[],
  shapes: readonly PartialShape[],
  when: string,
): void {
  const problems = tensors.flatMap(({ shape }, index) => {
    const wanted = shapes[index]!;
    const fits =
      wanted === null ||
      (shape?.length === wanted.length && wanted.every((size, axis) => size === null || size === shape[axis]));
    return fits ? [] : [`${list[index]![0]} is ${formatShape(wanted)}; ${when} ${formatShape(shape)}`];
  });
  if (problems.length === 0) return;
  throw new BuildArgumentError(
    'whileLoop',
    `its variables change their shapes: ${problems.join('. ')}. Say with shapeInvariants what holds in every iteration.`,
  );
}

function addFunction(
  graph: Graph,
  base: string,
  piece: Omit<Parameters<typeof extractFunction>[0], 'name' | 'library'>,
): FunctionGraph {
  const library = graph.functions;
  const body = extractFunction({ ...piece, name: library.uniqueName(base.replace(/[^\w]/g, '_')), library });
  library.add(new BuiltFunction(body));
  return body;
}

function referenceTo({ name }: FunctionGraph): Attribute {
  return { kind: 'function', value: { name, attributes: new Map<string, Attribute>() } };
}

/** What was to be waited for where the control flow stands, and what something inside waits for outside. */
function controlsOf(graph: Graph, traced: readonly Traced<unknown>[]): Operation[] {
  const awaited = traced.flatMap(({ operations, isInside }) =>
    operations().flatMap(({ controlInputs }) => controlInputs.filter((control) => !isInside(control))),
  );
  return [...new Set([...stateOf(graph).controlInputs, ...awaited])];
}

function isValue(values: unknown): values is FlowValue {
  return (
    typeof values !== 'object' ||
    values instanceof SymbolicTensor ||
    values instanceof Variable ||
    Tensor.isTensor(values)
  );
}

/** Each value with what it is called. */
function listOf(values: FlowValues, what: string): [string, FlowValue][] {
  if (values === undefined || values === null)
    throw new BuildArgumentError(what, 'a function that is to give tensors gives nothing.');
  if (typeof (values as { readonly then?: unknown }).then === 'function')
    throw new BuildArgumentError(what, 'its functions must not be async: await modules before, and apply them inside.');
  if (isValue(values)) return [['the result', values]];
  return Object.entries<FlowValue>(values as { readonly [name: string]: FlowValue });
}

/** Tensors as a function gave the values that they stand for. */
function inFormOf(values: FlowValues, tensors: readonly SymbolicTensor[]): unknown {
  if (isValue(values)) return tensors[0];
  if (Array.isArray(values)) return [...tensors];
  return Object.fromEntries(Object.keys(values).map((key, index) => [key, tensors[index]!]));
}

function dtypeOf(value: FlowValue): DType | undefined {
  return typeof value === 'object' ? value.dtype : undefined;
}

function toTensor(graph: Graph, value: FlowValue, dtype?: DType): SymbolicTensor {
  if (value instanceof Variable) return identity(value);
  if (!(value instanceof SymbolicTensor)) {
    const tensor = Tensor.isTensor(value) ? value : tensorFrom(value, dtype);
    return addConstant(graph, tensor, joinScopes(stateOf(graph).nameScope, 'Const'));
  }
  if (value.graph === graph) return value;
  throw new BuildArgumentError('control flow', `"${value.name}" is in another graph.`);
}

function joined(a: PartialShape, b: PartialShape): PartialShape {
  if (a?.length !== b?.length || a === null || b === null) return null;
  return a.map((size, axis) => (size === b[axis] ? size : null));
}

function typesOf(tensors: readonly SymbolicTensor[]): Attribute {
  return { kind: 'list', value: tensors.map(({ dtype }): Attribute => ({ kind: 'dtype', value: dtype })) };
}

function shapeList(shapes: readonly PartialShape[]): Attribute {
  return { kind: 'list', value: shapes.map((value): Attribute => ({ kind: 'shape', value })) };
}

/** TensorFlow takes such control flow apart where it can, so that parts of it run at once. */
const LOWERED: readonly [string, Attribute] = ['_lower_using_switch_merge', { kind: 'bool', value: true }];
