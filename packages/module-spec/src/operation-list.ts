import { dtypeToProto, type Init, type OpDef, type OpDef_ArgDef, type OpList } from '@tenon/format';
import type { ArgumentDefinition, Graph, OperationDefinition } from '@tenon/graph';
import { exportAttribute } from '@tenon/graph';

/** The ops that a graph uses and its functions, with what readers of other versions need to know of them. */
export function operationList(graph: Graph): Init<OpList> {
  const definitions = new Map<string, OperationDefinition>();
  const add = (operations: Graph['operations']): void => {
    for (const { type, definition } of operations) if (!graph.functions.find(type)) definitions.set(type, definition);
  };
  add(graph.operations);
  for (const name of graph.functions.names) {
    const entry = graph.functions.find(name)!;
    if (entry.definition.attributes.size === 0) add(entry.instantiate(new Map()).graph.operations);
  }
  definitions.delete('_Arg');
  const names = [...definitions.keys()].sort();
  return { op: names.map((name) => describe(definitions.get(name)!)) };
}

function describe({ name, inputs, outputs, attributes, isStateful }: OperationDefinition): Init<OpDef> {
  return {
    name,
    inputArg: inputs.map(describeArgument),
    outputArg: outputs.map(describeArgument),
    attr: [...attributes.values()].map(({ name: attribute, type, default: value }) => ({
      name: attribute,
      type,
      ...(value && { defaultValue: exportAttribute(value) }),
    })),
    isStateful,
  };
}

function describeArgument({ name, type, numberAttribute, isReference }: ArgumentDefinition): Init<OpDef_ArgDef> {
  return {
    name,
    ...('dtype' in type && { type: dtypeToProto(type.dtype) }),
    ...('attribute' in type && { typeAttr: type.attribute }),
    ...('listAttribute' in type && { typeListAttr: type.listAttribute }),
    ...(numberAttribute !== undefined && { numberAttr: numberAttribute }),
    isRef: isReference,
  };
}
