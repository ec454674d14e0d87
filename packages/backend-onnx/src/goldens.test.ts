import { describe, expect, it } from '@jest/globals';
import { onnx } from './onnx-backend.js';
import { difference } from './testing/compare.js';
import { buildSegment, readGoldenCases, type GoldenCase } from './testing/golden-cases.js';

/** Runs a case; `unsupported …` or what is wrong, `undefined` if the results are TensorFlow's. */
async function run(golden: GoldenCase, shapes: 'known' | 'dynamic'): Promise<string | undefined> {
  const backend = onnx();
  const segment = buildSegment(golden, shapes);
  const refused = Array.from(segment.graph.operations).filter((operation) => !backend.supports(operation));
  if (refused.length > 0) return `unsupported ${refused.map(({ type }) => type).join()}`;
  const executable = await backend.compile(segment);
  try {
    const results = await executable.run(segment.feeds);
    for (const [index, expected] of segment.expected.entries()) {
      const wrong = difference(results[index] as never, expected, golden.tolerance);
      if (wrong !== undefined) return `${segment.outputs[index]!.name}: ${wrong}`;
    }
    return undefined;
  } finally {
    await executable.dispose();
  }
}

describe.each(['elementwise', 'arrays', 'reductions', 'images', 'networks'])('%s', (file) => {
  it.each(['known', 'dynamic'] as const)('gives what TensorFlow gives, shapes %s', async (shapes) => {
    const problems: string[] = [];
    for (const golden of readGoldenCases(file)) {
      const problem = await run(golden, shapes).catch((error: unknown) => String(error).slice(0, 300));
      if (problem !== undefined) problems.push(`${golden.name}: ${problem}`);
    }
    expect(problems).toEqual([]);
  });
});
