import { describe } from '@jest/globals';
import '@tensorflow/tfjs-node';
import { describeLayerGoldens } from './testing/describe-layer-goldens.js';

describe('node', () => describeLayerGoldens('tensorflow'));
