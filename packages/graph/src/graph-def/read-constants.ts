import { Tensor, type TensorReference } from '@tenon/tensor';
import type { Attribute } from '../attributes.js';
import { BuiltFunction } from '../built-function.js';
import type { FunctionLibrary } from '../function-library.js';
import type { Graph } from '../graph.js';

/**
 * Reads the constants of a graph, and of its functions that were built, that are still where they were stored: for `exportGraphDef`.
 *
 * @param library The functions, if they are not those of the graph.
 * @param values What was read before; more is added.
 */
export async function readConstants(
  graph: Graph,
  library: FunctionLibrary = graph.functions,
  values = new Map<TensorReference, Tensor>(),
): Promise<Map<TensorReference, Tensor>> {
  const all = new Set([graph]);
  for (const name of library.names) {
    const entry = library.find(name);
    if (entry instanceof BuiltFunction) all.add(entry.instantiate().graph);
  }
  for (const { operations } of all) {
    for (const { attributes } of operations) {
      for (const attribute of attributes.values()) {
        const reference = unread(attribute);
        if (reference && !values.has(reference)) values.set(reference, await reference.read());
      }
    }
  }
  return values;
}

function unread(attribute: Attribute): TensorReference | undefined {
  return attribute.kind === 'tensor' && !Tensor.isTensor(attribute.value) ? attribute.value : undefined;
}
