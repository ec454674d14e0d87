import {
  decodeTensor,
  dtypeFromProto,
  isReferenceType,
  shapeFromProto,
  type AttrValue,
  type DataType,
  type NameAttrList,
  type TensorProto,
} from '@tenon/format';
import type { ConstantValue, Attribute, FunctionReference } from '../attributes.js';

/**
 * What a file says an attribute is; `undefined` if it says nothing. Tensors are decoded when somebody first asks for their elements.
 *
 * @param where What to call the attribute in errors.
 * @throws UnsupportedDTypeError for a data type that Tenon does not have.
 */
export function importAttribute({ value }: AttrValue, where: string): Attribute | undefined {
  switch (value.case) {
    case 's':
      return { kind: 'bytes', value: value.value };
    case 'i':
      return { kind: 'int', value: value.value };
    case 'f':
      return { kind: 'float', value: value.value };
    case 'b':
      return { kind: 'bool', value: value.value };
    case 'type':
      return importType(value.value, where);
    case 'shape':
      return { kind: 'shape', value: shapeFromProto(value.value) };
    case 'tensor':
      return new TensorAttribute(value.value, where);
    case 'func':
      return { kind: 'function', value: importFunctionReference(value.value, where) };
    case 'placeholder':
      return { kind: 'placeholder', value: value.value };
    case 'list': {
      const { s, i, f, b, type, shape, tensor, func } = value.value;
      const items: Attribute[] = [];
      for (const item of s) items.push({ kind: 'bytes', value: item });
      for (const item of i) items.push({ kind: 'int', value: item });
      for (const item of f) items.push({ kind: 'float', value: item });
      for (const item of b) items.push({ kind: 'bool', value: item });
      for (const item of type) items.push(importType(item, where));
      for (const item of shape) items.push({ kind: 'shape', value: shapeFromProto(item) });
      for (const item of tensor) items.push(new TensorAttribute(item, where));
      for (const item of func) items.push({ kind: 'function', value: importFunctionReference(item, where) });
      return { kind: 'list', value: items };
    }
    case undefined:
      return undefined;
  }
}

/** All attributes of something in a file. */
export function importAttributes(attr: Readonly<Record<string, AttrValue>>, where: string): Map<string, Attribute> {
  const attributes = new Map<string, Attribute>();
  for (const [name, value] of Object.entries(attr)) {
    const attribute = importAttribute(value, where);
    if (attribute) attributes.set(name, attribute);
  }
  return attributes;
}

class TensorAttribute {
  readonly kind = 'tensor';
  private decoded: ConstantValue | undefined;

  constructor(
    private readonly proto: TensorProto,
    private readonly where: string,
  ) {}

  /** @throws InvalidTensorError, UnsupportedDTypeError if the file's tensor is broken, or none that Tenon has. */
  get value(): ConstantValue {
    this.decoded ??= decodeTensor(this.proto, this.where);
    return this.decoded;
  }
}

function importType(value: DataType, where: string): Attribute {
  return { kind: 'dtype', value: dtypeFromProto(value, where), ...(isReferenceType(value) && { isReference: true }) };
}

function importFunctionReference({ name, attr }: NameAttrList, where: string): FunctionReference {
  return { name, attributes: importAttributes(attr, where) };
}
