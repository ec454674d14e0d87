import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { SymbolicTensor } from '@tenon/graph';
import * as tf from '@tenon/layers';
import { gradientDescent } from '@tenon/training';
import * as hub from './index.js';
import { fixturePath } from './testing/golden.js';

const { training } = JSON.parse(
  readFileSync(resolve(__dirname, '../../../tools/fixtures/golden/half-plus-two.json'), 'utf8'),
) as { readonly training: { readonly losses: readonly number[]; readonly variables: Record<string, number> } };

describe('a module of reference variables', () => {
  it.each([
    ['the host', null],
    ['ONNX Runtime', undefined],
  ])('is trained on %s as TensorFlow trains it, and exported as what it was', async (_, backend) => {
    const graph = new hub.Graph();
    const module = await hub.module(fixturePath('modules/half-plus-two-ref'), { graph, trainable: true });
    const x = tf.constant(graph, [-2, -1, 0, 1, 2, 3]);
    const y = module({ x }, { asDict: true })['y'] as SymbolicTensor;
    const loss = tf.reduceMean(tf.squaredDifference(y, tf.subtract(tf.multiply(x, 3), 1)));
    const step = gradientDescent({ learningRate: 0.05 }).minimize(loss);
    const session = await hub.session(graph, backend === null ? { backend } : {});
    for (const expected of training.losses) {
      const [value] = await session.run([loss, step]);
      expect(hub.toNested(value!)).toBeCloseTo(expected, 4);
    }
    const folder = mkdtempSync(join(tmpdir(), 'tenon-references-'));
    try {
      await module.export(join(folder, 'module'), session);
      const exported = await hub.loadModuleSpec(join(folder, 'module'));
      const again = new hub.Graph();
      const { variables } = await hub.module(exported, { graph: again });
      expect(variables.map(({ operation }) => operation.type)).toEqual(['VariableV2', 'VariableV2']);
      const values = await (await hub.session(again)).run(variables.map(({ operation }) => operation.output()));
      variables.forEach(({ name }, index) =>
        expect(hub.toNested(values[index]!)).toBeCloseTo(training.variables[name]!, 5),
      );
    } finally {
      rmSync(folder, { recursive: true });
      await session.dispose();
    }
  });
});
