import type { Operation, SymbolicTensor } from '@tenon/graph';

/**
 * Whether running `update` needs nothing but what is fed. TensorFlow Hub adds all update ops of a variant on each application, and those
 * of other signatures then fail for want of inputs; its documentation promises only those that depend on the inputs given.
 */
export function isComputable(update: Operation | SymbolicTensor, fed: ReadonlySet<SymbolicTensor>): boolean {
  const seen = new Set<Operation>();
  const pending = ['operation' in update ? update.operation : update];
  for (let operation = pending.pop(); operation; operation = pending.pop()) {
    if (seen.has(operation)) continue;
    seen.add(operation);
    if (operation.type === 'Placeholder' && !fed.has(operation.output())) return false;
    for (const input of operation.inputs) if (!fed.has(input)) pending.push(input.operation);
    for (const control of operation.controlInputs) pending.push(control);
  }
  return true;
}
