import type { Operation } from '../operation.js';
import { isBackEdge } from '../topological-order.js';

/**
 * Operations of version 1 conditionals and loop bodies, which may never run: what lies between a `Switch` and the `Merge` or `Exit`
 * that ends it.
 *
 * @param order In topological order.
 */
export function conditionalOperations(order: readonly Operation[]): ReadonlySet<Operation> {
  /** The number of switches around each operation that is within any. */
  const depths = new Map<Operation, number>();
  for (const operation of order) {
    const around = [
      ...operation.inputs.filter((input) => !isBackEdge(input.operation, operation)).map((input) => input.operation),
      ...operation.controlInputs,
    ].map((dependency) => depths.get(dependency) ?? 0);
    let depth = 0;
    for (const outer of around) depth = Math.max(depth, outer);
    const isLoop = operation.inputs.some((input) => isBackEdge(input.operation, operation));
    if (/^(Ref|_)?Switch/.test(operation.type)) depth += 1;
    else if (/^(Ref)?Exit$/.test(operation.type) || (/^(Ref)?Merge$/.test(operation.type) && !isLoop)) depth -= 1;
    if (depth > 0) depths.set(operation, depth);
  }
  return new Set(depths.keys());
}
