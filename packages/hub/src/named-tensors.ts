import type { Graph, Operation, SymbolicTensor } from '@tenon/graph';
import type { TensorInfo } from '@tenon/module-spec';
import { UnknownTensorError } from '@tenon/runtime';

/** What to compute and what to feed, by the names under which they were asked for. */
export interface NamedTensors {
  /** Operations without outputs are run. */
  readonly fetched: ReadonlyMap<string, SymbolicTensor | Operation>;
  readonly fed: ReadonlyMap<string, SymbolicTensor>;
}

/** @throws UnknownTensorError naming all that are not in the graph. */
export function findTensors(graph: Graph, fetches: readonly string[], feeds: readonly string[]): NamedTensors {
  const fetched = new Map<string, SymbolicTensor | Operation>();
  const fed = new Map<string, SymbolicTensor>();
  for (const name of fetches) {
    const found = findTensor(graph, name) ?? graph.operation(name);
    if (found) fetched.set(name, found);
  }
  for (const name of feeds) {
    const found = findTensor(graph, name);
    if (found) fed.set(name, found);
  }
  const unknown = [...fetches.filter((name) => !fetched.has(name)), ...feeds.filter((name) => !fed.has(name))];
  if (unknown.length > 0) throw new UnknownTensorError([...new Set(unknown)]);
  return { fetched, fed };
}

/** `operation:output`, or the first output of `operation`. */
export function findTensor(graph: Graph, name: string): SymbolicTensor | undefined {
  const [, operation = '', output = '0'] = /^(.*?)(?::(\d+))?$/s.exec(name) ?? [];
  return graph.operation(operation)?.outputs[Number(output)];
}

/** The placeholders that tensors or operations need, by the names of their tensors; those that have a default need not be fed. */
export function placeholdersOf(
  graph: Graph,
  roots: Iterable<SymbolicTensor | Operation>,
): ReadonlyMap<string, TensorInfo> {
  const needed = new Set<Operation>();
  const pending = [...roots].map((root) => ('operation' in root ? root.operation : root));
  for (let operation = pending.pop(); operation; operation = pending.pop()) {
    if (needed.has(operation)) continue;
    needed.add(operation);
    for (const input of operation.inputs) pending.push(input.operation);
    for (const control of operation.controlInputs) pending.push(control);
  }
  const placeholders = [...graph.operations].filter((operation) => needed.has(operation) && isPlaceholder(operation));
  return new Map(placeholders.flatMap(({ outputs }) => outputs.map((tensor) => [tensor.name, infoOf(tensor)])));
}

function isPlaceholder({ type }: Operation): boolean {
  return type === 'Placeholder' || type === 'PlaceholderV2';
}

export function infoOf({ name, dtype, shape, operation }: SymbolicTensor): TensorInfo {
  const declared = operation.find('shape');
  const known = shape ?? (declared?.kind === 'shape' ? declared.value : null);
  return { kind: 'dense', dtype, shape: known, components: [{ tensor: name, dtype, shape: known }] };
}
