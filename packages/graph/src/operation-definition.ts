import type { DType } from '@tenon/tensor';
import type { Attribute } from './attributes.js';
import { OPERATION_DEFINITIONS } from './generated/operation-definitions.js';

/** One argument or result of an op: TensorFlow's `OpDef.ArgDef`. */
export interface ArgumentDefinition {
  readonly name: string;
  /** A data type, the attribute that holds it, or the attribute that holds a list of them, one per tensor. */
  readonly type: { readonly dtype: DType } | { readonly attribute: string } | { readonly listAttribute: string };
  /** The attribute that says how many tensors of that type there are. */
  readonly numberAttribute?: string;
  /** Whether it is a reference to a variable (TensorFlow 1) and not a value. */
  readonly isReference: boolean;
}

export interface AttributeDefinition {
  readonly name: string;
  /** As TensorFlow writes it: `int`, `type`, `list(shape)`, `func`. */
  readonly type: string;
  readonly default?: Attribute;
}

/** What TensorFlow says of an op: its arguments, results, attributes, and whether it has state. */
export interface OperationDefinition {
  readonly name: string;
  readonly inputs: readonly ArgumentDefinition[];
  readonly outputs: readonly ArgumentDefinition[];
  readonly attributes: ReadonlyMap<string, AttributeDefinition>;
  /** Whether running it twice, or not at all, makes a difference: it may not be folded, merged or left out. */
  readonly isStateful: boolean;
}

let lines: Map<string, string> | undefined;
const parsed = new Map<string, OperationDefinition>();

/** TensorFlow's definition of the op `type`; `undefined` if TensorFlow has none. */
export function findOperationDefinition(type: string): OperationDefinition | undefined {
  const known = parsed.get(type);
  if (known) return known;
  // Parsed one by one when asked for: a graph uses few of the 1,800 ops.
  lines ??= new Map(OPERATION_DEFINITIONS.split('\n').map((line) => [line.slice(2, line.indexOf('"', 2)), line]));
  const line = lines.get(type);
  if (line === undefined) return undefined;
  const definition = parse(line);
  parsed.set(type, definition);
  return definition;
}

type Line = [string, [string, string][], [string, string][], [string, string, unknown?][], 0 | 1];

function parse(line: string): OperationDefinition {
  const [name, inputs, outputs, attributes, isStateful] = JSON.parse(line) as Line;
  return {
    name,
    inputs: inputs.map(parseArgument),
    outputs: outputs.map(parseArgument),
    attributes: new Map(
      attributes.map(([attributeName, type, ...rest]) => [
        attributeName,
        { name: attributeName, type, ...(rest.length > 0 && { default: parseDefault(type, rest[0]) }) },
      ]),
    ),
    isStateful: isStateful === 1,
  };
}

function parseArgument([name, text]: [string, string]): ArgumentDefinition {
  const isReference = text.startsWith('&');
  const [type, numberAttribute] = text
    .slice(isReference ? 1 : 0)
    .split('*')
    .reverse() as [string, string?];
  return {
    name,
    isReference,
    ...(numberAttribute !== undefined && { numberAttribute }),
    type: type.startsWith('=')
      ? { dtype: type.slice(1) as DType }
      : type.startsWith('[')
        ? { listAttribute: type.slice(1, -1) }
        : { attribute: type },
  };
}

const encoder = new TextEncoder();

function parseDefault(type: string, value: unknown): Attribute {
  const list = /^list\((.*)\)$/.exec(type)?.[1];
  if (list !== undefined) return { kind: 'list', value: (value as unknown[]).map((item) => parseDefault(list, item)) };
  switch (type) {
    case 'int':
      return { kind: 'int', value: BigInt(value as number | string) };
    case 'float':
      return { kind: 'float', value: Number(value === 'inf' ? Infinity : value === '-inf' ? -Infinity : value) };
    case 'bool':
      return { kind: 'bool', value: value as boolean };
    case 'string':
      return { kind: 'bytes', value: encoder.encode(value as string) };
    case 'type':
      return { kind: 'dtype', value: value as DType };
    case 'shape':
      return { kind: 'shape', value: value as number[] | null };
    case 'func':
      return { kind: 'function', value: { name: value as string, attributes: new Map() } };
    default:
      throw new TypeError(`A default of type "${type}" is not understood.`);
  }
}
