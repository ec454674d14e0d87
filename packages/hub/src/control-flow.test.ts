import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { SymbolicTensor } from '@tenon/graph';
import * as tf from '@tenon/layers';
import { gradientDescent, gradients } from '@tenon/training';
import * as hub from './index.js';
import { fixturePath } from './testing/golden.js';

/** y = 0.5 x + 2, the module's variables being a and b. */
const half = 'modules/half-plus-two';
/** The same with TensorFlow 1's reference variables. */
const halfOfReferences = 'modules/half-plus-two-ref';

const valueOf = (value: hub.Tensor | undefined): unknown => hub.toNested(value!);

describe.each([half, halfOfReferences])('%s in branches and loops', (path) => {
  const build = async () => {
    const graph = new hub.Graph();
    const module = await hub.module(fixturePath(path), { graph, trainable: true });
    const x = hub.placeholder(graph, { dtype: 'float32', shape: [null], name: 'x' });
    const apply = (input: SymbolicTensor) => module({ x: input }, { asDict: true })['y'] as SymbolicTensor;
    const [, looped] = tf.whileLoop((i) => tf.less(i, 3), (i, y) => [tf.add(i, 1), apply(y)], [0, x]); // prettier-ignore
    const chosen = tf.cond(tf.greater(tf.reduceSum(x), 0), () => apply(x), () => tf.negate(x)); // prettier-ignore
    return { graph, module, x, looped, chosen };
  };

  it('shares its variables', async () => {
    const { graph, x, looped, chosen } = await build();
    await using session = await hub.session(graph, { backend: null });
    const run = async (value: number) =>
      (await session.run([looped, chosen], { feeds: new Map([[x, hub.tensorFrom([value])]]) })).map(valueOf);
    expect(await run(8)).toEqual([[8 / 8 + 2 + 1 + 0.5], [6]]);
    expect(await run(-8)).toEqual([[-8 / 8 + 2 + 1 + 0.5], [8]]);
  });

  it('has gradients', async () => {
    const { graph, module, x, looped, chosen } = await build();
    const handles = ['a', 'b'].map((name) => module.variables.find((variable) => variable.name === name)!);
    const made = gradients([looped, chosen], [...handles.map(({ operation }) => operation.output()), x]);
    await using session = await hub.session(graph, { backend: null });
    const run = async (value: number) =>
      (await session.run(made as SymbolicTensor[], { feeds: new Map([[x, hub.tensorFrom([value])]]) })).map(valueOf);
    // a³x + b(a² + a + 1), and a x + b or -x.
    expect(await run(8)).toEqual([3 * 0.25 * 8 + 2 * 2 + 8, 1.75 + 1, [0.125 + 0.5]]);
    expect(await run(-8)).toEqual([3 * 0.25 * -8 + 2 * 2, 1.75, [0.125 - 1]]);
  });
});

it('modules of branches and loops are exported, and trained', async () => {
  const spec = await hub.createModuleSpec((graph: hub.Graph) => {
    const x = hub.placeholder(graph, { dtype: 'float32', shape: [null, 2], name: 'x' });
    const [, y] = tf.whileLoop(
      (i) => tf.less(i, 3),
      (i, value) => [tf.add(i, 1), tf.tanh(tf.dense(value, { units: 2, name: `dense` }))],
      [0, x],
    );
    hub.addSignature(graph, {
      inputs: { x },
      outputs: tf.cond(tf.greater(tf.reduceSum(x), 0), () => y, () => tf.negate(y)), // prettier-ignore
    });
  });
  const graph = new hub.Graph();
  const module = await hub.module(spec, { graph, trainable: true });
  const y = module({ x: tf.constant(graph, [[1, 2]]) });
  const loss = tf.reduceMean(tf.square(tf.subtract(y, 0.25)));
  const step = gradientDescent({ learningRate: 0.2 }).minimize(loss);
  const session = await hub.session(graph, { backend: null });
  const losses: number[] = [];
  for (let count = 0; count < 20; count++) losses.push(Number(hub.toNested((await session.run([loss, step]))[0]!)));
  expect(losses.at(-1)!).toBeLessThan(losses[0]! / 4);
  const folder = mkdtempSync(join(tmpdir(), 'tenon-control-flow-'));
  try {
    await module.export(join(folder, 'module'), session);
    const loaded = await hub.load(join(folder, 'module'), { backend: null });
    const [expected] = await session.run([y]);
    expect(valueOf(await loaded<hub.Tensor>({ x: [[1, 2]] }))).toEqual(valueOf(expected));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
