import type { SymbolicTensor } from '@tenon/graph';
import { add, addN, apply, divide, maximum, multiply, sqrt, subtract } from '@tenon/layers';
import { isIndexedSlices, type Gradient } from '../gradients/indexed-slices.js';
import { OptimizerArgumentError } from '../errors.js';
import type { GradientAndVariable } from './optimizer.js';

function valuesOf(gradient: Gradient): SymbolicTensor {
  return isIndexedSlices(gradient) ? gradient.values : gradient;
}

function scaled(gradient: Gradient, factor: SymbolicTensor): Gradient {
  const values = multiply(valuesOf(gradient), factor);
  return isIndexedSlices(gradient) ? { ...gradient, values } : values;
}

function checkLength(what: string, length: number): void {
  if (!(length > 0)) throw new OptimizerArgumentError([`${what}: the length must be above 0; it is ${length}.`]);
}

/**
 * Scales all gradients alike, so that the length of all of them together is at most `length`. Where one is infinite, all become NaN: that training
 * diverges shows.
 *
 * @throws OptimizerArgumentError
 */
export function clipByGlobalNorm(pairs: readonly GradientAndVariable[], length: number): GradientAndVariable[] {
  checkLength('clipByGlobalNorm', length);
  const gradients = pairs.flatMap(([gradient]) => gradient ?? []);
  if (gradients.length === 0) return [...pairs];
  const halves = gradients.map((gradient) => apply('L2Loss', [valuesOf(gradient)]));
  const norm = sqrt(multiply(addN(halves), 2));
  // Never more than 1, whatever rounding does where the norm is just the length.
  const factor = add(divide(length, maximum(norm, length)), subtract(norm, norm));
  return pairs.map(([gradient, variable]) => [gradient && scaled(gradient, factor), variable]);
}

/**
 * Scales each gradient, so that its own length is at most `length`.
 *
 * @throws OptimizerArgumentError
 */
export function clipByNorm(pairs: readonly GradientAndVariable[], length: number): GradientAndVariable[] {
  checkLength('clipByNorm', length);
  return pairs.map(([gradient, variable]) => {
    if (!gradient) return [gradient, variable];
    const norm = sqrt(multiply(apply('L2Loss', [valuesOf(gradient)]), 2));
    return [scaled(gradient, divide(length, maximum(norm, length))), variable];
  });
}
