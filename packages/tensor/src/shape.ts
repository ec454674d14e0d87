/** The shape of a value: every dimension known. `[]` is a scalar. */
export type Shape = readonly number[];

/** What is known of a shape before it runs: `null` where the rank is unknown, `null` for a dimension that is. */
export type PartialShape = readonly (number | null)[] | null;

/** The number of elements of a value of this shape. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const dimension of shape) size *= dimension;
  return size;
}

export function isFullyKnown(shape: PartialShape): shape is Shape {
  return shape !== null && shape.every((dimension) => dimension !== null);
}

/** Whether a value of shape `shape` may stand where `expected` is declared. */
export function isCompatible(shape: PartialShape, expected: PartialShape): boolean {
  if (shape === null || expected === null) return true;
  return (
    shape.length === expected.length &&
    shape.every((dimension, axis) => dimension === null || expected[axis] === null || dimension === expected[axis])
  );
}

/** `[?, 224, 224, 3]`, or `<unknown>` where not even the rank is known. */
export function formatShape(shape: PartialShape): string {
  return shape === null ? '<unknown>' : `[${shape.map((dimension) => dimension ?? '?').join(', ')}]`;
}

/** The distance, in elements, between neighbours along each axis of a row-major value. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}
