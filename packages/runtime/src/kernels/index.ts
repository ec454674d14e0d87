import type { KernelDefinition } from '../kernel.js';
import { activationKernels } from './activation.js';
import { arrayKernels } from './array.js';
import { audioKernels } from './audio.js';
import { batchNormalizationKernels } from './batch-normalization.js';
import { bitwiseKernels } from './bitwise.js';
import { castKernels } from './cast.js';
import { comparisonKernels } from './comparison.js';
import { complexKernels } from './complex.js';
import { controlKernels } from './control.js';
import { convolutionKernels } from './convolution.js';
import { countingKernels } from './counting.js';
import { decodingKernels } from './decoding.js';
import { featureCrossingKernels } from './feature-crossing.js';
import { fourierKernels } from './fourier.js';
import { gatherKernels } from './gather.js';
import { imageAdjustmentKernels } from './image-adjustment.js';
import { imageKernels } from './image.js';
import { imageWarpingKernels } from './image-warping.js';
import { linearAlgebraKernels } from './linear-algebra.js';
import { mathKernels } from './math.js';
import { matrixDecompositionKernels } from './matrix-decomposition.js';
import { matrixDiagonalKernels } from './matrix-diagonal.js';
import { morphologyKernels } from './morphology.js';
import { nonMaxSuppressionKernels } from './non-max-suppression.js';
import { optimizerKernels } from './optimizers.js';
import { orthogonalDecompositionKernels } from './orthogonal-decomposition.js';
import { poolingKernels } from './pooling.js';
import { probabilityKernels } from './probability.js';
import { quantizationKernels } from './quantization.js';
import { quantizedTypeKernels } from './quantized-types.js';
import { randomKernels } from './random.js';
import { rearrangingKernels } from './rearranging.js';
import { recurrentCellKernels } from './recurrent-cells.js';
import { reductionKernels } from './reduction.js';
import { scatterKernels } from './scatter.js';
import { searchKernels } from './search.js';
import { sequenceDecodingKernels } from './sequence-decoding.js';
import { sequenceKernels } from './sequences.js';
import { slicingKernels } from './slicing.js';
import { sparsePairKernels } from './sparse-pairs.js';
import { stateKernels } from './state.js';
import { tensorArrayKernels } from './tensor-array.js';
import { tensorListKernels } from './tensor-list.js';
import { textKernels } from './text.js';
import { unaryKernels } from './unary.js';

const families: readonly (readonly KernelDefinition[])[] = [
  activationKernels,
  arrayKernels,
  audioKernels,
  batchNormalizationKernels,
  bitwiseKernels,
  castKernels,
  comparisonKernels,
  complexKernels,
  controlKernels,
  convolutionKernels,
  countingKernels,
  decodingKernels,
  featureCrossingKernels,
  fourierKernels,
  gatherKernels,
  imageAdjustmentKernels,
  imageKernels,
  imageWarpingKernels,
  linearAlgebraKernels,
  mathKernels,
  matrixDecompositionKernels,
  matrixDiagonalKernels,
  morphologyKernels,
  nonMaxSuppressionKernels,
  optimizerKernels,
  orthogonalDecompositionKernels,
  poolingKernels,
  probabilityKernels,
  quantizationKernels,
  quantizedTypeKernels,
  randomKernels,
  rearrangingKernels,
  recurrentCellKernels,
  reductionKernels,
  scatterKernels,
  searchKernels,
  sequenceDecodingKernels,
  sequenceKernels,
  slicingKernels,
  sparsePairKernels,
  stateKernels,
  tensorArrayKernels,
  tensorListKernels,
  textKernels,
  unaryKernels,
];

/** What the host can run, by op. */
export const hostKernels: ReadonlyMap<string, KernelDefinition> = new Map(
  families.flat().map((definition) => [definition.type, definition]),
);
