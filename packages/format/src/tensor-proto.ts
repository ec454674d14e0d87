import {
  allocate,
  bytesPerElement,
  isNumeric,
  slotsPerElement,
  StringArray,
  Tensor,
  viewBytes,
  type NumericDType,
  type Shape,
  type TypedArray,
} from '@tenon/tensor';
import { dtypeFromProto, dtypeToProto } from './data-type.js';
import { elementCount } from './element-count.js';
import { InvalidTensorError, UnsupportedDTypeError } from './errors.js';
import { create, TensorProtoSchema, type ResourceHandleProto, type TensorProto } from './messages.js';
import { shapeFromProto, shapeToProto } from './tensor-shape.js';

/** Protocol buffers end at 2 GiB; only a value repeated by the file in short form could be larger than its file. */
const MAX_REPEATED_BYTES = 2 ** 30;

/**
 * The value that a TensorProto holds, in whichever of its forms.
 *
 * Elements in `tensor_content` are seen in place where their alignment allows, so the tensor keeps the file's bytes
 * alive. A list that is shorter than the shape repeats its last element, and an empty one is all zeros. A tensor of
 * `resource` holds `ResourceHandleProto`s.
 *
 * @param name What to call the tensor in errors.
 * @throws InvalidTensorError if the shape is not fully known, the bytes do not fill it, or a repeated value would
 *     fill more than 1 GiB.
 * @throws UnsupportedDTypeError for `variant`, and for types that Tenon does not have.
 */
export function decodeTensor(proto: TensorProto, name = 'A tensor'): Tensor {
  const dtype = dtypeFromProto(proto.dtype, name);
  const shape = shapeFromProto(proto.tensorShape) ?? [];
  if (proto.tensorShape?.unknownRank || !isKnown(shape)) {
    throw new InvalidTensorError(name, proto.tensorShape?.unknownRank ? null : shape, 'its shape is not fully known.');
  }
  const count = elementCount(shape);
  if (count === undefined)
    throw new InvalidTensorError(name, shape, 'it has more elements, or dimensions, than a tensor can have.');
  const target: Target = { name, shape, count };
  if (isNumeric(dtype)) return new Tensor(dtype, shape, decodeNumbers(proto, dtype, target));
  if (dtype === 'string') return new Tensor(dtype, shape, decodeStrings(proto, target));
  if (dtype === 'resource') return new Tensor(dtype, shape, decodeHandles(proto, target));
  throw new UnsupportedDTypeError(dtype, name);
}

/**
 * A value as a TensorProto. Numbers go to `tensor_content`, as a view of the tensor's elements.
 *
 * @throws UnsupportedDTypeError for `variant`.
 */
export function encodeTensor(tensor: Tensor): TensorProto {
  const proto = create(TensorProtoSchema, {
    dtype: dtypeToProto(tensor.dtype),
    tensorShape: shapeToProto(tensor.shape),
  });
  const { data } = tensor;
  if (data instanceof StringArray) {
    proto.stringVal = Array.from({ length: data.length }, (_, index) => data.at(index));
  } else if (ArrayBuffer.isView(data)) {
    proto.tensorContent = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
  } else if (tensor.is('resource')) {
    proto.resourceHandleVal = [...(tensor.data as readonly ResourceHandleProto[])];
  } else {
    throw new UnsupportedDTypeError(tensor.dtype, 'A tensor to be written');
  }
  return proto;
}

interface Target {
  readonly name: string;
  readonly shape: Shape;
  /** Elements in all. */
  readonly count: number;
}

function isKnown(shape: readonly (number | null)[]): shape is Shape {
  return shape.every((dimension) => dimension !== null);
}

function decodeNumbers(proto: TensorProto, dtype: NumericDType, target: Target): TypedArray {
  const { count } = target;
  if (proto.tensorContent.length > 0) {
    const expected = count * bytesPerElement(dtype);
    if (proto.tensorContent.length !== expected) {
      const reason = `it holds ${proto.tensorContent.length} bytes where ${expected} belong.`;
      throw new InvalidTensorError(target.name, target.shape, reason);
    }
    return viewBytes(dtype, proto.tensorContent);
  }
  refuseHuge(count * bytesPerElement(dtype), target);
  const slots = slotsPerElement(dtype);
  const data = allocate(dtype, count);
  const values = listOf(proto, dtype);
  if (values.length % slots !== 0) {
    throw new InvalidTensorError(target.name, target.shape, 'its last complex number has no imaginary part.');
  }
  const given = Math.min(values.length, data.length);
  // `bigint` for 64-bit integers, `number` for the rest, on both sides.
  const slot = data as { [index: number]: unknown };
  for (let index = 0; index < given; index++) slot[index] = values[index];
  if (given > 0 && given < data.length) repeatLast(data, given, slots);
  return data;
}

