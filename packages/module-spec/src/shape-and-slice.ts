import type { TensorSlice } from '@tenon/format';

/**
 * Reads what a saver writes of a slice: the shape of the whole, and per dimension where the slice begins and how long it is, `-` for all
 * of it. `10 4 0,4:-` are the first 4 of 10 rows. Empty for a whole tensor.
 */
export function parseShapeAndSlice(text: string): { slice: TensorSlice; fullShape: number[] } | undefined {
  const fields = text.trim().split(/\s+/);
  const extents = fields.pop()?.split(':') ?? [];
  const fullShape = fields.map(Number);
  if (fullShape.length === 0 || extents.length !== fullShape.length) return undefined;
  const pairs = extents.map((extent, axis) => (extent === '-' ? [0, fullShape[axis]!] : extent.split(',').map(Number)));
  return { slice: { offset: pairs.map(([start]) => start!), shape: pairs.map(([, length]) => length!) }, fullShape };
}
