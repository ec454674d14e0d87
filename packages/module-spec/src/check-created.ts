import { type Graph, type Operation, type SymbolicTensor } from '@tenon/graph';
import { getUnsupportedCollections } from './collections.js';
import { CreatedColocationError, NoSignaturesError, UnsupportedCollectionsError } from './errors.js';
import type { Signature } from './signature.js';
import { isState } from './trace-calls.js';

/** What is checked of each variant (TF1 Hub contract, API checklist). */
export function checkCreated(graph: Graph, signatures: ReadonlyMap<string, Signature>, tags: readonly string[]): void {
  if (signatures.size === 0) throw new NoSignaturesError(tags);
  const unsupported = getUnsupportedCollections(graph.collections.keys());
  if (unsupported.length > 0) throw new UnsupportedCollectionsError('the function that makes the module', unsupported);
  const problems = [...stateProblems(graph), ...inputProblems(graph, signatures)];
  if (problems.length > 0) throw new CreatedColocationError(tags, problems);
}

/** State is shared by all applications, so it cannot be where one of them is. */
function* stateProblems(graph: Graph): Iterable<string> {
  for (const operation of graph.operations) {
    if (!isState(operation)) continue;
    for (const target of colocatedWith(operation)) {
      const other = graph.operation(target);
      if (other && isState(other)) continue;
      yield `"${operation.name}" (${operation.type}) holds state, and is colocated with "${target}", which does not.`;
    }
  }
}

/** What is fed may come from anywhere. */
function* inputProblems(graph: Graph, signatures: ReadonlyMap<string, Signature>): Iterable<string> {
  for (const { name, inputs } of signatures.values()) {
    for (const [key, { components }] of inputs) {
      for (const { operation } of components.map(({ tensor }): SymbolicTensor => graph.tensor(tensor))) {
        // One of several outputs may be replaced without the others: TensorFlow Hub only warns of it.
        if (operation.outputs.length > 1) continue;
        for (const target of colocatedWith(operation))
          yield `Input "${key}" of signature "${name}" ("${operation.name}") is colocated with "${target}".`;
      }
    }
  }
}

/** The operations that one is to be on the device of, itself aside. */
function colocatedWith(operation: Operation): string[] {
  const { name } = operation;
  if (!operation.attributes.has('_class')) return [];
  return operation
    .list('_class', 'bytes')
    .map((bytes) => new TextDecoder().decode(bytes))
    .filter((group) => group.startsWith('loc:@'))
    .map((group) => group.slice('loc:@'.length))
    .filter((target) => target !== name);
}
