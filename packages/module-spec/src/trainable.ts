import type { Operation, SymbolicTensor } from '@tenon/graph';
import { Collections } from './collections.js';
import { NothingTrainableError, TrainablePatternError } from './errors.js';
import type { ModuleGraph, ModuleVariable } from './module-graph.js';
import { trace } from './trace-calls.js';

/** Which variables of a module training may change: all, none, or those whose names match. */
export type TrainablePattern = boolean | RegExp | ((variableName: string) => boolean);

type Member = Operation | SymbolicTensor;

/** What of a module training may change, and what of its graph that brings with it. */
export interface TrainablePart {
  /** Members of the collection of trainable variables. */
  readonly variables: readonly Member[];
  /** Regularization losses of those variables. */
  readonly losses: readonly Member[];
  /** Update ops of the variables that match, trainable or not: the averages of batch normalisation are not. */
  readonly updates: readonly Member[];
  includes(variable: ModuleVariable): boolean;
}

const NOTHING: TrainablePart = { variables: [], losses: [], updates: [], includes: () => false };

/**
 * Finds what of a module is trained: of its trainable variables those whose names match, of its regularization losses those that depend on
 * one of them, of its update ops those that change a variable which matches, or none of the module's.
 *
 * A variable is called what `variableMap` calls it; one in parts has the name of the whole.
 *
 * @throws NothingTrainableError if a pattern matches no trainable variable.
 */
export function trainablePart(module: ModuleGraph, pattern: TrainablePattern): TrainablePart {
  if (pattern === false) return NOTHING;
  const { collections } = module.graph;
  const members = (name: string): readonly Member[] => collections.get(name) ?? [];
  const own = module.variables.filter(({ trainable }) => trainable).map(({ operation }) => operation);
  // The objects of a TF2 SavedModel say what is trainable, and no collection.
  const listed = collections.has(Collections.trainableVariables) ? members(Collections.trainableVariables) : own;
  const losses = members(Collections.regularizationLosses);
  const updates = members(Collections.updateOps);
  if (pattern === true) return { variables: listed, losses, updates, includes: () => true };

  const matches = matcher(pattern);
  const matching = new Set(
    module.variables.filter((variable) => matches(nameOf(variable))).map(({ operation }) => operation),
  );
  const variables = listed.filter((member) => matching.has(operationOf(member)));
  if (variables.length === 0) {
    const available = module.variables.filter(({ trainable }) => trainable).map(nameOf);
    throw new NothingTrainableError(String(pattern), [...new Set(available)]);
  }
  const trained = new Set(variables.map(operationOf));
  const all = new Set(module.variables.map(({ operation }) => operation));
  return {
    variables,
    losses: losses.filter((loss) => dependsOn(operationOf(loss), trained)),
    updates: updates.filter((update) => {
      const written = writtenBy(operationOf(update), all);
      return written.size === 0 || [...written].some((variable) => matching.has(variable));
    }),
    includes: ({ operation }) => matching.has(operation),
  };
}

function matcher(pattern: RegExp | ((name: string) => boolean)): (name: string) => boolean {
  if (typeof pattern === 'function') {
    return (name) => {
      const matches: unknown = pattern(name);
      if (typeof matches !== 'boolean') throw new TrainablePatternError(matches, `what it gives for "${name}"`);
      return matches;
    };
  }
  if (!(pattern instanceof RegExp)) throw new TrainablePatternError(pattern, 'trainable');
  // One that is global or sticky remembers where it was.
  const stateless = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''));
  return (name) => stateless.test(name);
}

function nameOf({ name, part }: ModuleVariable): string {
  return part ? name.slice(0, Math.max(0, name.lastIndexOf('/'))) : name;
}

export function operationOf(member: Member): Operation {
  return 'operation' in member ? member.operation : member;
}

export function dependsOn(root: Operation, variables: ReadonlySet<Operation>): boolean {
  const seen = new Set([root]);
  // A set goes on to what is added to it while it is gone through.
  for (const operation of seen) {
    if (variables.has(operation)) return true;
    for (const input of operation.inputs) seen.add(input.operation);
  }
  return false;
}

/** The variables that running an update op changes; what it waits for, other updates among it, is looked into up to what writes. */
function writtenBy(update: Operation, variables: ReadonlySet<Operation>): Set<Operation> {
  const written = new Set<Operation>();
  const seen = new Set([update]);
  for (const operation of seen) {
    const variable = writes(operation) && variableBehind(operation.inputs[0]!);
    if (variable && variables.has(variable)) {
      written.add(variable);
      continue;
    }
    for (const input of operation.inputs) seen.add(input.operation);
    for (const control of operation.controlInputs) seen.add(control);
  }
  return written;
}

/** Whether the first thing an operation takes is what it changes: `AssignSubVariableOp`, `ResourceScatterAdd`, `ScatterUpdate`, … */
function writes({ type, inputs }: Operation): boolean {
  return inputs.length > 0 && /^(Resource)?(Assign|Scatter|StridedSliceAssign|Apply|SparseApply)/.test(type);
}

function variableBehind(handle: SymbolicTensor): Operation {
  return trace({ tensor: handle, frame: { depth: 0 } }).tensor.operation;
}
