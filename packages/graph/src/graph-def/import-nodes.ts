import { UnsupportedDTypeError, type NodeDef } from '@tenon/format';
import type { DType } from '@tenon/tensor';
import type { Attribute, Attributes } from '../attributes.js';
import { InvalidGraphError } from '../errors.js';
import { expand, type Graph, type TensorType } from '../graph.js';
import { findOperationDefinition, type OperationDefinition } from '../operation-definition.js';
import type { Operation, SymbolicTensor } from '../operation.js';
import { isBackEdge, sortByDependencies } from '../topological-order.js';
import { checkAttributes } from './check-attributes.js';
import { importAttributes } from './import-attribute.js';

/** How inputs of nodes are written, which differs between graphs and bodies of functions. */
export interface InputSyntax {
  /** What a data input refers to. */
  readonly parse: (input: string) => InputReference;
  /** Tensors that are there before the nodes: the arguments of a function. */
  readonly given: ReadonlyMap<string, readonly SymbolicTensor[]>;
}

/** An input as it is written: the node or argument, and which of its outputs. */
export interface InputReference {
  readonly name: string;
  /** The output argument of a node in a function, which may stand for several tensors; without it `index` counts all outputs. */
  readonly output?: string;
  /** Without it, all tensors of the argument are meant. */
  readonly index?: number;
}

/** A node on its way to become an operation. */
interface Node {
  readonly name: string;
  readonly def: NodeDef;
  attributes: Attributes;
  /** `undefined` if neither TensorFlow nor the library has such an op. */
  definition: OperationDefinition | undefined;
  /** Filled in as consumers tell, where there is no definition. */
  readonly outputs: (TensorType | undefined)[];
  /** Where the outputs of each output argument start, and how many they are. */
  readonly outputArguments: Map<string, { readonly start: number; count: number }>;
  readonly inputs: (Output | SymbolicTensor)[];
  readonly controlInputs: (Node | Operation)[];
}

interface Output {
  readonly node: Node;
  readonly index: number;
}

/** More outputs than this in one graph come from a broken or hostile file. */
const MOST_OUTPUTS = 10_000_000;

/** What nodes became. */
export interface ImportedNodes {
  operation(name: string): Operation | undefined;
  /** @throws InvalidGraphError if there is no such tensor. */
  tensors(input: string): readonly SymbolicTensor[];
}

/**
 * Makes operations of the nodes of a file, which may be in any order. Looks at all of them before it makes any, so that one error
 * names every problem.
 *
 * A node of an op that nobody knows becomes an operation all the same, because it may be in a part of the graph that nobody runs. It has
 * as many outputs as are read, at least one, of the data types that their readers want.
 *
 * @param substitute Gives an attribute its value, where it is a placeholder for one of an enclosing function.
 * @throws InvalidGraphError, GraphCycleError
 */
