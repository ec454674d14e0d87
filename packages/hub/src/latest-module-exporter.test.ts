import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Graph, type SymbolicTensor } from '@tenon/graph';
import * as tf from '@tenon/layers';
import { gradientDescent } from '@tenon/training';
import * as hub from './index.js';
import { fixturePath } from './testing/golden.js';

const MODULE = fixturePath('modules/half-plus-two');
const HOST = { backend: null };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenon-exporter-'));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const at = (...parts: string[]): string => join(folder, ...parts);
const seconds = (now: number) => jest.spyOn(Date, 'now').mockReturnValue(now * 1000);

/** A program that trains a module, and saves checkpoints. */
async function train(steps: readonly number[]): Promise<void> {
  const graph = new Graph();
  const module = await hub.module(MODULE, { graph, trainable: true, name: 'hpt' });
  const y = module({ x: [0, 1] }, { asDict: true })['y'] as SymbolicTensor;
  const step = gradientDescent({ learningRate: 0.1 }).minimize(tf.reduceSum(y));
  await using session = await hub.session(graph, HOST);
  for (const count of steps) {
    await session.run([step]);
    await hub.saveCheckpoint(session, at('run'), { step: count });
  }
}

async function predict(graph: Graph): Promise<void> {
  const module = await hub.module(MODULE, { graph, trainable: true, name: 'hpt' });
  hub.registerModuleForExport(module, 'hpt_export');
}

async function computed(path: string): Promise<unknown> {
  await using evaluate = await hub.evalFunctionForModule(path, HOST);
  return hub.toNested((await evaluate({ x: [0, 1] }, { asDict: true }))['y'] as hub.Tensor);
}

describe('LatestModuleExporter', () => {
  it('exports the registered modules as the latest checkpoint has them', async () => {
    await train([1, 2]);
    seconds(1_700_000_000);
    const exporter = new hub.LatestModuleExporter('hub', predict, HOST);
    const path = await exporter.export(at('exports'), at('run'));
    expect(path).toBe(at('exports', '1700000000'));
    expect(readdirSync(at('exports'))).toEqual(['1700000000']);
    expect(readdirSync(path!)).toEqual(['hpt_export']);
    // y = x / 2 + 2; two steps of the derivatives 1 (of the factor) and 2, each times 0.1.
    const [first, second] = (await computed(join(path!, 'hpt_export'))) as [number, number];
    expect(first).toBeCloseTo(2 - 0.4, 5);
    expect(second).toBeCloseTo(2 - 0.4 + 0.5 - 0.2, 5);
  });

  it('exports another checkpoint if it is named', async () => {
    await train([1, 2]);
    seconds(1_700_000_000);
    const path = await new hub.LatestModuleExporter('hub', predict, HOST).export(folder, at('run', 'model.ckpt-1'));
    expect(((await computed(join(path!, 'hpt_export'))) as number[])[0]).toBeCloseTo(2 - 0.2, 5);
  });

  it('keeps the newest exports, and all else that is there', async () => {
    await train([1]);
    mkdirSync(at('exports', 'notes'), { recursive: true });
    writeFileSync(at('exports', '17'), '');
    mkdirSync(at('exports', 'temp-1600000000'));
    const exporter = new hub.LatestModuleExporter('hub', predict, { ...HOST, exportsToKeep: 2 });
    for (const second of [1_700_000_000, 1_700_000_001, 1_700_000_010]) {
      seconds(second);
      await exporter.export(at('exports'), at('run'));
    }
    expect(readdirSync(at('exports')).sort()).toEqual(
      ['17', '1700000001', '1700000010', 'notes', 'temp-1600000000'], // prettier-ignore
    );
  });

  it('waits for a second that nobody has taken', async () => {
    await train([1]);
    mkdirSync(at('exports', '1700000000'), { recursive: true });
    const now = seconds(1_700_000_000);
    now.mockReturnValueOnce(1_700_000_000_000).mockReturnValue(1_700_000_001_000);
    const path = await new hub.LatestModuleExporter('hub', predict, HOST).export(at('exports'), at('run'));
    expect(path).toBe(at('exports', '1700000001'));
  });

  it('says so where nothing is registered', async () => {
    await train([1]);
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const exporter = new hub.LatestModuleExporter('hub', () => undefined, HOST);
    expect(await exporter.export(at('exports'), at('run'))).toBeUndefined();
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('no module is registered'));
    expect(readdirSync(folder)).toEqual(['run']);
  });

  it('leaves nothing where an export fails', async () => {
    await train([1]);
    seconds(1_700_000_000);
    const failing = new hub.LatestModuleExporter(
      'hub',
      async (graph) => {
        await predict(graph);
        const built = await hub.createModuleSpec((inner) => {
          const missing = tf.constant(inner, at('missing.txt'), { dtype: 'string' });
          tf.addToCollection(inner, 'asset_filepaths', missing);
          hub.addSignature(inner, { outputs: missing });
        });
        hub.registerModuleForExport(await hub.module(built, { graph }), 'broken');
      },
      HOST,
    );
    await expect(failing.export(at('exports'), at('run'))).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_ASSET_FILES' }),
    );
    expect(readdirSync(at('exports'))).toEqual([]);
  });

  it('refuses what it cannot do', async () => {
    for (const exportsToKeep of [0, -1, 1.5, Number.NaN])
      expect(() => new hub.LatestModuleExporter('hub', predict, { exportsToKeep })).toThrow(
        expect.objectContaining({ code: 'ERR_EXPORTER_ARGUMENT', argument: 'exportsToKeep' }),
      );
    const exporter = new hub.LatestModuleExporter('hub', predict, HOST);
    await expect(exporter.export(at('exports'), folder)).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_NO_CHECKPOINT', folder }),
    );
    await expect(exporter.export('gs://bucket/exports', at('run'))).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_UNWRITABLE_TARGET', path: 'gs://bucket/exports' }),
    );
  });
});

