import type {
  FunctionSpec,
  SavedBareConcreteFunction,
  SavedConcreteFunction,
  SavedFunction as SavedFunctionProto,
  SavedObjectGraph,
} from '@tenon/format';
import { parseStructure, type Structure } from './structure.js';

/** The arguments of a Python function. */
export interface Parameters {
  /** Of positional arguments, in order, without `self`. */
  readonly names: readonly string[];
  /** Of the last positional arguments. */
  readonly defaults: readonly Structure[];
  /** Whether it takes any number of further positional arguments. */
  readonly isVariadic: boolean;
  readonly keywordOnly: readonly string[];
  readonly keywordDefaults: ReadonlyMap<string, Structure>;
}

/** A function traced for arguments of certain types and values: a function of the graph, called with captured tensors after its arguments. */
export interface FunctionTrace {
  /** In the function library of the variant's graph. */
  readonly name: string;
  /** Positional arguments. */
  readonly positional: readonly Structure[];
  readonly keyword: ReadonlyMap<string, Structure>;
  readonly output: Structure;
  /** Nodes of the object graph. */
  readonly captures: readonly number[];
}

/** A function that a SavedModel's root object offers, `__call__` or `serve`, or an object within it. */
export interface SavedFunction {
  /** Of one within the root's objects, the path to it: `encoder.scale`. */
  readonly name: string;
  readonly parameters: Parameters;
  readonly traces: readonly FunctionTrace[];
}

const NO_PARAMETERS: Parameters = {
  names: [],
  defaults: [],
  isVariadic: true,
  keywordOnly: [],
  keywordDefaults: new Map(),
};

/** The functions of the root object of a SavedModel, by name. */
export function parseSavedFunctions(objects: SavedObjectGraph): ReadonlyMap<string, SavedFunction> {
  return new Map(functionsOf(objects, ROOT).map(({ name, node }) => [name, parseFunction(name, node, objects)]));
}

/**
 * A function of an object within the root object: `encoder.scale`, `blocks.1.__call__`. Undefined if there is none.
 *
 * @param path The names of the objects on the way, and of the function, with dots between them.
 */
export function findSavedFunction(path: string, objects: SavedObjectGraph): SavedFunction | undefined {
  let node = ROOT;
  for (const name of path.split('.')) {
    const child = objects.nodes[node]?.children.find(({ localName }) => localName === name);
    if (!child) return undefined;
    node = child.nodeId;
  }
  return isFunction(objects, node) ? parseFunction(path, node, objects) : undefined;
}

/** So many are enough for a message. */
const MOST_PATHS = 50;

/** The paths of functions within the root object, nearest first, without what only Keras and the loaders of signatures use. */
export function listFunctionPaths(objects: SavedObjectGraph): string[] {
  const paths: string[] = [];
  const visited = new Set([ROOT]);
  for (let level = [{ node: ROOT, prefix: '' }]; level.length > 0 && paths.length < MOST_PATHS;) {
    paths.push(...level.flatMap(({ node, prefix }) => functionsOf(objects, node).map(({ name }) => prefix + name)));
    level = level.flatMap(({ node, prefix }) =>
      (objects.nodes[node]?.children ?? []).flatMap(({ localName, nodeId }) => {
        const isPassed = visited.has(nodeId) || isFunction(objects, nodeId);
        if (isPassed || localName.startsWith('_') || INTERNAL.has(localName)) return [];
        visited.add(nodeId);
        return [{ node: nodeId, prefix: `${prefix}${localName}.` }];
      }),
    );
  }
  return paths.slice(0, MOST_PATHS);
}

const ROOT = 0;
const INTERNAL = new Set(['signatures', 'keras_api']);

function functionsOf(objects: SavedObjectGraph, node: number): { name: string; node: number }[] {
  return (objects.nodes[node]?.children ?? []).flatMap(({ localName: name, nodeId }) =>
    isFunction(objects, nodeId) ? [{ name, node: nodeId }] : [],
  );
}

