import { isFullyKnown, type PartialShape } from '@tenon/tensor';
import type { ConvertibleDType } from './data-types.js';
import { Unconvertible } from './errors.js';
import type { ModelBuilder, Value } from './model-builder.js';
import type { TensorForms } from './tensor-forms.js';

/**
 * A list of tensors in the ONNX graph: TensorFlow 2's tensor list, or TensorFlow 1's array of tensors. ONNX's own sequences are slow and
 * few operators know them; here it is one tensor of all elements along a first axis, so all must be of one shape.
 */
export interface ListValue {
  readonly dtype: ConvertibleDType;
  /** How many elements it has: an int64 vector of one. */
  readonly length: Value;
  /** What is known of the shape of an element. */
  readonly elementShape: PartialShape;
  /** All elements; `undefined` where none was set yet: zeros, when they are read. */
  readonly elements?: Value;
  /** Whether it grows where an element is written behind its end. */
  readonly grows?: boolean;
  /** Of a list that a loop only adds to, one element per iteration in order: where that element is put. */
  readonly collector?: Collector;
}

/** The element that one iteration of a loop adds to a list. */
export interface Collector {
  item?: TensorForms;
}

/** All elements of a list along a first axis. */
export function elementsOf(list: ListValue, builder: ModelBuilder): Value {
  if (list.collector) throw new Unconvertible('a list is read that a loop adds to');
  if (list.elements) return list.elements;
  const { elementShape, dtype, length } = list;
  if (!isFullyKnown(elementShape)) throw new Unconvertible('a list is read that may be empty, its shape unknown');
  const shape =
    elementShape.length === 0 ? length : builder.one('Concat', [length, builder.int64s(elementShape)], { axis: 0 });
  return builder.one('Expand', [builder.scalar(0, dtype), shape]);
}

/** How many elements a value has along its first axis. */
export function lengthOf(value: Value, builder: ModelBuilder): Value {
  return builder.one('Gather', [builder.one('Shape', [value]), builder.int64s([0])]);
}

/** The one element of a vector, where it is constant. */
export function knownElement({ constant }: Value): number | undefined {
  return constant && Number((constant.data as ArrayLike<number | bigint>)[0]);
}

/** Whether it is known that the list has one element. */
export function isOfOne({ length }: ListValue): boolean {
  return knownElement(length) === 1;
}

/** What two partial shapes know together. */
export function mergeShapes(a: PartialShape, b: PartialShape): PartialShape {
  if (a === null || b === null) return a ?? b;
  if (a.length !== b.length) throw new Unconvertible('the elements of a list are of different ranks');
  return a.map((dimension, axis) => dimension ?? b[axis]!);
}
