import type { DType, Shape } from '@tenon/tensor';
import type { Attribute } from './attributes.js';
import type { AttributeDefinition, OperationDefinition } from './operation-definition.js';
import type { SymbolicTensor } from './operation.js';

/** An attribute as its op's definition reads it: numbers for `int`, `float` and lists of them, names for types. */
export type AttributeInput = Attribute | number | boolean | string | readonly number[];

/** The inputs of an operation: one per argument of its op, an array for an argument that is a list. */
export type OperationInputs = readonly (SymbolicTensor | readonly SymbolicTensor[])[];

const encoder = new TextEncoder();

/**
 * The attributes of an operation to be added: those that follow from its inputs (`T`, `N`), and those given.
 *
 * @throws TypeError if the op has no such attribute, or if one is of another type.
 */
export function completeAttributes(
  { name, inputs: args, attributes: definitions }: OperationDefinition,
  inputs: OperationInputs,
  given: Readonly<Record<string, AttributeInput | undefined>>,
): Map<string, Attribute> {
  const attributes = new Map<string, Attribute>();
  args.forEach(({ type, numberAttribute }, index) => {
    const input = inputs[index] ?? [];
    const tensors = [input].flat();
    if ('attribute' in type && tensors[0]) attributes.set(type.attribute, { kind: 'dtype', value: tensors[0].dtype });
    if ('listAttribute' in type) {
      const value = tensors.map(({ dtype }): Attribute => ({ kind: 'dtype', value: dtype }));
      attributes.set(type.listAttribute, { kind: 'list', value });
    }
    if (numberAttribute !== undefined) attributes.set(numberAttribute, { kind: 'int', value: BigInt(tensors.length) });
  });
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const definition = definitions.get(key);
    if (!definition) throw new TypeError(`${name} has no attribute "${key}".`);
    attributes.set(key, toAttribute(definition, value));
  }
  return attributes;
}

function toAttribute({ name, type }: AttributeDefinition, value: AttributeInput): Attribute {
  if (typeof value === 'object' && 'kind' in value) return value;
  if (type === 'int' && typeof value === 'number') return { kind: 'int', value: BigInt(value) };
  if (type === 'float' && typeof value === 'number') return { kind: 'float', value };
  if (type === 'bool' && typeof value === 'boolean') return { kind: 'bool', value };
  if (type === 'string' && typeof value === 'string') return { kind: 'bytes', value: encoder.encode(value) };
  if (type === 'type' && typeof value === 'string') return { kind: 'dtype', value: value as DType };
  if (type === 'shape' && Array.isArray(value)) return { kind: 'shape', value: value as Shape };
  if (type === 'list(int)' && Array.isArray(value))
    return { kind: 'list', value: value.map((item: number) => ({ kind: 'int', value: BigInt(item) })) };
  throw new TypeError(`The attribute "${name}" is of type ${type}; ${JSON.stringify(value)} is not.`);
}
