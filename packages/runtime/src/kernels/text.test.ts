import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Tensor, type StringArray } from '@tenon/tensor';
import {
  decodeGoldenTensor,
  readTextGoldens,
  runGoldenSteps,
  type GoldenStep,
  type StepResult,
} from '../testing/text-goldens.js';
import { textKernels } from './text.js';

const goldens = join(__dirname, '../../testdata/text');

/** Elements as text, so that a difference can be read; NaN equals itself, and the zeros differ. */
function elementsOf(tensor: Tensor): string[] {
  if (tensor.is('string')) {
    const strings = tensor.data as StringArray;
    return Array.from({ length: strings.length }, (_, i) =>
      JSON.stringify(Buffer.from(strings.at(i)).toString('latin1')),
    );
  }
  return Array.from(tensor.data as Float32Array, (value) => (Object.is(value, -0) ? '-0' : String(value)));
}

/** An export lists its entries in no particular order. */
function inOrder(step: GoldenStep, outputs: readonly Tensor[]): string[][] {
  const columns = outputs.map(elementsOf);
  if (!step.op.startsWith('LookupTableExport')) return columns;
  const [keys, values] = columns as [string[], string[]];
  const width = keys.length === 0 ? 0 : values.length / keys.length;
  return [keys.map((key, row) => `${key}: ${values.slice(row * width, row * width + width).join(' ')}`).sort()];
}

function check(step: GoldenStep, result: StepResult): void {
  if (step.error !== undefined) {
    expect(result).toHaveProperty('error.code');
    return;
  }
  if ('error' in result) throw result.error;
  if (!step.outputs) return;
  const expected = step.outputs.map(decodeGoldenTensor);
  expect(result.outputs.map(({ dtype, shape }) => ({ dtype, shape }))).toEqual(
    expected.map(({ dtype, shape }) => ({ dtype, shape })),
  );
  expect(inOrder(step, result.outputs)).toEqual(inOrder(step, expected));
}

function describeAttributes({ attrs = {} }: GoldenStep): string {
  return Object.entries(attrs)
    .map(([name, value]) => `${name}=${JSON.stringify(Object.values(value)[0])}`)
    .join(' ');
}

for (const file of readdirSync(goldens)) {
  describe(`${file.replace('.json', '')}, as TensorFlow ran them`, () => {
    readTextGoldens(join(goldens, file)).forEach((steps, index) => {
      it(`${index}: ${steps
        .map(({ op }) => op)
        .slice(0, 3)
        .join(', ')} ${describeAttributes(steps[0]!)}`, () => {
        const results = runGoldenSteps(steps, textKernels);
        steps.forEach((step, at) => {
          try {
            check(step, results[at]!);
          } catch (error) {
            (error as Error).message =
              `Step ${at}, ${step.op} ${describeAttributes(step)}: ${(error as Error).message}`;
            throw error;
          }
        });
      });
    });
  });
}
