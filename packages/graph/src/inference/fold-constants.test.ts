import { describe, expect, it } from '@jest/globals';
import { Tensor, type PartialShape } from '@tenon/tensor';
import type { NodeDef } from '@tenon/format';
import { importGraphDef } from '../graph-def/import-graph-def.js';
import type { Graph } from '../graph.js';
import type { Operation } from '../operation.js';
import { attr, FLOAT, graphDef, node, scalar } from '../testing/graph-def.js';
import { foldConstants, type Evaluate } from './fold-constants.js';

const INT = { T: attr.type('int32') };

function placeholder(name: string, shape: PartialShape): NodeDef {
  return node(name, 'Placeholder', [], { dtype: attr.type('float32'), shape: attr.shape(shape) });
}

function ints(name: string, values: number[], input: string[] = []): NodeDef {
  const tensor = new Tensor('int32', [values.length], Int32Array.from(values));
  return node(name, 'Const', input, { dtype: attr.type('int32'), value: attr.tensor(tensor) });
}

/** Runs float additions, and counts what it is asked for. */
function adder(): { evaluate: Evaluate; asked: string[] } {
  const asked: string[] = [];
  const evaluate: Evaluate = (operation, inputs) => {
    asked.push(operation.name);
    if (operation.type !== 'AddV2' && operation.type !== 'Add') return undefined;
    const [x, y] = inputs as [Tensor<'float32'>, Tensor<'float32'>];
    return [
      new Tensor(
        'float32',
        x.shape,
        x.data.map((element, index) => element + y.data[index]!),
      ),
    ];
  };
  return { evaluate, asked };
}

function fold(
  nodes: NodeDef[],
  evaluate: Evaluate = () => undefined,
): { graph: Graph; folded: Graph; of: (name: string) => Operation } {
  const graph = importGraphDef(graphDef(nodes));
  const rewritten = foldConstants(graph, evaluate);
  return { graph, folded: rewritten.graph, of: (name) => rewritten.tensor(graph.tensor(name)).operation };
}

function elements(operation: Operation): number[] {
  expect(operation.type).toBe('Const');
  return Array.from((operation.attribute('value', 'tensor') as Tensor<'int32'>).data, Number);
}

