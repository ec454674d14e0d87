import {
  dtypeFromProto,
  shapeFromProto,
  UnsupportedDTypeError,
  type DataType,
  type StructuredValue,
  type TensorShapeProto,
  type TypeSpecProto,
} from '@tenon/format';
import type { DType, PartialShape } from '@tenon/tensor';
import { sortedFields } from './sorted-fields.js';
import type { TensorInfo } from './tensor-info.js';
import { componentsOf, parseTypeSpec } from './type-spec.js';

/** A plain value among the arguments of a function: `training=False`. */
export type PlainValue = null | boolean | number | string;

/** Nested Python values, as functions take and return them: tensors in tuples, lists and dicts, beside plain values. */
export type Structure =
  | { readonly kind: 'tensor'; readonly name: string; readonly info: TensorInfo }
  | { readonly kind: 'list'; readonly items: readonly Structure[] }
  | StructureDict
  | { readonly kind: 'value'; readonly value: PlainValue }
  /** A Python value that has no counterpart here; it equals nothing. It may be passed as a tensor all the same. */
  | { readonly kind: 'other'; readonly type: string; readonly components: 0 | 1 };

/** A dict, a named tuple, or an instance of a class. */
export interface StructureDict {
  readonly kind: 'dict';
  readonly fields: ReadonlyMap<string, Structure>;
  /** Whether its fields have an order of their own; those of a dict are passed in the order of their names. */
  readonly isNamedTuple: boolean;
}

/** Reads a structure as a SavedModel stores it. What it does not say is an empty list. */
export function parseStructure(proto: StructuredValue | undefined): Structure {
  const kind = proto?.kind ?? { case: undefined };
  switch (kind.case) {
    case 'noneValue':
      return { kind: 'value', value: null };
    case 'float64Value':
    case 'stringValue':
    case 'boolValue':
      return { kind: 'value', value: kind.value };
    case 'int64Value':
      return { kind: 'value', value: Number(kind.value) };
    case 'tensorDtypeValue':
      return parsePart('data type', 0, () => ({ kind: 'value', value: dtypeFromProto(kind.value, 'A value') }));
    case 'tensorShapeValue':
      return parseShape(kind.value);
    case 'tensorSpecValue':
    case 'boundedTensorSpecValue':
      return parsePart('tensor', 1, () => ({ kind: 'tensor', name: kind.value.name, info: denseInfo(kind.value) }));
    case 'typeSpecValue':
      return parseComposite(kind.value);
    case 'listValue':
    case 'tupleValue':
      return { kind: 'list', items: kind.value.values.map(parseStructure) };
    case 'dictValue':
      return {
        kind: 'dict',
        fields: new Map(Object.entries(kind.value.fields).map(([name, value]) => [name, parseStructure(value)])),
        isNamedTuple: false,
      };
    case 'namedTupleValue':
      return {
        kind: 'dict',
        fields: new Map(kind.value.values.map(({ key, value }) => [key, parseStructure(value)])),
        isNamedTuple: true,
      };
    default:
      return { kind: 'other', type: kind.case ?? 'nothing', components: 0 };
  }
}

/** A data type that Tenon does not have is no obstacle to the use of functions without it. */
function parsePart(what: string, components: 0 | 1, parsePart: () => Structure): Structure {
  try {
    return parsePart();
  } catch (error) {
    if (error instanceof UnsupportedDTypeError) return { kind: 'other', type: `${what} ${error.dataType}`, components };
    throw error;
  }
}

/** A value of a class that is not known is an object with the tensors that it consists of. */
function parseComposite(spec: TypeSpecProto): Structure {
  const info = parseTypeSpec(spec.typeSpecClassName, spec);
  if (info) return { kind: 'tensor', name: '', info };
  const fields = [...componentsOf(spec)].map(([name, component]): [string, Structure] => [
    name,
    { kind: 'tensor', name, info: { kind: 'dense', ...component, components: [{ ...component, tensor: name }] } },
  ]);
  return { kind: 'dict', fields: new Map(fields), isNamedTuple: true };
}

/** As an argument, a shape is the list of its dimensions. */
function parseShape(proto: TensorShapeProto): Structure {
  const shape = shapeFromProto(proto);
  return shape === null
    ? { kind: 'value', value: null }
    : { kind: 'list', items: shape.map((value) => ({ kind: 'value', value })) };
}

function denseInfo(spec: {
  readonly name: string;
  readonly shape?: TensorShapeProto | undefined;
  readonly dtype: DataType;
}): TensorInfo {
  const dtype: DType = dtypeFromProto(spec.dtype, `"${spec.name}"`);
  const shape: PartialShape = shapeFromProto(spec.shape);
  return { kind: 'dense', dtype, shape, components: [{ dtype, shape, tensor: spec.name }] };
}

/** A tensor of a structure, and where it stands: `[0]["x"]`. */
export interface StructureLeaf {
  readonly path: string;
  readonly name: string;
  readonly info: TensorInfo;
}

/** The tensors of a structure in the order in which TensorFlow passes them. */
export function leavesOf(structure: Structure, path = ''): StructureLeaf[] {
  switch (structure.kind) {
    case 'tensor':
      return [{ path, name: structure.name, info: structure.info }];
    case 'list':
      return structure.items.flatMap((item, index) => leavesOf(item, `${path}[${index}]`));
    case 'dict':
      return fieldsOf(structure).flatMap(([name, item]) => leavesOf(item, `${path}[${JSON.stringify(name)}]`));
    default:
      return [];
  }
}

/** How many tensors a structure is passed as. */
export function countComponents(structure: Structure): number {
  switch (structure.kind) {
    case 'tensor':
      return structure.info.components.length;
    case 'list':
      return structure.items.reduce((count, item) => count + countComponents(item), 0);
    case 'dict':
      return [...structure.fields.values()].reduce((count, item) => count + countComponents(item), 0);
    case 'value':
      return 0;
    case 'other':
      return structure.components;
  }
}

/** The fields of a dict or named tuple in the order in which TensorFlow passes them. */
export function fieldsOf({ fields, isNamedTuple }: StructureDict): [string, Structure][] {
  return isNamedTuple ? [...fields] : sortedFields(fields);
}

/** What a structure looks like, for messages: `(float32 [?, 6], training=false)`. */
export function formatStructure(structure: Structure): string {
  switch (structure.kind) {
    case 'tensor': {
      const { kind, dtype, shape } = structure.info;
      const dimensions = shape === null ? '<unknown>' : `[${shape.map((dimension) => dimension ?? '?').join(', ')}]`;
      return `${kind === 'dense' ? '' : `${kind} `}${dtype} ${dimensions}`;
    }
    case 'list':
      return `[${structure.items.map(formatStructure).join(', ')}]`;
    case 'dict':
      return `{ ${[...structure.fields].map(([name, item]) => `${name}: ${formatStructure(item)}`).join(', ')} }`;
    case 'value':
      return JSON.stringify(structure.value);
    case 'other':
      return `<${structure.type}>`;
  }
}
