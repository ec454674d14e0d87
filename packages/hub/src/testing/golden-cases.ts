import { expect, it } from '@jest/globals';
import { isRaggedTensor, Tensor, type RaggedTensor } from '@tenon/tensor';
import type { BackendOptions } from '../default-backend.js';
import { load } from '../load.js';
import type { CallableModule, Outputs } from '../loaded-module.js';
import { expectClose } from './expect-close.js';
import type { Golden, GoldenCase } from './golden.js';

/**
 * Deep networks, in whose depths rounding errors grow: how many times the tolerance is allowed. TensorFlow's own results with and without
 * oneDNN are 1.7 and 9.4 tolerances apart here.
 */
const SLACK: Readonly<Record<string, number>> = {
  'mobilenet-v2-224 fv-mid': 3,
  'mobilenet-v2-224 fv-train': 10,
};

/**
 * Checks that a backend computes what TensorFlow computed.
 *
 * @param slack How many times the tolerance is allowed, by module and case, where it is more than once.
 */
export function describeCases(
  golden: Golden,
  backend: () => Promise<BackendOptions>,
  slack: Readonly<Record<string, number>> = {},
): void {
  const allowed: Readonly<Record<string, number>> = { ...SLACK, ...slack };
  for (const { tags, cases } of variantsOf(golden)) {
    let loaded: Promise<CallableModule> | undefined;
    for (const example of cases) {
      it(`computes ${example.id}${tags?.length ? ` of [${tags.join()}]` : ''}`, async () => {
        loaded ??= backend().then((options) => load(golden.path, { ...options, tags }));
        const outputs = await compute(await loaded, golden, example);
        expect(Object.keys(outputs).sort()).toEqual(namesOf(Object.keys(example.outputs)).sort());
        for (const [name, expected] of Object.entries(example.outputs)) {
          expectClose(componentOf(outputs, name), expected, golden, allowed[`${golden.document.module} ${example.id}`]);
        }
      });
    }
  }
}

function variantsOf({ document }: Golden): { tags: readonly string[] | undefined; cases: readonly GoldenCase[] }[] {
  const byTags = new Map<string, GoldenCase[]>();
  for (const example of document.cases) {
    const key = JSON.stringify(example.tags ?? null);
    byTags.set(key, [...(byTags.get(key) ?? []), example]);
  }
  return [...byTags.values()].map((cases) => ({ tags: cases[0]!.tags, cases }));
}

async function compute(loaded: CallableModule, golden: Golden, example: GoldenCase): Promise<Outputs> {
  const inputs = golden.inputs(example);
  const outputs = namesOf(Object.keys(example.outputs));
  if (example.call === undefined) return loaded(inputs, { signature: example.signature, outputs });
  const args = Object.keys(inputs).filter((name) => /^\d+$/.test(name)).map((name) => inputs[name]); // prettier-ignore
  const result = await loaded.callFunction(example.call, args, example.kwargs);
  if (Tensor.isTensor(result)) return { '': result };
  return Object.fromEntries<Outputs[string]>(Object.entries(result as Outputs));
}

/** Golden files split ragged values in two. */
function namesOf(names: readonly string[]): string[] {
  return [...new Set(names.map((name) => name.replace(/@.*$/, '')))];
}

function componentOf(outputs: Outputs, name: string): Outputs[string] {
  const [whole, part] = name.split('@') as [string, string?];
  const value = outputs[whole]!;
  if (part === undefined) return value;
  expect(isRaggedTensor(value)).toBe(true);
  const ragged = value as RaggedTensor;
  return part === 'values' ? ragged.values : ragged.rowSplits[0]!;
}