describe('foldConstants', () => {
  it('works out operations of constants, through several steps', () => {
    const { evaluate } = adder();
    const { of } = fold(
      [
        scalar('a', 1),
        scalar('b', 2),
        node('sum', 'AddV2', ['a', 'b'], FLOAT),
        node('more', 'AddV2', ['sum', 'b'], FLOAT),
        placeholder('x', [null]),
        node('used', 'Mul', ['x', 'more'], FLOAT),
      ],
      evaluate,
    );
    expect(elements(of('more'))).toEqual([5]);
    expect(of('more').name).toBe('more');
    expect(of('used').input(1).operation).toBe(of('more'));
  });

  it('makes constants of shapes, and of what is picked from partly known ones', () => {
    const { of, folded } = fold([
      placeholder('x', [null, 4, 6]),
      node('shape', 'Shape', ['x'], { ...FLOAT, out_type: attr.type('int32') }),
      ints('begin', [1]),
      ints('end', [2]),
      ints('stride', [1]),
      node('picked', 'StridedSlice', ['shape', 'begin', 'end', 'stride'], {
        ...INT,
        Index: attr.type('int32'),
        shrink_axis_mask: attr.int(1),
      }),
      node('batch', 'StridedSlice', ['shape', 'stride', 'stride', 'stride'], { ...INT, Index: attr.type('int32') }),
      node('rank', 'Rank', ['x'], FLOAT),
    ]);
    expect(elements(of('picked'))).toEqual([4]);
    expect(of('picked').output().shape).toEqual([]);
    expect(elements(of('rank'))).toEqual([3]);
    expect(of('shape').type).toBe('Shape');
    expect([...folded.operations].map(({ name }) => name)).toContain('x');
  });

  it('learns shapes from what it folds', () => {
    const evaluate: Evaluate = ({ type }) =>
      type === 'ListDiff'
        ? [new Tensor('int32', [2], Int32Array.of(4, 6)), new Tensor('int32', [2], Int32Array.of(0, 1))]
        : undefined;
    const { of } = fold(
      [
        ints('all', [4, 5, 6]),
        ints('some', [5]),
        node('rest', 'ListDiff', ['all', 'some'], { ...INT, out_idx: attr.type('int32') }),
        scalar('zero', 0),
        node('filled', 'Fill', ['rest', 'zero'], { ...FLOAT, index_type: attr.type('int32') }),
      ],
      evaluate,
    );
    expect(elements(of('rest'))).toEqual([4, 6]);
    expect(of('filled').output().shape).toEqual([4, 6]);
    expect(of('filled').type).toBe('Fill');
  });

  it('leaves identities out, whoever reads them', () => {
    const { of, folded } = fold([
      placeholder('x', [3]),
      node('i', 'Identity', ['x'], FLOAT),
      node('j', 'StopGradient', ['i'], FLOAT),
      node('used', 'Neg', ['j'], FLOAT),
    ]);
    expect(of('used').input(0).operation.name).toBe('x');
    expect(of('j').name).toBe('x');
    expect([...folded.operations].map(({ name }) => name)).toEqual(['x', 'used']);
  });

  it('keeps identities that read a variable, or that wait for something with an effect', () => {
    const { of } = fold([
      node('v', 'VariableV2', [], { dtype: attr.type('float32'), shape: attr.shape([]) }),
      node('read', 'Identity', ['v'], FLOAT),
      scalar('one', 1),
      node('assign', 'Assign', ['v', 'one'], FLOAT),
      placeholder('x', []),
      node('after', 'Identity', ['x', '^assign'], FLOAT),
    ]);
    expect(of('read').type).toBe('Identity');
    expect(of('after').controlInputs.map(({ name }) => name)).toEqual(['assign']);
  });

  it('makes constants wait for what they waited for', () => {
    const { of } = fold([
      node('v', 'VariableV2', [], { dtype: attr.type('float32'), shape: attr.shape([7]) }),
      placeholder('x', [7]),
      node('assign', 'Assign', ['v', 'x'], FLOAT),
      node('size', 'Size', ['assign'], { ...FLOAT, out_type: attr.type('int32') }),
      scalar('two', 2, ['^assign'], 'int32'),
      scalar('three', 3, ['^x'], 'int32'),
      node('twice', 'Mul', ['size', 'two'], INT),
      node('thrice', 'Mul', ['three', 'three'], INT),
    ]);
    expect(elements(of('twice'))).toEqual([14]);
    expect(of('twice').controlInputs.map(({ name }) => name)).toEqual(['assign']);
    expect(of('thrice').controlInputs).toEqual([]);
  });

  it('does not fold what is random, stateful, fed or there to check', () => {
    const { evaluate, asked } = adder();
    const { of } = fold(
      [
        ints('shape', [2]),
        node('random', 'RandomUniform', ['shape'], { dtype: attr.type('float32'), ...INT }),
        scalar('one', 1),
        node('given', 'PlaceholderWithDefault', ['one'], { dtype: attr.type('float32'), shape: attr.shape([]) }),
        node('checked', 'CheckNumerics', ['one'], { ...FLOAT, message: attr.string('') }),
        node('printed', 'Print', ['one', 'one'], { ...FLOAT, U: attr.types('float32') }),
      ],
      evaluate,
    );
    for (const [name, type] of [
      ['random', 'RandomUniform'],
      ['given', 'PlaceholderWithDefault'],
      ['checked', 'CheckNumerics'],
      ['printed', 'Print'],
    ] as const) {
      expect(of(name).type).toBe(type);
    }
    expect(asked).toEqual([]);
  });

  it('does not make large constants of small ones', () => {
    const asked: string[] = [];
    const { of } = fold(
      [
        ints('size', [100_000]),
        scalar('zero', 0),
        node('filled', 'Fill', ['size', 'zero'], { ...FLOAT, index_type: attr.type('int32') }),
      ],
      (operation) => {
        asked.push(operation.name);
        return undefined;
      },
    );
    expect(of('filled').type).toBe('Fill');
    expect(asked).toEqual([]);
  });

  it('leaves an operation that cannot be worked out to fail when it runs', () => {
    const { of } = fold([scalar('a', 1), node('sum', 'AddV2', ['a', 'a'], FLOAT)], () => {
      throw new RangeError('no');
    });
    expect(of('sum').type).toBe('AddV2');
  });

  it('keeps constants in the branch of a version 1 conditional', () => {
    const { of } = fold([
      node('p', 'Placeholder', [], { dtype: attr.type('bool'), shape: attr.shape([]) }),
      node('switch', 'Switch', ['p', 'p'], { T: attr.type('bool') }),
      node('pivot', 'Identity', ['switch:1'], { T: attr.type('bool') }),
      scalar('two', 2, ['^pivot'], 'int32'),
      node('four', 'Mul', ['two', 'two'], INT),
      scalar('zero', 0, [], 'int32'),
      node('other', 'Switch', ['zero', 'p'], INT),
      node('merge', 'Merge', ['other', 'four'], { ...INT, N: attr.int(2) }),
    ]);
    expect(of('pivot').type).toBe('Identity');
    expect(elements(of('four'))).toEqual([4]);
    expect(of('four').controlInputs.map(({ name }) => name)).toEqual(['pivot']);
    expect(of('merge').type).toBe('Merge');
  });
});
