import {
  allocate,
  bytesPerElement,
  decodeBfloat16,
  slotsPerElement,
  StringArray,
  Tensor,
  viewBytes,
  type DType,
  type NumericDType,
} from '@tenon/tensor';
import { elementCount } from '../element-count.js';
import { InvalidTensorError, MalformedFileError, UnsupportedDTypeError } from '../errors.js';
import { readByteStrings, readCodePoints, widthOf, writeByteStrings } from './fixed-strings.js';
import { fromFortranOrder } from './from-fortran-order.js';
import { formatNpyHeader, parseNpyHeader, type NpyHeader } from './npy-header.js';

/** By what follows the byte order in numpy's description. */
const DTYPES = new Map<string, NumericDType>([
  ['f2', 'float16'],
  ['f4', 'float32'],
  ['f8', 'float64'],
  ['i1', 'int8'],
  ['i2', 'int16'],
  ['i4', 'int32'],
  ['i8', 'int64'],
  ['u1', 'uint8'],
  ['u2', 'uint16'],
  ['u4', 'uint32'],
  ['u8', 'uint64'],
  ['b1', 'bool'],
  ['c8', 'complex64'],
  ['c16', 'complex128'],
]);

const CODES = new Map<DType, string>([
  ...Array.from(DTYPES, ([code, dtype]): [DType, string] => [dtype, code]),
  // The integers that hold them: numpy has no quantized types.
  ['qint8', 'i1'],
  ['qint16', 'i2'],
  ['qint32', 'i4'],
  ['quint8', 'u1'],
  ['quint16', 'u2'],
]);

const FILE_KIND = '.npy file';
/** Of strings: one long one makes all of them long. */
const MAX_PADDED_BYTES = 2 ** 31;

/**
 * Reads a .npy file, of any byte order and either memory order.
 *
 * Strings are read from numpy's `S` as their bytes and from its `U` as UTF-8. Both are padded with zeros in the file, so
 * zeros at the end of an element are not part of it, in numpy as here.
 *
 * @param file What to call it in errors.
 * @throws MalformedFileError if it is no .npy file, or its elements do not fill its shape.
 * @throws UnsupportedDTypeError for Python objects, structures, dates, and other types that are not a tensor's.
 */
export function readNpy(bytes: Uint8Array, file = 'array.npy'): Tensor {
  const header = parseNpyHeader(bytes, file);
  const { descr, shape } = header;
  const count = elementCount(shape);
  if (count === undefined)
    throw new MalformedFileError(file, FILE_KIND, `its shape (${shape.join(', ')}) is impossible.`);
  const kind = descr.slice(1);
  const dtype = DTYPES.get(kind);
  if (dtype !== undefined) {
    const elements = elementsOf(bytes, header, count, bytesPerElement(dtype), file);
    const swapped = descr.startsWith('>')
      ? swapBytes(elements, bytesPerElement(dtype) / slotsPerElement(dtype))
      : elements;
    return new Tensor(dtype, shape, viewBytes(dtype, swapped));
  }
  const width = /^[SU](\d{1,9})$/.exec(kind)?.[1];
  if (width === undefined) throw new UnsupportedDTypeError(descr, describeUnsupported(file, kind));
  return new Tensor('string', shape, readStrings(bytes, header, count, Number(width), file));
}

/**
 * Writes a .npy file.
 *
 * bfloat16, which numpy lacks, is widened to float32, and quantized integers become plain ones. Strings become numpy's
 * `S`, bytes as wide as the longest element: zero bytes at the end of an element are lost when it is read.
 *
 * @throws UnsupportedDTypeError for `resource` and `variant`.
 * @throws InvalidTensorError for strings that would take more than 2 GiB, padded.
 */
export function writeNpy(tensor: Tensor): Uint8Array {
  const { dtype, shape, data } = tensor;
  if (tensor.is('bfloat16')) {
    const wide = allocate('float32', tensor.size);
    for (let index = 0; index < wide.length; index++) wide[index] = decodeBfloat16(tensor.data[index]!);
    return writeNpy(new Tensor('float32', shape, wide));
  }
  if (data instanceof StringArray) {
    const width = widthOf(data);
    if (width * data.length > MAX_PADDED_BYTES) {
      const reason = `its ${data.length} strings would take ${width} bytes each, as many as the longest.`;
      throw new InvalidTensorError('A tensor for a .npy file', shape, reason);
    }
    const bytes = writeByteStrings(data, width);
    return concatenate(formatNpyHeader(`|S${width}`, shape), bytes);
  }
  const code = CODES.get(dtype);
  if (code === undefined || !ArrayBuffer.isView(data))
    throw new UnsupportedDTypeError(dtype, 'A tensor for a .npy file');
  const order = code.endsWith('1') ? '|' : '<';
  return concatenate(
    formatNpyHeader(order + code, shape),
    new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  );
}

function readStrings(bytes: Uint8Array, header: NpyHeader, count: number, width: number, file: string): StringArray {
  // Elements of no bytes could be as many as the header says without the file growing.
  if (width === 0 && count > 0) throw new MalformedFileError(file, FILE_KIND, 'its elements have no bytes.');
  if (header.descr[1] === 'S') return readByteStrings(elementsOf(bytes, header, count, width, file), width, count);
  try {
    const elements = elementsOf(bytes, header, count, 4 * width, file);
    return readCodePoints(elements, width, count, !header.descr.startsWith('>'));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new MalformedFileError(file, FILE_KIND, `${error.message}.`, { cause: error });
  }
}

/** In row-major order. */
function elementsOf(bytes: Uint8Array, header: NpyHeader, count: number, width: number, file: string): Uint8Array {
  const elements = bytes.subarray(header.dataOffset);
  if (elements.length !== count * width) {
    const reason = `it has ${elements.length} bytes of elements where its shape needs ${count * width}.`;
    throw new MalformedFileError(file, FILE_KIND, reason);
  }
  const isRowMajor = !header.fortranOrder || header.shape.length < 2;
  return isRowMajor ? elements : fromFortranOrder(elements, header.shape, width);
}

function swapBytes(bytes: Uint8Array, width: number): Uint8Array {
  // Not `slice`: that of a Buffer does not copy.
  const result = new Uint8Array(bytes);
  for (let start = 0; start < result.length; start += width) result.subarray(start, start + width).reverse();
  return result;
}

function describeUnsupported(file: string, kind: string): string {
  return kind === 'O' ? `${file} holds Python objects (save strings as dtype "S" or "U" instead); it` : file;
}

function concatenate(header: Uint8Array, elements: Uint8Array): Uint8Array {
  const file = new Uint8Array(header.length + elements.length);
  file.set(header);
  file.set(elements, header.length);
  return file;
}
