import { parse, TrackableObjectGraphSchema, type SavedObjectGraph } from '@tenon/format';
import type { Tensor } from '@tenon/tensor';

/** The key under which a checkpoint keeps what its keys belong to. */
export const OBJECT_GRAPH_KEY = '_CHECKPOINTABLE_OBJECT_GRAPH';

/** What a checkpoint calls the one value of a variable. */
const VARIABLE_VALUE = 'VARIABLE_VALUE';

/**
 * Finds where a checkpoint keeps the variables of a SavedModel's object graph: both graphs are walked from their roots side by side,
 * as TensorFlow does, for their nodes are numbered differently.
 *
 * @param stored The tensor under `OBJECT_GRAPH_KEY`.
 * @returns Checkpoint keys by node of `objects`.
 */
export function findObjectKeys(objects: SavedObjectGraph, stored: Tensor<'string'>): Map<number, string> {
  const checkpoint = parse(TrackableObjectGraphSchema, stored.data.at(0), OBJECT_GRAPH_KEY).nodes;
  const keys = new Map<number, string>();
  const seen = new Set<number>([0]);
  const pending: [node: number, counterpart: number][] = [[0, 0]];
  for (let pair = pending.shift(); pair; pair = pending.shift()) {
    const [node, counterpart] = pair;
    const attribute = checkpoint[counterpart]?.attributes.find(({ name }) => name === VARIABLE_VALUE);
    if (attribute && objects.nodes[node]?.kind.case === 'variable') keys.set(node, attribute.checkpointKey);
    const counterparts = new Map(checkpoint[counterpart]?.children.map(({ localName, nodeId }) => [localName, nodeId]));
    for (const { localName, nodeId } of objects.nodes[node]?.children ?? []) {
      const next = counterparts.get(localName);
      if (next === undefined || seen.has(nodeId)) continue;
      seen.add(nodeId);
      pending.push([nodeId, next]);
    }
  }
  return keys;
}
