import type { Graph } from '@tenon/graph';
import type { Signature } from './signature.js';

/** What a function that makes a module has said of it so far. */
interface ModuleParts {
  readonly signatures: Map<string, Signature>;
  readonly attachments: Map<string, Uint8Array>;
}

const parts = new WeakMap<Graph, ModuleParts>();

/** The signatures and attached messages that were added to a graph. */
export function partsOf(graph: Graph): ModuleParts {
  let known = parts.get(graph);
  if (!known) {
    known = { signatures: new Map(), attachments: new Map() };
    parts.set(graph, known);
  }
  return known;
}