function repeatLast(data: TypedArray, given: number, slots: 1 | 2): void {
  if (slots === 1) {
    (data as Float32Array).fill(data[given - 1] as number, given);
  } else {
    for (let index = given; index < data.length; index++) data[index] = data[index - slots]!;
  }
}

function listOf(proto: TensorProto, dtype: NumericDType): ArrayLike<number | bigint | boolean> {
  switch (dtype) {
    case 'float32':
      return proto.floatVal;
    case 'float64':
      return proto.doubleVal;
    case 'complex64':
      return proto.scomplexVal;
    case 'complex128':
      return proto.dcomplexVal;
    case 'float16':
    case 'bfloat16':
      return proto.halfVal;
    case 'int64':
      return proto.int64Val;
    case 'uint64':
      return proto.uint64Val;
    case 'uint32':
      return proto.uint32Val;
    case 'bool':
      return proto.boolVal;
    case 'int32':
    case 'int16':
    case 'int8':
    case 'uint16':
    case 'uint8':
    case 'qint32':
    case 'qint16':
    case 'qint8':
    case 'quint16':
    case 'quint8':
      return proto.intVal;
  }
}

function decodeStrings(proto: TensorProto, target: Target): StringArray {
  if (proto.tensorContent.length > 0) return splitStrings(proto.tensorContent, target);
  const { count } = target;
  const values = proto.stringVal;
  const given = Math.min(values.length, count);
  const last = values[given - 1] ?? new Uint8Array();
  let size = 0;
  for (let index = 0; index < given; index++) size += values[index]!.length;
  size += (count - given) * last.length;
  refuseHuge(size + 4 * count, target);
  const bytes = new Uint8Array(size);
  const offsets = new Uint32Array(count + 1);
  let offset = 0;
  for (let index = 0; index < count; index++) {
    const value = index < given ? values[index]! : last;
    bytes.set(value, offset);
    offset += value.length;
    offsets[index + 1] = offset;
  }
  return new StringArray(bytes, offsets);
}

/** All lengths as varints, then all bytes. */
function splitStrings(content: Uint8Array, target: Target): StringArray {
  const { count } = target;
  const cutShort = (): InvalidTensorError =>
    new InvalidTensorError(target.name, target.shape, `its ${content.length} bytes do not make ${count} strings.`);
  if (count > content.length) throw cutShort();
  const offsets = new Uint32Array(count + 1);
  let position = 0;
  let end = 0;
  for (let index = 0; index < count; index++) {
    let length = 0;
    let factor = 1;
    let byte: number;
    do {
      if (position >= content.length || factor > 2 ** 28) throw cutShort();
      byte = content[position++]!;
      length += (byte & 0x7f) * factor;
      factor *= 128;
    } while (byte >= 0x80);
    end += length;
    if (end > content.length) throw cutShort();
    offsets[index + 1] = end;
  }
  if (position + end !== content.length) throw cutShort();
  return new StringArray(content.subarray(position), offsets);
}

function decodeHandles(proto: TensorProto, target: Target): readonly ResourceHandleProto[] {
  if (proto.resourceHandleVal.length !== target.count) {
    const reason = `it holds ${proto.resourceHandleVal.length} resource handles where ${target.count} belong.`;
    throw new InvalidTensorError(target.name, target.shape, reason);
  }
  return proto.resourceHandleVal;
}

function refuseHuge(bytes: number, target: Target): void {
  if (bytes > MAX_REPEATED_BYTES) {
    const reason = `a repeated value would fill ${bytes} bytes; ${MAX_REPEATED_BYTES} is the most.`;
    throw new InvalidTensorError(target.name, target.shape, reason);
  }
}
