import { describe, expect, it } from '@jest/globals';
import { toNested, type Tensor } from '@tenon/tensor';
import * as hub from './index.js';
import { fixturePath } from './testing/golden.js';

describe('module', () => {
  it('builds graphs that a session runs, with weights shared by all applications', async () => {
    const graph = new hub.Graph();
    const embed = await hub.module(fixturePath('modules/token-embedding'), { graph });
    const tokens = hub.placeholder(graph, { dtype: 'string', shape: [null] });
    const fed = embed(tokens);
    const constant = embed(['cat', 'nope']);
    expect(fed).toBeInstanceOf(hub.SymbolicTensor);
    await using session = await hub.session(graph, { backend: null });
    const feeds = new Map([[tokens, hub.tensorFrom(['cat', 'nope'])]]);
    const [first, second] = await session.run([fed, constant], { feeds });
    expect(toNested(first!)).toEqual(toNested(second!));
    const direct = await hub.load(fixturePath('modules/token-embedding'), { backend: null });
    expect(toNested(first!)).toEqual(toNested(await direct(['cat', 'nope'])));
  });

  it('joins modules', async () => {
    const graph = new hub.Graph();
    const half = await hub.module(fixturePath('modules/half-plus-two'), { graph });
    const tuned = await hub.module(fixturePath('modules/half-plus-two-finetuned'), { graph });
    const { y } = tuned({ x: half([4], { signature: 'single' }) }, { asDict: true });
    const session = await hub.session(graph, { backend: null });
    const [value] = await session.run([y as hub.SymbolicTensor]);
    const alone = await hub.load(fixturePath('modules/half-plus-two-finetuned'), { backend: null });
    expect(toNested(value!)).toEqual(toNested((await alone([4], { asDict: true }))['y'] as Tensor));
  });

  it('calls functions of SavedModels, two of one name in one graph', async () => {
    const graph = new hub.Graph();
    const models = await Promise.all(
      ['tf2-half-plus-two', 'tf2-multi-signature'].map((name) =>
        hub.module(fixturePath(`saved_models/${name}`), { graph }),
      ),
    );
    const y = models[0]!.callFunction('__call__', [[1, 2]]) as hub.SymbolicTensor;
    const z = models[1]!.callFunction('embed', [[[1, 2, 3]]]) as hub.SymbolicTensor;
    const session = await hub.session(graph, { backend: null });
    const [first, second] = await session.run([y, z]);
    expect(toNested(first!)).toEqual([2.5, 3]);
    expect(second!.shape).toEqual([1, 5]);
  });

  it('wants asDict where no output is called default', async () => {
    const module = await hub.module(fixturePath('modules/half-plus-two'), { graph: new hub.Graph() });
    expect(() => module({ x: [1] })).toThrow(hub.OutputNotFoundError);
    expect(() => module([1], { signature: 'zz' })).toThrow(hub.SignatureNotFoundError);
  });

  it('says what it is', async () => {
    const graph = new hub.Graph();
    const spec = await hub.loadModuleSpec(fixturePath('modules/mobilenet-v2-small'));
    const module = await hub.module(spec, { graph, name: 'net', tags: ['train'], trainable: true });
    expect([module.scope, module.trainable, module.graph, module.tags]).toEqual(['net', true, graph, ['train']]);
    expect(module.getExpectedImageSize()).toEqual([32, 32]);
    expect([...module.getInputInfo().keys()]).toEqual(['images']);
    expect(module.variables[0]!.operation.name).toMatch(/^net\//);
  });
});
