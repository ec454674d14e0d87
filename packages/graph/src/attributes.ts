import type { DType, PartialShape, Tensor, TensorReference } from '@tenon/tensor';

/** A constant: its elements, or where they lie. */
export type ConstantValue = Tensor | TensorReference;

/** A function by name, with the attributes that it is called with. */
export interface FunctionReference {
  readonly name: string;
  readonly attributes: Attributes;
}

/** The value of an operation's attribute: TensorFlow's `AttrValue`, with its kind beside it. */
export type Attribute =
  | { readonly kind: 'bytes'; readonly value: Uint8Array }
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'dtype'; readonly value: DType; readonly isReference?: boolean }
  | { readonly kind: 'shape'; readonly value: PartialShape }
  | { readonly kind: 'tensor'; readonly value: ConstantValue }
  | { readonly kind: 'function'; readonly value: FunctionReference }
  /** The name of an attribute of the enclosing function, whose value is to stand here. */
  | { readonly kind: 'placeholder'; readonly value: string }
  | { readonly kind: 'list'; readonly value: readonly Attribute[] };

export type Attributes = ReadonlyMap<string, Attribute>;
export type AttributeKind = Attribute['kind'];
export type AttributeValue<K extends AttributeKind> = Extract<Attribute, { kind: K }>['value'];
