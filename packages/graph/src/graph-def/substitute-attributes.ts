import type { Attribute, Attributes } from '../attributes.js';

/** Puts the values of a call in the place of the attributes that wait for them. */
export function substituteAttributes(attributes: Attributes, values: Attributes): Attributes {
  const substituted = new Map<string, Attribute>();
  for (const [name, attribute] of attributes) substituted.set(name, substitute(attribute, values));
  return substituted;
}

function substitute(attribute: Attribute, values: Attributes): Attribute {
  switch (attribute.kind) {
    case 'placeholder':
      return values.get(attribute.value) ?? attribute;
    case 'function':
      return {
        kind: 'function',
        value: { name: attribute.value.name, attributes: substituteAttributes(attribute.value.attributes, values) },
      };
    case 'list':
      return { kind: 'list', value: attribute.value.map((item) => substitute(item, values)) };
    default:
      return attribute;
  }
}
