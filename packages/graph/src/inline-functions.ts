import { AttributeKeys } from './attribute-keys.js';
import type { Attributes, FunctionReference } from './attributes.js';
import { prefixColocation } from './colocation.js';
import { isControlFlow } from './control-flow/op-types.js';
import { OperationCopier } from './copy-operations.js';
import { isState } from './effects.js';
import { InvalidGraphError, RecursiveFunctionError } from './errors.js';
import type { FunctionEntry, FunctionGraph } from './function-library.js';
import { Graph } from './graph.js';
import type { Operation, SymbolicTensor } from './operation.js';
import { prefixAttributes } from './prefix-attributes.js';
import { prune } from './prune.js';
import { Replacements, unchanged, type RewrittenGraph } from './rewritten-graph.js';
import { topologicalOrder } from './topological-order.js';

export interface InlinedGraph extends RewrittenGraph {
  /** Operations out of bodies that must run whenever the graph does, because the calls that they came from would have run them. */
  readonly sideEffects: readonly Operation[];
}

/**
 * Copies a graph with the bodies of functions in the place of the operations that call them: `PartitionedCall`,
 * `StatefulPartitionedCall`, `BatchFunction`, and operations whose op is a function. What functions call is inlined too; names of copies have the name of
 * the call as their scope. Bodies of `While`, `If` and `Case` stay functions.
 *
 * All calls of the graph are taken to be needed, so prune it first. Operations that waited for a call wait for all that it did; stateful
 * operations in a body wait for what the call waited for. A `NoOp` stands for a call where something waits for it.
 *
 * @returns The graph itself if it calls nothing.
 * @throws RecursiveFunctionError
 * @throws InvalidGraphError if a function is missing or broken, does not fit its call, or if there is more than fits in memory.
 */
export function inlineFunctions(graph: Graph): InlinedGraph {
  const inliner = new Inliner();
  const calls = inliner.findCallees(graph);
  sizeOf(graph, calls);
  return inliner.inline(graph, calls);
}

/** A function, pruned, with what it calls. */
interface Callee {
  readonly body: FunctionGraph;
  readonly pruned: RewrittenGraph;
  readonly calls: ReadonlyMap<Operation, Callee>;
  /** How many operations it is with all calls inlined. */
  readonly size: number;
}

/** The body of a function without calls in it. */
interface FlatBody {
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
  readonly sideEffects: readonly Operation[];
  readonly operations: readonly Operation[];
}

/** Calls that double at every level fill any memory with a small file. */
const MOST_OPERATIONS = 2_000_000;
const DEEPEST_NESTING = 500;

class Inliner {
  private readonly callees = new Map<FunctionEntry, Map<string, Callee>>();
  private readonly keys = new AttributeKeys();
  private readonly flatBodies = new Map<Callee, FlatBody>();

  /** @param callers The functions whose bodies the graph is inside of. */
  findCallees(graph: Graph, callers: readonly string[] = []): Map<Operation, Callee> {
    const callees = new Map<Operation, Callee>();
    for (const [operation, { entry, attributes }] of findCalls(graph)) {
      callees.set(operation, this.findCallee(entry, attributes, callers));
    }
    return callees;
  }

  inline(graph: Graph, calls: ReadonlyMap<Operation, Callee>): InlinedGraph {
    if (calls.size === 0) return { ...unchanged(graph), sideEffects: [] };
    const inlined = new Graph(graph.functions);
    const replacements = new Replacements(inlined, () => 'it is not part of the graph');
    const copier = new OperationCopier(replacements);
    const order = topologicalOrder(graph.operations);
    const awaited = new Set(order.flatMap(({ controlInputs }) => controlInputs));
    const hasControlFlow = order.some(isControlFlow);
    const sideEffects: Operation[] = [];
    for (const operation of order) {
      const callee = calls.get(operation);
      if (!callee) {
        copier.copy(operation);
        continue;
      }
      const effects = insert(operation, this.flatten(callee), replacements, awaited.has(operation), hasControlFlow);
      for (const effect of effects) sideEffects.push(effect);
    }
    copier.closeLoops();
    return { graph: inlined, tensor: replacements.tensor, operation: replacements.operation, sideEffects };
  }

  private findCallee(entry: FunctionEntry, attributes: Attributes, callers: readonly string[]): Callee {
    const key = this.keys.keyOf(attributes, entry.definition.attributes.keys());
    const known = this.callees.get(entry)?.get(key);
    if (known) return known;
    const start = callers.indexOf(entry.name);
    if (start >= 0) throw new RecursiveFunctionError(callers.slice(start));
    if (callers.length >= DEEPEST_NESTING) {
      throw new InvalidGraphError([
        `Functions call each other more than ${DEEPEST_NESTING} levels deep: ${callers[0]}, ….`,
      ]);
    }
    const body = entry.instantiate(attributes);
    const pruned = prune(body.graph, [...body.outputs, ...body.controlOutputs], body.inputs);
    const calls = this.findCallees(pruned.graph, [...callers, entry.name]);
    const callee = { body, pruned, calls, size: sizeOf(pruned.graph, calls) };
    const instances = this.callees.get(entry) ?? new Map<string, Callee>();
    this.callees.set(entry, instances.set(key, callee));
    return callee;
  }

