import type { Converter } from '../converter.js';
import { activationGradientConverters } from './activation-gradient.js';
import { arrayConverters } from './array.js';
import { binaryConverters } from './binary.js';
import { controlFlowConverters } from './control-flow.js';
import { convolutionGradientConverters } from './convolution-gradient.js';
import { convolutionConverters } from './convolution.js';
import { crossEntropyConverters } from './cross-entropy.js';
import { imageConverters } from './image.js';
import { matrixConverters } from './matrix.js';
import { normalizationConverters } from './normalization.js';
import { paddingConverters } from './padding.js';
import { poolingGradientConverters } from './pooling-gradient.js';
import { poolingConverters } from './pooling.js';
import { reductionConverters } from './reduction.js';
import { slicingConverters } from './slicing.js';
import { spaceToBatchConverters } from './space-to-batch.js';
import { tensorListConverters } from './tensor-list.js';
import { unaryConverters } from './unary.js';

/** Every converter, by the op that it converts. */
export const CONVERTERS: ReadonlyMap<string, Converter> = new Map(
  [
    ...activationGradientConverters,
    ...arrayConverters,
    ...binaryConverters,
    ...controlFlowConverters,
    ...convolutionConverters,
    ...convolutionGradientConverters,
    ...crossEntropyConverters,
    ...imageConverters,
    ...matrixConverters,
    ...normalizationConverters,
    ...paddingConverters,
    ...poolingConverters,
    ...poolingGradientConverters,
    ...reductionConverters,
    ...slicingConverters,
    ...spaceToBatchConverters,
    ...tensorListConverters,
    ...unaryConverters,
  ].map((converter) => [converter.type, converter]),
);
