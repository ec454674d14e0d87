import type { PartialShape } from '@tenon/tensor';
import { create, TensorShapeProtoSchema, type TensorShapeProto } from './messages.js';

/** What a file says of a shape: unknown where it says nothing. Any negative dimension is unknown. */
export function shapeFromProto(proto: TensorShapeProto | undefined): PartialShape {
  if (proto === undefined || proto.unknownRank) return null;
  return proto.dim.map(({ size }) => (size < 0n ? null : Number(size)));
}

export function shapeToProto(shape: PartialShape): TensorShapeProto {
  if (shape === null) return create(TensorShapeProtoSchema, { unknownRank: true });
  return create(TensorShapeProtoSchema, {
    dim: shape.map((dimension) => ({ size: dimension === null ? -1n : BigInt(dimension) })),
  });
}
