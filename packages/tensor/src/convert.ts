import { allocate, isNumeric, slotsPerElement, type DType, type NumericDType, type TypedArray } from './dtype.js';
import { ConversionError } from './errors.js';
import { encodeBfloat16, encodeFloat16 } from './half.js';
import { formatShape, sizeOf, type PartialShape, type Shape } from './shape.js';
import { StringArray } from './string-array.js';
import { Tensor } from './tensor.js';

/** A complex number. */
export interface Complex {
  readonly re: number;
  readonly im: number;
}

/** One element: a number, or, for string tensors, text (encoded as UTF-8) or bytes. */
export type Scalar = number | bigint | boolean | string | Uint8Array | Complex;

/** What a tensor can be made from: where Python takes a value, a nested list or a NumPy array. */
export type TensorLike = Tensor | StringArray | TypedArray | Uint8ClampedArray | Scalar | readonly TensorLike[];

/** TensorFlow's own limit. */
const MOST_DIMENSIONS = 254;

/**
 * Makes a tensor of a plain value, a nested array or a typed array.
 *
 * Nothing is lost on the way: a whole number that is out of range, a fraction for an integer type, an int64 given as a number beyond
 * 2^53 and text with half a surrogate pair are refused. Numbers round to the nearest value of floating-point types.
 *
 * @param dtype By default what the elements are: `float32` for numbers, `int64` for bigints, `bool`, `string`, or what the typed array holds.
 * @param shape What is known of the shape. A flat typed array takes it, where at most one dimension is unknown; else it is a vector.
 *   Nested arrays say their shape themselves; it is not checked against this one.
 * @returns A tensor that shares the elements of a typed array which already holds `dtype`: do not change it afterwards.
 * @throws ConversionError, naming the element.
 */
export function tensorFrom(value: TensorLike, dtype?: DType, shape: PartialShape = null): Tensor {
  if (Tensor.isTensor(value)) {
    if (dtype !== undefined && value.dtype !== dtype) {
      throw new ConversionError(
        `A ${value.dtype} tensor was given for a ${dtype} one; tensors are never cast. Cast it first.`,
      );
    }
    return value;
  }
  if (value instanceof StringArray) {
    if (dtype !== undefined && dtype !== 'string')
      throw new ConversionError(`Strings were given for ${describe(dtype)}.`);
    return new Tensor('string', shapeOfFlat(value.length, shape), value);
  }
  if (isTypedArray(value) && !(dtype === 'string' && value instanceof Uint8Array)) {
    const from = dtypeOf(value);
    const elements = convertTypedArray(value, from, dtype ?? from);
    const to = dtype ?? from;
    return new Tensor(to, shapeOfFlat(elements.length / slotsOf(to), shape), elements);
  }
  return fromNested(value, dtype);
}

/** Whether `value` is a typed array: numbers that tensors can be made from, one after the other. */
export function isTypedArray(value: unknown): value is TypedArray | Uint8ClampedArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

function slotsOf(dtype: DType): number {
  return isNumeric(dtype) ? slotsPerElement(dtype) : 1;
}

function dtypeOf(array: TypedArray | Uint8ClampedArray): NumericDType {
  if (array instanceof Float32Array) return 'float32';
  if (array instanceof Float64Array) return 'float64';
  if (array instanceof Int32Array) return 'int32';
  if (array instanceof Uint8Array || array instanceof Uint8ClampedArray) return 'uint8';
  if (array instanceof BigInt64Array) return 'int64';
  if (array instanceof Int16Array) return 'int16';
  if (array instanceof Int8Array) return 'int8';
  if (array instanceof Uint16Array) return 'uint16';
  if (array instanceof Uint32Array) return 'uint32';
  return 'uint64';
}

/** The shape that `count` elements without a shape of their own take. */
function shapeOfFlat(count: number, shape: PartialShape): Shape {
  if (shape === null || (shape.length === 1 && (shape[0] === null || shape[0] === count))) return [count];
  const unknown = shape.filter((dimension) => dimension === null).length;
  const known = sizeOf(shape.map((dimension) => dimension ?? 1));
  if (unknown > 1) {
    throw new ConversionError(
      `${count} elements in a flat array do not say which shape they have: ${formatShape(shape)} leaves ${unknown} dimensions open. ` +
        'Pass a Tensor with its shape, or nested arrays.',
    );
  }
  const rest = count / known;
  if (unknown === 0 ? rest !== 1 && !(count === 0 && known === 0) : !Number.isInteger(rest)) {
    throw new ConversionError(`${count} elements do not fill the shape ${formatShape(shape)}.`);
  }
  return shape.map((dimension) => dimension ?? rest);
}

