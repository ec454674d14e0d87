import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Graph, type SymbolicTensor } from '@tenon/graph';
import * as tf from '@tenon/layers';
import type { Session } from '@tenon/runtime';
import { Tensor, type NumericDType } from '@tenon/tensor';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import * as hub from './index.js';
import { expectClose } from './testing/expect-close.js';
import { fixturePath, readGoldens, type Golden, type GoldenCase } from './testing/golden.js';

let folder: string;
const sessions: Session[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenon-onnx-'));
});
afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.dispose()));
  rmSync(folder, { recursive: true });
});

async function open(path: string, tags?: readonly string[]) {
  const graph = new Graph();
  const module = await hub.module(path, { graph, tags });
  const session = await hub.session(graph, { backend: null });
  sessions.push(session);
  return { module, session, graph };
}

/** Runs a model with nothing but ONNX Runtime. */
async function runOnnx(path: string, feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
  const session = await InferenceSession.create(path, { logSeverityLevel: 4 });
  try {
    const values = Object.entries(feeds).map(([name, { dtype, data, shape }]) => [
      name,
      new OrtTensor(dtype as 'float32', data as Float32Array, shape),
    ]);
    const results = await session.run(Object.fromEntries(values) as Record<string, OrtTensor>);
    return Object.fromEntries(
      Object.entries(results).map(([name, { type, data, dims }]) => [
        name,
        new Tensor<NumericDType>(type as NumericDType, dims, data as Float32Array),
      ]),
    );
  } finally {
    await session.release();
  }
}

const cases = readGoldens().flatMap((golden) =>
  golden.document.cases
    .filter((example) => example.call === undefined && isPlain(golden, example))
    .map((example) => [`${golden.document.module} ${example.id}`, golden, example] as const),
);

/** Numbers in plain tensors, all of which were kept. */
function isPlain(golden: Golden, { inputs, outputs }: GoldenCase): boolean {
  return [...Object.entries(inputs), ...Object.entries(outputs)].every(
    ([name, tensor]) => 'dtype' in tensor && /^(float(32|64)|u?int\d+|bool)$/.test(tensor.dtype) && !name.includes('@'),
  );
}

/** What has no converter, by module. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  partitioned: /DynamicPartition "[^"]*": no converter/,
  'tf2-control-flow': /a list is read that may be empty/,
  'use-lite-like': /SparseToDense "[^"]*": no converter/,
};

describe('a module as an ONNX model', () => {
  it.each(cases)('computes %s', async (_, golden, example) => {
    const { module, session } = await open(golden.path, example.tags);
    const path = join(folder, 'model.onnx');
    const outputs = Object.keys(example.outputs);
    const refused = REFUSED[golden.document.module];
    const written = module.exportOnnx(path, session, {
      ...(example.signature && { signature: example.signature }),
      outputs,
    });
    if (refused) return expect(written).rejects.toThrow(refused);
    const names = await written;
    const feeds = Object.entries(golden.inputs(example)).map(([name, value]) => [names.inputs[name]![0]!, value]);
    const results = await runOnnx(path, Object.fromEntries(feeds) as Record<string, Tensor>);
    expect(Object.keys(results).sort()).toEqual(Object.values(names.outputs).flat().sort());
    for (const [name, expected] of Object.entries(example.outputs))
      expectClose(results[names.outputs[name]![0]!]!, expected, golden, 3);
  });

  it('names every operation that ONNX cannot express, and writes nothing', async () => {
    const { module, session } = await open(fixturePath('modules/nnlm-small'));
    const error = await module.exportOnnx(join(folder, 'model.onnx'), session).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(hub.UnconvertibleOperationsError);
    const types = (error as hub.UnconvertibleOperationsError).operations.map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['Placeholder', 'StringSplit', 'HashTableV2', 'LookupTableFindV2']));
    expect(readdirSync(folder)).toEqual([]);
  });

  it('has the values that the session has', async () => {
    const { module, session } = await open(fixturePath('modules/half-plus-two'));
    const [a] = module.variables;
    await session.run([tf.operation(session.graph, 'AssignVariableOp', [a!.operation.output(), tf.constant(session.graph, 2)], { dtype: 'float32' })]); // prettier-ignore
    await module.exportOnnx(join(folder, 'model.onnx'), session);
    const { y } = await runOnnx(join(folder, 'model.onnx'), { x: hub.tensorFrom([3], 'float32') });
    expect(y!.data).toEqual(Float32Array.of(8));
  });

  it('is the same file each time, in one piece or two', async () => {
    const path = fixturePath('modules/mobilenet-v2-small');
    const [first, second] = [await open(path), await open(path)];
    const files = (names: readonly string[]) => names.map((name) => readFileSync(join(folder, name)));
    for (const [index, { module, session }] of [first, second].entries()) {
      const { files: one } = await module.exportOnnx(join(folder, `${index}/model.onnx`), session);
      expect(one).toEqual([join(folder, `${index}/model.onnx`)]);
      const { files: two } = await module.exportOnnx(join(folder, `${index}/large.onnx`), session, { inlineBytes: 0 });
      expect(two).toEqual([join(folder, `${index}/large.onnx.data`), join(folder, `${index}/large.onnx`)]);
    }
    const all = ['model.onnx', 'large.onnx', 'large.onnx.data'];
    expect(files(all.map((name) => `0/${name}`))).toEqual(files(all.map((name) => `1/${name}`)));
    const images = new Tensor('float32', [1, 32, 32, 3], new Float32Array(3072).fill(0.5));
    const [one, two] = [await runOnnx(join(folder, '0/model.onnx'), { images }), await runOnnx(join(folder, '0/large.onnx'), { images })]; // prettier-ignore
    expect(one).toEqual(two);
  });

  it('takes the place of nothing', async () => {
    const { module, session } = await open(fixturePath('modules/mobilenet-v2-small'));
    const path = join(folder, 'model.onnx');
    writeFileSync(`${path}.data`, 'mine');
    await expect(module.exportOnnx(path, session, { inlineBytes: 0 })).rejects.toThrow(hub.TargetExistsError);
    expect(readdirSync(folder)).toEqual(['model.onnx.data']);
    await module.exportOnnx(path, session);
    await expect(module.exportOnnx(path, session)).rejects.toThrow(hub.TargetExistsError);
    expect(readdirSync(folder)).toEqual(['model.onnx', 'model.onnx.data']);
  });

  it('takes inputs that no output needs', async () => {
    const spec = await hub.createModuleSpec((graph) => {
      const [x, unused] = ['x', 'unused'].map((name) =>
        hub.placeholder(graph, { dtype: 'float32', shape: [null], name }),
      );
      hub.addSignature(graph, { inputs: { x: x!, unused: unused! }, outputs: tf.multiply(x as SymbolicTensor, 2) });
    });
    const graph = new Graph();
    const module = await hub.module(spec, { graph });
    const session = await hub.session(graph, { backend: null });
    sessions.push(session);
    await module.exportOnnx(join(folder, 'model.onnx'), session);
    const feeds = { x: hub.tensorFrom([3], 'float32'), unused: hub.tensorFrom([1], 'float32') };
    const results = await runOnnx(join(folder, 'model.onnx'), feeds);
    expect(results['default']!.data).toEqual(Float32Array.of(6));
  });
});
