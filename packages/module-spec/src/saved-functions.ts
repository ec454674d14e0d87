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

/** A function that a SavedModel's root object offers: `__call__`, `serve`. */
export interface SavedFunction {
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
  const functions = new Map<string, SavedFunction>();
  for (const { localName: name, nodeId } of objects.nodes[0]?.children ?? []) {
    const kind = objects.nodes[nodeId]?.kind;
    if (kind?.case === 'function') {
      functions.set(name, new ParsedFunction(name, () => parseTraced(kind.value, objects)));
    } else if (kind?.case === 'bareConcreteFunction') {
      functions.set(name, new ParsedFunction(name, () => parseConcrete(kind.value, objects)));
    }
  }
  return functions;
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