export function importNodes(
  defs: readonly NodeDef[],
  graph: Graph,
  { parse, given }: InputSyntax,
  substitute?: (attributes: Attributes) => Attributes,
): ImportedNodes {
  const problems: string[] = [];
  const attempt = (action: () => void) => {
    try {
      action();
    } catch (error) {
      if (error instanceof InvalidGraphError) for (const problem of error.problems) problems.push(problem);
      else if (error instanceof UnsupportedDTypeError) problems.push(error.message);
      else throw error;
    }
  };

  const nodes = new Map<string, Node>();
  let outputCount = 0;
  for (const def of defs) {
    const { name } = def;
    if (!isName(name)) problems.push(`A node of op "${def.op}" has the name "${name}", which is not a valid one.`);
    if (nodes.has(name)) {
      problems.push(`The name "${name}" is given twice.`);
      continue;
    }
    const node: Node = {
      name,
      def,
      attributes: new Map(),
      definition: graph.functions.find(def.op)?.definition ?? findOperationDefinition(def.op),
      outputs: [],
      outputArguments: new Map(),
      inputs: [],
      controlInputs: [],
    };
    nodes.set(name, node);
    attempt(() => {
      const attributes = importAttributes(def.attr, `${def.op} "${name}"`);
      node.attributes = substitute?.(attributes) ?? attributes;
      if (!node.definition) return;
      const wrong = checkAttributes(node.definition, node.attributes, name, def);
      problems.push(...wrong);
      if (wrong.length === 0) declareOutputs(node, node.definition);
      // There is no telling what its outputs are, so nothing is said about those who read them.
      else node.definition = undefined;
    });
    outputCount += node.outputs.length;
    if (outputCount > MOST_OUTPUTS) throw new InvalidGraphError([`The graph has more than ${MOST_OUTPUTS} tensors.`]);
  }

  const resolve = (input: string, reader: string): (Output | SymbolicTensor)[] => {
    const reference = parse(input);
    const tensors = given.get(reference.name);
    if (tensors && reference.output === undefined) {
      if (reference.index === undefined) return [...tensors];
      const tensor = tensors[reference.index];
      if (tensor) return [tensor];
      problems.push(`${reader} reads "${input}", but argument "${reference.name}" is ${tensors.length} tensors.`);
      return [];
    }
    const node = nodes.get(reference.name);
    if (!node) {
      problems.push(`${reader} reads "${input}", but there is no "${reference.name}".`);
      return [];
    }
    const range = outputRange(node, reference);
    if (typeof range === 'string') {
      problems.push(`${reader} reads "${input}", but ${range}.`);
      return [];
    }
    return Array.from({ length: range.count }, (_, offset) => ({ node, index: range.start + offset }));
  };

  for (const node of nodes.values()) {
    const reader = `${node.def.op} "${node.name}"`;
    for (const input of node.def.input) {
      if (!input.startsWith('^')) {
        for (const output of resolve(input, reader)) node.inputs.push(output);
        continue;
      }
      const name = input.slice(1);
      const control = nodes.get(name) ?? given.get(name)?.[0]?.operation;
      if (control) node.controlInputs.push(control);
      else problems.push(`${reader} waits for "${name}", but there is no such operation.`);
    }
  }
  if (problems.length > 0) throw new InvalidGraphError(problems);

  for (const node of nodes.values()) attempt(() => checkInputs(node, problems));
  if (problems.length > 0) throw new InvalidGraphError(problems);
  for (const node of nodes.values()) if (!node.definition) node.definition = describeUnknown(node);

  const operations = addOperations(nodes.values(), graph);
  const tensorOf = (source: Output | SymbolicTensor) =>
    'node' in source ? operations.get(source.node)!.output(source.index) : source;
  return {
    operation: (name) => {
      const node = nodes.get(name);
      return node && operations.get(node);
    },
    tensors: (input) => {
      const sources = resolve(input, 'The function');
      if (problems.length > 0) throw new InvalidGraphError(problems);
      return sources.map(tensorOf);
    },
  };
}

function isName(name: string): boolean {
  return name !== '' && !name.startsWith('^') && !name.includes(':');
}

function declareOutputs(node: Node, definition: OperationDefinition): void {
  for (const argument of definition.outputs) {
    const start = node.outputs.length;
    for (const type of expand([argument], definition, node.attributes, node.name)) node.outputs.push(type);
    node.outputArguments.set(argument.name, { start, count: node.outputs.length - start });
  }
}

/** Which outputs a reference means, or what is wrong with it. */
function outputRange(node: Node, { output, index }: InputReference): { start: number; count: number } | string {
  if (!node.definition) return unknownOutput(node, output, index ?? 0);
  if (output === undefined) {
    if ((index ?? 0) < node.outputs.length) return { start: index ?? 0, count: 1 };
    return `${node.def.op} "${node.name}" has ${count(node.outputs.length, 'output')}`;
  }
  const range = node.outputArguments.get(output);
  if (!range) return `${node.def.op} "${node.name}" has no output "${output}"`;
  if (index === undefined) return range;
  if (index < range.count) return { start: range.start + index, count: 1 };
  return `output "${output}" of ${node.def.op} "${node.name}" is ${count(range.count, 'tensor')}`;
}

/** Nobody knows how many outputs there are, so every one that is read is taken to be there. */
function unknownOutput(
  node: Node,
  output: string | undefined,
  index: number,
): { start: number; count: number } | string {
  if (index >= MOST_UNKNOWN_OUTPUTS) return `no op has ${index + 1} outputs`;
  if (output === undefined) {
    while (node.outputs.length <= index) node.outputs.push(undefined);
    return { start: index, count: 1 };
  }
  // In a function outputs go by name. Their order is not known; that in which they are first read serves as well.
  const key = `${output}:${index}`;
  let range = node.outputArguments.get(key);
  if (!range) {
    range = { start: node.outputs.length, count: 1 };
    node.outputArguments.set(key, range);
    node.outputs.push(undefined);
  }
  return range;
}

const MOST_UNKNOWN_OUTPUTS = 10_000;

