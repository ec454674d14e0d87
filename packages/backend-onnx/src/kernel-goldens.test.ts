import { describe, expect, it } from '@jest/globals';
import type { Tensor } from '@tenon/tensor';
import { onnx } from './onnx-backend.js';
import { difference } from './testing/compare.js';
import {
  buildKernelSegment,
  kernelCaseFiles,
  readKernelCases,
  titleOf,
  type KernelCase,
  type KnownInputs,
} from './testing/kernel-cases.js';

/** Where ONNX Runtime does not give what TensorFlow gives, and nothing is done about it. */
const KNOWN_DIFFERENCES = [
  // It passes over NaN.
  /^(ArgMax|ArgMin) of float32\[[34]\]/,
  // It takes the mean of nothing for 0.
  /^Mean of float32\[(\d,)*0.*: element 0 is 0, expected NaN$/,
  // It counts the steps in float64; these are of numbers near 2^60.
  /^Range of int64.*: shape \[0\], expected \[3\]$/,
  // What NaN, infinity and negative numbers become as uint64 is nowhere defined.
  /^Cast of float(32|64)\[.*: element 0 is 0, expected 9223372036854775808$/,
];

const backend = onnx({ sessionOptions: { intraOpNumThreads: 1 } });

/** What is wrong with the results of a case; `undefined` if nothing is, or if the backend says that it does not support it. */
async function run(golden: KernelCase, inputs: KnownInputs): Promise<string | undefined> {
  const segment = buildKernelSegment(golden, inputs);
  if (!Array.from(segment.graph.operations).every((operation) => backend.supports(operation))) return undefined;
  const executable = await backend.compile(segment);
  try {
    const results = (await executable.run(segment.feeds)) as readonly Tensor[];
    return segment.expected
      .map((expected, index) => difference(results[index]!, expected))
      .find((wrong) => wrong !== undefined);
  } finally {
    await executable.dispose();
  }
}

/** Hundreds of sessions are opened, on machines that may be busy. */
const TIMEOUT = 300_000;

describe.each(kernelCaseFiles())('%s', (file) => {
  it.each(['unknown', 'known', 'constant'] as const)(
    'gives what TensorFlow gives where it supports it, inputs %s',
    async (inputs) => {
      const wrong: string[] = [];
      for (const golden of readKernelCases(file)) {
        const problem = await run(golden, inputs).catch(String);
        if (problem !== undefined) wrong.push(`${titleOf(golden)}: ${problem}`);
      }
      expect(wrong.filter((line) => !KNOWN_DIFFERENCES.some((known) => known.test(line)))).toEqual([]);
    },
    TIMEOUT,
  );
});
