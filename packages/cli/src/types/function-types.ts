import type { FunctionTrace, PlainValue, SavedFunction, Structure } from '@tenon/module-spec';
import { isIdentifier, stringLiteral } from './source-text.js';
import {
  describeInfo,
  EMPTY_OBJECT,
  inputType,
  objectType,
  outputType,
  unionType,
  type Member,
} from './type-expressions.js';

/** The `FunctionTypes` of a function. */
export function functionType(saved: SavedFunction): string {
  const { traces } = saved;
  return objectType([
    { name: 'args', type: unionType(traces.map((trace) => argumentsType(saved, trace))) },
    { name: 'keywords', type: unionType(traces.map((trace) => keywordsType(saved, trace))) },
    { name: 'gives', type: unionType(traces.map(({ output }) => givenType(output))) },
  ]);
}

/** What calling the object of a TF2 SavedModel without a signature takes and gives, as its `SignatureTypes`. */
export function objectCallType(saved: SavedFunction): string {
  const { traces } = saved;
  const isObjectTaken = traces.some(({ positional: [first] }) => first?.kind === 'dict');
  const takes = traces.flatMap((trace) => {
    const [first] = trace.positional;
    const alone = first && isFirstEnough(saved, trace) ? [takenType(first)] : [];
    return isObjectTaken ? alone : [...alone, objectType(namedMembers(saved, trace), { empty: EMPTY_OBJECT })];
  });
  const results = traces.map(({ output }) => givenType(output));
  const byName = traces.map(({ output }, index) =>
    output.kind === 'dict' ? results[index]! : objectType([{ name: 'default', type: results[index]! }]),
  );
  return objectType([
    { name: 'takes', type: unionType(takes) },
    { name: 'gives', type: unionType(byName) },
    { name: 'result', type: unionType(results) },
  ]);
}

/** What a trace takes in one place. */
function takenType(structure: Structure): string {
  switch (structure.kind) {
    case 'tensor':
      return inputType(structure.info);
    case 'list':
      return `readonly [${structure.items.map(takenType).join(', ')}]`;
    case 'dict':
      return objectType(fieldMembers(structure.fields, takenType), { empty: EMPTY_OBJECT });
    case 'value':
      return structure.value === null ? 'null | undefined' : literalType(structure.value);
    case 'other':
      return 'never';
  }
}

/** What a trace gives in one place. */
function givenType(structure: Structure): string {
  switch (structure.kind) {
    case 'tensor':
      return outputType(structure.info);
    case 'list':
      return `[${structure.items.map(givenType).join(', ')}]`;
    case 'dict':
      return objectType(fieldMembers(structure.fields, givenType), { isReadonly: false });
    case 'value':
      return literalType(structure.value);
    case 'other':
      return 'undefined';
  }
}

function fieldMembers(
  fields: Iterable<readonly [string, Structure]>,
  typeOf: (structure: Structure) => string,
): Member[] {
  return Array.from(fields, ([name, field]) => ({
    name,
    type: typeOf(field),
    ...(field.kind === 'tensor' && { comment: describeInfo(field.info) }),
  }));
}

function literalType(value: PlainValue): string {
  if (typeof value === 'string') return stringLiteral(value);
  return typeof value === 'number' && !Number.isFinite(value) ? 'number' : String(value);
}

function argumentsType({ parameters: { names } }: SavedFunction, { positional }: FunctionTrace): string {
  const items = positional.map((structure, index) => {
    const name = names[index];
    const label = name !== undefined && isIdentifier(name) ? name : `argument${index}`;
    return `${label}?: ${takenType(structure)}`;
  });
  return `readonly [${items.join(', ')}]`;
}

function keywordsType(saved: SavedFunction, trace: FunctionTrace): string {
  const members = namedMembers(saved, trace).map((member) => ({ ...member, isOptional: true }));
  return objectType(members, { empty: EMPTY_OBJECT });
}

/** The arguments of a trace by name. */
function namedMembers(saved: SavedFunction, trace: FunctionTrace): Member[] {
  const required = requiredNames(saved, trace);
  return fieldMembers(argumentsByName(saved, trace), takenType).map((member) => ({
    ...member,
    isOptional: !required.has(member.name),
  }));
}

function argumentsByName(
  { parameters: { names } }: SavedFunction,
  { positional, keyword }: FunctionTrace,
): [string, Structure][] {
  const named = positional.slice(0, names.length).map((item, index): [string, Structure] => [names[index]!, item]);
  return [...named, ...keyword];
}

/** The arguments that must be given for this trace to be chosen: those whose default is another value, or that have none. */
function requiredNames(saved: SavedFunction, trace: FunctionTrace): ReadonlySet<string> {
  const { names, defaults, keywordDefaults } = saved.parameters;
  const defaultOf = (name: string): Structure | undefined => {
    const index = names.indexOf(name);
    return index < 0 ? keywordDefaults.get(name) : defaults[index - (names.length - defaults.length)];
  };
  const required = argumentsByName(saved, trace).filter(([name, structure]) => {
    const value = defaultOf(name);
    return structure.kind !== 'value' || value?.kind !== 'value' || value.value !== structure.value;
  });
  return new Set(required.map(([name]) => name));
}

function isFirstEnough(saved: SavedFunction, trace: FunctionTrace): boolean {
  const { names } = saved.parameters;
  const hasUnnamed = trace.positional.length > Math.max(1, names.length);
  return !hasUnnamed && [...requiredNames(saved, trace)].every((name) => name === names[0]);
}
