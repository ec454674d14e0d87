import { describe, expect, it } from '@jest/globals';
import { Graph, type Attribute, type SymbolicTensor } from '@tenon/graph';
import * as tf from '@tenon/layers';
import { Session } from '@tenon/runtime';
import { StringArray, Tensor, tensorFrom, toNested } from '@tenon/tensor';
import { addSignature } from './add-signature.js';
import { attachImageModuleInfo, attachMessage } from './attach-message.js';
import { createModuleSpec } from './create-module-spec.js';
import { getExpectedImageSize } from './image-module-info.js';
import { instantiate, instantiateAlone } from './module-instance.js';

const rows = (graph: Graph, columns = 3): SymbolicTensor =>
  tf.placeholder(graph, { dtype: 'float32', shape: [null, columns], name: 'x' });

/** One signature without variables. */
const doubled = (graph: Graph): void => {
  const x = rows(graph);
  addSignature(graph, { inputs: x, outputs: tf.multiply(x, 2) });
};

const dense = (graph: Graph, { training = false }: { readonly training?: boolean }): void => {
  const x = rows(graph);
  const normalized = tf.batchNormalization(x, { training });
  const kernelRegularizer = tf.l2Regularizer(0.5);
  const y = tf.dense(normalized, { units: 2, kernelInitializer: tf.ones(), kernelRegularizer });
  addSignature(graph, { inputs: { x }, outputs: { default: y, normalized } });
};

const BOTH = [
  [[], {}],
  [['train'], { training: true }],
] as const;

async function evaluate(graph: Graph, fetch: unknown, feeds: ReadonlyMap<SymbolicTensor, Tensor> = new Map()) {
  const [value] = await new Session(graph).run([fetch as SymbolicTensor], { feeds });
  return toNested(value!);
}