function convertTypedArray(
  value: TypedArray | Uint8ClampedArray,
  from: NumericDType,
  to: DType,
): TypedArray | StringArray {
  const array =
    value instanceof Uint8ClampedArray ? new Uint8Array(value.buffer, value.byteOffset, value.length) : value;
  if (from === to || COMPLEX_PARTS[to] === from) return array;
  if ((to === 'float16' || to === 'bfloat16') && array instanceof Uint16Array) {
    throw new ConversionError(
      `A Uint16Array for ${to} could be numbers or bits. Pass a Float32Array of numbers, or a Tensor of bits.`,
    );
  }
  if (to === 'bool' && array instanceof Uint8Array) {
    const wrong = array.findIndex((element) => element > 1);
    if (wrong >= 0) throw new ConversionError(`Element ${wrong} is ${array[wrong]}; bool has 0 and 1.`);
    return array;
  }
  const { elements, put } = writer(to, array.length);
  for (let index = 0; index < array.length; index++) {
    const problem = put(index, array[index]!);
    if (problem !== undefined) throw new ConversionError(`Element ${index}: ${problem}`);
  }
  return elements();
}

/** Complex tensors are made from typed arrays of their parts, interleaved. */
const COMPLEX_PARTS: Partial<Record<DType, NumericDType>> = { complex64: 'float32', complex128: 'float64' };

function fromNested(value: TensorLike, wanted: DType | undefined): Tensor {
  const isRow = (item: unknown): item is readonly TensorLike[] | TypedArray =>
    Array.isArray(item) || (isTypedArray(item) && !(wanted === 'string' && item instanceof Uint8Array));
  const shape: number[] = [];
  let first: unknown = value;
  while (isRow(first)) {
    if (shape.length === MOST_DIMENSIONS)
      throw new ConversionError(`Arrays are nested more than ${MOST_DIMENSIONS} deep.`);
    shape.push(first.length);
    first = first[0];
  }
  const dtype = wanted ?? inferDType(first, value);
  const { elements, put } = writer(dtype, sizeOf(shape));
  let cursor = 0;
  const fill = (item: unknown, axis: number): void => {
    if (axis === shape.length) {
      const problem = put(cursor, item);
      if (problem !== undefined) throw new ConversionError(`${nameOf(cursor, shape)}${problem}`);
      cursor++;
      return;
    }
    if (!isRow(item) || item.length !== shape[axis]) {
      throw new ConversionError(
        `The arrays do not all have one length: ${isRow(item) ? `one of ${item.length}` : 'an element'} stands where the first of that depth has ` +
          `${shape[axis]} (before element ${cursor}).`,
      );
    }
    for (const child of item) fill(child, axis + 1);
  };
  fill(value, 0);
  return new Tensor(dtype, shape, elements());
}

function inferDType(first: unknown, value: unknown): DType {
  // The innermost typed array, if that is what the elements lie in.
  let item: unknown = value;
  while (Array.isArray(item)) item = item[0];
  if (isTypedArray(item)) return dtypeOf(item);
  switch (typeof first) {
    case 'bigint':
      return 'int64';
    case 'boolean':
      return 'bool';
    case 'string':
      return 'string';
    case 'object':
      return isComplex(first) ? 'complex64' : 'float32';
    default:
      return 'float32';
  }
}

function nameOf(index: number, shape: Shape): string {
  if (shape.length === 0) return '';
  const position: number[] = [];
  for (let axis = shape.length - 1, rest = index; axis >= 0; axis--) {
    position.unshift(rest % shape[axis]!);
    rest = Math.floor(rest / shape[axis]!);
  }
  return `Element [${position.join(', ')}]: `;
}

interface Writer {
  /** Stores one element; says what is wrong with it, if something is. */
  readonly put: (index: number, value: unknown) => string | undefined;
  readonly elements: () => TypedArray | StringArray;
}

