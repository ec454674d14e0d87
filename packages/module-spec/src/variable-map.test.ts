import { describe, expect, it } from '@jest/globals';
import type { Operation } from '@tenon/graph';
import { PartitionError } from './errors.js';
import type { ModuleVariable } from './module-graph.js';
import { variableMapOf } from './variable-map.js';

const variable = (name: string, offset?: number[]): ModuleVariable => ({
  name,
  key: name,
  operation: {} as Operation,
  dtype: 'float32',
  shape: [2],
  trainable: true,
  ...(offset && { part: { fullName: 'x', fullShape: [6], offset, shape: [2] } }),
});

describe('variableMapOf', () => {
  it('lists the parts of a variable in the order in which they make it up', () => {
    const map = variableMapOf([
      variable('x/part_0', [4]),
      variable('x/part_1', [0]),
      variable('y'),
      variable('x/part_2', [2]),
    ]);
    expect([...map.keys()].sort()).toEqual(['x', 'y']);
    expect((map.get('x') as ModuleVariable[]).map(({ name }) => name)).toEqual(['x/part_1', 'x/part_2', 'x/part_0']);
  });

  it('refuses parts at the same place, and a whole beside parts', () => {
    expect(() => variableMapOf([variable('x/part_0', [0]), variable('x/part_1', [0])])).toThrow(PartitionError);
    expect(() => variableMapOf([variable('x/part_0', [0]), variable('x')])).toThrow(/also a variable of that name/);
  });
});