function checkInputs(node: Node, problems: string[]): void {
  const { definition, def, inputs } = node;
  if (!definition) return;
  const expected = expand(definition.inputs, definition, node.attributes, node.name);
  if (expected.length !== inputs.length) {
    problems.push(`${def.op} "${node.name}" takes ${count(expected.length, 'input')}; it has ${inputs.length}.`);
    return;
  }
  expected.forEach(({ dtype, isReference }, index) => {
    const input = inputs[index]!;
    const actual = 'node' in input ? (input.node.outputs[input.index] ??= { dtype, isReference }) : input;
    if (actual.dtype !== dtype) {
      problems.push(
        `Input ${index} of ${def.op} "${node.name}" is to be ${dtype}, but "${nameOf(input)}" is ${actual.dtype}.`,
      );
    } else if (isReference && !actual.isReference) {
      problems.push(
        `Input ${index} of ${def.op} "${node.name}" is to be a variable, but "${nameOf(input)}" is a value.`,
      );
    }
  });
}

function nameOf(input: Output | SymbolicTensor): string {
  return 'node' in input ? `${input.node.name}:${input.index}` : input.name;
}

function describeUnknown(node: Node): OperationDefinition {
  if (node.outputs.length === 0) node.outputs.push(undefined);
  const fallback = likelyType(node.attributes);
  node.outputs.forEach((output, index) => (node.outputs[index] = output ?? { dtype: fallback, isReference: false }));
  return {
    name: node.def.op,
    inputs: node.inputs.map((input, index) => ({
      name: `input_${index}`,
      type: { dtype: ('node' in input ? input.node.outputs[input.index]?.dtype : input.dtype) ?? fallback },
      isReference: false,
    })),
    outputs: node.outputs.map((output, index) => ({
      name: `output_${index}`,
      type: { dtype: output!.dtype },
      isReference: output!.isReference,
    })),
    attributes: new Map(),
    isStateful: true,
  };
}

/** The data type of outputs that nobody reads: what most ops call the attribute that holds it. */
function likelyType(attributes: Attributes): DType {
  for (const name of ['dtype', 'Tout', 'out_type', 'T']) {
    const attribute = attributes.get(name);
    if (attribute?.kind === 'dtype') return attribute.value;
  }
  return 'variant';
}

function addOperations(nodes: Iterable<Node>, graph: Graph): ReadonlyMap<Node, Operation> {
  const operations = new Map<Node, Operation>();
  const order = sortByDependencies(nodes, ({ def, inputs, controlInputs }) => {
    const dependencies: Node[] = [];
    for (const input of inputs) {
      if ('node' in input && !isBackEdge({ type: input.node.def.op }, { type: def.op })) dependencies.push(input.node);
    }
    for (const control of controlInputs) if ('def' in control) dependencies.push(control);
    return dependencies;
  });
  const backEdges: { readonly merge: Operation; readonly index: number; readonly source: Output }[] = [];
  for (const node of order) {
    const early: { readonly index: number; readonly source: Output }[] = [];
    const inputs = node.inputs.map((input, index) => {
      if (!('node' in input)) return input;
      const operation = operations.get(input.node);
      if (operation) return operation.output(input.index);
      early.push({ index, source: input });
      return undefined;
    });
    const standIn = inputs.find((input) => input !== undefined);
    if (early.length > 0 && !standIn) {
      throw new InvalidGraphError([`${node.def.op} "${node.name}" has no input but what comes around the loop.`]);
    }
    const operation = graph.addOperation({
      type: node.def.op,
      definition: node.definition!,
      name: node.name,
      inputs: inputs.map((input) => input ?? standIn!),
      controlInputs: node.controlInputs.map((control) => ('def' in control ? operations.get(control)! : control)),
      attributes: node.attributes,
      device: node.def.device,
      ...declaredShapes(node.attributes),
    });
    operations.set(node, operation);
    for (const { index, source } of early) backEdges.push({ merge: operation, index, source });
  }
  for (const { merge, index, source } of backEdges) {
    graph.replaceInput(merge, index, operations.get(source.node)!.output(source.index));
  }
  return operations;
}

/** Output shapes that the file states, as far as it does. */
function declaredShapes(attributes: Attributes): {
  shapes?: readonly Extract<Attribute, { kind: 'shape' }>['value'][];
} {
  const attribute = attributes.get('_output_shapes');
  if (attribute?.kind !== 'list') return {};
  return { shapes: attribute.value.map((item) => (item.kind === 'shape' ? item.value : null)) };
}

function count(size: number, noun: string): string {
  return `${size} ${noun}${size === 1 ? '' : 's'}`;
}
