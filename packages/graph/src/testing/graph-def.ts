import {
  AttrValueSchema,
  create,
  dtypeToProto,
  encodeTensor,
  FunctionDefSchema,
  GraphDefSchema,
  NodeDefSchema,
  OpDefSchema,
  shapeToProto,
  type AttrValue,
  type FunctionDef,
  type GraphDef,
  type NodeDef,
} from '@tenon/format';
import { Tensor, type DType, type PartialShape } from '@tenon/tensor';

/** Attribute values, as files have them. */
export const attr = {
  type: (dtype: DType) => value({ case: 'type', value: dtypeToProto(dtype) }),
  types: (...dtypes: DType[]) => list({ type: dtypes.map(dtypeToProto) }),
  shape: (shape: PartialShape) => value({ case: 'shape', value: shapeToProto(shape) }),
  shapes: (...shapes: PartialShape[]) => list({ shape: shapes.map(shapeToProto) }),
  int: (number: number) => value({ case: 'i', value: BigInt(number) }),
  float: (number: number) => value({ case: 'f', value: number }),
  bool: (flag: boolean) => value({ case: 'b', value: flag }),
  string: (text: string) => value({ case: 's', value: new TextEncoder().encode(text) }),
  strings: (...texts: string[]) => list({ s: texts.map((text) => new TextEncoder().encode(text)) }),
  tensor: (tensor: Tensor) => value({ case: 'tensor', value: encodeTensor(tensor) }),
  placeholder: (name: string) => value({ case: 'placeholder', value: name }),
  func: (name: string, attributes: Record<string, AttrValue> = {}) =>
    create(AttrValueSchema, { value: { case: 'func', value: { name, attr: attributes } } }),
};

function value(init: AttrValue['value']): AttrValue {
  return create(AttrValueSchema, { value: init });
}

function list(items: object): AttrValue {
  return create(AttrValueSchema, { value: { case: 'list', value: items } });
}

export function node(
  name: string,
  op: string,
  input: string[] = [],
  attributes: Record<string, AttrValue> = {},
  device = '',
): NodeDef {
  return create(NodeDefSchema, { name, op, input, attr: attributes, device });
}

export function scalar(
  name: string,
  number: number,
  input: string[] = [],
  dtype: 'int32' | 'float32' = 'float32',
): NodeDef {
  const data = dtype === 'int32' ? Int32Array.of(number) : Float32Array.of(number);
  return node(name, 'Const', input, { dtype: attr.type(dtype), value: attr.tensor(new Tensor(dtype, [], data)) });
}

export const FLOAT = { T: attr.type('float32') };

export function placeholder(name: string, dtype: DType = 'float32'): NodeDef {
  return node(name, 'Placeholder', [], { dtype: attr.type(dtype) });
}

export function graphDef(nodes: NodeDef[], functions: FunctionDef[] = []): GraphDef {
  return create(GraphDefSchema, { node: nodes, library: { function: functions }, versions: { producer: 1395 } });
}

/** What a function takes and gives: data types by name. */
export interface FunctionInit {
  readonly inputs?: Record<string, DType>;
  readonly outputs?: Record<string, DType>;
  readonly nodes?: NodeDef[];
  readonly ret?: Record<string, string>;
  readonly controlRet?: Record<string, string>;
  readonly isStateful?: boolean;
}

export function functionDef(name: string, init: FunctionInit): FunctionDef {
  const { inputs = {}, outputs = {}, nodes = [], ret = {}, controlRet = {}, isStateful = false } = init;
  const args = (types: Record<string, DType>) =>
    Object.entries(types).map(([arg, dtype]) => ({ name: arg, type: dtypeToProto(dtype) }));
  return create(FunctionDefSchema, {
    signature: create(OpDefSchema, {
      name,
      inputArg: args(inputs),
      outputArg: args(outputs),
      controlOutput: Object.keys(controlRet),
      isStateful,
    }),
    nodeDef: nodes,
    ret,
    controlRet,
  });
}

/** A call of a function. */
export function call(
  name: string,
  callee: string,
  input: string[],
  inputs: DType[],
  outputs: DType[],
  isStateful = false,
): NodeDef {
  return node(name, isStateful ? 'StatefulPartitionedCall' : 'PartitionedCall', input, {
    Tin: attr.types(...inputs),
    Tout: attr.types(...outputs),
    f: attr.func(callee),
  });
}
