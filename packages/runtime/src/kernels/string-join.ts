import type { Operation } from '@tenon/graph';
import { sizeOf, stridesOf, Tensor, type StringArray } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define } from './definition.js';
import { InvalidArgumentError } from './errors.js';
import { integerOf, integersOf, normalizeAxis } from './integers.js';
import { StringArrayBuilder } from './string-array-builder.js';

function prepareJoin(operation: Operation): Kernel {
  const separator = operation.attribute('separator', 'bytes');
  return (inputs) => {
    const shaped = inputs.find(({ rank }) => rank > 0);
    const shape = shaped?.shape ?? [];
    for (const { rank, shape: other } of inputs) {
      if (rank > 0 && other.join() !== shape.join()) {
        throw new InvalidArgumentError(
          `Shapes [${shape.join(', ')}] and [${other.join(', ')}] differ; only scalars join with any shape.`,
        );
      }
    }
    const parts = inputs.map(({ data }) => data as StringArray);
    const size = sizeOf(shape);
    const builder = new StringArrayBuilder(
      parts.reduce((sum, { bytes }) => sum + bytes.length, 0) + size * separator.length,
      size,
    );
    for (let i = 0; i < size; i++) {
      parts.forEach(({ bytes, offsets }, part) => {
        if (part > 0) builder.appendAll(separator);
        const at = inputs[part]!.rank === 0 ? 0 : i;
        builder.append(bytes, offsets[at]!, offsets[at + 1]!);
      });
      builder.end();
    }
    return [new Tensor('string', shape, builder.build())];
  };
}

function prepareReduceJoin(operation: Operation): Kernel {
  const separator = operation.attribute('separator', 'bytes');
  const keepsDimensions = operation.bool('keep_dims');
  return ([input, axesTensor]) => {
    const { shape, rank } = input!;
    // The axis named first varies fastest.
    const axes = Array.from(integersOf(axesTensor!), (axis) => normalizeAxis(axis, rank));
    if (new Set(axes).size < axes.length) throw new InvalidArgumentError(`Axes [${axes.join(', ')}] repeat.`);
    const { bytes, offsets } = input!.data as StringArray;
    const kept = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
    const outputShape = keepsDimensions
      ? shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
      : kept.map((axis) => shape[axis]!);
    const strides = stridesOf(shape);
    const starts = positions(kept.map((axis) => [shape[axis]!, strides[axis]!]));
    const steps = positions(axes.toReversed().map((axis) => [shape[axis]!, strides[axis]!]));
    const builder = new StringArrayBuilder(
      bytes.length + starts.length * steps.length * separator.length,
      starts.length,
    );
    for (const start of starts) {
      for (let i = 0; i < steps.length; i++) {
        if (i > 0) builder.appendAll(separator);
        const at = start + steps[i]!;
        builder.append(bytes, offsets[at]!, offsets[at + 1]!);
      }
      builder.end();
    }
    return [new Tensor('string', outputShape, builder.build())];
  };
}

/** Where the elements of some axes stand, in row-major order. */
function positions(axes: readonly (readonly [size: number, stride: number])[]): Float64Array {
  let all = Float64Array.of(0);
  for (const [size, stride] of axes) {
    const next = new Float64Array(all.length * size);
    all.forEach((start, i) => {
      for (let j = 0; j < size; j++) next[i * size + j] = start + j * stride;
    });
    all = next;
  }
  return all;
}

function prepareSegmentJoin(operation: Operation): Kernel {
  const separator = operation.attribute('separator', 'bytes');
  return ([input, idsTensor, countTensor]) => {
    const ids = integersOf(idsTensor!);
    const count = integerOf(countTensor!);
    const inner = input!.shape.slice(idsTensor!.rank);
    if (input!.shape.slice(0, idsTensor!.rank).join() !== idsTensor!.shape.join()) {
      throw new InvalidArgumentError(
        `Ids of shape [${idsTensor!.shape.join(', ')}] do not go with strings of shape [${input!.shape.join(', ')}].`,
      );
    }
    const width = sizeOf(inner);
    if (!(count >= 0 && count * width < 2 ** 31)) throw new InvalidArgumentError(`There cannot be ${count} segments.`);
    // The rows of each segment lie one after the other in `order`, as they came.
    const starts = new Uint32Array(count + 1);
    for (let row = 0; row < ids.length; row++) {
      const id = ids[row]!;
      if (!(id >= 0 && id < count)) throw new InvalidArgumentError(`Segment id ${id} is outside [0, ${count}).`);
      starts[id + 1]!++;
    }
    for (let id = 0; id < count; id++) starts[id + 1]! += starts[id]!;
    const order = new Uint32Array(ids.length);
    const next = starts.slice();
    for (let row = 0; row < ids.length; row++) order[next[ids[row]!]!++] = row;
    const { bytes, offsets } = input!.data as StringArray;
    const builder = new StringArrayBuilder(bytes.length + ids.length * width * separator.length, count * width);
    for (let id = 0; id < count; id++) {
      for (let column = 0; column < width; column++) {
        for (let i = starts[id]!; i < starts[id + 1]!; i++) {
          if (i > starts[id]!) builder.appendAll(separator);
          const at = order[i]! * width + column;
          builder.append(bytes, offsets[at]!, offsets[at + 1]!);
        }
        builder.end();
      }
    }
    return [new Tensor('string', [count, ...inner], builder.build())];
  };
}

export const joinKernels: readonly KernelDefinition[] = [
  define('StringJoin', prepareJoin),
  define('ReduceJoin', prepareReduceJoin),
  define('UnsortedSegmentJoin', prepareSegmentJoin),
];
