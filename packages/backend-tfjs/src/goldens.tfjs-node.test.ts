import { describe } from '@jest/globals';
import { describeGoldens } from './testing/describe-goldens.js';

describe('node', () => describeGoldens('node'));
