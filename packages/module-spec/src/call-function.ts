import { Graph, type Attribute, type SymbolicTensor } from '@tenon/graph';
import { formatShape, Tensor, type DType } from '@tenon/tensor';
import { EncodingProblem, isDictionary, problemOf, type Encode } from './bind-inputs.js';
import { InputTypeError, InvalidModuleError, NoMatchingFunctionError, UnsupportedCaptureError } from './errors.js';
import type { ModuleGraph } from './module-graph.js';
import type { FunctionTrace, SavedFunction } from './saved-functions.js';
import { sortedFields } from './sorted-fields.js';
import type { ComponentInfo } from './tensor-info.js';
import { countComponents, fieldsOf, formatStructure, leavesOf, type Structure } from './structure.js';

/** A graph with placeholders for what it is applied to and for the state that it uses. */
export interface FunctionBody {
  readonly graph: Graph;
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
  /** Tensors of the module's own graph, and the placeholders that stand for them. */
  readonly captures: readonly (readonly [original: SymbolicTensor, placeholder: SymbolicTensor])[];
}

/** Stands for an argument that was not given and has no default. */
const MISSING = Symbol('missing');

/** An argument that was not given: what the file says stands for it. */
class Default {
  constructor(readonly structure: Structure) {}
}

function defaultOf(structure: Structure | undefined): unknown {
  return structure ? new Default(structure) : MISSING;
}

interface Arguments {
  readonly positional: readonly unknown[];
  readonly keyword: ReadonlyMap<string, unknown>;
}

/**
 * Finds the trace that takes the arguments given, and the tensors to call it with.
 *
 * @throws NoMatchingFunctionError saying what each trace takes.
 * @throws InputTypeError if there is only one trace for arguments of this structure, and tensors do not fit it.
 */
export function selectTrace<C>(
  saved: SavedFunction,
  args: readonly unknown[],
  keywords: Readonly<Record<string, unknown>>,
  encode: Encode<C>,
): { readonly trace: FunctionTrace; readonly components: C[] } {
  const given = bindArguments(saved, args, keywords);
  const options: string[] = [];
  const wrongTensors: InputTypeError[] = [];
  for (const trace of saved.traces) {
    const matched = match(saved, trace, given);
    if (typeof matched === 'string') {
      options.push(`${describeTrace(saved, trace)}: ${matched}`);
      continue;
    }
    const problems = [];
    const components: C[] = [];
    for (const { path, expected, value } of matched) {
      const encoded = encode(expected.info, value);
      if (encoded instanceof EncodingProblem) problems.push(problemOf(path, expected.info, encoded));
      else components.push(...encoded);
    }
    if (problems.length === 0) return { trace, components };
    const error = new InputTypeError(saved.name, problems);
    wrongTensors.push(error);
    options.push(`${describeTrace(saved, trace)}: ${error.message}`);
  }
  const [only, ...others] = wrongTensors;
  if (only && others.length === 0) throw only;
  throw new NoMatchingFunctionError(saved.name, describeArguments(args, keywords), options);
}

function bindArguments(
  { parameters }: SavedFunction,
  args: readonly unknown[],
  keywords: Readonly<Record<string, unknown>>,
): Arguments {
  const rest = new Map(Object.entries(keywords));
  const { names, defaults } = parameters;
  const positional: unknown[] = names.map((name, index) => {
    if (index < args.length) return args[index];
    if (rest.has(name)) {
      const value = rest.get(name);
      rest.delete(name);
      return value;
    }
    return defaultOf(defaults[index - (names.length - defaults.length)]);
  });
  positional.push(...args.slice(names.length));
  for (const name of parameters.keywordOnly) {
    if (!rest.has(name)) rest.set(name, defaultOf(parameters.keywordDefaults.get(name)));
  }
  return { positional, keyword: rest };
}

