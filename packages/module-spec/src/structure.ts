import {
  dtypeFromProto,
  shapeFromProto,
  type StructuredValue,
  type TensorShapeProto,
  type DataType,
  type TypeSpecProto,
} from '@tenon/format';
import type { DType, PartialShape } from '@tenon/tensor';
import { UnsupportedCompositeError } from './errors.js';
import { parseTypeSpec, type TensorInfo } from './tensor-info.js';

/** A plain value among the arguments of a function: `training=False`. */
export type PlainValue = null | boolean | number | string;

/** Nested Python values, as functions take and return them: tensors in tuples, lists and dicts, beside plain values. */
export type Structure =
  | { readonly kind: 'tensor'; readonly name: string; readonly info: TensorInfo }
  | { readonly kind: 'list'; readonly items: readonly Structure[] }
  | { readonly kind: 'dict'; readonly fields: ReadonlyMap<string, Structure> }
  | { readonly kind: 'value'; readonly value: PlainValue }
  /** A Python value that has no counterpart here; it equals nothing. */
  | { readonly kind: 'other'; readonly type: string };

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
    case 'tensorSpecValue':
    case 'boundedTensorSpecValue':
      return { kind: 'tensor', name: kind.value.name, info: denseInfo(kind.value) };
    case 'typeSpecValue':
      return parseComposite(kind.value);
    case 'listValue':
    case 'tupleValue':
      return { kind: 'list', items: kind.value.values.map(parseStructure) };
    case 'dictValue':
      return {
        kind: 'dict',
        fields: new Map(Object.entries(kind.value.fields).map(([name, value]) => [name, parseStructure(value)])),
      };
    case 'namedTupleValue':
      return {
        kind: 'dict',
        fields: new Map(kind.value.values.map(({ key, value }) => [key, parseStructure(value)])),
      };
    default:
      return { kind: 'other', type: kind.case ?? 'nothing' };
  }
}

/** A composite type that is not supported is no obstacle to the use of functions that do not take it. */
function parseComposite(spec: TypeSpecProto): Structure {
  try {
    return { kind: 'tensor', name: '', info: parseTypeSpec(spec.typeSpecClassName, spec) };
  } catch (error) {
    if (error instanceof UnsupportedCompositeError) return { kind: 'other', type: error.type };
    throw error;
  }
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

/** The tensors of a structure in the order in which TensorFlow passes them: fields of dicts by their sorted names. */
export function leavesOf(structure: Structure, path = ''): StructureLeaf[] {
  switch (structure.kind) {
    case 'tensor':
      return [{ path, name: structure.name, info: structure.info }];
    case 'list':
      return structure.items.flatMap((item, index) => leavesOf(item, `${path}[${index}]`));
    case 'dict':
      return sortedFields(structure.fields).flatMap(([name, item]) =>
        leavesOf(item, `${path}[${JSON.stringify(name)}]`),
      );
    default:
      return [];
  }
}

/** By Unicode code points, as Python sorts, and not by UTF-16 units. */
export function sortedFields<T>(fields: ReadonlyMap<string, T>): [string, T][] {
  return [...fields].sort(([left], [right]) => compareCodePoints(left, right));
}

function compareCodePoints(left: string, right: string): number {
  const [a, b] = [[...left], [...right]];
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const difference = a[index]!.codePointAt(0)! - b[index]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
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
