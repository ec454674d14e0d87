import type { Graph, Operation } from '@tenon/graph';
import type { Variable } from './variable.js';

/** Where in a graph is being built now. */
interface BuildState {
  /** The name scope: `a/b`; empty outside of all. */
  nameScope: string;
  /** What names of variables begin with. */
  variableScope: string;
  /** Whether variables are shared, and not made. */
  reuse: boolean;
  /** Whether variables are made as resources. */
  useResource: boolean;
  /** In a variable scope that shares: how many layers without names were built in it, by what they are called after. */
  layers: Map<string, number>;
  controlInputs: readonly Operation[];
  /** As `setRandomSeed` set it. */
  seed: number | undefined;
  /** All that were made here, by name. */
  readonly variables: Map<string, Variable>;
}

const states = new WeakMap<Graph, BuildState>();

/** @internal */
export function stateOf(graph: Graph): BuildState {
  let state = states.get(graph);
  if (!state) {
    state = {
      nameScope: '',
      variableScope: '',
      reuse: false,
      useResource: true,
      layers: new Map(),
      controlInputs: [],
      seed: undefined,
      variables: new Map(),
    };
    states.set(graph, state);
  }
  return state;
}

/** @internal */
export function joinScopes(outer: string, name: string): string {
  return outer === '' ? name : `${outer}/${name}`;
}

function within<T>(graph: Graph, change: Partial<BuildState>, body: () => T): T {
  const state = stateOf(graph);
  const before = { ...state };
  Object.assign(state, change);
  try {
    return body();
  } finally {
    state.nameScope = before.nameScope;
    state.variableScope = before.variableScope;
    state.reuse = before.reuse;
    state.useResource = before.useResource;
    state.layers = before.layers;
    state.controlInputs = before.controlInputs;
  }
}

/**
 * Puts what `body` builds into a name scope: `dense`, or `dense_1`, … where that is taken. Scopes nest.
 *
 * @param body Builds before it returns; it cannot wait for anything.
 */
export function nameScope<T>(graph: Graph, name: string, body: (scope: string) => T): T {
  const scope = graph.uniqueScope(joinScopes(stateOf(graph).nameScope, name));
  return within(graph, { nameScope: scope }, () => body(scope));
}

/** The name scope that is being built in: `a/b`; empty outside of all. What `scope` of applying a module takes. */
export function currentNameScope(graph: Graph): string {
  return stateOf(graph).nameScope;
}

export interface VariableScopeOptions {
  /** Whether variables that the body asks for are there already and shared. Holds for scopes within, too. */
  readonly reuse?: boolean;
  /** What `useResource` of the variables made in it is where they do not say. Holds for scopes within, too. */
  readonly useResource?: boolean;
}

/**
 * Lets the names of variables that `body` makes begin with `name`, and puts what it builds into a name scope of that name. Unlike name
 * scopes, a variable scope that is entered again is the same one: the names of variables say what they are in checkpoints.
 *
 * @param body Builds before it returns; it cannot wait for anything.
 */
export function variableScope<T>(
  graph: Graph,
  name: string,
  body: () => T,
  { reuse = stateOf(graph).reuse, useResource = stateOf(graph).useResource }: VariableScopeOptions = {},
): T {
  const scope = joinScopes(stateOf(graph).variableScope, name);
  return nameScope(graph, name, () =>
    within(graph, { variableScope: scope, reuse, useResource, layers: new Map() }, body),
  );
}

/** A variable scope for one layer: of its own name, or of one that nothing has yet; where variables are shared, of the next one. */
export function layerScope<T>(graph: Graph, name: string | undefined, base: string, body: () => T): T {
  return variableScope(graph, name ?? layerName(graph, base), body);
}

function layerName(graph: Graph, base: string): string {
  const { variableScope: outer, reuse, layers } = stateOf(graph);
  if (!reuse) return graph.uniqueScope(joinScopes(outer, base)).slice(outer === '' ? 0 : outer.length + 1);
  // Layers come in the order in which they were made, and had these names then.
  const count = layers.get(base) ?? 0;
  layers.set(base, count + 1);
  return count === 0 ? base : `${base}_${count}`;
}

/** Makes everything that `body` builds run after `operations`. */
export function controlDependencies<T>(graph: Graph, operations: readonly Operation[], body: () => T): T {
  const { controlInputs } = stateOf(graph);
  return within(graph, { controlInputs: [...controlInputs, ...operations] }, body);
}

/** @internal Lets what `body` builds wait for nothing that was said before. */
export function withoutControlInputs<T>(graph: Graph, body: () => T): T {
  return within(graph, { controlInputs: [] }, body);
}

/**
 * Makes random operations that are built from now on, and have no seed of their own, give the same numbers in every session. Each gives
 * others than the rest: its own seed follows from where in the graph it is.
 */
export function setRandomSeed(graph: Graph, seed: number): void {
  stateOf(graph).seed = seed;
}

/** TensorFlow's own, for operations that have a seed in graphs that have none. */
const DEFAULT_GRAPH_SEED = 87654321;

/** The two seeds of a random operation, as TensorFlow chooses them. Both zero: other numbers in every session. */
export function seedsFor(graph: Graph, seed: number | undefined): { seed: number; seed2: number } {
  const { seed: graphSeed } = stateOf(graph);
  if (graphSeed === undefined && seed === undefined) return { seed: 0, seed2: 0 };
  const seeds = { seed: graphSeed ?? DEFAULT_GRAPH_SEED, seed2: seed ?? graph.size };
  return seeds.seed === 0 && seeds.seed2 === 0 ? { seed: 0, seed2: 2 ** 31 - 1 } : seeds;
}
