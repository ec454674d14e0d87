import { formatShape, sizeOf, type DType, type Shape, type Tensor } from '@tenon/tensor';
import { UninitializedError } from '../errors.js';
import { InvalidArgumentError } from './errors.js';
import { IntegerKeys, StringKeys, type TableKeys } from './table-keys.js';
import { takeRows } from './search.js';
import { makeTableValues, type TableValues } from './table-values.js';

/** What `Resources` calls tables. */
export const TABLE = 'table';

export interface LookupTableOptions {
  /** As it is named in messages. */
  readonly name: string;
  readonly keyDType: DType;
  readonly valueDType: DType;
  /** Of one value. */
  readonly valueShape: Shape;
  /** Whether programs may insert and remove; else the table is filled once. */
  readonly isMutable: boolean;
}

/** A lookup table of a session: TensorFlow's `HashTable` and its mutable kin. */
export class LookupTable {
  private keys: TableKeys;
  private values: TableValues;
  private isInitialized: boolean;
  /** Keys that may not be used: the two that a dense table sets aside. */
  private forbidden: TableKeys | undefined;

  constructor(readonly options: LookupTableOptions) {
    this.keys = makeKeys(options.keyDType);
    this.values = makeTableValues(options.valueDType, options.valueShape);
    this.isInitialized = options.isMutable;
  }

  /** The number of entries; 0 before it was filled. */
  get size(): number {
    return this.keys.size;
  }

  /** Sets keys aside: neither sought nor inserted may they be. */
  forbid(keys: Tensor): void {
    this.forbidden ??= this.keys.none();
    this.forbidden.add(keys);
  }

  /**
   * Fills a table that is filled once. Doing so again with as many entries changes nothing, as in TensorFlow.
   *
   * @throws InvalidArgumentError if it holds another number of entries already, or a key comes twice with different values.
   */
  initialize(keys: Tensor, values: Tensor): void {
    const { name } = this.options;
    this.checkEntries(keys, values);
    if (keys.rank !== 1 || keys.size === 0) {
      throw new InvalidArgumentError(
        `Table "${name}" must be filled with a vector of keys; it was given ${formatShape(keys.shape)}.`,
      );
    }
    if (this.isInitialized) {
      if (keys.data.length === this.keys.size) return;
      throw new InvalidArgumentError(
        `Table "${name}" was filled before, with ${this.keys.size} entries; it cannot be filled again with ${keys.data.length} other ones.`,
      );
    }
    const entries = makeKeys(this.options.keyDType, keys.data.length);
    const stored = makeTableValues(this.options.valueDType, this.options.valueShape);
    const numbers = entries.add(keys);
    stored.set(numbers, values);
    if (entries.size < numbers.length) {
      numbers.forEach((number, row) => {
        if (stored.equals(number, values, row)) return;
        throw new InvalidArgumentError(`Table "${name}" has different values for the same key, that of entry ${row}.`);
      });
    }
    this.keys = entries;
    this.values = stored;
    this.isInitialized = true;
  }

  /** The value of each of `keys`, and `missing`, or its row for that key, where there is none. */
  find(keys: Tensor, missing: Tensor): Tensor {
    this.requireInitialized();
    const { valueDType, valueShape } = this.options;
    if (missing.dtype !== valueDType)
      throw new InvalidArgumentError(`The table's values are ${valueDType}; the default is ${missing.dtype}.`);
    const shape = [...keys.shape, ...valueShape];
    if (missing.size !== sizeOf(valueShape) && missing.size !== sizeOf(shape)) {
      throw new InvalidArgumentError(
        `The default has shape ${formatShape(missing.shape)}; it must be that of a value, ${formatShape(valueShape)}, or of all, ${formatShape(shape)}.`,
      );
    }
    this.checkAllowed(keys);
    return this.values.get(this.keys.find(keys), shape, missing);
  }

  /** Puts values under keys; the last one wins where a key comes twice. */
  insert(keys: Tensor, values: Tensor): void {
    this.requireMutable();
    this.checkEntries(keys, values);
    this.checkAllowed(keys);
    this.values.set(this.keys.add(keys), values);
  }

  remove(keys: Tensor): void {
    this.requireMutable();
    this.checkAllowed(keys);
    for (const number of this.keys.find(keys)) if (number >= 0) this.keys.remove(number);
    if (!this.keys.isSparse) return;
    const [left, values] = this.export();
    this.clear();
    this.insert(left, values);
  }

  /** Replaces everything by these entries; fills a table that is filled once, which is how TensorFlow 2 fills those. */
  import(keys: Tensor, values: Tensor): void {
    if (!this.options.isMutable) return this.initialize(keys, values);
    if (this.forbidden) [keys, values] = this.withoutEmptyBuckets(keys, values, this.forbidden);
    this.checkEntries(keys, values);
    this.checkAllowed(keys);
    this.clear();
    this.insert(keys, values);
  }

  /** A dense table is saved with its empty buckets, and scalars in them as vectors of one element. */
  private withoutEmptyBuckets(keys: Tensor, values: Tensor, forbidden: TableKeys): readonly [Tensor, Tensor] {
    const count = keys.shape[0] ?? 0;
    const { valueShape } = this.options;
    if (keys.size !== count || values.size !== count * sizeOf(valueShape)) return [keys, values];
    const used: number[] = [];
    forbidden.find(keys).forEach((number, row) => {
      if (number < 0) used.push(row);
    });
    return [takeRows(keys.reshape([count]), used, 0), takeRows(values.reshape([count, ...valueShape]), used, 0)];
  }

  /** All keys, as a vector, and their values. */
  export(): readonly [keys: Tensor, values: Tensor] {
    this.requireInitialized();
    const numbers = this.keys.numbers();
    const values = this.values.get(numbers, [numbers.length, ...this.options.valueShape], undefined);
    return [this.keys.list(numbers), values];
  }

  private clear(): void {
    this.keys = this.keys.none();
    this.values = makeTableValues(this.options.valueDType, this.options.valueShape);
  }

  private requireInitialized(): void {
    if (!this.isInitialized) throw new UninitializedError(this.options.name);
  }

  private requireMutable(): void {
    if (!this.options.isMutable)
      throw new InvalidArgumentError(`Table "${this.options.name}" is filled once and cannot be changed.`);
  }

  private checkEntries(keys: Tensor, values: Tensor): void {
    const { name, valueDType, valueShape } = this.options;
    const shape = [...keys.shape, ...valueShape];
    if (
      values.dtype === valueDType &&
      shape.length === values.rank &&
      shape.every((size, axis) => size === values.shape[axis])
    )
      return;
    throw new InvalidArgumentError(
      `Table "${name}" needs ${valueDType} values of shape ${formatShape(shape)} for these keys; ` +
        `it was given ${values.dtype} of shape ${formatShape(values.shape)}.`,
    );
  }

  private checkAllowed(keys: Tensor): void {
    if (this.forbidden?.find(keys).some((number) => number >= 0)) {
      throw new InvalidArgumentError(
        `Table "${this.options.name}" sets aside its empty and its deleted key; they cannot be used.`,
      );
    }
  }
}

function makeKeys(dtype: DType, capacity?: number): TableKeys {
  if (dtype === 'string') return new StringKeys(capacity);
  if (dtype === 'int32' || dtype === 'int64') return new IntegerKeys(dtype, capacity);
  throw new InvalidArgumentError(`A lookup table cannot have ${dtype} keys.`);
}
