import type { Attribute } from '@tenon/graph';
import {
  allocate,
  sizeOf,
  StringArray,
  Tensor,
  viewBytes,
  type DType,
  type NumericDType,
  type PartialShape,
  type Shape,
} from '@tenon/tensor';

/** The formats are those of tools/tensorflow/conformance_goldens.py. */
export type JsonTensor = readonly [dtype: DType, shape: Shape, data: string | readonly string[] | JsonPattern];

type JsonPattern = readonly [modulus: number, offset: number, divisor: number];

export type JsonAttribute = readonly [kind: string, value: unknown];

export function readTensor([dtype, shape, data]: JsonTensor): Tensor {
  if (typeof data === 'string')
    return new Tensor(dtype as NumericDType, shape, viewBytes(dtype as NumericDType, fromBase64(data)));
  if (dtype === 'string')
    return new Tensor('string', shape, StringArray.from((data as readonly string[]).map(fromBase64)));
  return new Tensor(dtype as NumericDType, shape, fill(dtype as NumericDType, sizeOf(shape), data as JsonPattern));
}

function fill(dtype: NumericDType, size: number, [modulus, offset, divisor]: JsonPattern) {
  const elements = allocate(dtype, size) as Float32Array;
  for (let index = 0; index < size; index++) elements[index] = (((index * 7919) % modulus) - offset) / divisor;
  return elements;
}

export function readAttributes(attributes: Readonly<Record<string, JsonAttribute>>): Map<string, Attribute> {
  return new Map(Object.entries(attributes).map(([name, attribute]) => [name, readAttribute(attribute)]));
}

function readAttribute([kind, value]: JsonAttribute): Attribute {
  switch (kind) {
    case 'int':
      return { kind, value: BigInt(value as string) };
    case 'float':
      return { kind, value: value === 'inf' ? Infinity : value === '-inf' ? -Infinity : Number(value) };
    case 'bool':
      return { kind, value: value as boolean };
    case 'bytes':
      return { kind, value: fromBase64(value as string) };
    case 'dtype':
      return { kind, value: value as DType };
    case 'shape':
      return { kind, value: value as PartialShape };
    case 'tensor':
      return { kind, value: readTensor(value as JsonTensor) };
    case 'function':
      return { kind, value: { name: value as string, attributes: new Map() } };
    case 'list':
      return { kind, value: (value as JsonAttribute[]).map(readAttribute) };
    default:
      throw new TypeError(`An attribute of kind "${kind}" is not understood.`);
  }
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
