import type { Graph, Operation } from '@tenon/graph';
import { isShared } from './program-state.js';
import { writtenVariables } from './written-variables.js';

/** Ops that look at a table and leave it as it is. */
const TABLE_READERS = /^LookupTable(Find|Size|Export)(V2)?$/;

/**
 * The variables and tables that running operations of a graph may change.
 *
 * @param running Only what these need is looked at.
 */
export function changedState(graph: Graph, running: ReadonlySet<Operation>): ReadonlySet<Operation> {
  const changed = new Set<Operation>();
  const inOrder = Array.from(graph.operations).filter((operation) => running.has(operation));
  const written = writtenVariables(graph, inOrder);
  const handles = new Map<Operation, Operation>();
  for (const operation of inOrder) {
    if (isShared(operation)) {
      handles.set(operation, operation);
      if (operation.type === 'VarHandleOp' && written.has(operation)) changed.add(operation);
      continue;
    }
    operation.inputs.forEach((input, index) => {
      const state = handles.get(input.operation);
      if (!state || state.type === 'VarHandleOp') return;
      if (operation.type === 'Identity' || operation.type === 'RefIdentity') {
        if (operation.outputs[0]!.isReference || operation.outputs[0]!.dtype === 'resource')
          handles.set(operation, state);
      } else if (
        state.type.startsWith('Mutable') ? !TABLE_READERS.test(operation.type) : takesReference(operation, index)
      )
        changed.add(state);
    });
  }
  return changed;
}

/** Whether an operation takes a reference to a variable, through which it can change it, and not its value. */
function takesReference({ definition, inputs }: Operation, index: number): boolean {
  // Lists shift the places of what comes after them; they do not take references to variables that anything changes.
  const argument = definition.inputs.length === inputs.length ? definition.inputs[index] : undefined;
  return argument ? argument.isReference : definition.inputs.some(({ isReference }) => isReference);
}
