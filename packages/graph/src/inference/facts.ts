import type { DType, PartialShape } from '@tenon/tensor';
import { join, sameShape, unify, type Dimension } from './partial-shape.js';

/**
 * The elements of a small integer (or bool: 0, 1) tensor in row-major order, `null` where one is not known.
 * Such tensors mostly say shapes, and the shapes of others follow from them.
 */
export type PartialValue = readonly Dimension[];

/** What lies behind a handle: a variable's value, a list's elements, a table's keys and values. */
export interface ElementFacts {
  readonly dtype: DType;
  readonly shape: PartialShape;
}

/** What is known of a tensor before it runs. */
export interface TensorFacts {
  readonly shape: PartialShape;
  /** There only if the shape is fully known, and some element is. */
  readonly value?: PartialValue;
  /** For `resource` and `variant`: a variable has one, a tensor list or array one, a table two (keys and values). */
  readonly elements?: readonly ElementFacts[];
}

export const NOTHING: TensorFacts = { shape: null };

/** What holds of a tensor that is one of the two. */
export function joinFacts(a: TensorFacts, b: TensorFacts): TensorFacts {
  const shape = join(a.shape, b.shape);
  const value =
    a.value && b.value && sameShape(a.shape, b.shape)
      ? a.value.map((element, index) => (element === b.value![index] ? element : null))
      : undefined;
  const elements =
    a.elements?.length === b.elements?.length &&
    a.elements?.every(({ dtype }, index) => dtype === b.elements![index]!.dtype)
      ? a.elements.map((element, index) => ({ ...element, shape: join(element.shape, b.elements![index]!.shape) }))
      : undefined;
  return makeFacts(shape, value, elements);
}

export function makeFacts(
  shape: PartialShape,
  value: PartialValue | undefined,
  elements: readonly ElementFacts[] | undefined,
): TensorFacts {
  return {
    shape,
    ...(value?.some((element) => element !== null) || value?.length === 0 ? { value } : {}),
    ...(elements && { elements }),
  };
}

/** What follows where a shape is said of a tensor of which something is known. @throws ContradictionError */
export function withShape(facts: TensorFacts, shape: PartialShape): TensorFacts {
  return { ...facts, shape: unify(facts.shape, shape) };
}

export function sameFacts(a: TensorFacts, b: TensorFacts): boolean {
  return factsKey(a) === factsKey(b);
}

/** Equal for equal facts, and only for those. */
export function factsKey({ shape, value, elements }: TensorFacts): string {
  return JSON.stringify([shape, value ?? 0, elements?.map((element) => [element.dtype, element.shape]) ?? 0]);
}
