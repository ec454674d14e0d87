import type { SymbolicTensor } from '../operation.js';

/** Conditions that all have to hold: which value each predicate has to have. There is one object for each set, so they compare by `===`. */
export interface ConditionSet {
  readonly conditions: ReadonlyMap<SymbolicTensor, boolean>;
  readonly id: number;
}

/** Makes sets of conditions. */
export class ConditionSets {
  private readonly known = new Map<string, ConditionSet>();
  private readonly unions = new Map<string, ConditionSet>();
  private readonly predicateIds = new Map<SymbolicTensor, number>();

  /** Always holds. */
  readonly always = this.intern(new Map());
  /** Cannot hold: it asks a predicate to be true and false. */
  readonly never: ConditionSet = { conditions: new Map(), id: -1 };

  /** What holds when both hold. */
  union(left: ConditionSet, right: ConditionSet): ConditionSet {
    if (left === right || right === this.always) return left;
    if (left === this.always) return right;
    if (left === this.never || right === this.never) return this.never;
    const key = `${left.id} ${right.id}`;
    let union = this.unions.get(key);
    if (!union) {
      union = this.unite(left, right);
      this.unions.set(key, union);
    }
    return union;
  }

  with(set: ConditionSet, predicate: SymbolicTensor, value: boolean): ConditionSet {
    return this.union(set, this.intern(new Map([[predicate, value]])));
  }

  without(set: ConditionSet, predicate: SymbolicTensor): ConditionSet {
    return this.intern(new Map([...set.conditions].filter(([candidate]) => candidate !== predicate)));
  }

  /** Whether `outer` holds whenever `inner` does. */
  isWithin(inner: ConditionSet, outer: ConditionSet): boolean {
    if (inner === outer || inner === this.never || outer === this.always) return true;
    if (outer === this.never || outer.conditions.size > inner.conditions.size) return false;
    for (const [predicate, value] of outer.conditions) if (inner.conditions.get(predicate) !== value) return false;
    return true;
  }

  private unite(left: ConditionSet, right: ConditionSet): ConditionSet {
    const united = new Map(left.conditions);
    for (const [predicate, value] of right.conditions) {
      if (united.has(predicate) && united.get(predicate) !== value) return this.never;
      united.set(predicate, value);
    }
    return this.intern(united);
  }

  private intern(conditions: Map<SymbolicTensor, boolean>): ConditionSet {
    const key = [...conditions]
      .map(([predicate, value]) => this.idOf(predicate) * 2 + (value ? 1 : 0))
      .sort((left, right) => left - right)
      .join(' ');
    let set = this.known.get(key);
    if (!set) {
      set = { conditions, id: this.known.size };
      this.known.set(key, set);
    }
    return set;
  }

  private idOf(predicate: SymbolicTensor): number {
    let id = this.predicateIds.get(predicate);
    if (id === undefined) {
      id = this.predicateIds.size;
      this.predicateIds.set(predicate, id);
    }
    return id;
  }
}
