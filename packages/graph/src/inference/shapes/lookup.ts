import type { PartialShape } from '@tenon/tensor';
import { concatenate } from '../partial-shape.js';
import { forAll, scalarOutput, type ShapeContext, type ShapeFunctions } from '../shape-context.js';

/** Lookup tables. */
export const LOOKUP: ShapeFunctions = {
  ...forAll(
    [
      'HashTableV2',
      'MutableHashTableV2',
      'MutableHashTableOfTensorsV2',
      'MutableDenseHashTableV2',
      'AnonymousHashTable',
      'AnonymousMutableHashTable',
      'AnonymousMutableHashTableOfTensors',
      'AnonymousMutableDenseHashTable',
    ],
    scalarOutput,
  ),
  // Handles of the first version are strings: a container and a name.
  ...forAll(['HashTable', 'MutableHashTable', 'MutableHashTableOfTensors', 'MutableDenseHashTable'], () => [[2]]),
  ...forAll(['LookupTableSize', 'LookupTableSizeV2'], scalarOutput),
  ...forAll(['LookupTableFind', 'LookupTableFindV2'], (c) => [found(c)]),
  ...forAll(['LookupTableExport', 'LookupTableExportV2'], (c) => {
    const [keys, values] = c.elements(0) ?? [];
    return [concatenate([null], keys?.shape ?? null), concatenate([null], values?.shape ?? null)];
  }),
};

function found(c: ShapeContext): PartialShape {
  const [keys, values] = c.elements(0) ?? [];
  const shape = c.shape(1);
  if (!keys?.shape || !values || !shape) return null;
  if (shape.length < keys.shape.length) c.fail(`keys have ${keys.shape.length} dimensions`);
  return concatenate(shape.slice(0, shape.length - keys.shape.length), values.shape);
}
