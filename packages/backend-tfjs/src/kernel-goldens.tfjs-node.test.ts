import { describe } from '@jest/globals';
import { describeKernelGoldens } from './testing/describe-kernel-goldens.js';

describe('node', () => describeKernelGoldens('node'));
