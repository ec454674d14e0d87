import type { Backend, UnsupportedOperation } from '@tenon/backend';
import type { Graph, Operation, SymbolicTensor } from '@tenon/graph';
import { isFloating, isFullyKnown, isNumeric, sizeOf, TensorReference } from '@tenon/tensor';
import { controlFlowOf } from './control-flow.js';

/** A run of operations in one place: on the host one by one, or on the backend as one segment. */
export interface Part {
  readonly place: 'host' | 'backend';
  /** In topological order. */
  readonly operations: Operation[];
}

/**
 * Decides where each operation runs and cuts the graph into parts that can run one after the other.
 *
 * An operation runs on the backend where the backend supports it, and otherwise on the host. What is cheap stays on the host too, unless
 * it sits between operations that are not: a trip into a native session costs more than a few additions.
 *
 * @param graph Pruned, inlined, folded, shapes inferred; in topological order.
 */
export function partition(
  graph: Graph,
  { backend, hostProblem, unsupported, wanting, cheap = new Set() }: Partitioning,
): Part[] {
  const places = new Map<Operation, Place>();
  for (const operation of graph.operations) {
    if (operation.type === 'Const' || operation.type === 'Placeholder') continue;
    const isCheap = cheap.has(operation);
    const problem = isCheap ? undefined : hostProblem(operation);
    const onHost = problem === undefined;
    const isCandidate = backend !== undefined && isSegmentable(operation) && !isOnlyWaiting(operation, places);
    const onBackend = isCandidate && backend.supports(operation);
    if (!onHost && !onBackend) unsupported.push({ type: operation.type, operation: operation.name, ...problem });
    if (isCandidate && !onBackend && isWorthShapes(operation)) wanting.push(operation);
    const isWorthIt =
      onBackend &&
      !isCheap &&
      (!onHost || isHeavy(operation) || (backend.isResident === true && isOnFloats(operation)));
    places.set(operation, { onHost, onBackend, isHeavy: isWorthIt });
  }

  const onBackend = new Set([...places].filter(([, place]) => place.onBackend).map(([operation]) => operation));
  for (const group of connectedGroups(graph, onBackend)) {
    if (!group.some((operation) => places.get(operation)!.isHeavy))
      group.forEach((operation) => onBackend.delete(operation));
  }
  return cut(graph, onBackend);
}

/** What the decision depends on, and what it finds. */
export interface Partitioning {
  readonly backend: Backend | undefined;
  readonly hostProblem: (operation: Operation) => { readonly reason?: string } | undefined;
  /** Found: operations that can run in neither place. */
  readonly unsupported: UnsupportedOperation[];
  /** Found: operations worth a trip to the backend that it cannot take with what is known of shapes. */
  readonly wanting: Operation[];
  /** Whether everything is for the backend, however cheap. */
  readonly takesAll?: boolean;
  /** Calls of functions that the host could run as well, and would rather if they are all that there is. */
  readonly cheap?: ReadonlySet<Operation>;
}

interface Place {
  readonly onHost: boolean;
  readonly onBackend: boolean;
  readonly isHeavy: boolean;
}

/** Whether an operation can be part of a segment: control flow only as the call that stands for it. */
function isSegmentable(operation: Operation): boolean {
  return isPure(operation) && controlFlowOf(operation) === undefined;
}

/** Whether an operation is a function of its inputs alone, and all of them are numbers. */
function isPure(operation: Operation): boolean {
  const isPlain = (tensor: SymbolicTensor) => isNumeric(tensor.dtype) && !tensor.isReference;
  return (
    !operation.definition.isStateful &&
    operation.inputs.every(isPlain) &&
    operation.outputs.length > 0 &&
    operation.outputs.every(isPlain)
  );
}

function isOnFloats({ inputs, outputs }: Operation): boolean {
  return [...inputs, ...outputs].some(({ dtype }) => isFloating(dtype));
}

/** Whether an operation hands a value on once something has happened on the host: that is not worth another trip. */
function isOnlyWaiting({ type, controlInputs }: Operation, places: ReadonlyMap<Operation, Place>): boolean {
  return type === 'Identity' && controlInputs.some((input) => places.get(input)?.onBackend === false);
}

/** From so many elements an output is worth a trip into a native session: about what plain TypeScript computes in that time. */
const MANY_ELEMENTS = 1 << 14;

/** A table of so many bytes is better mapped by the backend than read into this process's memory. */
const LARGE_TABLE_BYTES = 64 << 20;

