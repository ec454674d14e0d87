import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Tensor, type StringArray } from '@tenon/tensor';
import { difference } from '../testing/compare-tensors.js';
import {
  decodeGoldenTensor,
  readTextGoldens,
  runGoldenSteps,
  type GoldenStep,
  type StepResult,
} from '../testing/text-goldens.js';
import { textKernels } from './text.js';

const goldens = join(__dirname, '../../testdata/text');

function elementsOf(tensor: Tensor): string[] {
  if (!tensor.is('string')) return Array.from(tensor.data as Float32Array, String);
  const strings: StringArray = tensor.data;
  return Array.from({ length: strings.length }, (_, i) => Buffer.from(strings.at(i)).toString('latin1'));
}

/** The entries of a table, which are exported in no particular order. */
function entriesOf([keys, values]: readonly Tensor[]): string[] {
  const names = elementsOf(keys!);
  const elements = elementsOf(values!);
  const width = names.length === 0 ? 0 : elements.length / names.length;
  return names.map((key, row) => `${key}: ${elements.slice(row * width, row * width + width).join(' ')}`).sort();
}

/** How a result differs from TensorFlow's, in words. */
function mistake(step: GoldenStep, result: StepResult): string | undefined {
  if (step.error !== undefined) {
    if ('outputs' in result) return `TensorFlow refuses it: ${step.error}`;
    return 'code' in (result.error as object) ? undefined : `the error has no code: ${String(result.error)}`;
  }
  if ('error' in result) return String(result.error);
  if (!step.outputs) return undefined;
  const expected = step.outputs.map(decodeGoldenTensor);
  if (expected.length !== result.outputs.length) return `${result.outputs.length} outputs, not ${expected.length}`;
  if (step.op.startsWith('LookupTableExport')) {
    const [actual, wanted] = [entriesOf(result.outputs).join(), entriesOf(expected).join()];
    return actual === wanted ? undefined : `${actual}, not ${wanted}`;
  }
  for (const [index, output] of result.outputs.entries()) {
    const found = difference(output, expected[index]!);
    if (found !== undefined) return `output ${index}: ${found}`;
  }
  return undefined;
}

for (const file of readdirSync(goldens)) {
  describe(`${file.replace('.json', '')} kernels`, () => {
    const byOp = new Map<string, (readonly GoldenStep[])[]>();
    for (const steps of readTextGoldens(join(goldens, file))) {
      const { op } = steps[0]!;
      byOp.set(op, [...(byOp.get(op) ?? []), steps]);
    }
    for (const [op, cases] of byOp) {
      it(`do what TensorFlow does, in ${cases.length} cases of ${op}`, () => {
        const mistakes = cases.flatMap((steps, index) => {
          const results = runGoldenSteps(steps, textKernels);
          return steps.flatMap((step, at) => {
            const found = mistake(step, results[at]!);
            return found === undefined
              ? []
              : [`case ${index}, step ${at}, ${step.op} ${JSON.stringify(step.attrs)}: ${found}`];
          });
        });
        expect(mistakes).toEqual([]);
      });
    }
  });
}