describe('registerModuleForExport', () => {
  it('takes each name once per graph', async () => {
    const graphs = [new Graph(), new Graph()];
    const modules = await Promise.all(graphs.map((graph) => hub.module(MODULE, { graph })));
    for (const module of modules) hub.registerModuleForExport(module, 'same');
    expect(() => hub.registerModuleForExport(modules[0]!, 'same')).toThrow(
      expect.objectContaining({ code: 'ERR_MODULE_REGISTRATION', exportName: 'same' }),
    );
  });

  it.each(['', '.', '..', 'a/b', '..\\a', 'a\0'])('refuses %j, which is no name of a folder', async (name) => {
    const module = await hub.module(MODULE, { graph: new Graph() });
    expect(() => hub.registerModuleForExport(module, name)).toThrow(
      expect.objectContaining({ code: 'ERR_MODULE_REGISTRATION' }),
    );
  });
});

describe('evalFunctionForModule', () => {
  it('gives values for values, of every signature', async () => {
    await using evaluate = await hub.evalFunctionForModule(fixturePath('modules/mobilenet-v2-small'), HOST);
    const images = hub.tensorFrom(new Float32Array(32 * 32 * 3)).reshape([1, 32, 32, 3]);
    expect((await evaluate(images)).shape).toEqual([1, 64]);
    const all = await evaluate({ images }, { signature: 'image_classification', asDict: true });
    expect(Object.keys(all)).toContain('MobilenetV2/Predictions');
    const attempt = evaluate(images, { signature: 'zz' });
    await expect(attempt).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_SIGNATURE_NOT_FOUND', signature: 'zz' }),
    );
  });

  it('takes variants by their tags, and specs', async () => {
    const spec = await hub.loadModuleSpec(fixturePath('modules/mobilenet-v2-small'));
    await using evaluate = await hub.evalFunctionForModule(spec, { ...HOST, tags: ['train'] });
    expect((await evaluate(hub.tensorFrom(new Float32Array(32 * 32 * 3)).reshape([1, 32, 32, 3]))).shape).toEqual([
      1, 64,
    ]);
    await expect(hub.evalFunctionForModule(spec, { ...HOST, tags: ['zz'] })).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_VARIANT_NOT_FOUND' }),
    );
  });

  it('gives a module that was made its first values', async () => {
    const spec = await hub.createModuleSpec((graph) => {
      const x = tf.placeholder(graph, { dtype: 'float32', shape: [null] });
      const v = tf.getVariable(graph, { name: 'v', shape: [], initializer: tf.constantValue(3) });
      hub.addSignature(graph, { inputs: { x }, outputs: { y: tf.multiply(x, v) } });
    });
    await using evaluate = await hub.evalFunctionForModule(spec, HOST);
    expect(hub.toNested((await evaluate([1, 2], { asDict: true }))['y'] as hub.Tensor)).toEqual([3, 6]);
    await expect(evaluate([1])).rejects.toThrow(expect.objectContaining({ code: 'ERR_OUTPUT_NOT_FOUND' }));
  });

  it('does not run when it was let go of', async () => {
    const evaluate = await hub.evalFunctionForModule(MODULE, HOST);
    await evaluate({ x: [1] }, { asDict: true });
    await evaluate.dispose();
    await evaluate.dispose();
    await expect(evaluate({ x: [1] }, { asDict: true })).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_SESSION_DISPOSED' }),
    );
  });
});
