import type { Operation } from '@tenon/graph';
import { allocate, StringArray, Tensor, type DType, type NumericDType } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define, isComplex, isReal } from './definition.js';
import { numbersOf } from './elements.js';
import { InvalidArgumentError } from './errors.js';
import { formatFloating, formatInteger, type FormatFlag, type NumberFormat } from './number-format.js';
import { parseFloating, parseInteger } from './number-parsing.js';

const FLAGS: ReadonlySet<string> = new Set(['', ' ', '+', '-', '0', '#']);

/** Widths and precisions beyond it are broken or hostile. */
const MOST_CHARACTERS = 10_000;

function prepareAsString(operation: Operation): Kernel {
  const width = operation.int('width');
  const precision = operation.int('precision');
  const flag = operation.string('fill');
  const isScientific = operation.bool('scientific');
  const isShortest = operation.bool('shortest');
  const { dtype } = operation.input(0);
  if (!FLAGS.has(flag))
    throw new InvalidArgumentError(
      `A fill of ${JSON.stringify(flag)} is not possible; it may be " ", "+", "-", "0" or "#".`,
    );
  if (isScientific && isShortest) throw new InvalidArgumentError('Numbers cannot be both "scientific" and "shortest".');
  if (width > MOST_CHARACTERS || precision > MOST_CHARACTERS)
    throw new InvalidArgumentError(`More than ${MOST_CHARACTERS} characters per number are not possible.`);
  const isIntegral = !isComplex(dtype) && !FLOATING.has(dtype) && dtype !== 'string';
  if (isIntegral && (isScientific || isShortest || precision >= 0)) {
    throw new InvalidArgumentError(
      `"scientific", "shortest" and "precision" are for floating-point numbers; these are ${dtype}.`,
    );
  }
  const format: NumberFormat = {
    style: isScientific ? 'e' : isShortest ? 'g' : 'f',
    precision,
    flag: flag as FormatFlag,
    width,
  };
  return ([input]) => [new Tensor('string', input!.shape, StringArray.from(asStrings(input!, format)))];
}

const FLOATING: ReadonlySet<DType> = new Set<DType>(['float32', 'float64', 'float16', 'bfloat16']);

function asStrings(input: Tensor, format: NumberFormat): readonly (string | Uint8Array)[] {
  const { dtype } = input;
  const { flag, width } = format;
  if (input.is('string')) {
    const strings = input.data;
    const elements = Array.from({ length: strings.length }, (_, i) => strings.at(i));
    return width > 0 ? elements.map((bytes) => padBytes(bytes, format)) : elements;
  }
  if (dtype === 'bool') return Array.from(input.data as Uint8Array, (value) => (value ? 'true' : 'false'));
  if (isComplex(dtype)) {
    const parts = input.data as Float64Array;
    const texts = Array.from(parts, (part) => formatFloating(part, format));
    return Array.from({ length: parts.length / 2 }, (_, i) => `(${texts[2 * i]},${texts[2 * i + 1]})`);
  }
  if (FLOATING.has(dtype)) return Array.from(numbersOf(input), (value) => formatFloating(value, format));
  // Unsigned integers have no sign to write.
  const integerFlag = dtype.startsWith('uint') && (flag === '+' || flag === ' ') ? '' : flag;
  return Array.from(input.data as Int32Array, (value) => formatInteger(value, integerFlag, width));
}

function padBytes(bytes: Uint8Array, { flag, width }: NumberFormat): Uint8Array {
  if (bytes.length >= width) return bytes;
  const padded = new Uint8Array(width).fill(0x20);
  padded.set(bytes, flag === '-' ? 0 : width - bytes.length);
  return padded;
}

function prepareStringToNumber(operation: Operation): Kernel {
  const dtype = operation.dtype('out_type') as NumericDType;
  return ([input]) => {
    const { bytes, offsets, length } = input!.data as StringArray;
    const data = allocate(dtype, length);
    const isFloating = FLOATING.has(dtype);
    for (let i = 0; i < length; i++) {
      const start = offsets[i]!;
      const end = offsets[i + 1]!;
      const value = isFloating
        ? parseFloating(bytes, start, end, dtype === 'float32')
        : parseInteger(dtype as 'int64', bytes, start, end);
      if (value === undefined) {
        const text = new TextDecoder().decode(bytes.subarray(start, Math.min(end, start + 100)));
        throw new InvalidArgumentError(
          `Element ${i}, ${JSON.stringify(text)}, does not spell a number of dtype ${dtype}.`,
        );
      }
      if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[i] = BigInt(value);
      else data[i] = Number(value);
    }
    return [new Tensor(dtype, input!.shape, data)];
  };
}

export const stringNumberKernels: readonly KernelDefinition[] = [
  define('AsString', prepareAsString, (dtype) => dtype === 'string' || isReal(dtype) || isComplex(dtype)),
  define('StringToNumber', prepareStringToNumber),
];
