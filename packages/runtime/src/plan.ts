import type { Backend, UnsupportedOperation } from '@tenon/backend';
import {
  foldConstants,
  inferShapes,
  inlineFunctions,
  InvalidGraphError,
  lowerControlFlow,
  NotInGraphError,
  prune,
  RecursiveFunctionError,
  type Attribute,
  type ElementFacts,
  type FunctionGraph,
  type FunctionLibrary,
  type FunctionReference,
  type Graph,
  type InferredFacts,
  type Operation,
  type RewrittenGraph,
  type SymbolicTensor,
  type TensorFacts,
} from '@tenon/graph';
import type { PartialShape, Tensor } from '@tenon/tensor';
import { controlFlowOf, isInvariant, type ControlFlow } from './control-flow.js';
import { MissingFeedError } from './errors.js';
import { freezeVariables } from './freeze-variables.js';
import { leaveOutChecks } from './leave-out-checks.js';
import { outlineControlFlow, type Region } from './outline-control-flow.js';
import { partition, type Part } from './partition.js';
import type { Variable } from './resources.js';
import { rewriteGraph } from './rewrite-graph.js';
import type { ReadyBody, ReadyGraph } from './specialize-control-flow.js';
import { useResourceVariables } from './use-resource-variables.js';

/** A piece of graph made ready to be compiled: pruned, inlined, folded, cut into parts. */
export interface Plan {
  readonly graph: Graph;
  /** What to feed, in order; `undefined` where nothing needs it. */
  readonly inputs: readonly (SymbolicTensor | undefined)[];
  readonly outputs: readonly SymbolicTensor[];
  readonly parts: readonly Part[];
  /** The functions of each control-flow operation that is driven here. */
  readonly bodies: ReadonlyMap<Operation, PlannedBody>;
  /** What the backend runs as a whole, by the calls that stand for it. */
  readonly regions: ReadonlyMap<Operation, Region>;
  /** As it was before the backend was given control flow. */
  readonly whole: ReadyGraph;
}

/** What a control-flow operation runs. */
export interface PlannedBody {
  readonly flow: ControlFlow;
  readonly plans: readonly Plan[];
}

/** What is known of an input beforehand. */
export interface KnownInput {
  readonly shape?: PartialShape;
  /** Of a handle: what lies behind it. */
  readonly elements?: readonly ElementFacts[] | undefined;
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
  /** Whether all control flow is for the backend, however cheap. */
  readonly takesAll?: boolean;
  /** Whether operations that only check values, or show them, are left out. */
  readonly leavesOutChecks?: boolean;
  readonly variableOf: (operation: Operation) => Variable;
  /** Gives a variable the value that it was published with, unread. */
  readonly publish: (operation: Operation) => void;
  /** Runs a pure operation on the host; `undefined` if it cannot. */
  readonly evaluate: (operation: Operation, inputs: readonly Tensor[]) => readonly Tensor[] | undefined;
  /** Why an operation cannot run on the host; `undefined` if it can. */
  readonly hostProblem: (operation: Operation) => { readonly reason?: string } | undefined;
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
 * @param extent What all functions of control flow came to so far.
 * @throws MissingFeedError, InvalidGraphError, RecursiveFunctionError, ShapeInferenceError.
 */
export function plan(
  request: PlanRequest,
  planning: Planning,
  callers: readonly string[] = [],
  extent: Extent = { functions: 0, operations: 0 },
): Plan {
  const work = new Work(request);
  work.become(prune(request.graph, work.roots, request.feeds));
  for (const operation of work.graph.operations) {
    const original = request.graph.operation(operation.name);
    if (!original || !request.graph.initializers.has(original)) continue;
    planning.state.add(original);
    planning.publish(original);
  }
  work.readFetchedReferences();

  const inlined = inlineFunctions(work.graph);
  work.become(inlined);
  for (const effect of inlined.sideEffects) work.targets.push(effect);
  work.become(lowerControlFlow(work.graph));
  if (planning.leavesOutChecks) work.become(leaveOutChecks(work.graph));
  work.become(prune(work.graph, work.roots, []));
  work.become(useResourceVariables(work.graph));
  work.become(substitute(work, request.known));
  const frozen = freezeVariables(work.graph, planning.variableOf);
  work.become(frozen);
  for (const variable of frozen.frozen) planning.frozen.add(variable);
  work.become(foldConstants(work.graph, planning.evaluate, factsOf(work, request.known)));
  work.become(prune(work.graph, work.roots, []));

  const fed = new Set(work.feeds);
  const missing = [...work.graph.operations].filter(
    ({ type, outputs }) => type === 'Placeholder' && !fed.has(outputs[0]),
  );
  if (missing.length > 0) throw new MissingFeedError(missing.map(({ name }) => name));

  const elementsOf = elementsIn(work, request.known);
  let bodies = new Map<Operation, PlannedBody>();
  for (const operation of work.graph.operations) {
    const flow = controlFlowOf(operation);
    if (flow)
      bodies.set(operation, { flow, plans: planBodies(operation, flow, elementsOf, planning, callers, extent) });
  }
  const whole = readyGraph(work, bodies);
  const regions = new Map<Operation, Region>();
  const outlined = outlineControlFlow(whole, planning);
  if (outlined) {
    work.become(outlined);
    const pruned = prune(work.graph, work.roots, []);
    work.become(pruned);
    const become = (operation: Operation) => ifPresent(() => pruned.operation(operation));
    for (const [call, region] of outlined.regions) {
      const operation = become(call);
      if (operation) regions.set(operation, region);
    }
    const driven = [...bodies].filter(([operation]) => !outlined.regions.has(outlined.operation(operation)));
    bodies = new Map(driven.map(([operation, body]) => [pruned.operation(outlined.operation(operation)), body]));
  }
  return {
    graph: work.graph,
    inputs: work.feeds,
    outputs: work.fetches,
    parts: partition(work.graph, planning),
    bodies,
    regions,
    whole,
  };
}

function readyGraph({ graph, feeds, fetches }: Work, bodies: ReadonlyMap<Operation, PlannedBody>): ReadyGraph {
  const ready = ({ flow, plans }: PlannedBody): ReadyBody => ({ flow, plans: plans.map(({ whole }) => whole) });
  return {
    graph,
    inputs: [...feeds],
    outputs: [...fetches],
    bodies: new Map([...bodies].map(([operation, body]) => [operation, ready(body)])),
  };
}

/** A graph on its way through the rewrites, with what is followed through all of them. */
class Work {
  graph: Graph;
  fetches: SymbolicTensor[];
  targets: Operation[];
  /** `undefined` where nothing needs what would be fed. */
  feeds: (SymbolicTensor | undefined)[];

