import type { KernelDefinition } from '../kernel.js';
import { hashKernels } from './hash.js';
import { caseKernels } from './string-case.js';
import { splitKernels } from './string-split.js';
import { regexKernels } from './regex.js';
import { sparseKernels } from './sparse.js';
import { sparseSegmentKernels } from './sparse-segments.js';
import { tableKernels } from './table.js';

/** Strings, lookup tables, sparse and ragged tensors. */
export const textKernels: readonly KernelDefinition[] = [
  ...caseKernels,
  ...splitKernels,
  ...regexKernels,
  ...hashKernels,
  ...tableKernels,
  ...sparseKernels,
  ...sparseSegmentKernels,
];
