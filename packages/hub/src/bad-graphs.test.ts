import { afterAll, describe, expect, it } from '@jest/globals';
import { DataType, type Init, type NodeDef } from '@tenon/format';
import { load } from './load.js';
import {
  callNode,
  floatFunction,
  functionAttribute,
  identityNode,
  intAttribute,
  ModelFolder,
  node,
  placeholderNode,
  typeAttribute,
  typesAttribute,
  type ModelParts,
} from './testing/saved-model.js';

const FLOAT = typeAttribute(DataType.DT_FLOAT);
const FLOATS = typesAttribute(DataType.DT_FLOAT);

describe('a graph that is not one', () => {
  const models = new ModelFolder();
  afterAll(() => models.remove());

  const apply = async (parts: ModelParts): Promise<unknown> => {
    const module = await load(models.write(parts), { backend: null });
    try {
      return await module({ x: 1 }, { signature: 'serving_default' });
    } finally {
      await module.dispose();
    }
  };
  const applied = (...nodes: readonly Init<NodeDef>[]) => apply({ nodes: [placeholderNode('x'), ...nodes] });

  it('is refused when its operations wait for each other', async () => {
    const cycle = [node('AddV2', 'y', ['x', 'b'], { T: FLOAT }), identityNode('b', 'a'), identityNode('a', 'y')];
    await expect(applied(...cycle)).rejects.toMatchObject({ code: 'ERR_GRAPH_CYCLE', operations: ['y', 'b', 'a'] });
    await expect(applied(identityNode('y', 'y'))).rejects.toMatchObject({ code: 'ERR_GRAPH_CYCLE' });
    const waiting = [node('Identity', 'y', ['x', '^a'], { T: FLOAT }), identityNode('a', 'y')];
    await expect(applied(...waiting)).rejects.toMatchObject({ code: 'ERR_GRAPH_CYCLE' });
  });

  it('is refused when a loop has no way in', async () => {
    const loop = [
      node('Merge', 'm', ['n', 'n'], { T: FLOAT, N: intAttribute(2) }),
      node('NextIteration', 'n', ['m'], { T: FLOAT }),
      identityNode('y', 'm'),
    ];
    await expect(applied(...loop)).rejects.toMatchObject({ code: expect.stringMatching(/^ERR_(INVALID_GRAPH|CONTROL_FLOW)$/) }); // prettier-ignore
  });

  it('is refused when operations are missing, naming every one', async () => {
    const missing = applied(node('AddV2', 'y', ['gone', 'x:7'], { T: FLOAT }), identityNode('z', 'lost'));
    await expect(missing).rejects.toMatchObject({
      code: 'ERR_INVALID_GRAPH',
      problems: [
        expect.stringContaining('"gone"'),
        expect.stringContaining('"x:7"'),
        expect.stringContaining('"lost"'),
      ],
    });
    const waiting = applied(node('Identity', 'y', ['x', '^gone'], { T: FLOAT }));
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_INVALID_GRAPH' });
    await expect(applied()).rejects.toMatchObject({ code: 'ERR_INVALID_GRAPH' });
    await expect(applied(callNode('y', 'gone', 'x'))).rejects.toMatchObject({ code: 'ERR_INVALID_GRAPH' });
  });

  it('is refused when attributes are of another kind than the op wants', async () => {
    const wrong: Init<NodeDef>[] = [
      node('Identity', 'y', ['x'], { T: intAttribute(1) }),
      node('Identity', 'y', ['x'], { T: FLOATS }),
      node('Identity', 'y', ['x']),
      node('Softmax', 'y', ['x'], { T: typeAttribute(DataType.DT_STRING) }),
      node('Softmax', 'y', ['x'], { T: typeAttribute(99 as DataType) }),
      node('LeakyRelu', 'y', ['x'], { T: FLOAT, alpha: intAttribute(1) }),
      node('Const', 'y', [], { dtype: FLOAT, value: FLOAT }),
      node('PartitionedCall', 'y', ['x'], { Tin: FLOATS, Tout: FLOATS, f: FLOAT }),
    ];
    for (const one of wrong) {
      await expect(applied(one)).rejects.toMatchObject({
        code: expect.stringMatching(/^ERR_(INVALID_GRAPH|ATTRIBUTE|UNSUPPORTED_DTYPE)$/),
      });
    }
  });

  it('is refused when a function calls itself', async () => {
    const nodes = [placeholderNode('x'), callNode('y', 'f', 'x')];
    const direct = [floatFunction('f', [callNode('again', 'f', 'x')], 'again:output:0')];
    await expect(apply({ nodes, functions: direct })).rejects.toMatchObject({
      code: 'ERR_RECURSIVE_FUNCTION',
      functions: ['f'],
    });
    const mutual = ['f', 'g', 'h'].map((name, index, all) =>
      floatFunction(name, [callNode('next', all[(index + 1) % 3]!, 'x')], 'next:output:0'),
    );
    await expect(apply({ nodes, functions: mutual })).rejects.toMatchObject({
      code: 'ERR_RECURSIVE_FUNCTION',
      functions: ['f', 'g', 'h'],
    });
  });

  it('is refused when a branch or a loop of a function calls it', async () => {
    const nodes = [placeholderNode('x'), callNode('y', 'f', 'x')];
    const branch = node('If', 'again', ['x', 'x'], {
      Tcond: FLOAT,
      Tin: FLOATS,
      Tout: FLOATS,
      then_branch: functionAttribute('f'),
      else_branch: functionAttribute('f'),
    });
    const branching = [floatFunction('f', [branch], 'again:output:0')];
    await expect(apply({ nodes, functions: branching })).rejects.toMatchObject({ code: 'ERR_RECURSIVE_FUNCTION' });
    const loop = node('While', 'again', ['x'], {
      T: FLOATS,
      cond: functionAttribute('f'),
      body: functionAttribute('f'),
    });
    const looping = [floatFunction('f', [loop], 'again:output:0')];
    await expect(apply({ nodes, functions: looping })).rejects.toMatchObject({ code: 'ERR_RECURSIVE_FUNCTION' });
  });

  it('is refused when functions that call others twice make more than fits in memory', async () => {
    const levels = 60;
    const functions = Array.from({ length: levels }, (_, level) =>
      level === 0
        ? floatFunction('f0', [node('Neg', 'out', ['x'], { T: FLOAT })], 'out:y:0')
        : floatFunction(
            `f${level}`,
            [callNode('a', `f${level - 1}`, 'x'), callNode('b', `f${level - 1}`, 'a:output:0')],
            'b:output:0',
          ),
    );
    const nodes = [placeholderNode('x'), callNode('y', `f${levels - 1}`, 'x')];
    await expect(apply({ nodes, functions })).rejects.toMatchObject({ code: 'ERR_INVALID_GRAPH' });
    const initialized = { nodes, functions, more: { collectionDef: { saved_model_main_op: { kind: { case: 'nodeList', value: { value: ['y'] } } } } } } as const; // prettier-ignore
    await expect(apply(initialized)).rejects.toMatchObject({ code: 'ERR_INVALID_GRAPH' });
  });

  it('is refused when branches within branches make more than fits in memory', async () => {
    const levels = 40;
    const branches = (level: number) => ({
      Tcond: FLOAT,
      Tin: FLOATS,
      Tout: FLOATS,
      then_branch: functionAttribute(`f${level}`),
      else_branch: functionAttribute(`f${level}`),
    });
    const functions = Array.from({ length: levels }, (_, level) =>
      level === 0
        ? floatFunction('f0', [node('Neg', 'out', ['x'], { T: FLOAT })], 'out:y:0')
        : floatFunction(`f${level}`, [node('If', 'out', ['x', 'x'], branches(level - 1))], 'out:output:0'),
    );
    const nodes = [placeholderNode('x'), node('If', 'y', ['x', 'x'], branches(levels - 1))];
    await expect(apply({ nodes, functions })).rejects.toMatchObject({ code: 'ERR_INVALID_GRAPH' });
  });

  it('is refused when functions are nested without end', async () => {
    const levels = 5000;
    const functions = Array.from({ length: levels }, (_, level) =>
      level === 0
        ? floatFunction('f0', [node('Neg', 'out', ['x'], { T: FLOAT })], 'out:y:0')
        : floatFunction(`f${level}`, [callNode('out', `f${level - 1}`, 'x')], 'out:output:0'),
    );
    const nodes = [placeholderNode('x'), callNode('y', `f${levels - 1}`, 'x')];
    await expect(apply({ nodes, functions })).rejects.toMatchObject({ code: 'ERR_INVALID_GRAPH' });
  });

  it('is refused when branches are nested without end', async () => {
    const levels = 5000;
    const functions = Array.from({ length: levels }, (_, level) => {
      const nested = {
        Tcond: FLOAT,
        Tin: FLOATS,
        Tout: FLOATS,
        then_branch: functionAttribute(`f${level - 1}`),
        else_branch: functionAttribute('f0'),
      };
      return level === 0
        ? floatFunction('f0', [node('Neg', 'out', ['x'], { T: FLOAT })], 'out:y:0')
        : floatFunction(`f${level}`, [node('If', 'out', ['x', 'x'], nested)], 'out:output:0');
    });
    const nodes = [placeholderNode('x'), callNode('y', `f${levels - 1}`, 'x')];
    await expect(apply({ nodes, functions })).rejects.toMatchObject({ code: 'ERR_INVALID_GRAPH' });
  });

  it('is refused when loops of TensorFlow 1 are nested without end', async () => {
    const depth = 3000;
    const enter = (frame: string) => ({ T: FLOAT, frame_name: { value: { case: 's', value: Buffer.from(frame) } } as const }); // prettier-ignore
    const enters = Array.from({ length: depth }, (_, level) =>
      node('Enter', `in${level}`, [level === 0 ? 'x' : `in${level - 1}`], enter(`frame${level}`)),
    );
    const exits = Array.from({ length: depth }, (_, level) =>
      node('Exit', `out${level}`, [level === 0 ? `in${depth - 1}` : `out${level - 1}`], { T: FLOAT }),
    );
    const last = identityNode('y', `out${depth - 1}`);
    await expect(applied(...enters, ...exits, last)).rejects.toMatchObject({ code: 'ERR_CONTROL_FLOW' });
  });

  it('is computed when it is long', async () => {
    const length = 20_000;
    const chain = Array.from({ length }, (_, index) =>
      node('Neg', index === length - 1 ? 'y' : `n${index}`, [index === 0 ? 'x' : `n${index - 1}`], { T: FLOAT }),
    );
    const y = await apply({ nodes: [placeholderNode('x'), ...chain] });
    expect(y).toMatchObject({ data: Float32Array.of(1) });
  }, 60_000);

  it('is computed when it is wide', async () => {
    const length = 200_000;
    const inputs = new Array<string>(length).fill('x');
    const sum = node('AddN', 'y', inputs, { T: FLOAT, N: intAttribute(length) });
    expect(await applied(sum)).toMatchObject({ data: Float32Array.of(length) });
  }, 60_000);

  it('is computed when most of it is not needed', async () => {
    const unneeded = Array.from({ length: 200_000 }, (_, index) => node('NoOp', `n${index}`));
    const y = await apply({ nodes: [placeholderNode('x'), ...unneeded, identityNode('y', 'x')] });
    expect(y).toMatchObject({ data: Float32Array.of(1) });
  }, 60_000);
});