const INTEGER_RANGES: Partial<Record<DType, readonly [bigint, bigint]>> = {
  int8: [-128n, 127n],
  qint8: [-128n, 127n],
  uint8: [0n, 255n],
  quint8: [0n, 255n],
  int16: [-32768n, 32767n],
  qint16: [-32768n, 32767n],
  uint16: [0n, 65535n],
  quint16: [0n, 65535n],
  int32: [-2147483648n, 2147483647n],
  qint32: [-2147483648n, 2147483647n],
  uint32: [0n, 4294967295n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
};

function writer(dtype: DType, size: number): Writer {
  if (dtype === 'string') return stringWriter(size);
  if (!isNumeric(dtype)) throw new ConversionError(`Values of type ${dtype} cannot be made outside a graph.`);
  const elements: TypedArray & Record<number, number | bigint> = allocate<NumericDType>(dtype, size);
  const put =
    dtype === 'bool'
      ? putBool
      : dtype.startsWith('complex')
        ? putComplex
        : INTEGER_RANGES[dtype]
          ? putInteger
          : putFloat;
  return { elements: () => elements, put: (index, value) => put(elements, index, value, dtype) };
}

type Put = (
  elements: Record<number, number | bigint>,
  index: number,
  value: unknown,
  dtype: NumericDType,
) => string | undefined;

const putBool: Put = (elements, index, value, dtype) => {
  if (typeof value !== 'boolean') return unexpected(value, dtype);
  elements[index] = value ? 1 : 0;
  return undefined;
};

const putInteger: Put = (elements, index, value, dtype) => {
  if (typeof value !== 'number' && typeof value !== 'bigint') return unexpected(value, dtype);
  if (typeof value === 'number' && !Number.isInteger(value))
    return `${value} is not a whole number, as ${dtype} wants.`;
  const [least, most] = INTEGER_RANGES[dtype]!;
  if (value < least || value > most) return `${value} is out of range: ${dtype} reaches from ${least} to ${most}.`;
  if (dtype === 'int64' || dtype === 'uint64') {
    if (typeof value === 'number' && !Number.isSafeInteger(value)) {
      return `${value} is beyond 2^53, where a number is no longer exact. Pass a bigint.`;
    }
    elements[index] = BigInt(value);
  } else {
    elements[index] = Number(value);
  }
  return undefined;
};

const putFloat: Put = (elements, index, value, dtype) => {
  if (typeof value !== 'number' && typeof value !== 'bigint') return unexpected(value, dtype);
  const number = Number(value);
  if (typeof value === 'bigint' && (!Number.isFinite(number) || BigInt(number) !== value)) {
    return `${value} cannot be held exactly as a floating-point number.`;
  }
  const rounded = ROUND[dtype]!(number);
  if (Number.isFinite(number) && !rounded.isFinite) return `${value} is out of range of ${dtype}.`;
  elements[index] = rounded.stored;
  return undefined;
};

interface Rounded {
  readonly stored: number;
  readonly isFinite: boolean;
}

const ROUND: Partial<Record<DType, (value: number) => Rounded>> = {
  float64: (value) => ({ stored: value, isFinite: Number.isFinite(value) }),
  float32: (value) => ({ stored: value, isFinite: Number.isFinite(Math.fround(value)) }),
  float16: (value) => {
    const stored = encodeFloat16(value);
    return { stored, isFinite: (stored & 0x7c00) !== 0x7c00 };
  },
  bfloat16: (value) => {
    const stored = encodeBfloat16(value);
    return { stored, isFinite: (stored & 0x7f80) !== 0x7f80 };
  },
};

const putComplex: Put = (elements, index, value, dtype) => {
  if (typeof value !== 'number' && !isComplex(value)) return unexpected(value, dtype);
  elements[2 * index] = typeof value === 'number' ? value : value.re;
  elements[2 * index + 1] = typeof value === 'number' ? 0 : value.im;
  return undefined;
};

function stringWriter(size: number): Writer {
  const values = new Array<string | Uint8Array>(size);
  return {
    put: (index, value) => {
      if (typeof value !== 'string' && !(value instanceof Uint8Array)) return unexpected(value, 'string');
      if (typeof value === 'string' && HALF_A_PAIR.test(value)) {
        return 'the text holds half a surrogate pair, which UTF-8 cannot hold. Pass a Uint8Array.';
      }
      values[index] = value;
      return undefined;
    },
    elements: () => StringArray.from(values),
  };
}

const HALF_A_PAIR = /\p{Surrogate}/u;

function isComplex(value: unknown): value is Complex {
  return typeof value === 'object' && value !== null && 're' in value && 'im' in value;
}

function describe(dtype: DType): string {
  return dtype === 'string' ? 'a string (text or Uint8Array)' : dtype;
}

function unexpected(value: unknown, dtype: DType): string {
  const what =
    value === null || value === undefined
      ? String(value)
      : Tensor.isTensor(value)
        ? `a ${value.dtype} tensor`
        : Array.isArray(value)
          ? 'an array, deeper than the first of its kind'
          : typeof value === 'object'
            ? (value.constructor?.name ?? 'an object')
            : `the ${typeof value} ${JSON.stringify(typeof value === 'bigint' ? String(value) : value)}`;
  return `${what} stands where ${describe(dtype)} is wanted.`;
}
