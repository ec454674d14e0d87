import type { Attribute, Attributes } from './attributes.js';

const encoder = new TextEncoder();

/** Attributes with `scope` before the strings that some of them hold; empty ones stay empty. */
export function prefixAttributes(attributes: Attributes, scope: string, names: readonly string[]): Attributes {
  if (scope === '') return attributes;
  let prefixed: Map<string, Attribute> | undefined;
  for (const name of names) {
    const attribute = attributes.get(name);
    if (attribute?.kind !== 'bytes' || attribute.value.length === 0) continue;
    prefixed ??= new Map(attributes);
    prefixed.set(name, { kind: 'bytes', value: Uint8Array.of(...encoder.encode(scope), ...attribute.value) });
  }
  return prefixed ?? attributes;
}