  private flatten(callee: Callee): FlatBody {
    const known = this.flatBodies.get(callee);
    if (known) return known;
    const { body, pruned, calls } = callee;
    const inlined = this.inline(pruned.graph, calls);
    const tensor = (original: SymbolicTensor) => inlined.tensor(pruned.tensor(original));
    const inputs = body.inputs.map(tensor);
    const given = new Set(inputs.map(({ operation }) => operation));
    // Of calls only what they did remains.
    const ownEffects = body.controlOutputs.map(pruned.operation).filter((operation) => !calls.has(operation));
    const flat: FlatBody = {
      inputs,
      outputs: body.outputs.map(tensor),
      sideEffects: [...inlined.sideEffects, ...ownEffects.map(inlined.operation)],
      operations: [...inlined.graph.operations].filter((operation) => !given.has(operation)),
    };
    this.flatBodies.set(callee, flat);
    return flat;
  }
}

/** @throws InvalidGraphError if there would be too many operations. */
function sizeOf(graph: Graph, calls: ReadonlyMap<Operation, Callee>): number {
  let size = graph.size;
  for (const callee of calls.values()) size += callee.size;
  if (size <= MOST_OPERATIONS) return size;
  throw new InvalidGraphError([
    `Functions call each other so often that inlined they are more than ${MOST_OPERATIONS} operations.`,
  ]);
}

/** @throws InvalidGraphError naming all functions that are missing. */
function findCalls(graph: Graph): Map<Operation, { readonly entry: FunctionEntry; readonly attributes: Attributes }> {
  const calls = new Map<Operation, { readonly entry: FunctionEntry; readonly attributes: Attributes }>();
  const problems: string[] = [];
  for (const operation of graph.operations) {
    const reference = findCall(operation);
    if (!reference) continue;
    const entry = graph.functions.find(reference.name);
    if (entry) calls.set(operation, { entry, attributes: reference.attributes });
    else problems.push(`${operation.type} "${operation.name}" calls "${reference.name}"; there is no such function.`);
  }
  if (problems.length > 0) throw new InvalidGraphError(problems);
  return calls;
}

/** Servers gather the calls of many clients for a `BatchFunction`; one call by itself is as any other. */
const CALLS = new Set(['PartitionedCall', 'StatefulPartitionedCall', 'BatchFunction']);

/** The function that an operation calls and does nothing else; `undefined` if it is not such a call. */
function findCall(operation: Operation): FunctionReference | undefined {
  const { type, attributes, graph } = operation;
  if (graph.functions.find(type)) return { name: type, attributes };
  return CALLS.has(type) ? operation.attribute('f', 'function') : undefined;
}

/** Puts a body in the place of a call. Returns what must run for its effect. */
function insert(
  call: Operation,
  body: FlatBody,
  replacements: Replacements,
  isAwaited: boolean,
  hasControlFlow: boolean,
): Operation[] {
  const { graph } = replacements;
  checkFit(call, body);
  const scope = `${call.name}/`;
  const waitsFor = call.controlInputs.map(replacements.operation);

  const inner = new Replacements(graph, () => `it is not part of the function that "${call.name}" calls`);
  const alive = new Set(waitsFor);
  body.inputs.forEach((input, index) => {
    let argument = replacements.tensor(call.input(index));
    // A reference is read when the function is called. In a branch or loop of TensorFlow 1, what hangs on no input would run
    // although the call does not: an operation that runs just when the call does gives it something to wait for.
    if (argument.isReference || hasControlFlow) {
      argument = graph
        .addOperation({
          type: 'Identity',
          name: scope + input.operation.name,
          inputs: [argument],
          controlInputs: waitsFor,
          attributes: new Map([['T', { kind: 'dtype', value: argument.dtype }]]),
          shapes: [argument.shape],
        })
        .output();
      alive.add(argument.operation);
    }
    inner.setTensor(input, argument);
    inner.setOperation(input.operation, argument.operation);
  });

  const copier = new OperationCopier(inner, {
    name: ({ name }) => scope + name,
    attributes: ({ attributes }) => prefixColocation(prefixAttributes(attributes, scope, ['frame_name']), scope),
    controlInputs: (original) => {
      const isSource = original.inputs.length === 0 && original.controlInputs.length === 0;
      if (hasControlFlow && isSource) return [...alive];
      return original.definition.isStateful && !isState(original) ? waitsFor : [];
    },
  });
  for (const operation of body.operations) copier.copy(operation);
  copier.closeLoops();

  const outputs = body.outputs.map(inner.tensor);
  const sideEffects = body.sideEffects.map(inner.operation);
  outputs.forEach((output, index) => replacements.setTensor(call.output(index), output));
  if (isAwaited || outputs.length === 0) {
    const done = new Set([...waitsFor, ...sideEffects, ...outputs.map(({ operation }) => operation)]);
    replacements.setOperation(call, graph.addOperation({ type: 'NoOp', name: call.name, controlInputs: [...done] }));
  } else {
    replacements.setOperation(call, outputs[0]!.operation);
  }
  return sideEffects;
}

function checkFit(call: Operation, body: FlatBody): void {
  const list = (tensors: readonly SymbolicTensor[]) => `(${tensors.map(({ dtype }) => dtype).join(', ')})`;
  const problems: string[] = [];
  if (list(call.inputs) !== list(body.inputs)) {
    problems.push(`"${call.name}" passes ${list(call.inputs)} to a function that takes ${list(body.inputs)}.`);
  }
  if (list(call.outputs) !== list(body.outputs)) {
    problems.push(`"${call.name}" takes ${list(call.outputs)} from a function that returns ${list(body.outputs)}.`);
  }
  if (problems.length > 0) throw new InvalidGraphError(problems);
}
