import type { SymbolicTensor } from '@tenon/graph';
import { reduceMax, reduceMean } from '../ops/reduction.js';

/** The mean over all pixels: `[batch, height, width, channels]` to `[batch, channels]`. */
export function globalAveragePooling2d(images: SymbolicTensor): SymbolicTensor {
  return reduceMean(images, { axis: [1, 2] });
}

/** The largest over all pixels: `[batch, height, width, channels]` to `[batch, channels]`. */
export function globalMaxPooling2d(images: SymbolicTensor): SymbolicTensor {
  return reduceMax(images, { axis: [1, 2] });
}
