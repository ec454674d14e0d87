import {
  create,
  DataType,
  encodeTensor,
  FunctionDefSchema,
  NodeDefSchema,
  OpDef_ArgDefSchema,
  type AttrValue,
  type FunctionDef,
  type Init,
  type NodeDef,
  type OpDef_ArgDef,
} from '@tenon/format';
import { tensorFrom } from '@tenon/tensor';

/** What a loop says that has no limit. */
const NO_LIMIT = -1;
/** Of what a loop takes and gives, the first two are how often it went around, and how often it may. */
const ADDED = 2;

/** Finds functions by their names, and adds some: what the added one is called is returned. */
export interface FunctionTable {
  find(name: string): FunctionDef;
  add(definition: FunctionDef): string;
}

/**
 * Gives the loops in a function what TensorFlow 2 wants of those that it differentiates: a counter of iterations as the first thing that goes
 * around, and a limit as the second.
 */
export function countIterations(definition: FunctionDef, functions: FunctionTable): FunctionDef {
  const loops = new Set(definition.nodeDef.filter(isLoop).map(({ name }) => name));
  if (loops.size === 0) return definition;
  const reference = (input: string): string => {
    const [, name, output] = /^([^:]+):output:(\d+)$/.exec(input) ?? [];
    return name !== undefined && loops.has(name) ? `${name}:output:${Number(output) + ADDED}` : input;
  };
  const nodeDef = definition.nodeDef.flatMap((node): NodeDef[] => {
    const read = { ...node, input: node.input.map(reference) };
    return loops.has(node.name) ? countedLoop(read, functions) : [read];
  });
  const ret = Object.fromEntries(Object.entries(definition.ret).map(([name, input]) => [name, reference(input)]));
  return { ...definition, nodeDef, ret };
}

function isLoop({ op }: NodeDef): boolean {
  return op === 'While' || op === 'StatelessWhile';
}

function countedLoop(node: NodeDef, functions: FunctionTable): NodeDef[] {
  const { name, input, attr } = node;
  const [counter, limit] = [`${name}/counter`, `${name}/limit`];
  const changed: Record<string, AttrValue> = { ...attr };
  for (const [key, counted] of [
    ['cond', countedCondition],
    ['body', countedBody],
  ] as const) {
    const called = attr[key]?.value;
    if (called?.case !== 'func') continue;
    const added = functions.add(counted(functions.find(called.value.name)));
    changed[key] = { ...attr[key]!, value: { case: 'func', value: { ...called.value, name: added } } };
  }
  const types = attr['T']?.value;
  if (types?.case === 'list') {
    const type = [DataType.DT_INT32, DataType.DT_INT32, ...types.value.type];
    changed['T'] = { ...attr['T']!, value: { case: 'list', value: { ...types.value, type } } };
  }
  // Files may also note the shapes that were known when they were written.
  for (const key of ['output_shapes', '_output_shapes']) {
    const shapes = attr[key]?.value;
    if (shapes?.case !== 'list' || shapes.value.shape.length === 0) continue;
    const scalar = { ...shapes.value.shape[0]!, dim: [], unknownRank: false };
    const shape = [scalar, scalar, ...shapes.value.shape];
    changed[key] = { ...attr[key]!, value: { case: 'list', value: { ...shapes.value, shape } } };
  }
  const constants = [constant(counter, 0), constant(limit, NO_LIMIT)];
  return [...constants, { ...node, input: [`${counter}:output:0`, `${limit}:output:0`, ...input], attr: changed }];
}

function countedCondition(definition: FunctionDef): FunctionDef {
  return withArguments(definition, freeNames(definition));
}

function countedBody(definition: FunctionDef): FunctionDef {
  const names = freeNames(definition);
  const changed = withArguments(definition, names);
  const { signature, nodeDef, ret } = changed;
  const outputs = names.map((name) => `${name}_out`);
  const [counter, limit] = names;
  const add = create(NodeDefSchema, {
    name: `${counter}/next`,
    op: 'AddV2',
    input: [counter, `${counter}/one:output:0`],
    attr: { T: typeAttribute(DataType.DT_INT32) },
  });
  return create(FunctionDefSchema, {
    ...changed,
    signature: { ...signature!, outputArg: [...outputs.map(int32Argument), ...signature!.outputArg] },
    nodeDef: [...nodeDef, constant(`${counter}/one`, 1), add],
    ret: { ...ret, [outputs[0]!]: `${counter}/next:z:0`, [outputs[1]!]: limit },
  });
}

/** The function with two more arguments, before all others. */
function withArguments(definition: FunctionDef, names: readonly [string, string]): FunctionDef {
  const { signature, argAttr, resourceArgUniqueId, attr } = definition;
  const shifted = <T>(map: { readonly [index: number]: T }): Record<number, T> =>
    Object.fromEntries(Object.entries(map).map(([index, value]) => [Number(index) + ADDED, value]));
  // Not the shapes of all arguments, in their order: who wants them infers them.
  const kept = Object.fromEntries(Object.entries(attr).filter(([name]) => name !== '_input_shapes'));
  return create(FunctionDefSchema, {
    ...definition,
    attr: kept,
    argAttr: shifted(argAttr),
    resourceArgUniqueId: shifted(resourceArgUniqueId),
    signature: {
      ...signature!,
      name: `${signature!.name}_counted`,
      inputArg: [...names.map(int32Argument), ...signature!.inputArg],
    },
  });
}

function int32Argument(name: string): OpDef_ArgDef {
  return create(OpDef_ArgDefSchema, { name, type: DataType.DT_INT32 });
}

function freeNames({ signature, nodeDef }: FunctionDef): [string, string] {
  const taken = new Set([...signature!.inputArg, ...signature!.outputArg, ...nodeDef].map(({ name }) => name));
  const free = (base: string): string => {
    let name = base;
    while ([...taken].some((one) => one === name || one.startsWith(`${name}/`) || one.startsWith(`${name}_`)))
      name += 'x';
    return name;
  };
  return [free('iteration'), free('iterations')];
}

function typeAttribute(type: DataType): Init<AttrValue> {
  return { value: { case: 'type', value: type } };
}

function constant(name: string, value: number): NodeDef {
  return create(NodeDefSchema, {
    name,
    op: 'Const',
    attr: {
      dtype: typeAttribute(DataType.DT_INT32),
      value: { value: { case: 'tensor', value: encodeTensor(tensorFrom(value, 'int32')) } },
    },
  });
}
