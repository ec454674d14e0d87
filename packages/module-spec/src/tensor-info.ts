import {
  dtypeFromProto,
  shapeFromProto,
  TypeSpecProto_TypeSpecClass as TypeSpecClass,
  type TensorInfo as TensorInfoProto,
  type TypeSpecProto,
} from '@tenon/format';
import type { DType, PartialShape } from '@tenon/tensor';
import { UnsupportedCompositeError } from './errors.js';

/** One of the tensors that an input or output is made of. */
export interface ComponentInfo {
  readonly dtype: DType;
  readonly shape: PartialShape;
  /** The tensor's name in the graph of its variant; of what functions take and give, a name for messages. */
  readonly tensor: string;
}

/** What is known of an input or output: TF1 Hub's `ParsedTensorInfo`. */
export interface TensorInfo {
  /** `dense` is one tensor, `sparse` a `SparseTensor`, `ragged` a `RaggedTensor`. */
  readonly kind: 'dense' | 'sparse' | 'ragged';
  readonly dtype: DType;
  /** Of the whole value: of a sparse one, its dense shape. */
  readonly shape: PartialShape;
  /**
   * The tensor itself; of a sparse one indices, values, dense shape; of a ragged one its innermost values and then the row splits,
   * outermost first.
   */
  readonly components: readonly ComponentInfo[];
}

/** Reads what a SignatureDef says of one input or output. */
export function parseTensorInfo(name: string, proto: TensorInfoProto): TensorInfo {
  const shape = shapeFromProto(proto.tensorShape);
  switch (proto.encoding.case) {
    case 'cooSparse': {
      const { indicesTensorName, valuesTensorName, denseShapeTensorName } = proto.encoding.value;
      const dtype = dtypeFromProto(proto.dtype, `"${name}"`);
      return sparseInfo(dtype, shape, [indicesTensorName, valuesTensorName, denseShapeTensorName]);
    }
    case 'compositeTensor': {
      const { typeSpec, components } = proto.encoding.value;
      return parseTypeSpec(name, typeSpec, components.map((component) => component.encoding.value as string)); // prettier-ignore
    }
    default: {
      const dtype = dtypeFromProto(proto.dtype, `"${name}"`);
      return { kind: 'dense', dtype, shape, components: [{ tensor: proto.encoding.value ?? '', dtype, shape }] };
    }
  }
}

/**
 * Reads the type of a composite tensor.
 *
 * @param tensors What its components are called, if they have names.
 * @throws UnsupportedCompositeError unless it is sparse or ragged.
 */
export function parseTypeSpec(name: string, spec: TypeSpecProto | undefined, tensors?: readonly string[]): TensorInfo {
  const state =
    spec?.typeState?.kind.case === 'tupleValue' ? spec.typeState.kind.value.values.map(({ kind }) => kind) : [];
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
  throw new UnsupportedCompositeError(
    name,
    spec?.typeSpecClassName || TypeSpecClass[spec?.typeSpecClass ?? 0] || 'unknown',
  );
}

/** TensorFlow's own limit. */
const MOST_DIMENSIONS = 254;

function sparseInfo(
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
