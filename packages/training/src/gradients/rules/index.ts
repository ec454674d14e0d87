import type { GradientRule } from '../rule.js';
import { arithmetic } from './arithmetic.js';
import { einsum } from './einsum.js';
import { elementwise } from './elementwise.js';
import { gathering } from './gathering.js';
import { layers } from './layers.js';
import { matrix } from './matrix.js';
import { passing } from './passing.js';
import { reductions } from './reductions.js';
import { shaping } from './shaping.js';

/** How gradients flow back through operations, by op. */
export const RULES: ReadonlyMap<string, GradientRule> = new Map(
  Object.entries({
    ...passing,
    ...elementwise,
    ...arithmetic,
    ...reductions,
    ...matrix,
    ...einsum,
    ...shaping,
    ...gathering,
    ...layers,
  }),
);

export { stopping } from './passing.js';

/** The TensorFlow ops that gradients flow through. */
export function differentiableTypes(): string[] {
  return [...RULES.keys()];
}
