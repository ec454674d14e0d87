export {
  convert,
  convertibleTypes,
  whyUnconvertible,
  type ConversionOptions,
  type ConvertedModel,
  type ConvertibleGraph,
} from './convert.js';
export { UnconvertibleOperationsError, type UnconvertibleOperation } from './errors.js';
export type { DetachedData, GatheredWeights } from './placement.js';