  constructor({ graph, fetches, targets, feeds }: PlanRequest) {
    this.graph = graph;
    this.fetches = [...fetches];
    this.targets = [...targets];
    this.feeds = [...feeds];
  }

  /** What has to be computed. */
  get roots(): (SymbolicTensor | Operation)[] {
    return [...this.fetches, ...this.targets];
  }

  become({ graph, tensor, operation }: RewrittenGraph): void {
    this.graph = graph;
    this.fetches = this.fetches.map(tensor);
    this.targets = this.targets.map(operation);
    this.feeds = this.feeds.map((feed) => feed && ifPresent(() => tensor(feed)));
  }

  /** Who fetches a reference wants the variable's value. */
  readFetchedReferences(): void {
    this.fetches = this.fetches.map((fetch) => {
      if (!fetch.isReference) return fetch;
      const attributes = new Map<string, Attribute>([['T', { kind: 'dtype', value: fetch.dtype }]]);
      return this.graph.addOperation({ type: 'Identity', inputs: [fetch], attributes, shapes: [fetch.shape] }).output();
    });
  }
}

function ifPresent<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch (error) {
    if (error instanceof NotInGraphError) return undefined;
    throw error;
  }
}

/** What is known of inputs that are handles. */
function factsOf({ feeds }: Work, known: readonly KnownInput[]): Map<SymbolicTensor, TensorFacts> {
  const facts = new Map<SymbolicTensor, TensorFacts>();
  feeds.forEach((feed, index) => {
    const elements = known[index]?.elements;
    if (feed && elements) facts.set(feed, { shape: feed.shape, elements });
  });
  return facts;
}

/** Finds out what lies behind handles, once something asks for one. */
function elementsIn(
  work: Work,
  known: readonly KnownInput[],
): (handle: SymbolicTensor) => readonly ElementFacts[] | undefined {
  let inferred: InferredFacts | undefined;
  return (handle) => {
    if (!mayBeHandle(handle)) return undefined;
    inferred ??= inferShapes(work.graph, { known: factsOf(work, known) });
    return inferred.facts(handle).elements;
  };
}

/** The flow of an array of tensors is a float. */
function mayBeHandle({ dtype, shape }: SymbolicTensor): boolean {
  return dtype === 'resource' || dtype === 'variant' || (dtype === 'float32' && shape?.length === 0);
}

