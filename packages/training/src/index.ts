export { restoreVariables, saveVariables, type VariableHolder } from './checkpoints/variables.js';
export {
  GradientArgumentError,
  NoGradientError,
  OptimizerArgumentError,
  RestoreVariablesError,
  type UndifferentiableOperation,
} from './errors.js';
export { gradients, type GradientsOptions } from './gradients/gradients.js';
export { isIndexedSlices, type Gradient, type IndexedSlices } from './gradients/indexed-slices.js';
export { differentiableTypes } from './gradients/rules/index.js';
export { adam, type AdamOptions } from './optimizers/adam.js';
export { clipByGlobalNorm, clipByNorm } from './optimizers/clipping.js';
export { globalStep } from './optimizers/global-step.js';
export { cosineDecay, exponentialDecay, polynomialDecay, type DecayOptions } from './optimizers/learning-rates.js';
export {
  Optimizer,
  type ApplyGradientsOptions,
  type GradientAndVariable,
  type MinimizeOptions,
  type Rate,
} from './optimizers/optimizer.js';
export {
  adagrad,
  gradientDescent,
  momentum,
  rmsProp,
  type AdagradOptions,
  type LearningRateOptions,
  type MomentumOptions,
  type RmsPropOptions,
} from './optimizers/optimizers.js';
export type { Trainable } from './optimizers/trained-variable.js';