interface MatchedTensor {
  readonly path: string;
  readonly expected: Extract<Structure, { kind: 'tensor' }>;
  readonly value: unknown;
}

/** The tensors among the arguments, in the order in which the trace takes them; or why the arguments are not what it takes. */
function match(
  { parameters: { names } }: SavedFunction,
  trace: FunctionTrace,
  { positional, keyword }: Arguments,
): MatchedTensor[] | string {
  const tensors: MatchedTensor[] = [];
  const nameOf = (index: number): string => names[index] ?? `argument ${index}`;
  for (let index = 0; index < Math.max(trace.positional.length, positional.length); index++) {
    const expected = trace.positional[index];
    const value = positional[index];
    if (!expected) {
      // Functions with a fixed signature are traced without the arguments that have defaults.
      if (value instanceof Default) continue;
      return `it takes ${trace.positional.length} positional arguments; ${positional.length} were given.`;
    }
    const problem = matchValue(expected, index < positional.length ? value : MISSING, nameOf(index), tensors);
    if (problem !== undefined) return problem;
  }
  const extra = [...keyword.keys()].filter((name) => !trace.keyword.has(name));
  if (extra.length > 0) return `it takes no ${extra.map((name) => `"${name}"`).join(', ')}.`;
  for (const [name, expected] of sortedFields(trace.keyword)) {
    const problem = matchValue(expected, keyword.has(name) ? keyword.get(name) : MISSING, name, tensors);
    if (problem !== undefined) return problem;
  }
  return tensors;
}

function matchValue(expected: Structure, value: unknown, path: string, tensors: MatchedTensor[]): string | undefined {
  if (value === MISSING) return `${path} is missing.`;
  const actual = value instanceof Default ? plain(value.structure) : value;
  switch (expected.kind) {
    case 'tensor':
      if (actual === null || actual === undefined) return `${path} is ${String(actual)}, not a tensor.`;
      tensors.push({ path, expected, value: actual });
      return undefined;
    case 'value':
      return (actual ?? null) === expected.value ? undefined : `${path} is not ${formatStructure(expected)}.`;
    case 'list': {
      if (!Array.isArray(actual) || actual.length !== expected.items.length)
        return `${path} is not a list of ${expected.items.length}.`;
      return firstProblem(expected.items.entries(), ([index, item]) =>
        matchValue(item, actual[index], `${path}[${index}]`, tensors),
      );
    }
    case 'dict': {
      if (!isDictionary(actual)) return `${path} is not an object.`;
      const extra = Object.keys(actual).filter((name) => !expected.fields.has(name));
      if (extra.length > 0)
        return `${path} has ${extra.map((name) => `"${name}"`).join(', ')}, which it does not take.`;
      return firstProblem(fieldsOf(expected), ([name, item]) =>
        matchValue(item, Object.hasOwn(actual, name) ? actual[name] : MISSING, `${path}.${name}`, tensors),
      );
    }
    case 'other':
      return `${path} is a Python ${expected.type}, which cannot be given.`;
  }
}

