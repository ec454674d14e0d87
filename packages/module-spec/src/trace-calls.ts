import { InvalidGraphError, type FunctionGraph, type Graph, type Operation, type SymbolicTensor } from '@tenon/graph';

/** One level of a chain of function calls: the graph itself, or the body of a function called in the level above. */
export interface Frame {
  readonly caller?: { readonly operation: Operation; readonly frame: Frame; readonly body: FunctionGraph };
  readonly depth: number;
}

/** A tensor, and the call inside which it is. */
export interface TracedTensor {
  readonly tensor: SymbolicTensor;
  readonly frame: Frame;
}

/** An operation that changes a variable or table. */
export interface StateWrite {
  /** The variable or table: an operation of the graph itself, which may be a call of what creates it. */
  readonly state: Operation;
  /** The operation that writes. */
  readonly operation: Operation;
  readonly frame: Frame;
  /** The operation of the graph itself that does it: `operation`, or the call that it is in. */
  readonly top: Operation;
}

/** Files may hold functions that call themselves. */
const MOST_CALLS = 100;
const MOST_STEPS = 10_000;
/** Operations within calls: functions that call others twice make any number of a small file. */
const MOST_CALLED = 500_000;

const PASSING = new Set(['Identity', 'StopGradient', 'PreventGradient', 'Snapshot', 'EnsureShape']);
const WRITING = new Set([
  'Assign',
  'AssignVariableOp',
  'InitializeTable',
  'InitializeTableV2',
  'InitializeTableFromTextFile',
  'InitializeTableFromTextFileV2',
  'LookupTableImport',
  'LookupTableImportV2',
  'LookupTableInsert',
  'LookupTableInsertV2',
]);
/** Tables that are given the keys which they set aside. */
const GIVEN_KEYS = new Set(['MutableDenseHashTable', 'MutableDenseHashTableV2']);

/**
 * Operations that hold variables, tables and other state: stateful, and made from nothing (TF1 Hub contract, Instantiation). A
 * SavedModel that was loaded and saved again has calls in their place.
 */
export function isState(operation: Operation): boolean {
  const { definition, type } = operation;
  return definition.isStateful && (definition.inputs.length === 0 || isCreator(operation) || GIVEN_KEYS.has(type));
}

/** Whether it calls a function that makes state, and does nothing else. */
export function isCreator({ type, inputs, outputs }: Operation): boolean {
  return (
    type === 'StatefulPartitionedCall' &&
    inputs.length === 0 &&
    outputs.length === 1 &&
    outputs[0]!.dtype === 'resource'
  );
}

/** Where a value comes from, through identities, and through calls and arguments of functions. */
export function trace({ tensor, frame }: TracedTensor): TracedTensor {
  for (let step = 0; step < MOST_STEPS; step++) {
    const { operation } = tensor;
    if (PASSING.has(operation.type) && operation.inputs[0]) {
      tensor = operation.inputs[0];
      continue;
    }
    if (operation.type === 'IdentityN' && operation.inputs[tensor.index]) {
      tensor = operation.inputs[tensor.index]!;
      continue;
    }
    if (frame.caller) {
      const argument = frame.caller.operation.inputs[frame.caller.body.inputs.indexOf(tensor)];
      if (argument) {
        tensor = argument;
        frame = frame.caller.frame;
        continue;
      }
    }
    const inner = enter(operation, frame);
    const result = inner?.caller?.body.outputs[tensor.index];
    if (!inner || !result) break;
    tensor = result;
    frame = inner;
  }
  return { tensor, frame };
}

/** Every write to state that running `roots` does, in the order in which it is done. */
export function findStateWrites(graph: Graph, roots: Iterable<Operation>): StateWrite[] {
  const writes: StateWrite[] = [];
  const outermost: Frame = { depth: 0 };
  let called = 0;
  const visit = (operation: Operation, frame: Frame, top: Operation): void => {
    if (WRITING.has(operation.type) && operation.inputs[0]) {
      const state = stateOf({ tensor: operation.inputs[0], frame });
      if (state) writes.push({ state, operation, frame, top });
      return;
    }
    const inner = enter(operation, frame);
    if (!inner?.caller) return;
    const { graph: body } = inner.caller.body;
    called += body.size;
    if (called > MOST_CALLED) {
      throw new InvalidGraphError([
        `What "${top.name}" runs is more than ${MOST_CALLED} operations, in functions that call each other.`,
      ]);
    }
    for (const operation of body.operations) visit(operation, inner, top);
  };
  for (const operation of inOrder(graph, roots)) visit(operation, outermost, operation);
  return writes;
}

/** The operation of the graph itself that stands for the state behind a handle. */
function stateOf(handle: TracedTensor): Operation | undefined {
  const { tensor, frame } = trace(handle);
  if (!isState(tensor.operation)) return undefined;
  let { operation } = tensor;
  for (let { caller } = frame; caller; { caller } = caller.frame) ({ operation } = caller);
  return isState(operation) ? operation : undefined;
}

const bodies = new WeakMap<Operation, FunctionGraph>();

/** The body of the function that `operation` calls, as a level of its own; undefined unless it is a call. */
function enter(operation: Operation, frame: Frame): Frame | undefined {
  if (frame.depth === MOST_CALLS) return undefined;
  let body = bodies.get(operation);
  if (!body) {
    const called =
      operation.type === 'PartitionedCall' || operation.type === 'StatefulPartitionedCall'
        ? operation.attribute('f', 'function')
        : { name: operation.type, attributes: operation.attributes };
    body = operation.graph.functions.find(called.name)?.instantiate(called.attributes);
    if (!body) return undefined;
    bodies.set(operation, body);
  }
  return { caller: { operation, frame, body }, depth: frame.depth + 1 };
}

/** What `roots` need, and they themselves, each after what it needs. */
function inOrder(graph: Graph, roots: Iterable<Operation>): Operation[] {
  const needed = new Set<Operation>();
  const pending = [...roots];
  for (let operation = pending.pop(); operation; operation = pending.pop()) {
    if (needed.has(operation)) continue;
    needed.add(operation);
    for (const input of operation.inputs) pending.push(input.operation);
    for (const control of operation.controlInputs) pending.push(control);
  }
  return [...graph.operations].filter((operation) => needed.has(operation));
}
