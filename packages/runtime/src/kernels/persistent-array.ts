/** What to do to the items of a newer version to have those of this one. */
interface Undo<T> {
  readonly index: number;
  readonly value: T | undefined;
  readonly length: number;
}

/**
 * An array whose every version stays as it was, though a change takes constant time.
 *
 * The newest version has the items; an older one only knows how it differs from the next newer one. Reading an older version moves the
 * items there, so that a loop which always goes on from its latest version, as loops do, never copies.
 */
export class PersistentArray<T> {
  private items: T[] | undefined;
  private newer: PersistentArray<T> | undefined;
  private undo: Undo<T> | undefined;

  /** @param items Are kept, and must not be used any more. */
  constructor(items: T[]) {
    this.items = items;
  }

  get length(): number {
    return this.own().length;
  }

  get(index: number): T | undefined {
    return this.own()[index];
  }

  /** The items; not to be changed, and to be read before anything else is done to any version. */
  values(): readonly T[] {
    return this.own();
  }

  /** This array with another value at `index`, or one more if that is its length. */
  set(index: number, value: T): PersistentArray<T> {
    return this.change(index, Math.max(this.length, index + 1), value);
  }

  /** This array without its last value. */
  pop(): PersistentArray<T> {
    const last = this.length - 1;
    return this.change(last, last, undefined);
  }

  private change(index: number, length: number, value: T | undefined): PersistentArray<T> {
    const items = this.own();
    this.undo = { index, value: items[index], length: items.length };
    items.length = length;
    if (index < length) items[index] = value as T;
    this.items = undefined;
    this.newer = new PersistentArray(items);
    return this.newer;
  }

  /** Brings the items to this version. */
  private own(): T[] {
    if (this.items) return this.items;
    const chain: PersistentArray<T>[] = [this];
    let holder = this.newer!;
    while (!holder.items) {
      chain.push(holder);
      holder = holder.newer!;
    }
    const { items } = holder;
    for (let version = chain.pop(); version; version = chain.pop()) {
      const { index, value, length } = version.undo!;
      holder.undo = { index, value: items[index], length: items.length };
      holder.newer = version;
      holder.items = undefined;
      items.length = length;
      if (index < length) items[index] = value as T;
      version.items = items;
      version.undo = undefined;
      version.newer = undefined;
      holder = version;
    }
    return items;
  }
}
