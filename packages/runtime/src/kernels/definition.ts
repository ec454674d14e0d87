import type { Operation } from '@tenon/graph';
import type { DType, Tensor } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';

/** A kernel for `type`. `supports` says which data types of its inputs and outputs it takes; every one by default. */
export function define(
  type: string,
  prepare: (operation: Operation) => Kernel,
  supports?: (dtype: DType) => boolean,
): KernelDefinition {
  return supports
    ? { type, prepare, unsupported: (operation) => unsupportedDType(operation, supports) }
    : { type, prepare };
}

function unsupportedDType(operation: Operation, supports: (dtype: DType) => boolean): string | undefined {
  const culprit = [...operation.inputs, ...operation.outputs].find(({ dtype }) => !supports(dtype));
  return culprit && `dtype ${culprit.dtype}`;
}

const REAL: ReadonlySet<DType> = new Set<DType>([
  'float32',
  'float64',
  'float16',
  'bfloat16',
  'int8',
  'int16',
  'int32',
  'int64',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'bool',
]);

/** Real numbers and truth values. */
export const isReal = (dtype: DType): boolean => REAL.has(dtype);

export const isComplex = (dtype: DType): boolean => dtype === 'complex64' || dtype === 'complex128';

/** Real and complex numbers and truth values. */
export const isNumber = (dtype: DType): boolean => isReal(dtype) || isComplex(dtype);

export const isInteger64 = (dtype: DType): boolean => dtype === 'int64' || dtype === 'uint64';

/** The floats that are kept as their bits, and computed in float32. */
export const isHalf = (dtype: DType): boolean => dtype === 'float16' || dtype === 'bfloat16';

/** A kernel of one input whose output shares its elements. */
export const passThrough: Kernel = (inputs) => [inputs[0] as Tensor];
