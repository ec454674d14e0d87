import type { PartialShape } from '@tenon/tensor';
import { unifyDimensions, unknownOfRank, type Dimension } from '../partial-shape.js';
import type { ShapeContext, ShapeFunctions } from '../shape-context.js';
import { windowed } from './nn.js';

/** XLA's operations as TensorFlow ops. */
export const XLA: ShapeFunctions = {
  XlaDotV2: (c) => [dot(c)],
  XlaDot: (c) => [dot(c)],
  XlaDynamicSlice: (c) => [c.spelledShape(2)],
  XlaDynamicUpdateSlice: (c) => [c.shape(0)],
  XlaGather: (c) => [gather(c)],
  XlaReduceWindow: (c) => {
    const shape = c.shape(0);
    const [windows, strides, baseDilations, dilations] = [2, 3, 4, 5].map((index) => c.value(index));
    const padding = c.value(6);
    return [
      shape &&
        shape.map((size, axis): Dimension => {
          const dilation = baseDilations?.[axis] ?? null;
          const base = size === null || dilation === null ? null : size === 0 ? 0 : (size - 1) * dilation + 1;
          const [before, after] = [padding?.[2 * axis] ?? null, padding?.[2 * axis + 1] ?? null];
          if (before === null || after === null) return null;
          return windowed(c, base, windows?.[axis] ?? null, strides?.[axis] ?? null, dilations?.[axis] ?? null, [
            before,
            after,
          ]);
        }),
    ];
  },
};

/** Repeated integers of a small protocol buffer, by field number: XLA keeps its dimension numbers in one. */
function integerFields(bytes: Uint8Array): Map<number, number[]> {
  const fields = new Map<number, number[]>();
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1; at < bytes.length; scale *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) break;
    }
    return value;
  };
  while (at < bytes.length) {
    const key = varint();
    const values = fields.get(key >>> 3) ?? [];
    fields.set(key >>> 3, values);
    if ((key & 7) === 0) {
      values.push(varint());
    } else if ((key & 7) === 2) {
      const end = varint() + at;
      while (at < end && at < bytes.length) values.push(varint());
    } else {
      break;
    }
  }
  return fields;
}

function dimensionNumbers(c: ShapeContext): (field: number) => number[] {
  const fields = integerFields(c.operation.attribute('dimension_numbers', 'bytes'));
  return (field) => fields.get(field) ?? [];
}

function dot(c: ShapeContext): PartialShape {
  const [left, right] = [c.shape(0), c.shape(1)];
  if (!left || !right) return null;
  const numbers = dimensionNumbers(c);
  const [contractedLeft, contractedRight, batchLeft, batchRight] = [numbers(1), numbers(2), numbers(3), numbers(4)];
  const pairs = (a: number[], b: number[]) =>
    a.map((axis, index) => unifyDimensions(left[axis] ?? null, right[b[index] ?? -1] ?? null));
  pairs(contractedLeft, contractedRight);
  const free = (shape: readonly Dimension[], taken: number[]) => shape.filter((_, axis) => !taken.includes(axis));
  return [
    ...pairs(batchLeft, batchRight),
    ...free(left, [...contractedLeft, ...batchLeft]),
    ...free(right, [...contractedRight, ...batchRight]),
  ];
}

function gather(c: ShapeContext): PartialShape {
  const indices = c.shape(1);
  if (!indices) return null;
  const numbers = dimensionNumbers(c);
  const [offsets, collapsed, vector = 0] = [numbers(1), numbers(2), numbers(4)[0]];
  const batch = indices.filter((_, axis) => axis !== vector);
  const sizes = (c.value(2) ?? unknownOfRank(offsets.length + collapsed.length)).filter(
    (_, axis) => !collapsed.includes(axis),
  );
  const rank = batch.length + offsets.length;
  let [nextBatch, nextOffset] = [0, 0];
  return Array.from({ length: rank }, (_, axis) =>
    offsets.includes(axis) ? (sizes[nextOffset++] ?? null) : (batch[nextBatch++] ?? null),
  );
}