describe('a module made of a function', () => {
  it('is applied as one that was read, its variables set by their initialisers', async () => {
    const spec = await createModuleSpec(dense, BOTH);
    expect(spec.getTags()).toEqual([[], ['train']]);
    expect(spec.getSignatureNames()).toEqual(['default']);
    expect(spec.getInputInfo().get('x')).toMatchObject({ kind: 'dense', dtype: 'float32', shape: [null, 3] });
    expect(spec.getOutputInfo().get('default')!.shape).toEqual([null, 2]);
    const graph = new Graph();
    const module = await instantiate(spec, graph, { name: 'm' });
    const y = module.apply({ x: [[1, 2, 3]] }).get('default') as SymbolicTensor;
    expect([...module.variableMap.keys()]).toEqual([
      'batch_normalization/gamma',
      'batch_normalization/beta',
      'batch_normalization/moving_mean',
      'batch_normalization/moving_variance',
      'dense/kernel',
      'dense/bias',
    ]);
    expect(y.name).toMatch(/^m_apply_default\//);
    const [[value]] = (await evaluate(graph, y)) as [[number]];
    expect(value).toBeCloseTo(6 / Math.sqrt(1.001), 5);
  });

  it('brings losses and updates along where it is trained, and only there', async () => {
    const spec = await createModuleSpec(dense, BOTH);
    const counts = async (trainable: boolean) => {
      const graph = new Graph();
      const module = await instantiate(spec, graph, { tags: ['train'], trainable });
      for (let application = 0; application < 2; application++) module.apply({ x: rows(graph) });
      return ['variables', 'trainable_variables', 'regularization_losses', 'update_ops'].map(
        (name) => graph.collections.get(name)?.length ?? 0,
      );
    };
    expect(await counts(true)).toEqual([6, 4, 1, 4]);
    expect(await counts(false)).toEqual([6, 0, 0, 0]);
  });

  it('runs on a graph of its own, more than once', async () => {
    const spec = await createModuleSpec(dense);
    for (let time = 0; time < 2; time++) {
      const instance = await instantiateAlone(spec);
      const y = instance.apply({ x: [[3, 0, 0]] }).get('default');
      expect((await evaluate(instance.graph, y)) as number[][]).toHaveLength(1);
    }
  });

  it('may use other modules', async () => {
    const inner = await createModuleSpec(dense);
    const outer = await createModuleSpec(async (graph) => {
      const x = rows(graph);
      const module = await instantiate(inner, graph, { name: 'inner', trainable: true });
      const once = module.apply({ x }).get('default') as SymbolicTensor;
      const bias = tf.getVariable(graph, { name: 'bias', shape: [2], initializer: tf.ones() });
      addSignature(graph, { inputs: { x }, outputs: tf.add(once, bias) });
    });
    const graph = new Graph();
    const module = await instantiate(outer, graph, { trainable: true });
    expect([...module.variableMap.keys()]).toContain('inner/dense/kernel');
    expect(graph.collections.get('trainable_variables')).toHaveLength(5);
    const y = module.apply({ x: [[0, 0, 0]] }).get('default');
    expect(await evaluate(graph, y)).toEqual([[1, 1]]);
  });

  it('has signatures that take and give sparse and ragged tensors', async () => {
    const spec = await createModuleSpec((graph) => {
      const sparse = tf.sparsePlaceholder(graph, { dtype: 'string', shape: [null, 4] });
      const values = tf.placeholder(graph, { dtype: 'int64', shape: [null] });
      const rowSplits = [tf.placeholder(graph, { dtype: 'int64', shape: [null] })];
      addSignature(graph, { name: 'sparse', inputs: sparse, outputs: { same: sparse } });
      addSignature(graph, { name: 'ragged', inputs: { words: { values, rowSplits } }, outputs: values });
    });
    expect(spec.getInputInfo({ signature: 'sparse' }).get('default')).toMatchObject({
      kind: 'sparse',
      dtype: 'string',
      shape: [null, 4],
    });
    expect(spec.getInputInfo({ signature: 'ragged' }).get('words')).toMatchObject({
      kind: 'ragged',
      shape: [null, null],
      components: [{ dtype: 'int64' }, { dtype: 'int64' }],
    });
  });

  it('takes the last of signatures and messages that have one name', async () => {
    const spec = await createModuleSpec((graph) => {
      doubled(graph);
      const x = rows(graph, 5);
      addSignature(graph, { inputs: { images: x }, outputs: x });
      attachMessage(graph, 'key', Uint8Array.of(1));
      attachMessage(graph, 'key', Uint8Array.of(2));
      attachImageModuleInfo(graph, { defaultImageSize: { height: 96, width: 128 } });
    });
    expect([...spec.getInputInfo().keys()]).toEqual(['images']);
    expect(spec.getAttachedMessage('key')).toEqual(Uint8Array.of(2));
    expect(getExpectedImageSize(spec.variant())).toEqual([96, 128]);
  });
});

describe('a function that makes no module', () => {
  const attempt = (build: (graph: Graph) => void, ...rest: unknown[]) =>
    (createModuleSpec as (...args: unknown[]) => Promise<unknown>)(build, ...rest);
  const code = (name: string, fields: object = {}) => expect.objectContaining({ code: name, ...fields });

  it('adds no signature', async () => {
    await expect(attempt((graph) => void rows(graph))).rejects.toThrow('No signatures present in the graph');
  });

  it('is called for the same tags twice', async () => {
    const twice = [[['a', 'b'], {}], [new Set(['b', 'a']), {}]]; // prettier-ignore
    await expect(attempt(doubled, twice)).rejects.toThrow(code('ERR_REPEATED_TAGS'));
  });

  it('leaves collections that modules may not have, unless they are dropped', async () => {
    const build = (graph: Graph) => {
      doubled(graph);
      for (const name of ['losses', 'mine']) tf.addToCollection(graph, name, graph.operation('x')!);
    };
    await expect(attempt(build)).rejects.toThrow(
      code('ERR_UNSUPPORTED_COLLECTIONS', { collections: ['losses', 'mine'] }),
    );
    await expect(attempt(build, undefined, ['losses', 'mine'])).resolves.toBeDefined();
  });

  it('colocates state or inputs with what applying moves', async () => {
    const near = (...names: string[]): [string, Attribute] => [
      '_class',
      {
        kind: 'list',
        value: names.map((name) => ({ kind: 'bytes', value: new TextEncoder().encode(`loc:@${name}`) })),
      },
    ];
    const build = (graph: Graph) => {
      doubled(graph);
      const type: [string, Attribute] = ['dtype', { kind: 'dtype', value: 'float32' }];
      const shape: [string, Attribute] = ['shape', { kind: 'shape', value: [] }];
      graph.addOperation({ type: 'VarHandleOp', name: 'a', attributes: new Map([type, shape, near('a')]) });
      graph.addOperation({ type: 'VarHandleOp', name: 'b', attributes: new Map([type, shape, near('a')]) });
      graph.addOperation({ type: 'VarHandleOp', name: 'c', attributes: new Map([type, shape, near('x')]) });
      const y = graph.addOperation({ type: 'Placeholder', name: 'y', attributes: new Map([type, near('a')]) }).output();
      addSignature(graph, { name: 'other', inputs: { y }, outputs: y });
    };
    await expect(attempt(build)).rejects.toThrow(
      code('ERR_CREATED_COLOCATION', {
        problems: [
          '"c" (VarHandleOp) holds state, and is colocated with "x", which does not.',
          'Input "y" of signature "other" ("y") is colocated with "a".',
        ],
      }),
    );
  });

  it('names assets that are no constants', async () => {
    const build = (graph: Graph) => {
      doubled(graph);
      const two = new Tensor('string', [2], StringArray.from(['a', 'b']));
      const member = tf.constant(graph, two, { name: 'two' });
      tf.addToCollection(graph, 'asset_filepaths', member);
      tf.addToCollection(graph, 'asset_filepaths', graph.operation('x')!.output());
    };
    await expect(attempt(build)).rejects.toThrow(/"two:0" must be a Const with exactly one string[^]*"x:0" must be/);
  });
});

describe('addSignature', () => {
  it('names everything that is no tensor of the graph', () => {
    const graph = new Graph();
    const variable = tf.getVariable(graph, { name: 'v', shape: [] });
    const inputs = { v: variable, other: rows(new Graph()), n: 1 } as unknown as Record<string, SymbolicTensor>;
    expect(() => addSignature(graph, { name: 's', inputs, outputs: rows(graph) })).toThrow(
      expect.objectContaining({
        code: 'ERR_SIGNATURE_DEFINITION',
        signature: 's',
        problems: [
          'Input "v" is no tensor of a graph. Give what operations return; of a variable its value.',
          'Input "other" is "x:0", which is in another graph than the module.',
          'Input "n" is no tensor of a graph. Give what operations return; of a variable its value.',
        ],
      }),
    );
  });
});

describe('attachMessage', () => {
  it.each(['', '1a', 'a-b', 'a b', 'ä'])('refuses the key "%s"', (key) => {
    expect(() => attachMessage(new Graph(), key, new Uint8Array())).toThrow(
      expect.objectContaining({ code: 'ERR_ATTACHMENT_KEY', key }),
    );
  });
});

it('feeds its inputs as any tensor', async () => {
  const spec = await createModuleSpec(doubled);
  const graph = new Graph();
  const x = rows(graph);
  const y = (await instantiate(spec, graph)).apply(x).get('default');
  expect(await evaluate(graph, y, new Map([[x, tensorFrom([[1, 2, 3]])]]))).toEqual([[2, 4, 6]]);
});
