import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { whyUnconvertible } from '@tenon/onnx';
import type { Tensor } from '@tenon/tensor';
import { onnx } from './onnx-backend.js';
import { difference } from './testing/compare.js';
import { buildSegment, readGoldenCases, type GoldenCase } from './testing/golden-cases.js';

const FILES = ['elementwise', 'arrays', 'reductions', 'images', 'networks'];

/** Runs a case; why it does not run, or where its results are not TensorFlow's; `undefined` if all is well. */
async function run(golden: GoldenCase, shapes: 'known' | 'dynamic'): Promise<string | undefined> {
  const backend = onnx({ sessionOptions: { intraOpNumThreads: 1 } });
  const segment = buildSegment(golden, shapes);
  const refused = Array.from(segment.graph.operations).filter((operation) => !backend.supports(operation));
  if (refused.length > 0) return whyUnconvertible(refused[0]!);
  const executable = await backend.compile(segment);
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

/** What is known not to run, or to differ, with the reason: `images, dynamic: MaxPool int32: …`. */
const exceptions = readFileSync(join(__dirname, '..', 'testdata', 'exceptions.txt'), 'utf8').split('\n');

/** Hundreds of sessions are opened, on machines that may be busy. */
const TIMEOUT = 300_000;

describe.each(FILES)('%s', (file) => {
  it.each(['known', 'dynamic'] as const)(
    'gives what TensorFlow gives, shapes %s',
    async (shapes) => {
      const found: string[] = [];
      for (const golden of readGoldenCases(file)) {
        const problem = await run(golden, shapes).catch(String);
        if (problem !== undefined) found.push(`${file}, ${shapes}: ${golden.name}: ${problem}`);
      }
      expect(found).toEqual(exceptions.filter((line) => line.startsWith(`${file}, ${shapes}:`)));
    },
    TIMEOUT,
  );
});