/** Multiplications and additions that an output element of these takes; the size of their weights says how many. */
const CONTRACTIONS = new Set([
  ...['MatMul', 'BatchMatMul', 'BatchMatMulV2', 'BatchMatMulV3', 'Einsum'],
  ...[
    'Conv2D',
    'Conv2DBackpropInput',
    'Conv2DBackpropFilter',
    'Conv3D',
    'Conv3DBackpropInputV2',
    'Conv3DBackpropFilterV2',
  ],
  ...['DepthwiseConv2dNative', 'DepthwiseConv2dNativeBackpropInput', 'DepthwiseConv2dNativeBackpropFilter'],
]);

export function isContraction({ type }: Operation): boolean {
  return CONTRACTIONS.has(type);
}

/** Whether the operation alone is worth a trip into a native session. Unknown dimensions count as 1. */
export function isHeavy(operation: Operation): boolean {
  // Nothing calls functions by now but for what was made a call because it is worth it.
  if (operation.type === 'PartitionedCall') return true;
  const sizes = operation.inputs.map(knownSize);
  if (operation.type.startsWith('Gather') || operation.type === 'ResourceGather') {
    const value = constantOf(operation.inputs[0]);
    return value instanceof TensorReference && value.byteLength > LARGE_TABLE_BYTES;
  }
  if (isContraction(operation) && sizes.some((size) => size >= MANY_ELEMENTS)) return true;
  if (operation.type.startsWith('Conv') && operation.type.includes('2D')) return true;
  return operation.outputs.some((output) => knownSize(output) >= MANY_ELEMENTS);
}

/** Whether knowing the shapes of what is fed may bring the operation to the backend, and that is worth a program of its own. */
function isWorthShapes(operation: Operation): boolean {
  if (!operation.inputs.every(({ dtype }) => !dtype.startsWith('float') || dtype === 'float32')) return false;
  if (operation.inputs.every(({ shape }) => isFullyKnown(shape))) return false;
  return isContraction(operation) || isHeavy(operation);
}

function knownSize({ shape }: SymbolicTensor): number {
  return sizeOf((shape ?? []).map((dimension) => dimension ?? 1));
}

export function constantOf(tensor: SymbolicTensor | undefined) {
  const attribute = tensor?.operation.type === 'Const' ? tensor.operation.find('value') : undefined;
  return attribute?.kind === 'tensor' ? attribute.value : undefined;
}

/** The sets of `members` that hang together by data edges. */
function connectedGroups(graph: Graph, members: ReadonlySet<Operation>): Operation[][] {
  const parent = new Map<Operation, Operation>();
  const find = (operation: Operation): Operation => {
    let root = operation;
    while (parent.get(root)! !== root) root = parent.get(root)!;
    for (let at = operation; at !== root;) {
      const next = parent.get(at)!;
      parent.set(at, root);
      at = next;
    }
    return root;
  };
  for (const operation of graph.operations) {
    if (!members.has(operation)) continue;
    parent.set(operation, operation);
    for (const input of operation.inputs)
      if (members.has(input.operation)) parent.set(find(input.operation), operation);
  }
  const groups = new Map<Operation, Operation[]>();
  for (const operation of parent.keys()) {
    const root = find(operation);
    const group = groups.get(root);
    if (group) group.push(operation);
    else groups.set(root, [operation]);
  }
  return [...groups.values()];
}

/**
 * Cuts the graph where work changes place. An operation's level is how often that happens on the longest way to it, so a part, the operations
 * of one level, needs only parts of lower levels.
 */
function cut(graph: Graph, onBackend: ReadonlySet<Operation>): Part[] {
  const levels = new Map<Operation, number>();
  const parts: Part[] = [];
  for (const operation of graph.operations) {
    if (operation.type === 'Const' || operation.type === 'Placeholder') continue;
    const place = onBackend.has(operation) ? 'backend' : 'host';
    // Even levels are the host's, odd ones the backend's.
    let level = place === 'host' ? 0 : 1;
    for (const before of predecessors(operation)) {
      const at = levels.get(before);
      if (at !== undefined) level = Math.max(level, at % 2 === level % 2 ? at : at + 1);
    }
    levels.set(operation, level);
    const part = (parts[level] ??= { place, operations: [] });
    part.operations.push(operation);
  }
  return parts.filter((part) => part !== undefined);
}

function* predecessors(operation: Operation): Iterable<Operation> {
  for (const input of operation.inputs) yield input.operation;
  yield* operation.controlInputs;
}
