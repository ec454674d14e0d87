import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Operation, SymbolicTensor } from '@tenon/graph';
import type { Tensor } from '@tenon/tensor';
import { NO_FILES } from '../host.js';
import type { Kernel, KernelContext } from '../kernel.js';
import { Resources } from '../resources.js';
import { difference } from '../testing/compare-tensors.js';
import { readGoldenCases, type GoldenCase } from '../testing/golden-cases.js';
import { hostKernels } from './index.js';

const directory = join(__dirname, '../../testdata/kernels');

function prepare(operation: Operation): Kernel {
  const definition = hostKernels.get(operation.type);
  if (!definition) throw new Error(`There is no kernel for ${operation.type}.`);
  const reason = definition.unsupported?.(operation);
  if (reason) throw new Error(`${operation.type}: ${reason}`);
  return definition.prepare(operation);
}

function* runCase({ graph, feeds, fetches, runs }: GoldenCase): Generator<Tensor> {
  const context: KernelContext = {
    resources: new Resources(),
    files: { ...NO_FILES, readFile: () => new Uint8Array() },
  };
  const operations = [...graph.operations].filter(({ type }) => type !== 'Placeholder');
  const kernels = operations.map(prepare);
  for (let run = 0; run < runs; run++) {
    const values = new Map<SymbolicTensor, Tensor>(feeds);
    operations.forEach((operation, i) => {
      const outputs = kernels[i]!(
        operation.inputs.map((input) => values.get(input)!),
        context,
      );
      outputs.forEach((output, index) => values.set(operation.output(index), output));
    });
    for (const fetch of fetches) yield values.get(fetch)!;
  }
}

// What TensorFlow computes is in the files; `tools/tensorflow/kernel_goldens.py` makes them.
describe.each(readdirSync(directory).filter((name) => name.endsWith('.json.gz')))('%s', (file) => {
  const byTitle = new Map<string, GoldenCase[]>();
  for (const golden of readGoldenCases(join(directory, file))) {
    byTitle.set(golden.title, [...(byTitle.get(golden.title) ?? []), golden]);
  }
  it.each([...byTitle])('%s', (_, cases) => {
    for (const golden of cases) {
      if (golden.outputs === undefined) {
        expect(() => [...runCase(golden)]).toThrow();
        continue;
      }
      const actual = [...runCase(golden)];
      expect(actual.map((output, i) => difference(output, golden.outputs![i]!, golden.tolerance))).toEqual(
        golden.outputs.map(() => undefined),
      );
    }
  });
});
