import type { Operation } from '@tenon/graph';
import { bytesPerElement, slotsPerElement, StringArray, Tensor, viewBytes, type NumericDType } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define } from './definition.js';
import { InvalidArgumentError } from './errors.js';

function prepareDecodeRaw(operation: Operation): Kernel {
  const dtype = operation.dtype('out_type') as NumericDType;
  const isLittleEndian = operation.bool('little_endian');
  const width = bytesPerElement(dtype);
  return ([input]) => {
    const { bytes, offsets, length } = input!.data as StringArray;
    const size = length === 0 ? 0 : offsets[1]! - offsets[0]!;
    for (let i = 0; i < length; i++) {
      if (offsets[i + 1]! - offsets[i]! !== size)
        throw new InvalidArgumentError(`String ${i} has another length than string 0, which has ${size} bytes.`);
    }
    if (size % width !== 0)
      throw new InvalidArgumentError(`${size} bytes are no whole number of ${dtype} elements of ${width} bytes.`);
    const raw = bytes.slice(offsets[0], offsets[length]);
    if (!isLittleEndian) swapBytes(raw, width / slotsPerElement(dtype));
    if (dtype === 'bool') for (let i = 0; i < raw.length; i++) raw[i] = raw[i] === 0 ? 0 : 1;
    return [new Tensor(dtype, [...input!.shape, size / width], viewBytes(dtype, raw))];
  };
}

/** Reverses the bytes of each word. */
function swapBytes(bytes: Uint8Array, width: number): void {
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
}

const readFile: Kernel = ([filename], { files }) => {
  if (filename!.rank !== 0) throw new InvalidArgumentError('The name of the file must be a scalar.');
  const file = files.readFile((filename!.data as StringArray).decode(0));
  return [new Tensor('string', [], new StringArray(file, Uint32Array.of(0, file.length)))];
};

/** Gives nothing: it is there for its effect. */
const writeFile: Kernel = ([filename, contents], { files }) => {
  if (filename!.rank !== 0 || contents!.rank !== 0)
    throw new InvalidArgumentError('The name of the file and its contents must be scalars.');
  files.writeFile((filename!.data as StringArray).decode(0), (contents!.data as StringArray).at(0));
  return [];
};

export const byteKernels: readonly KernelDefinition[] = [
  define('DecodeRaw', prepareDecodeRaw),
  define('ReadFile', () => readFile),
  define('WriteFile', () => writeFile),
];
