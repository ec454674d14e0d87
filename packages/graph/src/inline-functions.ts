import { prefixColocation } from './colocation.js';
import { OperationCopier } from './copy-operations.js';
import { isState } from './effects.js';
import { InvalidGraphError, RecursiveFunctionError } from './errors.js';
import type { Attributes, FunctionReference } from './attributes.js';
import type { FunctionEntry } from './function-library.js';
import { Graph } from './graph.js';
import type { Operation, SymbolicTensor } from './operation.js';
import { prefixAttributes } from './prefix-attributes.js';
import { prune } from './prune.js';
import { Replacements, unchanged, type RewrittenGraph } from './rewritten-graph.js';
import { topologicalOrder } from './topological-order.js';
import { isControlFlow } from './control-flow/op-types.js';

export interface InlinedGraph extends RewrittenGraph {
  /** Operations out of bodies that must run whenever the graph does, because the calls that they came from would have run them. */
  readonly sideEffects: readonly Operation[];
}

/**
 * Copies a graph with the bodies of functions in the place of the operations that call them: `PartitionedCall`,
 * `StatefulPartitionedCall`, and operations whose op is a function. What functions call is inlined too; names of copies have the name of
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
  return new Inliner().inline(graph, []);
}

/** The body of a function without calls in it. */
interface FlatBody {
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
  readonly sideEffects: readonly Operation[];
  readonly operations: readonly Operation[];
}

interface Call {
  readonly entry: FunctionEntry;
  readonly attributes: Attributes;
}

/** Calls that double at every level fill any memory with a small file. */
const MOST_OPERATIONS = 5_000_000;
const DEEPEST_NESTING = 500;

class Inliner {
  private readonly bodies = new Map<FunctionEntry, FlatBody>();
  private copied = 0;

  /** @param callers The functions whose bodies this is inside of. */
  inline(graph: Graph, callers: readonly string[]): InlinedGraph {
    const calls = findCalls(graph);
    if (calls.size === 0) return { ...unchanged(graph), sideEffects: [] };
    const inlined = new Graph(graph.functions);
    const replacements = new Replacements(inlined, () => 'it is not part of the graph');
    const copier = new OperationCopier(replacements);
    const order = topologicalOrder(graph.operations);
    const awaited = new Set(order.flatMap(({ controlInputs }) => controlInputs));
    const hasControlFlow = order.some(isControlFlow);
    const sideEffects: Operation[] = [];
    for (const operation of order) {
      const call = calls.get(operation);
      if (!call) {
        copier.copy(operation);
        continue;
      }
      const body = this.flatten(call, callers);
      this.copied += body.operations.length;
      if (this.copied > MOST_OPERATIONS) {
        throw new InvalidGraphError([
          `Its functions call each other so often that there are more than ${MOST_OPERATIONS} operations.`,
        ]);
      }
      sideEffects.push(...insert(operation, body, replacements, awaited.has(operation), hasControlFlow));
    }
    copier.closeLoops();
    return { graph: inlined, tensor: replacements.tensor, operation: replacements.operation, sideEffects };
  }

  private flatten({ entry, attributes }: Call, callers: readonly string[]): FlatBody {
    const known = this.bodies.get(entry);
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
    const inlined = this.inline(pruned.graph, [...callers, entry.name]);
    const tensor = (original: SymbolicTensor) => inlined.tensor(pruned.tensor(original));
    const inputs = body.inputs.map(tensor);
    const given = new Set(inputs.map(({ operation }) => operation));
    const flat: FlatBody = {
      inputs,
      outputs: body.outputs.map(tensor),
      sideEffects: [
        ...inlined.sideEffects,
        // Of calls only what they did remains.
        ...body.controlOutputs
          .map(pruned.operation)
          .filter((operation) => !findCall(operation))
          .map(inlined.operation),
      ],
      operations: [...inlined.graph.operations].filter((operation) => !given.has(operation)),
    };
    // Other attributes would make another body.
    if (entry.definition.attributes.size === 0) this.bodies.set(entry, flat);
    return flat;
  }
}

/** @throws InvalidGraphError naming all functions that are missing. */
function findCalls(graph: Graph): Map<Operation, Call> {
  const calls = new Map<Operation, Call>();
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

/** The function that an operation calls and does nothing else; `undefined` if it is not such a call. */
function findCall(operation: Operation): FunctionReference | undefined {
  const { type, attributes, graph } = operation;
  if (graph.functions.find(type)) return { name: type, attributes };
  if (type !== 'PartitionedCall' && type !== 'StatefulPartitionedCall') return undefined;
  return operation.attribute('f', 'function');
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
