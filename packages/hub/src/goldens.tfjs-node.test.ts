// Needs the binding of tfjs-node: `node tools/ci/tfjs-node.mjs` builds it and runs this.
import { describe } from '@jest/globals';
import { describeCases } from './testing/golden-cases.js';
import { readGoldens } from './testing/golden.js';
import { tfjsNodeBackend } from './testing/tfjs-backend.js';

/** libtensorflow multiplies by the reciprocal, rounded to float16, where a graph divides by a constant. */
const SLACK = { 'dtypes more': 8 };

describe('what TensorFlow computed, on libtensorflow', () => {
  for (const golden of readGoldens()) {
    describe(golden.document.module, () => {
      describeCases(golden, async () => ({ backend: await tfjsNodeBackend() }), SLACK);
    });
  }
});
