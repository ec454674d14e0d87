import { describe, expect, it } from '@jest/globals';
import { Graph } from '@tenon/graph';
import type { BackendOptions } from './default-backend.js';
import { module } from './graph-module.js';
import { load } from './load.js';
import { loadModuleSpec } from './load-module-spec.js';
import type { CallableModule } from './loaded-module.js';
import { readGoldens, type Golden, type GoldenInfo } from './testing/golden.js';
import { describeCases } from './testing/golden-cases.js';
import { tfjsBackend } from './testing/tfjs-backend.js';

const goldens = readGoldens();

/** The default backend is ONNX Runtime; without one, the host kernels run everything. */
const BACKENDS: Readonly<Record<string, () => Promise<BackendOptions>>> = {
  'ONNX Runtime': async () => ({}),
  'TensorFlow.js, cpu': async () => ({ backend: await tfjsBackend('cpu') }),
  'TensorFlow.js, wasm': async () => ({ backend: await tfjsBackend('wasm') }),
  'the host kernels': async () => ({ backend: null }),
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
