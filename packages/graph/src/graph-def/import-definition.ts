import { dtypeFromProto, isReferenceType, type OpDef, type OpDef_ArgDef } from '@tenon/format';
import type { ArgumentDefinition, AttributeDefinition, OperationDefinition } from '../operation-definition.js';
import { importAttribute } from './import-attribute.js';

/** The signature of a function in a file, as the definition of an op. */
export function importDefinition(signature: OpDef): OperationDefinition {
  const where = `Function "${signature.name}"`;
  return {
    name: signature.name,
    inputs: signature.inputArg.map((argument) => importArgument(argument, where)),
    outputs: signature.outputArg.map((argument) => importArgument(argument, where)),
    attributes: new Map(
      signature.attr.map(({ name, type, defaultValue }): [string, AttributeDefinition] => {
        const defaultAttribute = defaultValue && importAttribute(defaultValue, where);
        return [name, { name, type, ...(defaultAttribute && { default: defaultAttribute }) }];
      }),
    ),
    isStateful: signature.isStateful,
  };
}

function importArgument(
  { name, type, typeAttr, typeListAttr, numberAttr, isRef }: OpDef_ArgDef,
  where: string,
): ArgumentDefinition {
  return {
    name,
    type: typeListAttr
      ? { listAttribute: typeListAttr }
      : typeAttr
        ? { attribute: typeAttr }
        : { dtype: dtypeFromProto(type, `${where}, argument "${name}"`) },
    ...(numberAttr && { numberAttribute: numberAttr }),
    isReference: isRef || isReferenceType(type),
  };
}
