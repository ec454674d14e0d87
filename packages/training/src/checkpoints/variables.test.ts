import { describe, expect, it } from '@jest/globals';
import { openCheckpoint } from '@tenon/format';
import { Graph, type Operation, type SymbolicTensor } from '@tenon/graph';
import * as tf from '@tenon/layers';
import { Session } from '@tenon/runtime';
import { MemorySource } from '@tenon/tensor';
import { adam } from '../optimizers/adam.js';
import { restoreVariables, saveVariables } from './variables.js';

function build(units = 2): { graph: Graph; loss: SymbolicTensor; step: Operation } {
  const graph = new Graph();
  const x = tf.constant(graph, [[1, 2, 3], [4, 5, 6]]); // prettier-ignore
  const y = tf.dense(x, { units, kernelInitializer: tf.glorotUniform({ seed: 1 }) });
  const loss = tf.reduceMean(tf.square(tf.subtract(y, 1)));
  return { graph, loss, step: adam({ learningRate: 0.1 }).minimize(loss) };
}

async function train({ loss, step }: ReturnType<typeof build>, session: Session, steps: number): Promise<number[]> {
  const losses: number[] = [];
  for (let count = 0; count < steps; count++)
    losses.push(((await session.run([loss, step]))[0]!.data as Float32Array)[0]!);
  return losses;
}

/** Files in memory, to write and to open. */
function memory() {
  const files = new Map<string, Uint8Array>();
  return {
    files,
    create: async (path: string) => {
      const parts: Uint8Array[] = [];
      return {
        write: async (bytes: Uint8Array) => void parts.push(bytes.slice()),
        close: async () => void files.set(path, new Uint8Array(Buffer.concat(parts))),
      };
    },
    open: (path: string) => new MemorySource(files.get(path)!, path),
  };
}

describe('checkpoints of a training run', () => {
  it('go on where it was, in another session over another graph', async () => {
    const model = build();
    const session = new Session(model.graph);
    await train(model, session, 3);
    const files = memory();
    await saveVariables(session, 'model.ckpt-3', files);
    const expected = await train(model, session, 3);

    const checkpoint = await openCheckpoint('model.ckpt-3', files);
    expect(checkpoint.keys()).toEqual(
      tf
        .variablesOf(model.graph)
        .map(({ name }) => name)
        .sort(),
    );
    const again = build();
    const other = new Session(again.graph);
    await train(again, other, 1);
    await restoreVariables(other, checkpoint);
    expect(await train(again, other, 3)).toEqual(expected);

    const size = again.graph.size;
    await restoreVariables(other, checkpoint);
    expect(again.graph.size).toBe(size);
    expect(await train(again, other, 3)).toEqual(expected);
  });

  it('name every variable that they cannot set, and set none', async () => {
    const model = build();
    const files = memory();
    await saveVariables(new Session(model.graph), 'ckpt', files);
    const wider = build(4);
    tf.getVariable(wider.graph, { name: 'more', shape: [] });
    const session = new Session(wider.graph);
    const [before] = await session.run([wider.loss]);
    const attempt = restoreVariables(session, await openCheckpoint('ckpt', files));
    await expect(attempt).rejects.toThrow(
      expect.objectContaining({
        code: 'ERR_RESTORE_VARIABLES',
        problems: expect.arrayContaining([
          '"dense/kernel" is float32 [3, 2] in it; the variable is float32 [3, 4].',
          '"more" is not in it.',
        ]) as unknown,
      }),
    );
    expect((await session.run([wider.loss]))[0]).toEqual(before);
  });
});
