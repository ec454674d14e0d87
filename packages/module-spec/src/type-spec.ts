import {
  dtypeFromProto,
  shapeFromProto,
  TypeSpecProto_TypeSpecClass as TypeSpecClass,
  UnsupportedDTypeError,
  type DataType,
  type StructuredValue,
  type TypeSpecProto,
} from '@tenon/format';
import type { DType, PartialShape } from '@tenon/tensor';
import { UnsupportedCompositeError } from './errors.js';
import { sortedFields } from './sorted-fields.js';
import type { TensorInfo } from './tensor-info.js';

/** TensorFlow's own limit. */
const MOST_DIMENSIONS = 254;

/** More components than this come from a broken or hostile file. */
const MOST_COMPONENTS = 10_000;

/**
 * Reads the type of a sparse or ragged tensor.
 *
 * @param tensors What its components are called in the graph, if they have names.
 * @returns undefined if it is the type of something else.
 * @throws UnsupportedCompositeError if it contradicts itself.
 */
export function parseTypeSpec(
  name: string,
  spec: TypeSpecProto | undefined,
  tensors?: readonly string[],
): TensorInfo | undefined {
  const state = stateOf(spec);
  const shape = state[0]?.case === 'tensorShapeValue' ? shapeFromProto(state[0].value) : null;
  const dtype = state[1]?.case === 'tensorDtypeValue' ? dtypeFromProto(state[1].value, `"${name}"`) : undefined;
  const componentName = (index: number): string => tensors?.[index] ?? `${name}/${index}`;
  if (spec?.typeSpecClass === TypeSpecClass.SPARSE_TENSOR_SPEC && dtype !== undefined) {
    return sparseInfo(dtype, shape, [componentName(0), componentName(1), componentName(2)]);
  }
  if (spec?.typeSpecClass === TypeSpecClass.RAGGED_TENSOR_SPEC && dtype !== undefined) {
    const raggedRank = state[2]?.case === 'int64Value' ? Number(state[2].value) : 1;
    const splitsDType = state[3]?.case === 'tensorDtypeValue' ? dtypeFromProto(state[3].value, `"${name}"`) : 'int64';
    const values = { tensor: componentName(0), dtype, shape: shape && [null, ...shape.slice(raggedRank + 1)] };
    if (raggedRank < 1 || raggedRank > MOST_DIMENSIONS)
      throw new UnsupportedCompositeError(name, `ragged of rank ${raggedRank}`);
    const splits = Array.from({ length: raggedRank }, (_, index) => ({
      tensor: componentName(index + 1),
      dtype: splitsDType,
      shape: [null],
    }));
    return { kind: 'ragged', dtype, shape, components: [values, ...splits] };
  }
  return undefined;
}

export function sparseInfo(
  dtype: DType,
  shape: PartialShape,
  [indices, values, denseShape]: readonly [string, string, string],
): TensorInfo {
  const rank = shape === null ? null : shape.length;
  return {
    kind: 'sparse',
    dtype,
    shape,
    components: [
      { tensor: indices, dtype: 'int64', shape: [null, rank] },
      { tensor: values, dtype, shape: [null] },
      { tensor: denseShape, dtype: 'int64', shape: [rank] },
    ],
  };
}

/** One of the tensors that a value of some Python class consists of. */
interface Component {
  readonly dtype: DType;
  readonly shape: PartialShape;
}

/** Classes whose values are passed as the handle of something. */
const HANDLES: ReadonlyMap<TypeSpecClass, DType> = new Map([
  [TypeSpecClass.TENSOR_ARRAY_SPEC, 'variant'],
  [TypeSpecClass.DATA_DATASET_SPEC, 'variant'],
  [TypeSpecClass.DATA_ITERATOR_SPEC, 'resource'],
  [TypeSpecClass.OPTIONAL_SPEC, 'variant'],
  [TypeSpecClass.VARIABLE_SPEC, 'resource'],
]);

/**
 * The tensors that a value of any class consists of, as far as its type tells without the class, in the order in which TensorFlow passes
 * them. They are called as the fields are that the type describes; or by their numbers, where it does not tell.
 *
 * @throws UnsupportedCompositeError if the type says that there are absurdly many.
 */
export function componentsOf(spec: TypeSpecProto): ReadonlyMap<string, Component> {
  const { typeSpecClass, numFlatComponents: count } = spec;
  const handle = HANDLES.get(typeSpecClass);
  if (handle !== undefined) return new Map([['handle', { dtype: handle, shape: null }]]);
  if (count < 0 || count > MOST_COMPONENTS) {
    throw new UnsupportedCompositeError(spec.typeSpecClassName, `class with ${count} components`);
  }
  const listed = typeSpecClass === TypeSpecClass.INDEXED_SLICES_SPEC ? slicesIn(spec) : fieldsIn('', spec.typeState);
  // Files of older versions do not say how many there are.
  const isWhole = count === 0 || listed.length === count;
  const components = isWhole ? listed : Array.from({ length: count }, (): Field => ['', UNKNOWN]);
  const byName = new Map(components);
  return byName.size === components.length
    ? byName
    : new Map(components.map(([, component], index) => [String(index), component]));
}

type Field = readonly [name: string, component: Component];

const UNKNOWN: Component = { dtype: 'variant', shape: null };

function stateOf(spec: TypeSpecProto | undefined): readonly StructuredValue['kind'][] {
  const kind = spec?.typeState?.kind;
  return kind?.case === 'tupleValue' ? kind.value.values.map((item) => item.kind) : [];
}

/** Values, indices, and perhaps the shape of the whole. */
function slicesIn(spec: TypeSpecProto): Field[] {
  const types = stateOf(spec).slice(1);
  return ['values', 'indices', 'denseShape'].flatMap((name, index): Field[] => {
    const kind = types[index];
    return kind?.case === 'tensorDtypeValue' ? [[name, component(kind.value, null)]] : [];
  });
}

/** The tensors among the arguments that a type was made with, which are nearly always what its values consist of. */
function fieldsIn(name: string, value: StructuredValue | undefined): Field[] {
  const kind = value?.kind;
  switch (kind?.case) {
    case 'tensorSpecValue':
    case 'boundedTensorSpecValue':
      return [[name, component(kind.value.dtype, shapeFromProto(kind.value.shape))]];
    case 'typeSpecValue': {
      const info = parseTypeSpec(name, kind.value);
      const parts = info
        ? info.components.map((part, index): Field => [String(index), part])
        : [...componentsOf(kind.value)];
      return parts.map(([part, { dtype, shape }]) => [`${name}/${part}`, { dtype, shape }]);
    }
    case 'listValue':
    case 'tupleValue': {
      const [first, second, ...others] = kind.value.values;
      // A field of an ExtensionType.
      if (first?.kind.case === 'stringValue' && others.length === 0) return fieldsIn(first.kind.value, second);
      return kind.value.values.flatMap((item) => fieldsIn(name, item));
    }
    case 'dictValue':
      return sortedFields(new Map(Object.entries(kind.value.fields))).flatMap(([field, item]) => fieldsIn(field, item));
    case 'namedTupleValue':
      return kind.value.values.flatMap(({ key, value: item }) => fieldsIn(key, item));
    default:
      return [];
  }
}

function component(dataType: DataType, shape: PartialShape): Component {
  try {
    return { dtype: dtypeFromProto(dataType, 'A component'), shape };
  } catch (error) {
    if (error instanceof UnsupportedDTypeError) return { ...UNKNOWN, shape };
    throw error;
  }
}
