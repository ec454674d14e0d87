import { expect, it } from '@jest/globals';
import type { Tensor } from '@tenon/tensor';
import { memory } from '@tensorflow/tfjs-core';
import { tfjs } from '../tfjs-backend.js';
import { difference } from '../../../backend-onnx/src/testing/compare.js';
import {
  buildKernelSegment,
  kernelCaseFiles,
  readKernelCases,
  titleOf,
  type KernelCase,
} from '../../../backend-onnx/src/testing/kernel-cases.js';

/** Where TensorFlow.js does not give what TensorFlow gives, and nothing is done about it: to look for NaN would cost as much again. */
const KNOWN_DIFFERENCES: Readonly<Record<string, readonly RegExp[]>> = {
  cpu: [/^(ArgMax|ArgMin) of float32\[3\]/],
  wasm: [/^(ArgMax|ArgMin) of float32\[3\]/, /^(Maximum|Minimum|Relu6) of float32.*expected NaN$/],
};

/** What is wrong with the results of a case; `null` if the backend says that it does not support it, `undefined` if all is well. */
async function run(
  golden: KernelCase,
  inputs: 'unknown' | 'constant',
  backend: ReturnType<typeof tfjs>,
): Promise<string | undefined | null> {
  const segment = buildKernelSegment(golden, inputs);
  const operations = Array.from(segment.graph.operations).filter(({ type }) => !/^(Const|Placeholder)$/.test(type));
  if (!operations.every((operation) => backend.supports(operation))) return null;
  const executable = await backend.compile(segment);
  try {
    const before = memory().numTensors;
    const results = (await executable.run(segment.feeds)) as readonly Tensor[];
    if (memory().numTensors !== before) return `${memory().numTensors - before} tensors leaked`;
    return segment.expected
      .map((expected, index) => difference(results[index]!, expected))
      .find((wrong) => wrong !== undefined);
  } finally {
    await executable.dispose();
  }
}

/** So many cases are supported at least. */
const LEAST: Readonly<Record<string, number>> = { cpu: 500, wasm: 490, node: 500 };

/** What the host kernels are held to, a backend of TensorFlow.js gives where it supports it. */
export function describeKernelGoldens(name: string): void {
  it.each(['unknown', 'constant'] as const)(
    'gives what TensorFlow gives where it supports it, inputs %s',
    async (inputs) => {
      const backend = tfjs({ backend: name });
      const wrong: string[] = [];
      let supported = 0;
      for (const file of kernelCaseFiles()) {
        for (const golden of readKernelCases(file)) {
          const problem = await run(golden, inputs, backend).catch(String);
          if (problem !== null) supported++;
          if (problem != null) wrong.push(`${titleOf(golden)}: ${problem}`);
        }
      }
      expect(wrong.filter((line) => !KNOWN_DIFFERENCES[name]!.some((known) => known.test(line)))).toEqual([]);
      expect(supported).toBeGreaterThan(LEAST[name]!);
      expect(memory().numTensors).toBe(0);
    },
    300_000,
  );
}
