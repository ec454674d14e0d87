import { describe } from '@jest/globals';
import { describeGoldens } from './testing/describe-goldens.js';

describe.each(['cpu', 'wasm'])('%s', describeGoldens);
