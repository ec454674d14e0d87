import { dtypeFromProto, shapeFromProto, type TensorInfo as TensorInfoProto } from '@tenon/format';
import type { DType, PartialShape } from '@tenon/tensor';
import { parseTypeSpec, sparseInfo } from './type-spec.js';

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

/**
 * Reads what a SignatureDef says of one input or output. A value of a class that is not known is several: each tensor that it consists of
 * stands for itself, as `NAME/0` and so on.
 */
export function parseTensorInfo(name: string, proto: TensorInfoProto): [name: string, info: TensorInfo][] {
  switch (proto.encoding.case) {
    case 'cooSparse': {
      const { indicesTensorName, valuesTensorName, denseShapeTensorName } = proto.encoding.value;
      const dtype = dtypeFromProto(proto.dtype, `"${name}"`);
      const tensors = [indicesTensorName, valuesTensorName, denseShapeTensorName] as const;
      return [[name, sparseInfo(dtype, shapeFromProto(proto.tensorShape), tensors)]];
    }
    case 'compositeTensor': {
      const { typeSpec, components } = proto.encoding.value;
      const info = parseTypeSpec(name, typeSpec, components.map(tensorName));
      if (info) return [[name, info]];
      return components.map((component, index) => [`${name}/${index}`, denseInfo(`${name}/${index}`, component)]);
    }
    default:
      return [[name, denseInfo(name, proto)]];
  }
}

function denseInfo(name: string, proto: TensorInfoProto): TensorInfo {
  const dtype = dtypeFromProto(proto.dtype, `"${name}"`);
  const shape = shapeFromProto(proto.tensorShape);
  return { kind: 'dense', dtype, shape, components: [{ tensor: tensorName(proto), dtype, shape }] };
}

function tensorName({ encoding }: TensorInfoProto): string {
  return encoding.case === 'name' ? encoding.value : '';
}
