import type { NodeDef } from '@tenon/format';
import { dtypeToProto } from '@tenon/format';
import type { Attribute, AttributeKind, Attributes } from '../attributes.js';
import type { OperationDefinition } from '../operation-definition.js';

/** What is wrong with the attributes of a node, given what its op's definition says of them. */
export function checkAttributes(
  definition: OperationDefinition,
  attributes: Attributes,
  name: string,
  def: NodeDef,
): string[] {
  const problems: string[] = [];
  for (const { name: attributeName, type, default: defaultValue } of definition.attributes.values()) {
    const attribute = attributes.get(attributeName);
    if (!attribute) {
      if (!defaultValue) problems.push(`${def.op} "${name}" has no attribute "${attributeName}" (${type}).`);
    } else if (attribute.kind === 'placeholder') {
      problems.push(
        `${def.op} "${name}": attribute "${attributeName}" waits for "${attribute.value}", which has no value.`,
      );
    } else if (!isOfType(attribute, type)) {
      problems.push(
        `${def.op} "${name}": attribute "${attributeName}" is to be ${type}, but it is ${describe(attribute)}.`,
      );
    }
  }
  if (def.op === 'Const') problems.push(...checkConstant(attributes, name, def));
  return problems;
}

const KINDS: Readonly<Record<string, AttributeKind>> = {
  string: 'bytes',
  int: 'int',
  float: 'float',
  bool: 'bool',
  type: 'dtype',
  shape: 'shape',
  tensor: 'tensor',
  func: 'function',
};

function isOfType(attribute: Attribute, type: string): boolean {
  const itemType = /^list\((.*)\)$/.exec(type)?.[1];
  if (itemType === undefined) return attribute.kind === KINDS[type];
  return attribute.kind === 'list' && attribute.value.every(({ kind }) => kind === KINDS[itemType]);
}

function describe(attribute: Attribute): string {
  return attribute.kind === 'list' ? `a list of ${attribute.value[0]?.kind ?? 'nothing'}` : attribute.kind;
}

/** Compares types without decoding the value, which may be large. */
function checkConstant(attributes: Attributes, name: string, { attr }: NodeDef): string[] {
  const dtype = attributes.get('dtype');
  const value = attr['value']?.value;
  if (dtype?.kind !== 'dtype' || value?.case !== 'tensor' || value.value.dtype === dtypeToProto(dtype.value)) return [];
  return [`Const "${name}" is to be ${dtype.value}, but its value is not.`];
}