/** Puts what is known of the inputs into the graph: their shapes; or, in their place, the constants and variables that they always are. */
function substitute({ graph, feeds }: Work, known: readonly KnownInput[]): RewrittenGraph {
  const byOperation = new Map<Operation, KnownInput>();
  feeds.forEach((feed, index) => feed && known[index] && byOperation.set(feed.operation, known[index]));
  return rewriteGraph(graph, (operation, { copy }) => {
    const { source, shape } = byOperation.get(operation) ?? {};
    if (!source) return shape ? copyOf(copy({ shapes: [shape] })) : undefined;
    const shared: [string, Attribute][] =
      source.type === 'VarHandleOp'
        ? [
            [
              'shared_name',
              { kind: 'bytes', value: new TextEncoder().encode(source.string('shared_name') || source.name) },
            ],
          ]
        : [];
    return copyOf(
      copy({
        type: source.type,
        attributes: new Map([...source.attributes, ...shared]),
        shapes: [source.output().shape],
      }),
    );
  });
}

function copyOf(operation: Operation) {
  return { operation, outputs: operation.outputs };
}

/** Plans the functions of a control-flow operation, with all that is known of their inputs where it stands. */
function planBodies(
  operation: Operation,
  flow: ControlFlow,
  elementsOf: (handle: SymbolicTensor) => KnownInput['elements'],
  planning: Planning,
  callers: readonly string[],
  extent: Extent,
): Plan[] {
  const bodies = flow.functions.map((reference) => instantiate(reference, operation.graph.functions, callers));
  checkExtent(bodies, extent, callers);
  checkFit(operation, flow, bodies);
  const loopBody = flow.isLoop ? bodies.at(-1) : undefined;
  const known = flow.arguments.map((argument, index): KnownInput => {
    const isConstant = !loopBody || isInvariant(loopBody, index);
    const source = sourceOf(argument);
    // What a loop hands on to itself has the shape that inference found to hold in every iteration.
    const like = isConstant ? argument : operation.output(index);
    return { shape: like.shape, elements: elementsOf(like), source: isConstant ? source : undefined };
  });
  return bodies.map(({ name, graph, outputs, controlOutputs, inputs }) =>
    plan(
      { graph, fetches: outputs, targets: controlOutputs, feeds: inputs, known },
      planning,
      [...callers, name],
      extent,
    ),
  );
}

/** @throws InvalidGraphError naming every function that takes or gives other tensors than the operation says. */
function checkFit(operation: Operation, flow: ControlFlow, functions: readonly FunctionGraph[]): void {
  const list = (tensors: readonly SymbolicTensor[]): string => `(${tensors.map(({ dtype }) => dtype).join(', ')})`;
  const problems = functions.flatMap(({ name, inputs, outputs }, index): string[] => {
    const isCondition = flow.isLoop && index === 0;
    const fits = isCondition ? outputs.length === 1 : list(outputs) === list(operation.outputs);
    if (fits && list(inputs) === list(flow.arguments)) return [];
    const expected = `${list(flow.arguments)} → ${isCondition ? 'one tensor' : list(operation.outputs)}`;
    return [
      `${operation.type} "${operation.name}" runs "${name}", which is ${list(inputs)} → ${list(outputs)} and not ${expected}.`,
    ];
  });
  if (problems.length > 0) throw new InvalidGraphError(problems);
}

/** The functions that branches and loops run, each as often as it is planned. */
interface Extent {
  functions: number;
  operations: number;
}

/** Functions that double at every level fill any memory with a small file; honest ones are a few, a few levels deep. */
const MOST_BODIES = 4096;
const MOST_BODY_OPERATIONS = 2_000_000;
const DEEPEST_NESTING = 64;

function checkExtent(functions: readonly FunctionGraph[], extent: Extent, callers: readonly string[]): void {
  extent.functions += functions.length;
  for (const { graph } of functions) extent.operations += graph.size;
  if (callers.length >= DEEPEST_NESTING) {
    throw new InvalidGraphError([
      `Branches and loops are nested more than ${DEEPEST_NESTING} levels deep: ${callers[0]}, ….`,
    ]);
  }
  if (extent.functions > MOST_BODIES || extent.operations > MOST_BODY_OPERATIONS) {
    throw new InvalidGraphError([
      `Branches and loops within each other are more than ${MOST_BODIES} functions, or ${MOST_BODY_OPERATIONS} operations.`,
    ]);
  }
}

function instantiate(
  reference: FunctionReference,
  library: FunctionLibrary,
  callers: readonly string[],
): FunctionGraph {
  if (callers.includes(reference.name))
    throw new RecursiveFunctionError(callers.slice(callers.indexOf(reference.name)));
  const entry = library.find(reference.name);
  if (!entry) throw new InvalidGraphError([`There is no function "${reference.name}" in the graph's library.`]);
  return entry.instantiate(reference.attributes);
}

/** The constant or variable that a tensor is, where it is one. */
function sourceOf(tensor: SymbolicTensor): Operation | undefined {
  let { operation } = tensor;
  while (operation.type === 'Identity') operation = operation.input(0).operation;
  return operation.type === 'Const' || operation.type === 'VarHandleOp' ? operation : undefined;
}