function firstProblem<T>(items: Iterable<T>, check: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const problem = check(item);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function plain(structure: Structure): unknown {
  switch (structure.kind) {
    case 'value':
      return structure.value;
    case 'list':
      return structure.items.map(plain);
    case 'dict':
      return Object.fromEntries([...structure.fields].map(([name, item]) => [name, plain(item)]));
    default:
      return MISSING;
  }
}

function describeTrace({ parameters: { names } }: SavedFunction, trace: FunctionTrace): string {
  const positional = trace.positional.map((item, index) => `${names[index] ?? index}: ${formatStructure(item)}`);
  const keyword = [...trace.keyword].map(([name, item]) => `${name}: ${formatStructure(item)}`);
  return `(${[...positional, ...keyword].join(', ')})`;
}

/** Longer lists are values, not arguments that anybody wrote. */
const MOST_DESCRIBED = 8;

function describeArguments(args: readonly unknown[], keywords: Readonly<Record<string, unknown>>): string {
  const describe = (value: unknown): string => {
    if (Tensor.isTensor(value)) return `${value.dtype} ${formatShape(value.shape)}`;
    if (Array.isArray(value)) return value.length > MOST_DESCRIBED ? 'a list' : `[${value.map(describe).join(', ')}]`;
    return typeof value === 'object' && value !== null ? 'an object' : (JSON.stringify(value) ?? 'undefined');
  };
  return `(${[...args.map(describe), ...Object.entries(keywords).map(([name, value]) => `${name}: ${describe(value)}`)].join(', ')})`;
}

/** The tensors that a trace takes before what it captured, in order. */
export function traceComponents({ positional, keyword }: FunctionTrace): ComponentInfo[] {
  const structures = [...positional, ...sortedFields(keyword).map(([, item]) => item)];
  return structures.flatMap((item) => leavesOf(item)).flatMap(({ info }) => info.components);
}

const bodies = new WeakMap<FunctionTrace, FunctionBody>();

/**
 * A graph with one call of a trace in it; made once per trace.
 *
 * @throws UnsupportedCaptureError if something that the function captured is not in the module's graph.
 */
export function functionBody(module: ModuleGraph, name: string, trace: FunctionTrace): FunctionBody {
  let body = bodies.get(trace);
  if (!body) {
    body = buildBody(module, name, trace);
    bodies.set(trace, body);
  }
  return body;
}

function buildBody(module: ModuleGraph, name: string, trace: FunctionTrace): FunctionBody {
  const { functions } = module.graph;
  const definition = functions.find(trace.name)?.definition;
  if (!definition) throw new InvalidModuleError(name, [`The function "${trace.name}" is not in the graph.`]);
  const captured = trace.captures.map((node) => module.objects?.find(node) ?? `node ${node} is missing.`);
  const missing = captured.filter((capture) => typeof capture === 'string');
  if (missing.length > 0) throw new UnsupportedCaptureError(name, missing);
  const graph = new Graph(functions);
  const types = (args: typeof definition.inputs): DType[] =>
    args.map(({ type }) => ('dtype' in type ? type.dtype : 'variant'));
  const inputTypes = types(definition.inputs);
  const outputTypes = types(definition.outputs);
  const expected = traceComponents(trace).length + captured.length;
  if (expected !== inputTypes.length) {
    throw new InvalidModuleError(name, [
      `The function "${trace.name}" takes ${inputTypes.length} tensors; the object graph gives ${expected}.`,
    ]);
  }
  const results = countComponents(trace.output);
  if (results !== outputTypes.length) {
    throw new InvalidModuleError(name, [
      `The function "${trace.name}" gives ${outputTypes.length} tensors; the object graph takes ${results}.`,
    ]);
  }
  const placeholders = inputTypes.map((dtype, index) =>
    graph
      .addOperation({
        type: 'Placeholder',
        name: definition.inputs[index]!.name,
        attributes: new Map<string, Attribute>([['dtype', { kind: 'dtype', value: dtype }]]),
      })
      .output(),
  );
  const list = (dtypes: readonly DType[]): Attribute => ({
    kind: 'list',
    value: dtypes.map((value) => ({ kind: 'dtype', value })),
  });
  const call = graph.addOperation({
    type: 'StatefulPartitionedCall',
    inputs: placeholders,
    attributes: new Map<string, Attribute>([
      ['f', { kind: 'function', value: { name: trace.name, attributes: new Map() } }],
      ['Tin', list(inputTypes)],
      ['Tout', list(outputTypes)],
    ]),
  });
  const inputs = placeholders.slice(0, placeholders.length - captured.length);
  const captures = captured.map(
    (capture, index) => [capture as SymbolicTensor, placeholders[inputs.length + index]!] as const,
  );
  return { graph, inputs, outputs: call.outputs, captures };
}
