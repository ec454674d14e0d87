import type { Operation } from '@tenon/graph';
import { isFloating, slotsPerElement, type StringArray, type Tensor } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define, isHalf, passThrough } from './definition.js';
import { numbersOf } from './elements.js';
import { AssertionFailedError, InvalidArgumentError } from './errors.js';

/** The first elements of a tensor, as a person would read them. */
function print(tensor: Tensor, most: number): string {
  const count = Math.min(tensor.size, most);
  const values = Array.from({ length: count }, (_, i) => elementText(tensor, i)).join(' ');
  const more = tensor.size > count ? ' …' : '';
  return tensor.rank === 0 ? values : `[${values}${more}]`;
}

function elementText(tensor: Tensor, index: number): string {
  if (tensor.dtype === 'string') return (tensor.data as StringArray).decode(index);
  if (tensor.dtype === 'resource' || tensor.dtype === 'variant') return `<${tensor.dtype}>`;
  if (tensor.dtype === 'bool') return (tensor.data as Uint8Array)[index] ? 'true' : 'false';
  if (isHalf(tensor.dtype)) return String(numbersOf(tensor)[index]);
  const slots = slotsPerElement(tensor.dtype);
  const data = tensor.data as Float32Array;
  return slots === 2 ? `(${data[2 * index]}, ${data[2 * index + 1]})` : String(data[index]);
}

function prepareAssert(operation: Operation): Kernel {
  const most = operation.int('summarize');
  return ([condition, ...data]) => {
    if ((condition!.data as Uint8Array)[0] === 0) {
      throw new AssertionFailedError(data.map((tensor) => print(tensor, most < 0 ? Infinity : most)));
    }
    return [];
  };
}

function prepareCheckNumerics(operation: Operation): Kernel {
  const message = operation.string('message');
  return ([tensor]) => {
    if (isFloating(tensor!.dtype)) {
      const wrong = numbersOf(tensor!).find((value) => !Number.isFinite(value));
      if (wrong !== undefined)
        throw new InvalidArgumentError(`${message} : the tensor has ${wrong === wrong ? 'Inf' : 'NaN'} values.`);
    }
    return [tensor!];
  };
}

const nothing: Kernel = () => [];

export const controlKernels: readonly KernelDefinition[] = [
  define('NoOp', () => nothing),
  define('ControlTrigger', () => nothing),
  define('Assert', prepareAssert),
  // What a program prints is for those who wrote it.
  define('PrintV2', () => nothing),
  // It only says where an accelerator's compiler is to put what passes.
  define('XlaSharding', () => passThrough),
  define('XlaOptimizationBarrier', () => (inputs) => inputs),
  define('Print', () => (inputs) => [inputs[0]!]),
  define('CheckNumerics', prepareCheckNumerics),
  define('CheckNumericsV2', prepareCheckNumerics),
];
