export { GradientArgumentError, NoGradientError, type UndifferentiableOperation } from './errors.js';
export { gradients, type GradientsOptions } from './gradients/gradients.js';
export { isIndexedSlices, type Gradient, type IndexedSlices } from './gradients/indexed-slices.js';
export { differentiableTypes } from './gradients/rules/index.js';
