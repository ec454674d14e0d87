import type { Backend, UnsupportedOperation } from '@tenon/backend';
import {
  foldConstants,
  inferShapes,
  inlineFunctions,
  lowerControlFlow,
  prune,
  type FunctionGraph,
  type FunctionLibrary,
  type FunctionReference,
  type Graph,
  type Operation,
  type SymbolicTensor,
} from '@tenon/graph';
import { isFullyKnown, type PartialShape, type Tensor } from '@tenon/tensor';
import { controlFlowOf, isInvariant, type ControlFlow } from './control-flow.js';
import { RecursiveFunctionError } from './errors.js';
import { freezeVariables } from './freeze-variables.js';
import { partition, type Part } from './partition.js';
import type { Variable } from './resources.js';
import { rewriteGraph } from './rewrite-graph.js';
import { useResourceVariables } from './use-resource-variables.js';

/** A piece of graph made ready to be compiled: pruned, inlined, folded, cut into parts. */
export interface Plan {
  readonly graph: Graph;
  /** What to feed, in order; `undefined` where nothing needs it. */
  readonly inputs: readonly (SymbolicTensor | undefined)[];
  readonly outputs: readonly SymbolicTensor[];
  readonly parts: readonly Part[];
  /** The functions of each control-flow operation. */
  readonly bodies: ReadonlyMap<Operation, { readonly flow: ControlFlow; readonly plans: readonly Plan[] }>;
}

/** What is known of an input beforehand. */
export interface KnownInput {
  readonly shape?: PartialShape;
  /** A `Const` or `VarHandleOp` elsewhere whose output the input always is. */
  readonly source?: Operation | undefined;
}

/** What to compute. */
export interface PlanRequest {
  readonly graph: Graph;
  readonly fetches: readonly SymbolicTensor[];
  /** Operations to run for their effect. */
  readonly targets: readonly Operation[];
  readonly feeds: readonly SymbolicTensor[];
  /** By feed. */
  readonly known: readonly KnownInput[];
}

/** What planning needs to know of the session, and what it finds out. */
export interface Planning {
  readonly backend: Backend | undefined;
  variableOf(operation: Operation): Variable;
  /** Gives a variable the value that it was published with, unread. */
  publish(operation: Operation): void;
  /** Runs a pure operation on the host; `undefined` if it cannot. */
  evaluate(operation: Operation, inputs: readonly Tensor[]): readonly Tensor[] | undefined;
  /** Why an operation cannot run on the host; `undefined` if it can. */
  hostProblem(operation: Operation): { readonly reason?: string } | undefined;
  /** Found: variables that the plan takes for constants. */
  readonly frozen: Set<Variable>;
  /** Found: operations of the graph whose state must be initialised before. */
  readonly state: Set<Operation>;
  /** Found: operations that nothing can run. */
  readonly unsupported: UnsupportedOperation[];
  /** Found: operations worth a trip to the backend that it cannot take with what is known of shapes. */
  readonly wanting: Operation[];
}

/**
 * Makes a piece of graph ready to be compiled. The graph itself stays as it is; everything happens on copies.
 *
 * @param callers The functions whose bodies this is inside of.
 * @throws MissingFeedError, InvalidGraphError, RecursiveFunctionError, ShapeInferenceError.
 */
export function plan(request: PlanRequest, planning: Planning, callers: readonly string[] = []): Plan {
  const pruned = prune(request.graph, [...request.fetches, ...request.targets], request.feeds);
  const tracked = new Tracked(pruned.graph, request.fetches.map(pruned.tensor), request.targets.map(pruned.operation), request.feeds.map(pruned.tensor));
  for (const operation of pruned.graph.operations) {
    const original = request.graph.operation(operation.name);
    if (!original || !request.graph.initializers.has(original)) continue;
    planning.state.add(original);
    planning.publish(original);
  }
  return tracked as unknown as Plan;
}
