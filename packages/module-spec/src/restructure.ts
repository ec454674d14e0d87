import { fieldsOf, type PlainValue, type Structure, type StructureLeaf } from './structure.js';

/** What a function returns, tensors being `V`: nested lists and objects. */
export type Restructured<V> = V | PlainValue | undefined | Restructured<V>[] | { [name: string]: Restructured<V> };

/**
 * Builds what a structure describes.
 *
 * @param value Called for each tensor with the position of its first component among those of all.
 */
export function restructure<V>(
  structure: Structure,
  value: (leaf: StructureLeaf, first: number) => V,
): Restructured<V> {
  let next = 0;
  const build = (item: Structure): Restructured<V> => {
    switch (item.kind) {
      case 'tensor': {
        const first = next;
        next += item.info.components.length;
        return value({ path: '', name: item.name, info: item.info }, first);
      }
      case 'list':
        return item.items.map(build);
      case 'dict':
        return Object.fromEntries(fieldsOf(item).map(([name, field]) => [name, build(field)]));
      case 'value':
        return item.value;
      case 'other':
        next += item.components;
        return undefined;
    }
  };
  return build(structure);
}
