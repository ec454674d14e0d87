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
function findTensor(graph: Graph, name: string): SymbolicTensor | undefined {
  const [, operation = '', output = '0'] = /^(.*?)(?::(\d+))?$/s.exec(name) ?? [];
  return graph.operation(operation)?.outputs[Number(output)];
}

/** A graph's placeholders, by the names of their tensors. */
export function placeholdersOf(graph: Graph): ReadonlyMap<string, TensorInfo> {
  const placeholders = [...graph.operations].filter(({ type }) => type.startsWith('Placeholder'));
  return new Map(placeholders.flatMap(({ outputs }) => outputs.map((tensor) => [tensor.name, infoOf(tensor)])));
}

export function infoOf({ name, dtype, shape, operation }: SymbolicTensor): TensorInfo {
  const declared = operation.find('shape');
  const known = shape ?? (declared?.kind === 'shape' ? declared.value : null);
  return { kind: 'dense', dtype, shape: known, components: [{ tensor: name, dtype, shape: known }] };
}
