import type { Operation, SymbolicTensor } from '@tenon/graph';

/**
 * The operations in the collection `update_ops` that need nothing fed that a loss does not need: those of modules that were applied to
 * other inputs would fail.
 */
export function computableUpdates(loss: SymbolicTensor): Operation[] {
  const { graph } = loss;
  const fed = placeholdersOf([loss.operation]);
  const updates = new Set(
    (graph.collections.get('update_ops') ?? []).map((member) => ('operation' in member ? member.operation : member)),
  );
  return [...updates].filter((update) => [...placeholdersOf([update])].every((placeholder) => fed.has(placeholder)));
}

function placeholdersOf(operations: readonly Operation[]): Set<Operation> {
  const seen = new Set<Operation>(operations);
  const placeholders = new Set<Operation>();
  // A set goes on to what is added to it while it is gone through.
  for (const operation of seen) {
    if (operation.type === 'Placeholder') placeholders.add(operation);
    for (const input of operation.inputs) seen.add(input.operation);
    for (const control of operation.controlInputs) seen.add(control);
  }
  return placeholders;
}
