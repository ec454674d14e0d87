import { OutputNotFoundError, type CallableModule, type InputValue, type TensorInfo, type Value } from '@tenon/hub';
import type { SavedFunction, Structure } from '@tenon/module-spec';
import { isRaggedTensor, isSparseTensor, Tensor } from '@tenon/tensor';
import type { Application } from './application.js';
import { loneOf } from './lone-input.js';

/** An argument of a function. */
interface Argument {
  readonly name: string;
  /** What its first trace takes for it. */
  readonly structure: Structure;
}

/**
 * A function of a TF2 SavedModel. The tensors of an argument that is a list or an object have names such as `x/0`; those of an only
 * argument that is an object are called as its fields are.
 *
 * @throws CallableNotFoundError
 */
export function functionApplication(module: CallableModule, name: string): Application {
  const { args, isObject } = argumentsOf(module.findFunction(name));
  const inputs = new Map(args.flatMap(({ name: argument, structure }) => tensorsOf(structure, argument)));
  return {
    inputs,
    loneInput: isObject ? undefined : loneOf(inputs),
    signature: undefined,
    call: async (values, outputs) => {
      // A name that there is no tensor of is reported with all that is wrong.
      const keywords = new Map<string, unknown>([...values].filter(([given]) => !inputs.has(given)));
      for (const { name: argument, structure } of args) {
        const isGiven = [...tensorsOf(structure, argument)].some(([tensor]) => values.has(tensor));
        if (isGiven) keywords.set(argument, fill(structure, argument, values));
      }
      const named = Object.fromEntries(keywords);
      const result = isObject ? await module.callFunction(name, [named]) : await module.callFunction(name, [], named);
      return choose(name, namedResults(result), outputs);
    },
  };
}

function argumentsOf({ parameters, traces: [trace] }: SavedFunction): {
  readonly args: readonly Argument[];
  readonly isObject: boolean;
} {
  const positional = trace?.positional ?? [];
  const named = (fields: Iterable<readonly [string, Structure]>): Argument[] =>
    [...fields].map(([name, structure]) => ({ name, structure }));
  const [first] = positional;
  if (first?.kind === 'dict') return { args: named(first.fields), isObject: true };
  const byPosition = positional.map((structure, index) => ({ name: parameters.names[index] ?? `${index}`, structure }));
  return { args: [...byPosition, ...named(trace?.keyword ?? [])], isObject: false };
}

/** The tensors in a structure, by their paths. */
function tensorsOf(structure: Structure, path: string): [string, TensorInfo][] {
  switch (structure.kind) {
    case 'tensor':
      return [[path, structure.info]];
    case 'list':
      return structure.items.flatMap((item, index) => tensorsOf(item, `${path}/${index}`));
    case 'dict':
      return [...structure.fields].flatMap(([name, item]) => tensorsOf(item, `${path}/${name}`));
    default:
      return [];
  }
}

/** A structure with values in the places of its tensors. */
function fill(structure: Structure, path: string, values: ReadonlyMap<string, InputValue>): unknown {
  switch (structure.kind) {
    case 'tensor':
      return values.get(path);
    case 'list':
      return structure.items.map((item, index) => fill(item, `${path}/${index}`, values));
    case 'dict':
      return Object.fromEntries(
        [...structure.fields].map(([name, item]) => [name, fill(item, `${path}/${name}`, values)]),
      );
    case 'value':
      return structure.value;
    case 'other':
      return undefined;
  }
}

/** What a function returned, by name: its fields if it is an object, else `default`. */
function namedResults(result: unknown): [string, unknown][] {
  return isNested(result) && !Array.isArray(result) ? Object.entries(result) : [['default', result]];
}

/** @throws OutputNotFoundError */
function choose(
  name: string,
  results: readonly (readonly [string, unknown])[],
  wanted: readonly string[] | undefined,
): Map<string, Value> {
  const byName = new Map(results);
  const missing = (wanted ?? []).filter((output) => !byName.has(output));
  if (missing.length > 0) throw new OutputNotFoundError(name, missing, [...byName.keys()]);
  const chosen = wanted ? wanted.map((output) => [output, byName.get(output)] as const) : results;
  return new Map(chosen.flatMap(([output, result]) => flatten(output, result)));
}

/** Functions may return nested lists and objects: `default/0`. */
function flatten(name: string, result: unknown): [string, Value][] {
  if (isValue(result)) return [[name, result]];
  if (!isNested(result)) return [];
  return Object.entries(result).flatMap(([key, item]) => flatten(`${name}/${key}`, item));
}

function isNested(result: unknown): result is object {
  return typeof result === 'object' && result !== null && !isValue(result);
}

function isValue(result: unknown): result is Value {
  return Tensor.isTensor(result) || isSparseTensor(result) || isRaggedTensor(result);
}
