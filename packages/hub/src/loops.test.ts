import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import type { Backend } from '@tenon/backend';
import { parseGraphDef } from '@tenon/format';
import { importGraphDef } from '@tenon/graph';
import type { Preview } from '@tenon/runtime';
import { decodeFloat16, isFloating, Tensor, viewBytes, type NumericDType, type Shape } from '@tenon/tensor';
import { chooseBackend } from './default-backend.js';
import { load } from './load.js';
import { session } from './session.js';

interface StoredTensor {
  readonly dtype: NumericDType;
  readonly shape: Shape;
  readonly data: string;
}

/** A graph with control flow, and what TensorFlow computes with it; see tools/tensorflow/loop_goldens.py. */
interface LoopCase {
  readonly name: string;
  readonly graph: string;
  readonly feeds: readonly string[];
  readonly fetches: readonly string[];
  /** Whether ONNX can express it. */
  readonly inside: boolean;
  readonly tolerance?: number;
  readonly runs: readonly { readonly inputs: readonly StoredTensor[]; readonly outputs: readonly StoredTensor[] }[];
}

const ROOT = join(__dirname, '..', '..', '..');
const CASES = JSON.parse(
  gunzipSync(readFileSync(join(ROOT, 'packages/backend-onnx/testdata/loops.json.gz'))).toString(),
) as LoopCase[];

const CONTROL_FLOW = /^(Stateless)?(While|If|Case)$/;

describe('loops and branches', () => {
  it.each(CASES.filter(({ inside }) => inside))('run inside ONNX Runtime: $name', async (golden) => {
    const { backend, runs } = await counted();
    const graph = importGraphDef(parseGraphDef(Buffer.from(golden.graph, 'base64')));
    await using owner = await session(graph, { backend });
    const callable = owner.callable(golden.fetches, golden.feeds);
    expect(controlFlowPlaces(callable.preview())).toEqual(new Set(['onnx']));
    for (const { inputs, outputs } of golden.runs) {
      const results = await callable.run(inputs.map(read));
      outputs.forEach((expected, index) => expectNear(results[index]!, read(expected), golden.tolerance));
    }
    // However often a loop goes around.
    expect(runs()).toBe(golden.runs.length);
  });

  it.each(CASES.filter(({ inside }) => !inside))(
    'run on the host where ONNX cannot express them: $name',
    async (golden) => {
      const graph = importGraphDef(parseGraphDef(Buffer.from(golden.graph, 'base64')));
      await using owner = await session(graph);
      const callable = owner.callable(golden.fetches, golden.feeds);
      expect(controlFlowPlaces(callable.preview())).toEqual(new Set(['host']));
      for (const { inputs, outputs } of golden.runs) {
        const results = await callable.run(inputs.map(read));
        outputs.forEach((expected, index) => expectNear(results[index]!, read(expected), golden.tolerance));
      }
    },
  );

  it.each([
    ['saved_models/tf2-keras2-lstm', 'serving_default', 6, 1],
    ['saved_models/tf2-keras3-lstm', 'serving_default', 6, 3],
    ['modules/control-flow', 'rnn', 3, 1],
  ])('of %s are in one segment with what is around them', async (path, signature, width, loops) => {
    const { backend, runs } = await counted();
    await using loaded = await load(join(ROOT, 'tools/fixtures', path), { backend });
    const { placements } = loaded.preview({ signature });
    expect(placements.filter(({ type }) => type.endsWith('While'))).toHaveLength(loops);
    // What is left to the host is nothing but variables that are read already, and waiting.
    const onHost = placements.filter(({ place }) => place === 'host').map(({ type }) => type);
    expect(onHost.filter((type) => !['VarHandleOp', 'NoOp', 'Identity'].includes(type))).toEqual([]);
    await loaded(new Tensor('float32', [2, 5, width], new Float32Array(10 * width)), { signature, asDict: true });
    expect(runs()).toBe(1);
  });
});

/** ONNX Runtime, and how often a segment of it ran. */
async function counted(): Promise<{ readonly backend: Backend; readonly runs: () => number }> {
  const backend = (await chooseBackend(undefined))!;
  let count = 0;
  return {
    runs: () => count,
    backend: {
      name: backend.name,
      supports: (operation) => backend.supports(operation),
      compile: async (segment) => {
        const executable = await backend.compile(segment);
        return {
          run: (inputs) => {
            count++;
            return executable.run(inputs);
          },
          dispose: () => executable.dispose(),
        };
      },
    },
  };
}

function controlFlowPlaces({ placements }: Preview): Set<string> {
  return new Set(placements.filter(({ type }) => CONTROL_FLOW.test(type)).map(({ place }) => place));
}

function read({ dtype, shape, data }: StoredTensor): Tensor {
  return new Tensor(dtype, shape, viewBytes(dtype, new Uint8Array(Buffer.from(data, 'base64'))));
}

function expectNear(actual: Tensor, expected: Tensor, tolerance = 2e-5): void {
  expect([actual.dtype, actual.shape]).toEqual([expected.dtype, expected.shape]);
  if (!isFloating(expected.dtype)) return expect(actual.data).toEqual(expected.data);
  const [got, wanted] = [actual, expected].map(numbers) as [number[], number[]];
  const far = wanted.findIndex(
    (value, index) => !(Math.abs(got[index]! - value) <= tolerance * Math.max(1, Math.abs(value))),
  );
  expect(far < 0 ? 'near' : `element ${far} is ${got[far]}, not ${wanted[far]}`).toBe('near');
}

function numbers({ dtype, data }: Tensor): number[] {
  const elements = Array.from(data as ArrayLike<number | bigint>, Number);
  return dtype === 'float16' ? elements.map(decodeFloat16) : elements;
}
