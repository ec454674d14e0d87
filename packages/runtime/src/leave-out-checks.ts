import type { Attribute, Graph, RewrittenGraph } from '@tenon/graph';
import { rewriteGraph } from './rewrite-graph.js';

/** Operations that fail, or write to the terminal, and compute nothing. */
const CHECKS = new Set(['Assert', 'Print', 'PrintV2']);

/** The graph with nothing in the place of checks: what they alone needed is needed no more. */
export function leaveOutChecks(graph: Graph): RewrittenGraph {
  return rewriteGraph(graph, ({ type, outputs }, { copy, inputs }) => {
    if (!CHECKS.has(type)) return undefined;
    // A `Print` hands its first input on.
    const [value] = outputs.length > 0 ? inputs : [];
    const attributes = new Map<string, Attribute>(value && [['T', { kind: 'dtype', value: value.dtype }]]);
    const operation = value
      ? copy({ type: 'Identity', inputs: [value], controlInputs: [], attributes })
      : copy({ type: 'NoOp', inputs: [], controlInputs: [], attributes });
    return { operation, outputs: operation.outputs };
  });
}
