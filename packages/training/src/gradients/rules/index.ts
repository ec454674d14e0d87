import type { Operation } from '@tenon/graph';
import type { GradientRule } from '../rule.js';
import { arithmetic } from './arithmetic.js';
import { branches, call } from './branches.js';
import { complexNumbers } from './complex-numbers.js';
import { einsum } from './einsum.js';
import { elementwise } from './elementwise.js';
import { gathering } from './gathering.js';
import { layers } from './layers.js';
import { loops } from './loops.js';
import { matrix } from './matrix.js';
import { passing } from './passing.js';
import { reductions } from './reductions.js';
import { shaping } from './shaping.js';
import { sparse } from './sparse.js';
import { tensorLists } from './tensor-lists.js';

/** How gradients flow back through operations, by op. */
const RULES: ReadonlyMap<string, GradientRule> = new Map(
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
    ...sparse,
    ...complexNumbers,
    ...tensorLists,
    ...loops,
    ...branches,
  }),
);

/** How gradients flow back through an operation; `undefined` if they do not. */
export function findRule({ type, graph }: Operation): GradientRule | undefined {
  return RULES.get(type) ?? (graph.functions.find(type) && call);
}

export { complexOps } from './complex-numbers.js';
export { stopping } from './passing.js';

/** The TensorFlow ops that gradients flow through. */
export function differentiableTypes(): string[] {
  return [...RULES.keys()];
}
