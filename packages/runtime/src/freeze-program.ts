import type { Attribute, Graph, Operation, SymbolicTensor } from '@tenon/graph';
import type { Backend } from '@tenon/backend';
import type { Tensor } from '@tenon/tensor';
import { evaluateOnHost, hostProblem } from './host.js';
import { variableOf } from './kernels/state.js';
import { plan } from './plan.js';
import { Resources } from './resources.js';

/** What to compute, from what. */
export interface FreezeRequest {
  readonly graph: Graph;
  readonly fetches: readonly SymbolicTensor[];
  readonly feeds: readonly SymbolicTensor[];
  /** The values of variables that stand for them from now on. */
  readonly values: ReadonlyMap<Operation, Tensor>;
}

/** A program without state: a pure piece of graph. */
export interface FrozenProgram {
  readonly graph: Graph;
  /** One placeholder per feed, in order. */
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
}

/**
 * What fetches need, ready for a converter to another format: functions inlined, control flow functional, variables constants, constants folded, shapes inferred. What only
 * checks values is left out. What nothing can be done about (tables, strings, variables that are changed) stays, for the converter to name.
 *
 * @param target Says which operations the other format has. Control flow that it has as a whole becomes a call of a function.
 */
export function freezeProgram(request: FreezeRequest, target: Pick<Backend, 'name' | 'supports'>): FrozenProgram {
  const { graph, fetches, feeds, values } = request;
  const host = { resources: new Resources() };
  for (const [operation, value] of values) variableOf(operation, host).value = value;
  const planned = plan(
    { graph, fetches, feeds, targets: [], known: [] },
    {
      backend: { ...target, compile: () => Promise.reject(new Error('Nothing is compiled to be frozen.')) },
      takesAll: true,
      leavesOutChecks: true,
      variableOf: (operation) => variableOf(operation, host),
      publish: () => undefined,
      evaluate: evaluateOnHost,
      hostProblem,
      frozen: new Set(),
      state: new Set(),
      unsupported: [],
      wanting: [],
    },
  );
  const inputs = planned.inputs.map((input, index) => input ?? unusedInput(planned.graph, feeds[index]!));
  return { graph: planned.graph, inputs, outputs: planned.outputs };
}

/** An input that the program does not need, and that its callers may give all the same. */
function unusedInput(graph: Graph, { dtype, shape, operation }: SymbolicTensor): SymbolicTensor {
  const attributes = new Map<string, Attribute>([['dtype', { kind: 'dtype', value: dtype }]]);
  return graph
    .addOperation({ type: 'Placeholder', name: `${operation.name}/unused`, attributes, shapes: [shape] })
    .output();
}
