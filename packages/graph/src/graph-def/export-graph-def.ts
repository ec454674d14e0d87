import {
  create,
  dtypeToProto,
  encodeTensor,
  GraphDefSchema,
  isReferenceType,
  NodeDefSchema,
  shapeToProto,
  type AttrValue,
  type DataType,
  type FunctionDef,
  type GraphDef,
  type Init,
  type NodeDef,
} from '@tenon/format';
import { Tensor, type TensorReference } from '@tenon/tensor';
import type { Attribute, Attributes } from '../attributes.js';
import { UnwritableGraphError } from '../errors.js';
import type { FunctionLibrary } from '../function-library.js';
import type { Graph } from '../graph.js';
import type { Operation, SymbolicTensor } from '../operation.js';
import { exportFunction, type ExportNode } from './export-function.js';
import { FileFunction } from './file-function.js';

/** Of graphs that are written: that of TensorFlow 1.15, which every version since reads. */
const PRODUCER = 134;

/** What a number of a data type in a file is more, where it is one of references. */
const REFERENCE_OFFSET = 100;

/**
 * Writes a graph as TensorFlow's GraphDef: what `importGraphDef` reads. Attributes that have their op's default are left out, and all are
 * in the order of their names, so equal graphs are equal bytes.
 *
 * @param values What was read of constants that are not in memory.
 * @throws UnwritableGraphError naming every operation with a constant whose elements are not in memory.
 */
export function exportGraphDef(graph: Graph, values: ReadonlyMap<TensorReference, Tensor> = new Map()): GraphDef {
  const problems: string[] = [];
  const node = [...graph.operations].map((operation) => placed(exportNode(operation, values, problems), graph));
  const functions = exportFunctions(graph.functions, (operation, nameOf) =>
    exportNode(operation, values, problems, nameOf),
  );
  if (problems.length > 0) throw new UnwritableGraphError(problems);
  const gradient = [...graph.functions.gradients].map(([functionName, gradientFunc]) => ({
    functionName,
    gradientFunc,
  }));
  return create(GraphDefSchema, {
    node,
    versions: { producer: PRODUCER },
    ...(functions.length > 0 && { library: { function: functions, gradient } }),
  });
}

/** Without being colocated with operations that are not there: those of functions that were inlined have other names now. */
function placed(node: NodeDef, graph: Graph): NodeDef {
  const groups = node.attr['_class']?.value;
  if (groups?.case !== 'list') return node;
  const s = groups.value.s.filter((bytes) => {
    const group = new TextDecoder().decode(bytes);
    return !group.startsWith(COLOCATION) || graph.operation(group.slice(COLOCATION.length)) !== undefined;
  });
  if (s.length === 0) delete node.attr['_class'];
  else groups.value.s = s;
  return node;
}

const COLOCATION = 'loc:@';

function exportNode(
  operation: Operation,
  values: ReadonlyMap<TensorReference, Tensor>,
  problems: string[],
  nameOf: (input: SymbolicTensor) => string = inputName,
): NodeDef {
  const { name, type, inputs, controlInputs, device, attributes, definition } = operation;
  const attr: Record<string, Init<AttrValue>> = {};
  for (const [key, attribute] of inOrder(attributes)) {
    const standard = definition.attributes.get(key)?.default;
    if (standard && isSame(standard, attribute)) continue;
    const read =
      attribute.kind === 'tensor' && !Tensor.isTensor(attribute.value) ? values.get(attribute.value) : undefined;
    try {
      attr[key] = exportAttribute(read ? { kind: 'tensor', value: read } : attribute);
    } catch (error) {
      if (!(error instanceof UnreadConstantError)) throw error;
      problems.push(`The elements of the constant "${name}" are not in memory; read them first.`);
    }
  }
  const input = [...inputs.map((one) => nameOf(one)), ...controlInputs.map((control) => `^${control.name}`)];
  return create(NodeDefSchema, { name, op: type, input, device, attr });
}

/** TensorFlow leaves out the index of a first output. */
function inputName({ operation, index }: SymbolicTensor): string {
  return index === 0 ? operation.name : `${operation.name}:${index}`;
}

function exportFunctions(library: FunctionLibrary, exportNode: ExportNode): FunctionDef[] {
  return [...library.names].map((name) => {
    const entry = library.find(name)!;
    return entry instanceof FileFunction ? entry.functionDef : exportFunction(entry, exportNode);
  });
}

/** Files of the same graph are the same, whatever the order in which attributes were set. */
function inOrder(attributes: Attributes): [string, Attribute][] {
  return [...attributes].sort(([left], [right]) => (left < right ? -1 : 1));
}

class UnreadConstantError extends Error {}

/** An attribute as files have it. Constants must be in memory. */
export function exportAttribute(attribute: Attribute): Init<AttrValue> {
  switch (attribute.kind) {
    case 'bytes':
      return { value: { case: 's', value: attribute.value } };
    case 'int':
      return { value: { case: 'i', value: attribute.value } };
    case 'float':
      return { value: { case: 'f', value: attribute.value } };
    case 'bool':
      return { value: { case: 'b', value: attribute.value } };
    case 'dtype':
      return { value: { case: 'type', value: exportType(attribute) } };
    case 'shape':
      return { value: { case: 'shape', value: shapeToProto(attribute.value) } };
    case 'tensor':
      if (!Tensor.isTensor(attribute.value)) throw new UnreadConstantError();
      return { value: { case: 'tensor', value: encodeTensor(attribute.value) } };
    case 'function': {
      const { name, attributes } = attribute.value;
      const attr = Object.fromEntries(inOrder(attributes).map(([key, value]) => [key, exportAttribute(value)]));
      return { value: { case: 'func', value: { name, attr } } };
    }
    case 'placeholder':
      return { value: { case: 'placeholder', value: attribute.value } };
    case 'list':
      return { value: { case: 'list', value: exportList(attribute.value) } };
  }
}

/** The fields of a list, by the case that a lone value of the kind has. */
function exportList(items: readonly Attribute[]): Record<string, unknown[]> {
  const fields: Record<string, unknown[]> = {};
  for (const item of items) {
    const { value } = exportAttribute(item) as { value: { case: string; value: unknown } };
    (fields[value.case] ??= []).push(value.value);
  }
  return fields;
}

function exportType({ value, isReference }: Extract<Attribute, { kind: 'dtype' }>): DataType {
  const number = dtypeToProto(value);
  return isReference && !isReferenceType(number) ? number + REFERENCE_OFFSET : number;
}

function isSame(a: Attribute, b: Attribute): boolean {
  if (a.kind === 'tensor' || b.kind === 'tensor' || a.kind !== b.kind) return false;
  return keyOf(a) === keyOf(b);
}

function keyOf(attribute: Attribute): string {
  return JSON.stringify(attribute, (_, value: unknown) => {
    if (typeof value === 'bigint') return `${value}n`;
    if (value instanceof Map) return [...(value as Map<unknown, unknown>)];
    if (value instanceof Uint8Array) return [...value];
    if (typeof value === 'number') return String(value);
    return value;
  });
}
