import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tenon/layers';
import type { SymbolicTensor } from '@tenon/graph';
import * as hub from './index.js';
import { expectClose } from './testing/expect-close.js';
import { readGoldens, type Golden } from './testing/golden.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenon-composition-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** With tables, files, loops, branches and functions that call functions; the names of their variables and functions collide. */
const PARTS = ['tf2-text-embedding', 'tf2-hash-table', 'tf2-control-flow', 'tf2-reusable', 'tf2-keras2-lstm'];

const partOf = (name: string): Golden => readGoldens().find(({ document }) => document.module === name)!;

/** What a part of the module calls a signature. */
const nameIn = (part: string, signature: string): string => `${part}:${signature}`;

describe('a module made of SavedModels of TensorFlow 2', () => {
  it('is exported with all that they need, and computes what TensorFlow computed with each', async () => {
    const spec = await hub.createModuleSpec(async (graph) => {
      for (const part of PARTS) {
        const module = await hub.module(partOf(part).path, { graph });
        for (const name of module.getSignatureNames()) {
          const inputs: Record<string, SymbolicTensor> = {};
          for (const [input, { dtype, shape }] of module.getInputInfo(name))
            inputs[input] = tf.placeholder(graph, { dtype, shape, name: input });
          const outputs = module(inputs, { signature: name, asDict: true }) as Record<string, SymbolicTensor>;
          hub.addSignature(graph, { name: nameIn(part, name), inputs, outputs });
        }
      }
    });
    const graph = new hub.Graph();
    const module = await hub.module(spec, { graph });
    await using session = await hub.session(graph, { backend: null });
    await module.export(join(folder, 'module'), session);
    await module.exportSavedModel(join(folder, 'saved-model'), session);
    let count = 0;
    for (const exported of ['module', 'saved-model']) {
      await using loaded = await hub.load(join(folder, exported), { backend: null });
      for (const part of PARTS) {
        const golden = partOf(part);
        for (const example of golden.document.cases) {
          if (example.call !== undefined) continue;
          const signature = nameIn(part, example.signature ?? 'default');
          const outputs = await loaded(golden.inputs(example), { signature, asDict: true });
          for (const [name, expected] of Object.entries(example.outputs))
            expectClose(outputs[name] as hub.Tensor, expected, golden);
          count++;
        }
      }
    }
    expect(count).toBeGreaterThanOrEqual(2 * PARTS.length);
  });
});
