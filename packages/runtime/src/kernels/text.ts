import type { KernelDefinition } from '../kernel.js';
import { base64Kernels } from './base64.js';
import { byteKernels } from './bytes.js';
import { hashKernels } from './hash.js';
import { caseKernels } from './string-case.js';
import { formatKernels } from './string-format.js';
import { joinKernels } from './string-join.js';
import { stringNumberKernels } from './string-number.js';
import { partKernels } from './string-parts.js';
import { splitKernels } from './string-split.js';
import { exampleKernels } from './parse-example.js';
import { sequenceExampleKernels } from './parse-sequence-example.js';
import { raggedKernels } from './ragged.js';
import { raggedVariantKernels } from './ragged-variant.js';
import { regexKernels } from './regex.js';
import { setKernels } from './set-operations.js';
import { sparseMathKernels } from './sparse-math.js';
import { sparseKernels } from './sparse.js';
import { sparseSegmentKernels } from './sparse-segments.js';
import { tableKernels } from './table.js';
import { unicodeKernels } from './unicode.js';

/** Strings, lookup tables, sparse and ragged tensors. */
export const textKernels: readonly KernelDefinition[] = [
  ...caseKernels,
  ...splitKernels,
  ...joinKernels,
  ...partKernels,
  ...stringNumberKernels,
  ...formatKernels,
  ...base64Kernels,
  ...byteKernels,
  ...unicodeKernels,
  ...regexKernels,
  ...hashKernels,
  ...tableKernels,
  ...sparseKernels,
  ...sparseSegmentKernels,
  ...sparseMathKernels,
  ...setKernels,
  ...raggedKernels,
  ...raggedVariantKernels,
  ...exampleKernels,
  ...sequenceExampleKernels,
];
