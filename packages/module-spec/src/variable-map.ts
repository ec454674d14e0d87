import type { Operation } from '@tenon/graph';
import type { DType, PartialShape } from '@tenon/tensor';
import { PartitionError } from './errors.js';
import type { ModuleVariable } from './module-graph.js';

/** A variable, or the parts of a partitioned one in the order in which they make it up. */
export type VariableOrParts<V = ModuleVariable> = V | readonly V[];

interface Variable {
  readonly name: string;
  readonly operation: Operation;
  readonly dtype: DType;
  readonly shape: PartialShape;
  readonly part?: ModuleVariable['part'];
}

/**
 * The variables of a module by their names in it; parts of a partitioned one (`x/part_0`, `x/part_1`) as one list under `x`, ordered by
 * where they begin (TF1 Hub contract, Instantiation).
 *
 * @throws PartitionError if two parts begin at the same place, if their shapes do not fit, or if there is also a variable of that name.
 */
export function variableMapOf<V extends Variable>(variables: readonly V[]): ReadonlyMap<string, VariableOrParts<V>> {
  const single = new Map<string, V>();
  const parts = new Map<string, V[]>();
  for (const variable of variables) {
    if (!variable.part) single.set(variable.name, variable);
    else {
      const whole = variable.name.slice(0, variable.name.lastIndexOf('/'));
      parts.set(whole, [...(parts.get(whole) ?? []), variable]);
    }
  }
  const map = new Map<string, VariableOrParts<V>>(single);
  for (const [name, list] of parts) {
    if (single.has(name))
      throw new PartitionError(name, 'there is also a variable of that name which is not in parts.');
    map.set(name, sortParts(name, list));
  }
  return map;
}

function sortParts<V extends Variable>(name: string, parts: readonly V[]): readonly V[] {
  const sorted = [...parts].sort((left, right) => compare(left.part!.offset, right.part!.offset));
  const [first] = sorted;
  for (const [index, { part, dtype }] of sorted.entries()) {
    if (index > 0 && part!.offset.join() === sorted[index - 1]!.part!.offset.join()) {
      throw new PartitionError(name, `two of them begin at [${part!.offset.join(', ')}].`);
    }
    if (dtype !== first!.dtype || part!.fullShape.join() !== first!.part!.fullShape.join()) {
      throw new PartitionError(name, 'they are of different data types, or of wholes of different shapes.');
    }
  }
  return sorted;
}

function compare(left: readonly number[], right: readonly number[]): number {
  const axis = left.findIndex((start, index) => start !== right[index]);
  return axis < 0 ? 0 : left[axis]! - (right[axis] ?? 0);
}
