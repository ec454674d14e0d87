import type { SavedConcreteFunction, SavedObject, SavedObjectGraph, StructuredValue } from '@tenon/format';
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
  for (const { localName, nodeId } of objects.nodes[0]?.children ?? []) {
    const node = objects.nodes[nodeId];
    if (node?.kind.case === 'function') functions.set(localName, parseSavedFunction(localName, node, objects));
  }
  return functions;
}

function parseSavedFunction(name: string, node: SavedObject, objects: SavedObjectGraph): SavedFunction {
  if (node.kind.case !== 'function') return { name, parameters: NO_PARAMETERS, traces: [] };
  const { concreteFunctions, functionSpec } = node.kind.value;
  return {
    name,
    parameters: parseParameters(functionSpec?.fullargspec, functionSpec?.isMethod ?? false),
    traces: concreteFunctions.flatMap((trace) => {
      const definition = objects.concreteFunctions[trace];
      return definition ? [parseTrace(trace, definition)] : [];
    }),
  };
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

function parseParameters(spec: StructuredValue | undefined, isMethod: boolean): Parameters {
  const parsed = parseStructure(spec);
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
