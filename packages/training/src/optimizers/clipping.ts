import type { SymbolicTensor } from '@tenon/graph';
import { addN, apply, divide, maximum, multiply, sqrt } from '@tenon/layers';
import { isIndexedSlices, type Gradient } from '../gradients/indexed-slices.js';
import type { GradientAndVariable } from './optimizer.js';

function valuesOf(gradient: Gradient): SymbolicTensor {
  return isIndexedSlices(gradient) ? gradient.values : gradient;
}

function scaled(gradient: Gradient, factor: SymbolicTensor): Gradient {
  const values = multiply(valuesOf(gradient), factor);
  return isIndexedSlices(gradient) ? { ...gradient, values } : values;
}

/** Scales all gradients alike, so that the length of all of them together is at most `length`. */
export function clipByGlobalNorm(pairs: readonly GradientAndVariable[], length: number): GradientAndVariable[] {
  const gradients = pairs.flatMap(([gradient]) => gradient ?? []);
  if (gradients.length === 0) return [...pairs];
  const halves = gradients.map((gradient) => apply('L2Loss', [valuesOf(gradient)]));
  const norm = sqrt(multiply(addN(halves), 2));
  // Never more than 1, whatever rounding does where the norm is just the length.
  const factor = divide(length, maximum(norm, length));
  return pairs.map(([gradient, variable]) => [gradient && scaled(gradient, factor), variable]);
}

/** Scales each gradient, so that its own length is at most `length`. */
export function clipByNorm(pairs: readonly GradientAndVariable[], length: number): GradientAndVariable[] {
  return pairs.map(([gradient, variable]) => {
    if (!gradient) return [gradient, variable];
    const norm = sqrt(multiply(apply('L2Loss', [valuesOf(gradient)]), 2));
    return [scaled(gradient, divide(length, maximum(norm, length))), variable];
  });
}
