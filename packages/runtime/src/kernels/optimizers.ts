import { Tensor } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define, isReal } from './definition.js';
import { fromNumbers, makeNumbers, numbersOf } from './elements.js';
import { InvalidArgumentError } from './errors.js';
import { readVariable, variableIn } from './state.js';

const sameShape = (a: Tensor, b: Tensor): boolean => a.shape.join() === b.shape.join();

/** Moves a variable down its gradient. */
const applyGradientDescent: Kernel = ([handle, rate, gradient]) => {
  const variable = variableIn(handle);
  const before = readVariable(variable);
  if (rate!.rank !== 0 || !sameShape(before, gradient!) || gradient!.dtype !== before.dtype) {
    throw new InvalidArgumentError(
      `A gradient of shape [${gradient!.shape.join(', ')}] and a rate of shape [${rate!.shape.join(', ')}] do not fit the variable "${variable.name}" of shape [${before.shape.join(', ')}].`,
    );
  }
  const values = numbersOf(before);
  const slopes = numbersOf(gradient!);
  const step = numbersOf(rate!)[0]!;
  const after = makeNumbers(before.dtype, values.length);
  for (let i = 0; i < after.length; i++) after[i] = values[i]! - slopes[i]! * step;
  variable.assign(fromNumbers(before.dtype, before.shape, after));
  return [];
};

export const optimizerKernels: readonly KernelDefinition[] = [
  define(
    'ResourceApplyGradientDescent',
    () => applyGradientDescent,
    (dtype) => dtype === 'resource' || isReal(dtype),
  ),
];
