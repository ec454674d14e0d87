import { formatShape, isFullyKnown, sizeOf, type PartialShape } from '@tenon/tensor';

/** A dimension; `null` where it is not known. */
export type Dimension = number | null;

/** A shape of known rank. */
export type Dimensions = readonly Dimension[];

/** Two things said of one shape cannot both be true. */
export class ContradictionError extends Error {
  override readonly name = 'ContradictionError';
}

/** What follows where both are said of one dimension. @throws ContradictionError */
export function unifyDimensions(a: Dimension, b: Dimension): Dimension {
  if (a !== null && b !== null && a !== b) throw new ContradictionError(`the dimensions ${a} and ${b} differ`);
  return a ?? b;
}

/** What follows where both are said of one shape. @throws ContradictionError */
export function unify(a: PartialShape, b: PartialShape): PartialShape {
  if (a === null) return b;
  if (b === null) return a;
  if (a.length !== b.length)
    throw new ContradictionError(`the ranks of ${formatShape(a)} and ${formatShape(b)} differ`);
  return a.map((dimension, axis) => {
    const other = b[axis]!;
    if (dimension !== null && other !== null && dimension !== other) {
      throw new ContradictionError(`${formatShape(a)} and ${formatShape(b)} differ`);
    }
    return dimension ?? other;
  });
}

/** What holds of a shape that is one of the two. */
export function join(a: PartialShape, b: PartialShape): PartialShape {
  if (a === null || b === null || a.length !== b.length) return null;
  return a.map((dimension, axis) => (dimension === b[axis] ? dimension : null));
}

export function sameShape(a: PartialShape, b: PartialShape): boolean {
  if (a === null || b === null) return a === b;
  return a.length === b.length && a.every((dimension, axis) => dimension === b[axis]);
}

/** NumPy's rule. A dimension that is not known takes the other where that is above one: all else would fail when it runs. */
export function broadcast(a: PartialShape, b: PartialShape): PartialShape {
  if (a === null || b === null) return null;
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis): Dimension => {
    const x = axis < rank - a.length ? 1 : a[axis - rank + a.length]!;
    const y = axis < rank - b.length ? 1 : b[axis - rank + b.length]!;
    if (x === null || y === null) {
      const known = x ?? y;
      return known !== null && known > 1 ? known : known === 0 ? 0 : null;
    }
    if (x !== y && x !== 1 && y !== 1) {
      throw new ContradictionError(`${formatShape(a)} and ${formatShape(b)} do not broadcast together`);
    }
    return x === 1 ? y : x;
  });
}

export function concatenate(a: PartialShape, b: PartialShape): PartialShape {
  return a && b && [...a, ...b];
}

export function unknownOfRank(rank: number): Dimension[] {
  return new Array<Dimension>(rank).fill(null);
}

/** The number of elements, if every dimension is known. */
export function knownSize(shape: PartialShape): number | null {
  return isFullyKnown(shape) ? sizeOf(shape) : null;
}

/** `null` if either is not known. */
export function add(a: Dimension, b: Dimension): Dimension {
  return a === null || b === null ? null : a + b;
}

/** `null` if either is not known, but for zero times anything. */
export function multiply(a: Dimension, b: Dimension): Dimension {
  if (a === 0 || b === 0) return 0;
  return a === null || b === null ? null : a * b;
}

export function product(dimensions: Iterable<Dimension>): Dimension {
  let result: Dimension = 1;
  for (const dimension of dimensions) result = multiply(result, dimension);
  return result;
}
