import type { SymbolicTensor } from '@tenon/graph';
import {
  cast,
  divide,
  floor,
  identity,
  minimum,
  multiply,
  power,
  subtract,
  add,
  cos,
  type Variable,
} from '@tenon/layers';

export interface DecayOptions {
  /** The rate at the first step. */
  readonly learningRate: number;
  /** The variable that counts the steps. */
  readonly globalStep: Variable;
  /** After how many steps the rate has become `decayRate` times the first one, or what the decay ends at. */
  readonly decaySteps: number;
}

/** The step as a fraction of `decaySteps`. */
function progress({ globalStep, decaySteps }: DecayOptions): SymbolicTensor {
  return divide(cast(identity(globalStep), 'float32'), decaySteps);
}

/**
 * `learningRate * decayRate ** (step / decaySteps)`
 *
 * @param staircase Whether the exponent is rounded down, so that the rate stays for `decaySteps` steps: false by default.
 */
export function exponentialDecay(
  options: DecayOptions & { readonly decayRate: number; readonly staircase?: boolean },
): SymbolicTensor {
  const exponent = progress(options);
  return multiply(power(options.decayRate, options.staircase ? floor(exponent) : exponent), options.learningRate);
}

/** From the first rate to `alpha` (0 by default) times it, along half a wave of the cosine. */
export function cosineDecay(options: DecayOptions & { readonly alpha?: number }): SymbolicTensor {
  const { learningRate, alpha = 0 } = options;
  const wave = multiply(add(cos(multiply(minimum(progress(options), 1), Math.PI)), 1), 0.5);
  return multiply(add(multiply(wave, 1 - alpha), alpha), learningRate);
}

/** From the first rate to `end` (0.0001 by default) along a power of what remains (1, a straight line, by default). */
export function polynomialDecay(
  options: DecayOptions & { readonly end?: number; readonly power?: number },
): SymbolicTensor {
  const { learningRate, end = 0.0001, power: exponent = 1 } = options;
  const rest = subtract(1, minimum(progress(options), 1));
  return add(multiply(power(rest, exponent), learningRate - end), end);
}
