import type { Op } from '../op.js';
import { arrayOps } from './array.js';
import { binaryOps } from './binary.js';
import { convolutionOps } from './convolution.js';
import { gradientOps } from './gradient.js';
import { imageOps } from './image.js';
import { matrixOps } from './matrix.js';
import { normalizationOps } from './normalization.js';
import { poolingOps } from './pooling.js';
import { reductionOps } from './reduction.js';
import { slicingOps } from './slicing.js';
import { unaryOps } from './unary.js';

const OPS: ReadonlyMap<string, Op> = new Map(
  [
    ...arrayOps,
    ...binaryOps,
    ...convolutionOps,
    ...gradientOps,
    ...imageOps,
    ...matrixOps,
    ...normalizationOps,
    ...poolingOps,
    ...reductionOps,
    ...slicingOps,
    ...unaryOps,
  ].map((op) => [op.type, op]),
);

/** The ops that TensorFlow.js has kernels for, where their data types and attributes allow it. */
export function tfjsTypes(): string[] {
  return [...OPS.keys()];
}

/** How TensorFlow.js computes the ops of that type; `undefined` if it does not. */
export function findOp(type: string): Op | undefined {
  return OPS.get(type);
}
