import { BuiltFunction, type Attribute, type FunctionLibrary, type Graph } from '@tenon/graph';
import { Tensor, type TensorReference } from '@tenon/tensor';

/** Reads the constants of graphs, and of functions that were built, that are still on the disk. */
export async function readConstants(
  graphs: Iterable<Graph>,
  library: FunctionLibrary,
  values: Map<TensorReference, Tensor>,
): Promise<void> {
  const all = new Set(graphs);
  for (const name of library.names) {
    const entry = library.find(name);
    if (entry instanceof BuiltFunction) all.add(entry.instantiate().graph);
  }
  for (const graph of all) {
    for (const { attributes } of graph.operations) {
      for (const attribute of attributes.values()) {
        const reference = unread(attribute);
        if (reference && !values.has(reference)) values.set(reference, await reference.read());
      }
    }
  }
}

function unread(attribute: Attribute): TensorReference | undefined {
  return attribute.kind === 'tensor' && !Tensor.isTensor(attribute.value) ? attribute.value : undefined;
}
