import type { Shape } from '@tenon/tensor';

/**
 * Puts elements that lie with their first axis varying fastest into row-major order.
 *
 * @param width Bytes of one element.
 */
export function fromFortranOrder(bytes: Uint8Array, shape: Shape, width: number): Uint8Array {
  const result = new Uint8Array(bytes.length);
  const strides: number[] = [];
  let stride = width;
  for (const dimension of shape) {
    strides.push(stride);
    stride *= dimension;
  }
  const index = shape.map(() => 0);
  let source = 0;
  for (let target = 0; target < result.length; target += width) {
    for (let byte = 0; byte < width; byte++) result[target + byte] = bytes[source + byte]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      source += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      source -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}
