import type { Backend, Program, UnsupportedOperation } from '@tenon/backend';
import { inlineFunctions, Operation, prune, SymbolicTensor, type Graph, type Initializer } from '@tenon/graph';
import { changedState } from './changed-state.js';
import { MissingFeedError } from './errors.js';
import type { FileAccess } from './kernel.js';
import type { Access } from './permissions.js';
import { findProgramAccesses } from './program-accesses.js';
import { isShared } from './program-state.js';
import { calledFunctions } from './written-variables.js';

/** What fetches need, as a whole, and what a session has to know of it. */
export interface PlannedProgram {
  readonly program: Program;
  /** How each state operation gets its first value: by a value, or by one of the program's initializers. */
  readonly initializers: ReadonlyMap<Operation, readonly Initializer[]>;
  /** The state that running an initializer needs. */
  readonly needs: ReadonlyMap<Operation, readonly Operation[]>;
  /** State that a run may change. */
  readonly changed: ReadonlySet<Operation>;
  readonly accesses: readonly Access[];
  readonly unsupported: readonly UnsupportedOperation[];
}

/** What to compute. */
export interface ProgramRequest {
  readonly graph: Graph;
  readonly fetches: readonly (SymbolicTensor | Operation)[];
  readonly feeds: readonly SymbolicTensor[];
}

/**
 * Cuts out of a graph what fetches need, with what gives its state first values, functions inlined.
 *
 * @throws MissingFeedError, InvalidGraphError, RecursiveFunctionError
 */
export function planProgram(request: ProgramRequest, backend: Backend, files: FileAccess): PlannedProgram {
  const { graph, fetches, feeds } = request;
  const initializing = findInitializers(request);
  const pruned = prune(graph, [...fetches, ...initializing], feeds);
  const inlined = inlineFunctions(pruned.graph);
  const become = <T extends SymbolicTensor | Operation>(item: T): T =>
    (item instanceof SymbolicTensor
      ? inlined.tensor(pruned.tensor(item))
      : inlined.operation(pruned.operation(item))) as T;
  const whole = inlined.graph;

  const initializers = new Map<Operation, Initializer[]>();
  // Before calls are inlined: some of them make tables.
  for (const { name, type } of pruned.graph.operations) {
    const original = graph.operation(name);
    const found = original && graph.initializers.get(original);
    if (!found || original.type !== type) continue;
    const list = found.map((one) => ('value' in one ? one : { operation: become(one.operation) }));
    initializers.set(become(original), list);
  }
  const outputs = fetches.filter((fetch) => fetch instanceof SymbolicTensor).map(become);
  const targets = [
    ...fetches.filter((fetch) => fetch instanceof Operation).map(become),
    // What the calls in initializers do is no part of a run.
    ...sideEffectsOf(request).flatMap((name) => whole.operation(name) ?? []),
  ];
  const running = reach([...outputs.map(({ operation }) => operation), ...targets]);
  const fed = new Set(feeds.map((feed) => become(feed).operation));
  const missing = [...running].filter((operation) => operation.type === 'Placeholder' && !fed.has(operation));
  if (missing.length > 0) throw new MissingFeedError(missing.map(({ name }) => name));

  const bodies = bodiesOf(whole);
  const { accesses, files: read } = findProgramAccesses(whole, bodies, files);
  const operations = [whole, ...bodies].flatMap((at) => [...at.operations]);
  const alone = [...new Set(initializing.map(become))];
  const changed = changedState(whole, running);
  return {
    program: {
      graph: whole,
      inputs: feeds.map(become),
      outputs,
      targets,
      initializers: alone,
      state: [...whole.operations].filter(isShared),
      files: read,
    },
    initializers,
    needs: new Map(
      alone.map((operation) => [operation, [...reach([operation])].filter((one) => isStateOf(one, initializers))]),
    ),
    changed,
    accesses,
    unsupported: operations
      .filter((operation) => !backend.supports(operation))
      .map(({ type, name }) => ({ type, operation: name })),
  };
}

function isStateOf(operation: Operation, initializers: ReadonlyMap<Operation, unknown>): boolean {
  return isShared(operation) || initializers.has(operation);
}

/** The operations that initialise what the fetches need, and what those need in turn. */
function findInitializers({ graph, fetches, feeds }: ProgramRequest): Operation[] {
  const found = new Set<Operation>();
  for (let before = -1; before < found.size;) {
    before = found.size;
    const { graph: needed } = prune(graph, [...fetches, ...found], feeds);
    for (const { name } of needed.operations) {
      const original = graph.operation(name);
      for (const initializer of (original && graph.initializers.get(original)) ?? [])
        if ('operation' in initializer) found.add(initializer.operation);
    }
  }
  return [...found];
}

/** The names of the operations that must run because what the fetches call would have run them. */
function sideEffectsOf({ graph, fetches, feeds }: ProgramRequest): string[] {
  return inlineFunctions(prune(graph, fetches, feeds).graph).sideEffects.map(({ name }) => name);
}

function reach(roots: Iterable<Operation>): Set<Operation> {
  const reached = new Set(roots);
  for (const { inputs, controlInputs } of reached) {
    for (const { operation } of inputs) reached.add(operation);
    for (const operation of controlInputs) reached.add(operation);
  }
  return reached;
}

/** The functions that operations take, and those that these take or call. */
function bodiesOf(graph: Graph): Graph[] {
  const bodies: Graph[] = [];
  const seen = new Set<string>();
  visit(graph);
  for (let next = 0; next < bodies.length; next++) visit(bodies[next]!);
  return bodies;

  function visit(at: Graph): void {
    for (const operation of at.operations) {
      const { type, attributes } = operation;
      const called = at.functions.find(type) ? [{ name: type, attributes }] : [];
      for (const reference of [...calledFunctions(operation), ...called]) {
        // The gradient of a function may be one, which whoever asks for the gradient calls.
        for (const name of [reference.name, at.functions.gradients.get(reference.name)]) {
          const entry = name === undefined ? undefined : at.functions.find(name);
          if (!entry || seen.has(entry.name)) continue;
          seen.add(entry.name);
          bodies.push(entry.instantiate(reference.attributes).graph);
        }
      }
    }
  }
}
