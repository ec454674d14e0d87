import type { Attribute, Attributes } from './attributes.js';

/** Tells apart the attributes that functions are called with. */
export class AttributeKeys {
  /** Values of tensors may be large, so they are told apart as objects. */
  private readonly tensors = new Map<object, number>();

  /** A text that is the same for attributes that make the same function, judged by those that it declares. */
  keyOf(attributes: Attributes, declared: Iterable<string>): string {
    return JSON.stringify([...declared].map((name) => this.describe(attributes.get(name))));
  }

  private describe(attribute: Attribute | undefined): unknown {
    if (!attribute) return null;
    switch (attribute.kind) {
      case 'int':
      case 'float':
        return [attribute.kind, String(attribute.value)];
      case 'bytes':
        return ['bytes', ...attribute.value];
      case 'list':
        return ['list', ...attribute.value.map((item) => this.describe(item))];
      case 'function': {
        const { name, attributes } = attribute.value;
        return ['function', name, [...attributes].map(([key, value]) => [key, this.describe(value)])];
      }
      case 'tensor': {
        const identity = this.tensors.get(attribute.value) ?? this.tensors.size;
        this.tensors.set(attribute.value, identity);
        return ['tensor', identity];
      }
      default:
        return [attribute.kind, attribute.value];
    }
  }
}
