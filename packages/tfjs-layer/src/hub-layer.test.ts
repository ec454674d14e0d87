import { describe } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { describeLayerGoldens } from './testing/describe-layer-goldens.js';

describe.each(['cpu', 'wasm'])('%s', describeLayerGoldens);
