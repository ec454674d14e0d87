import { describe, expect, it } from '@jest/globals';
import { StringArray, Tensor } from '@tenon/tensor';
import fc from 'fast-check';
import { UninitializedError } from '../errors.js';
import { InvalidArgumentError } from './errors.js';
import { LookupTable } from './lookup-table.js';

const strings = (values: readonly string[]): Tensor => new Tensor('string', [values.length], StringArray.from(values));
const int64s = (values: readonly number[]): Tensor =>
  new Tensor('int64', [values.length], BigInt64Array.from(values, BigInt));
const scalar = (value: number): Tensor => new Tensor('int64', [], BigInt64Array.of(BigInt(value)));

function entries(table: LookupTable): Map<string, number> {
  const [keys, values] = table.export();
  const names = keys.data as StringArray;
  return new Map(Array.from(values.data as BigInt64Array, (value, i) => [names.decode(i), Number(value)]));
}

const key = fc.oneof(fc.constantFrom('', 'a', 'b', 'ab', 'é'), fc.integer({ min: 0, max: 400 }).map(String));
const entry = fc.tuple(key, fc.integer());
const change = fc.oneof(
  { weight: 3, arbitrary: fc.record({ insert: fc.array(entry, { maxLength: 60 }) }) },
  { weight: 2, arbitrary: fc.record({ remove: fc.array(key, { maxLength: 80 }) }) },
  { weight: 1, arbitrary: fc.record({ import: fc.array(entry, { maxLength: 20 }) }) },
);

describe('a lookup table', () => {
  it('holds what a Map would hold', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), fc.array(key), (changes, probes) => {
        const table = new LookupTable({
          name: 'words',
          keyDType: 'string',
          valueDType: 'int64',
          valueShape: [],
          isMutable: true,
        });
        let model = new Map<string, number>();
        for (const step of changes) {
          if ('insert' in step) {
            table.insert(strings(step.insert.map(([name]) => name)), int64s(step.insert.map(([, value]) => value)));
            for (const [name, value] of step.insert) model.set(name, value);
          } else if ('remove' in step) {
            table.remove(strings(step.remove));
            for (const name of step.remove) model.delete(name);
          } else {
            table.import(strings(step.import.map(([name]) => name)), int64s(step.import.map(([, value]) => value)));
            model = new Map(step.import);
          }
        }
        expect(table.size).toBe(model.size);
        expect(entries(table)).toEqual(model);
        const found = Array.from(table.find(strings(probes), scalar(-7)).data as BigInt64Array, Number);
        expect(found).toEqual(probes.map((probe) => model.get(probe) ?? -7));
      }),
      { numRuns: 300 },
    );
  });

  it('tells integers apart by all of their 64 bits', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })), (keys) => {
        const table = new LookupTable({
          name: 'ids',
          keyDType: 'int64',
          valueDType: 'int64',
          valueShape: [],
          isMutable: true,
        });
        const ids = new Tensor('int64', [keys.length], BigInt64Array.from(keys));
        table.insert(ids, ids);
        expect(Array.from(table.find(ids, scalar(0)).data as BigInt64Array)).toEqual(keys);
      }),
    );
  });

  it('refuses to be read before it is filled, and to be filled with something else', () => {
    const table = new LookupTable({
      name: 'words',
      keyDType: 'string',
      valueDType: 'int64',
      valueShape: [],
      isMutable: false,
    });
    expect(() => table.find(strings(['a']), scalar(0))).toThrow(UninitializedError);
    table.initialize(strings(['a', 'b']), int64s([1, 2]));
    table.initialize(strings(['a', 'b']), int64s([1, 2]));
    expect(() => table.initialize(strings(['a']), int64s([1]))).toThrow(InvalidArgumentError);
    expect(() => table.insert(strings(['c']), int64s([3]))).toThrow(InvalidArgumentError);
    expect(entries(table)).toEqual(
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
    );
  });
});
