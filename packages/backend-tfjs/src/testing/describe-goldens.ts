import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Tensor } from '@tenon/tensor';
import { whyUnsupported } from '../supported.js';
import { tfjs } from '../tfjs-backend.js';
import { difference } from '../../../backend-onnx/src/testing/compare.js';
import { buildSegment, readGoldenCases, type GoldenCase } from '../../../backend-onnx/src/testing/golden-cases.js';

const FILES = ['elementwise', 'arrays', 'reductions', 'images', 'networks'];

/** Why a case does not run, or where its results are not TensorFlow's; `undefined` if all is well. */
async function run(golden: GoldenCase, shapes: 'known' | 'dynamic', name: string): Promise<string | undefined> {
  const segment = buildSegment(golden, shapes);
  for (const operation of segment.graph.operations) {
    if (operation.type === 'Const' || operation.type === 'Placeholder') continue;
    const reason = whyUnsupported(operation, [name]);
    if (reason !== undefined) return `${operation.type}: ${reason}`;
  }
  const executable = await tfjs({ backend: name }).compile(segment);
  try {
    const results = (await executable.run(segment.feeds)) as readonly Tensor[];
    for (const [index, expected] of segment.expected.entries()) {
      const wrong = difference(results[index]!, expected, golden.tolerance);
      if (wrong !== undefined) return `${segment.outputs[index]!.name}: ${wrong}`;
    }
    return undefined;
  } finally {
    await executable.dispose();
  }
}

/** What a kernel does not take is the host's, and so is what there is no kernel for. */
const isOfOtherType = (line: string): boolean => /dtype [a-z0-9]+$/.test(line);
const NO_KERNEL = 'TensorFlow.js has no kernel for it';
const WITHOUT_KERNEL = [
  ...['BitwiseAnd', 'BitwiseOr', 'BitwiseXor', 'Invert', 'InvertPermutation', 'MatrixBandPart', 'MaxPoolV2', 'Mod'],
  ...['Range', 'ReverseSequence', 'Roll', 'ScatterNd', 'TensorScatterAdd', 'TensorScatterUpdate', 'TruncateDiv'],
  'TruncateMod',
];

/** What else is known not to run, or to differ, with the reason: `wasm, images, dynamic: MaxPool3D: …`. */
const exceptions = readFileSync(join(__dirname, '..', '..', 'testdata', 'exceptions.txt'), 'utf8').split('\n');

/** Small graphs give what they give in TensorFlow, on a backend of TensorFlow.js. */
export function describeGoldens(name: string): void {
  describe.each(FILES)('%s', (file) => {
    it.each(['known', 'dynamic'] as const)(
      'gives what TensorFlow gives, shapes %s',
      async (shapes) => {
        const found: string[] = [];
        for (const golden of readGoldenCases(file)) {
          const problem = await run(golden, shapes, name).catch(String);
          if (problem !== undefined) found.push(`${name}, ${file}, ${shapes}: ${golden.name}: ${problem}`);
        }
        const missing = found.filter((line) => line.endsWith(NO_KERNEL)).map((line) => line.split(': ').at(-2));
        expect(missing.filter((type) => !WITHOUT_KERNEL.includes(type!))).toEqual([]);
        const rest = found.filter((line) => !isOfOtherType(line) && !line.endsWith(NO_KERNEL));
        expect(rest).toEqual(exceptions.filter((line) => line.startsWith(`${name}, ${file}, ${shapes}:`)));
      },
      300_000,
    );
  });
}
