import { describe, expect, it } from '@jest/globals';
import { Graph } from '@tenon/graph';
import { isRaggedTensor, Tensor, type RaggedTensor } from '@tenon/tensor';
import type { BackendOptions } from './default-backend.js';
import { module } from './graph-module.js';
import { load } from './load.js';
import { loadModuleSpec } from './load-module-spec.js';
import type { CallableModule, Outputs } from './loaded-module.js';
import { expectClose } from './testing/expect-close.js';
import { tfjsBackend } from './testing/tfjs-backend.js';
import { readGoldens, type Golden, type GoldenCase, type GoldenInfo } from './testing/golden.js';

const goldens = readGoldens();

/** The default backend is ONNX Runtime; without one, the host kernels run everything. */
const BACKENDS: Readonly<Record<string, () => Promise<BackendOptions>>> = {
  'ONNX Runtime': async () => ({}),
  'TensorFlow.js, cpu': async () => ({ backend: await tfjsBackend('cpu') }),
  'TensorFlow.js, wasm': async () => ({ backend: await tfjsBackend('wasm') }),
  'the host kernels': async () => ({ backend: null }),
};

/**
 * Deep networks, in whose depths rounding errors grow: how many times the tolerance is allowed. TensorFlow's own results with and without
 * oneDNN are 1.7 and 9.4 tolerances apart here.
 */
const SLACK: Readonly<Record<string, number>> = {
  'mobilenet-v2-224 fv-mid': 3,
  'mobilenet-v2-224 fv-train': 10,
};

describe('what TensorFlow computed', () => {
  it('has cases for every kind of module', () => {
    expect(goldens.filter(({ isHubModule }) => isHubModule).length).toBeGreaterThan(20);
    expect(goldens.filter(({ isHubModule }) => !isHubModule).length).toBeGreaterThan(10);
  });

  for (const golden of goldens) {
    describe(golden.document.module, () => {
      for (const [name, backend] of Object.entries(BACKENDS)) {
        describe(`on ${name}`, () => describeCases(golden, backend));
      }
      describeInfo(golden);
    });
  }
});

function describeCases(golden: Golden, backend: () => Promise<BackendOptions>): void {
  for (const { tags, cases } of variantsOf(golden)) {
    let loaded: Promise<CallableModule> | undefined;
    for (const example of cases) {
      it(`computes ${example.id}${tags?.length ? ` of [${tags.join()}]` : ''}`, async () => {
        loaded ??= backend().then((options) => load(golden.path, { ...options, tags }));
        const outputs = await compute(await loaded, golden, example);
        expect(Object.keys(outputs).sort()).toEqual(namesOf(Object.keys(example.outputs)).sort());
        for (const [name, expected] of Object.entries(example.outputs)) {
          expectClose(componentOf(outputs, name), expected, golden, SLACK[`${golden.document.module} ${example.id}`]);
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

function describeInfo(golden: Golden): void {
  const { document, isHubModule, path } = golden;

  it('has its signatures', async () => {
    const spec = await loadModuleSpec(path);
    const byTags = (isHubModule ? document.signatures : { serve: document.signatures }) as Record<
      string,
      Record<string, { inputs: Record<string, GoldenInfo>; outputs: Record<string, GoldenInfo> }>
    >;
    for (const [joined, signatures] of Object.entries(byTags)) {
      const tags = joined === '' ? [] : joined.split(',');
      expect(spec.getSignatureNames({ tags }).sort()).toEqual(Object.keys(signatures).sort());
      for (const [signature, { inputs, outputs }] of Object.entries(signatures)) {
        expect(describeInfos(spec.getInputInfo({ signature, tags }))).toEqual(inputs);
        expect(describeInfos(spec.getOutputInfo({ signature, tags }))).toEqual(outputs);
      }
    }
    if (document.tags) expect([...spec.getTags()].sort()).toEqual([...document.tags].sort());
  });

  it('has its variables', async () => {
    if (document.variables === undefined) return;
    if (!isHubModule) {
      const module = await load(path, { backend: null });
      const expected = (document.variables as { name: string; shape: number[]; dtype: string }[]).filter(
        (variable) => typeof variable === 'object',
      );
      const actual = module.variables.map(({ name, shape, dtype }) => ({ name: `${name}:0`, shape, dtype }));
      expect(actual).toEqual(expect.arrayContaining(expected));
      return;
    }
    const inGraph = await module(path, { graph: new Graph() });
    const actual = [...inGraph.variableMap].map(([name, variable]) => [
      name,
      'dtype' in variable
        ? { dtype: variable.dtype, shape: variable.shape }
        : variable.map(({ operation, shape }) => ({ name: operation.name, shape })),
    ]);
    expect(Object.fromEntries(actual)).toEqual(document.variables);
  });

  if (document.image) {
    const { size, channels } = document.image;
    it('knows its images', async () => {
      const module = await load(path, { backend: null });
      expect(module.getExpectedImageSize()).toEqual(size);
      expect(module.getNumImageChannels()).toBe(channels);
    });
  }
}

function describeInfos(infos: ReturnType<CallableModule['getInputInfo']>): Record<string, GoldenInfo> {
  return Object.fromEntries(
    [...infos].map(([name, { kind, dtype, shape }]) => [
      name,
      { dtype, shape, ...(kind === 'sparse' && { sparse: true }), ...(kind === 'ragged' && { ragged: true }) },
    ]),
  );
}
