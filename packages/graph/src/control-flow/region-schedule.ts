import { ControlFlowError } from '../errors.js';
import type { Operation, SymbolicTensor } from '../operation.js';
import type { Loop } from './loops.js';
import type { Content, Item } from './region.js';

/** Items that become one operation: one item, or the sides of one condition. */
export type Batch = readonly Item[];

/** Items that have to go together, because they share something that must not run twice. */
interface Unit {
  readonly items: Item[];
  waitsFor: number;
  readonly awaitedBy: Unit[];
}

/**
 * Puts what a region does in an order, each after what it needs, and gathers what depends on the same condition: as much at a time as
 * can be computed at that time. Conditions that are apart in the program, such as those that every layer puts on the same flag, stay apart.
 *
 * @param subjectOf What produces a tensor.
 * @throws ControlFlowError
 */
export function schedule({ items }: Content, subjectOf: (tensor: SymbolicTensor) => Operation | Loop): Batch[] {
  const units = formUnits(items.values());
  for (const unit of new Set(units.values())) {
    const needed = new Set<Unit>();
    for (const item of unit.items) {
      for (const subject of [...item.tensors.map(subjectOf), ...item.controls]) {
        const other = units.get(subject);
        if (other) needed.add(other);
      }
    }
    unit.waitsFor = needed.size;
    for (const other of needed) other.awaitedBy.push(unit);
  }

  const batches: Batch[] = [];
  const ready: Unit[] = [];
  let conditional: Unit[] = [];
  let left = 0;
  const release = (unit: Unit) => (unit.items[0]!.condition ? conditional : ready).push(unit);
  const done = (unit: Unit) => {
    left -= 1;
    for (const other of unit.awaitedBy) if (--other.waitsFor === 0) release(other);
  };
  for (const unit of new Set(units.values())) {
    left += 1;
    if (unit.waitsFor === 0) release(unit);
  }
  while (ready.length > 0 || conditional.length > 0) {
    // In the order of release; a queue whose head moves, because shifting an array takes time in proportion to its length.
    for (let head = 0; head < ready.length; head++) {
      batches.push(ready[head]!.items);
      done(ready[head]!);
    }
    ready.length = 0;
    const predicate = conditional[0]?.items[0]!.condition?.predicate;
    if (!predicate) continue;
    const chosen = conditional.filter(({ items: [first] }) => first!.condition!.predicate === predicate);
    conditional = conditional.filter((unit) => !chosen.includes(unit));
    batches.push(chosen.flatMap((unit) => unit.items));
    chosen.forEach(done);
  }
  if (left > 0) {
    const stuck = [...new Set(units.values())].filter(({ waitsFor }) => waitsFor > 0).flatMap((unit) => unit.items);
    throw new ControlFlowError(
      'Conditions share operations that must not run twice, and each needs the other first',
      stuck.filter(({ condition }) => condition).map(({ subject }) => subject.name),
    );
  }
  return batches;
}

function formUnits(items: Iterable<Item>): Map<Operation | Loop, Unit> {
  const units = new Map<Operation | Loop, Unit>();
  const owners = new Map<Operation, Unit>();
  for (const item of items) {
    let unit: Unit = { items: [item], waitsFor: 0, awaitedBy: [] };
    for (const shared of item.condition?.unrepeatable ?? []) {
      const owner = owners.get(shared);
      if (owner && owner !== unit) unit = join(owner, unit, units, owners);
    }
    for (const { subject, condition } of unit.items) {
      units.set(subject, unit);
      for (const shared of condition?.unrepeatable ?? []) owners.set(shared, unit);
    }
  }
  return units;
}

function join(left: Unit, right: Unit, units: Map<Operation | Loop, Unit>, owners: Map<Operation, Unit>): Unit {
  if (left.items[0]!.condition!.predicate !== right.items[0]!.condition!.predicate) {
    const subjects = [...left.items, ...right.items].map(({ subject }) => subject.name);
    throw new ControlFlowError('Different conditions share an operation that must not run twice', subjects);
  }
  const [kept, dropped] = left.items.length >= right.items.length ? [left, right] : [right, left];
  for (const item of dropped.items) {
    kept.items.push(item);
    units.set(item.subject, kept);
    for (const shared of item.condition?.unrepeatable ?? []) owners.set(shared, kept);
  }
  return kept;
}
