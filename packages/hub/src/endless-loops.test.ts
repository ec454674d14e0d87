import { afterAll, describe, expect, it } from '@jest/globals';
import { DataType, type FunctionDef, type Init, type NodeDef } from '@tenon/format';
import { load } from './load.js';
import {
  boolAttribute,
  callNode,
  constantNode,
  floatFunction,
  functionAttribute,
  identityNode,
  intAttribute,
  ModelFolder,
  node,
  placeholderNode,
  textAttribute,
  typeAttribute,
  typesAttribute,
} from './testing/saved-model.js';

const FLOAT = typeAttribute(DataType.DT_FLOAT);
const FLOATS = typesAttribute(DataType.DT_FLOAT);

const whileNode = (name: string, cond: string, body: string, input = 'x') =>
  node('While', name, [input], { T: FLOATS, cond: functionAttribute(cond), body: functionAttribute(body) });

/** A condition: whether its input is less than `limit`. */
const lessThan = (name: string, limit: number): Init<FunctionDef> =>
  floatFunction(
    name,
    [constantNode('limit', limit), node('Less', 'less', ['x', 'limit:output:0'], { T: FLOAT })],
    'less:z:0',
    DataType.DT_BOOL,
  );

const addOne: Init<FunctionDef> = floatFunction(
  'add_one',
  [constantNode('one', 1), node('AddV2', 'sum', ['x', 'one:output:0'], { T: FLOAT })],
  'sum:z:0',
);

describe('a loop that does not end', () => {
  const models = new ModelFolder();
  afterAll(() => models.remove());

  /** What a call comes to that is told to stop as soon as anything else gets its turn. */
  const stopped = async (nodes: readonly Init<NodeDef>[], functions: readonly Init<FunctionDef>[] = []) => {
    const module = await load(models.write({ nodes: [placeholderNode('x'), ...nodes], functions }), { backend: null });
    const controller = new AbortController();
    try {
      // Compiles, too: what is to be stopped is the loop.
      const result = module({ x: 1 }, { signature: 'serving_default', signal: controller.signal });
      setTimeout(() => controller.abort(), 0);
      return await result;
    } finally {
      await module.dispose();
    }
  };

  it('stops when it is told to', async () => {
    const result = stopped([whileNode('y', 'always', 'add_one')], [lessThan('always', Infinity), addOne]);
    await expect(result).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('stops in a function', async () => {
    const f = floatFunction('f', [whileNode('loop', 'always', 'add_one')], 'loop:output:0');
    const result = stopped([callNode('y', 'f', 'x')], [lessThan('always', Infinity), addOne, f]);
    await expect(result).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('stops within loops that end themselves', async () => {
    const inner = floatFunction('inner', [constantNode('zero', 0), whileNode('loop', 'to_1000', 'add_one', 'zero:output:0')], 'loop:output:0'); // prettier-ignore
    const middle = floatFunction('middle', [constantNode('zero', 0), whileNode('loop', 'always', 'inner', 'zero:output:0')], 'loop:output:0'); // prettier-ignore
    const functions = [lessThan('always', Infinity), lessThan('to_1000', 1000), addOne, inner, middle];
    const result = stopped([whileNode('y', 'always', 'middle')], functions);
    await expect(result).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('stops when it is one of TensorFlow 1', async () => {
    const frame = { T: FLOAT, frame_name: textAttribute('frame'), is_constant: boolAttribute(false), parallel_iterations: intAttribute(10) }; // prettier-ignore
    const result = stopped([
      node('Enter', 'enter', ['x'], frame),
      node('Merge', 'merge', ['enter', 'next'], { T: FLOAT, N: intAttribute(2) }),
      constantNode('limit', Infinity),
      node('Enter', 'limit_in', ['limit'], { ...frame, is_constant: boolAttribute(true) }),
      node('Less', 'less', ['merge', 'limit_in'], { T: FLOAT }),
      node('LoopCond', 'condition', ['less']),
      node('Switch', 'switch', ['merge', 'condition'], { T: FLOAT }),
      node('Exit', 'exit', ['switch'], { T: FLOAT }),
      identityNode('turn', 'switch:1'),
      node('Neg', 'negated', ['turn'], { T: FLOAT }),
      node('NextIteration', 'next', ['negated'], { T: FLOAT }),
      identityNode('y', 'exit'),
    ]);
    await expect(result).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('leaves others their turn', async () => {
    const counting = [lessThan('always', Infinity), addOne];
    const path = models.write({ nodes: [placeholderNode('x'), whileNode('y', 'always', 'add_one')], functions: counting }); // prettier-ignore
    const module = await load(path, { backend: null });
    const controller = new AbortController();
    const result = module({ x: 1 }, { signature: 'serving_default', signal: controller.signal });
    const failure = result.then(() => undefined, (error: Error) => error); // prettier-ignore
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
    controller.abort();
    expect(await failure).toMatchObject({ name: 'AbortError' });
    await module.dispose();
  });
});
