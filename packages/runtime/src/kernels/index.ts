import type { KernelDefinition } from '../kernel.js';
import { arrayKernels } from './array.js';
import { castKernels } from './cast.js';
import { comparisonKernels } from './comparison.js';
import { gatherKernels } from './gather.js';
import { linearAlgebraKernels } from './linear-algebra.js';
import { mathKernels } from './math.js';
import { rearrangingKernels } from './rearranging.js';
import { reductionKernels } from './reduction.js';
import { slicingKernels } from './slicing.js';
import { stateKernels } from './state.js';
import { textKernels } from './text.js';
import { unaryKernels } from './unary.js';

const families: readonly (readonly KernelDefinition[])[] = [
  arrayKernels,
  castKernels,
  comparisonKernels,
  gatherKernels,
  linearAlgebraKernels,
  mathKernels,
  rearrangingKernels,
  reductionKernels,
  slicingKernels,
  stateKernels,
  textKernels,
  unaryKernels,
];

/** What the host can run, by op. */
export const hostKernels: ReadonlyMap<string, KernelDefinition> = new Map(
  families.flat().map((definition) => [definition.type, definition]),
);