function isFunction(objects: SavedObjectGraph, node: number): boolean {
  const kind = objects.nodes[node]?.kind.case;
  return kind === 'function' || kind === 'bareConcreteFunction';
}

function parseFunction(name: string, node: number, objects: SavedObjectGraph): SavedFunction {
  const { kind } = objects.nodes[node]!;
  return new ParsedFunction(name, () =>
    kind.case === 'bareConcreteFunction'
      ? parseConcrete(kind.value, objects)
      : parseTraced(kind.value as SavedFunctionProto, objects),
  );
}

type FunctionParts = Pick<SavedFunction, 'parameters' | 'traces'>;

/** Parses when asked: a type that is not supported is no obstacle to the use of other functions. */
class ParsedFunction implements SavedFunction {
  private parts: FunctionParts | undefined;

  constructor(
    readonly name: string,
    private readonly parse: () => FunctionParts,
  ) {}

  get parameters(): Parameters {
    return (this.parts ??= this.parse()).parameters;
  }

  get traces(): readonly FunctionTrace[] {
    return (this.parts ??= this.parse()).traces;
  }
}

function parseTraced(
  { concreteFunctions, functionSpec }: SavedFunctionProto,
  objects: SavedObjectGraph,
): FunctionParts {
  return {
    parameters: parseParameters(functionSpec),
    traces: concreteFunctions.flatMap((name) => findTrace(name, objects)),
  };
}

/** A function that was saved as one of its traces. */
function parseConcrete(
  { concreteFunctionName, argumentKeywords: names }: SavedBareConcreteFunction,
  objects: SavedObjectGraph,
): FunctionParts {
  const traces = findTrace(concreteFunctionName, objects).map((trace) => {
    // What was traced with keywords takes them by position too, in the order of their names.
    const positional = names.flatMap((name) => trace.keyword.get(name) ?? []);
    const isByName = trace.positional.length === 0 && positional.length === trace.keyword.size;
    return isByName ? { ...trace, positional, keyword: new Map<string, Structure>() } : trace;
  });
  return { parameters: { ...NO_PARAMETERS, names, isVariadic: false }, traces };
}

function findTrace(name: string, objects: SavedObjectGraph): FunctionTrace[] {
  const definition = objects.concreteFunctions[name];
  return definition ? [parseTrace(name, definition)] : [];
}

function parseTrace(name: string, definition: SavedConcreteFunction): FunctionTrace {
  const signature = parseStructure(definition.canonicalizedInputSignature);
  const [positional, keyword] = signature.kind === 'list' ? signature.items : [];
  return {
    name,
    positional: positional?.kind === 'list' ? positional.items : [],
    keyword: keyword?.kind === 'dict' ? keyword.fields : new Map(),
    output: parseStructure(definition.outputSignature),
    captures: definition.boundInputs,
  };
}

function parseParameters(spec: FunctionSpec | undefined): Parameters {
  const isMethod = spec?.isMethod ?? false;
  const parsed = parseStructure(spec?.fullargspec);
  if (parsed.kind !== 'dict') return NO_PARAMETERS;
  const items = (field: string): readonly Structure[] => {
    const value = parsed.fields.get(field);
    return value?.kind === 'list' ? value.items : [];
  };
  const texts = (field: string): string[] =>
    items(field).flatMap((item) => (item.kind === 'value' && typeof item.value === 'string' ? [item.value] : []));
  const names = texts('args');
  const varargs = parsed.fields.get('varargs');
  const keywordDefaults = parsed.fields.get('kwonlydefaults');
  return {
    names: isMethod ? names.slice(1) : names,
    defaults: items('defaults'),
    isVariadic: varargs?.kind === 'value' && varargs.value !== null,
    keywordOnly: texts('kwonlyargs'),
    keywordDefaults: keywordDefaults?.kind === 'dict' ? keywordDefaults.fields : new Map<string, Structure>(),
  };
}
