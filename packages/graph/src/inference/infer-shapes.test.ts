import { describe, expect, it } from '@jest/globals';
import type { FunctionDef, NodeDef } from '@tenon/format';
import type { PartialShape } from '@tenon/tensor';
import { importGraphDef } from '../graph-def/import-graph-def.js';
import type { Graph } from '../graph.js';
import { findOperationDefinition } from '../operation-definition.js';
import { attr, call, FLOAT, functionDef, graphDef, node, scalar } from '../testing/graph-def.js';
import { ShapeInferenceError } from './errors.js';
import { inferShapes } from './infer-shapes.js';
import { SHAPE_FUNCTIONS } from './registry.js';

const INT = { T: attr.type('int32') };

function placeholder(name: string, shape: PartialShape): NodeDef {
  return node(name, 'Placeholder', [], { dtype: attr.type('float32'), shape: attr.shape(shape) });
}

function infer(nodes: NodeDef[], functions: FunctionDef[] = []): Graph {
  const graph = importGraphDef(graphDef(nodes, functions));
  inferShapes(graph);
  return graph;
}

function problemsOf(act: () => unknown): ShapeInferenceError {
  try {
    act();
  } catch (error) {
    if (error instanceof ShapeInferenceError) return error;
    throw error;
  }
  throw new Error('Nothing was wrong.');
}

/** A function of one float tensor. */
function float(name: string, nodes: NodeDef[], result: string): FunctionDef {
  return functionDef(name, { inputs: { x: 'float32' }, outputs: { y: 'float32' }, nodes, ret: { y: result } });
}

const doubled = float(
  'doubled',
  [
    node('sum', 'ConcatV2', ['x', 'x', 'axis:output:0'], { ...FLOAT, N: attr.int(2), Tidx: attr.type('int32') }),
    scalar('axis', 0, [], 'int32'),
  ],
  'sum:output:0',
);

describe('inferShapes', () => {
  it('has entries for ops of TensorFlow alone', () => {
    expect([...SHAPE_FUNCTIONS.keys()].filter((op) => !findOperationDefinition(op))).toEqual([]);
  });

  it('says of every contradiction where it is and between which shapes', () => {
    const nodes = [
      placeholder('a', [2, 3]),
      placeholder('b', [4, null]),
      node('product', 'MatMul', ['a', 'b'], FLOAT),
      node('sum', 'AddV2', ['a', 'b'], FLOAT),
      node('after', 'Neg', ['sum'], FLOAT),
    ];
    const graph = importGraphDef(graphDef(nodes));
    const error = problemsOf(() => inferShapes(graph));
    expect(error.code).toBe('ERR_SHAPE_INFERENCE');
    expect(error.problems).toEqual([
      {
        operation: 'product',
        type: 'MatMul',
        inputShapes: [
          [2, 3],
          [4, null],
        ],
        problem: 'the inner dimensions 3 and 4 differ',
      },
      {
        operation: 'sum',
        type: 'AddV2',
        inputShapes: [
          [2, 3],
          [4, null],
        ],
        problem: '[2, 3] and [4, ?] do not broadcast together',
      },
    ]);
    expect(error.message).toContain('MatMul "product" of [2, 3], [4, ?]: the inner dimensions 3 and 4 differ.');
    expect(graph.tensor('after').shape).toBeNull();
  });

  it('takes what a tensor already says for true, and fails where that cannot be', () => {
    const graph = importGraphDef(
      graphDef([placeholder('x', [null, 3]), node('y', 'Neg', ['x'], FLOAT), node('z', 'Exp', ['y'], FLOAT)]),
    );
    graph.tensor('y').shape = [7, null];
    inferShapes(graph);
    expect(graph.tensor('z').shape).toEqual([7, 3]);
    graph.tensor('y').shape = [7];
    expect(problemsOf(() => inferShapes(graph)).problems.map(({ operation }) => operation)).toEqual(['y']);
  });

  it('believes what is said of fed tensors', () => {
    const graph = importGraphDef(graphDef([placeholder('x', [null, 3]), node('y', 'Neg', ['x'], FLOAT)]));
    inferShapes(graph, { known: new Map([[graph.tensor('x'), { shape: [5, 3] }]]) });
    expect(graph.tensor('y').shape).toEqual([5, 3]);
  });

  it('leaves ops that it does not know alone', () => {
    const graph = infer([node('x', 'NoSuchOp', []), placeholder('y', [2])]);
    expect(graph.tensor('y').shape).toEqual([2]);
  });

  it('follows calls, with the shapes of each', () => {
    const graph = infer(
      [
        placeholder('a', [2, 3]),
        placeholder('b', [null, 5]),
        call('p', 'doubled', ['a'], ['float32'], ['float32']),
        call('q', 'doubled', ['b'], ['float32'], ['float32']),
      ],
      [doubled],
    );
    expect(graph.tensor('p').shape).toEqual([4, 3]);
    expect(graph.tensor('q').shape).toEqual([null, 5]);
  });

  it('knows what both branches of a condition agree on', () => {
    const same = float('same', [], 'x');
    const nodes = [
      placeholder('x', [2, 3]),
      node('c', 'Placeholder', [], { dtype: attr.type('bool'), shape: attr.shape([]) }),
      node('if', 'StatelessIf', ['c', 'x'], {
        Tcond: attr.type('bool'),
        Tin: attr.types('float32'),
        Tout: attr.types('float32'),
        then_branch: attr.func('doubled'),
        else_branch: attr.func('same'),
      }),
    ];
    expect(infer(nodes, [doubled, same]).tensor('if').shape).toEqual([null, 3]);
  });

  it('widens the variables of a loop until nothing changes', () => {
    const yes = functionDef('yes', {
      inputs: { x: 'float32' },
      outputs: { y: 'bool' },
      nodes: [node('less', 'IsFinite', ['zero:output:0'], FLOAT), scalar('zero', 0)],
      ret: { y: 'less:y:0' },
    });
    const nodes = [
      placeholder('x', [2, 3]),
      node('while', 'StatelessWhile', ['x'], {
        T: attr.types('float32'),
        cond: attr.func('yes'),
        body: attr.func('doubled'),
      }),
    ];
    expect(infer(nodes, [yes, doubled]).tensor('while').shape).toEqual([null, 3]);
  });

  it('widens version 1 loops, within which contradictions are no errors', () => {
    const bool = { T: attr.type('bool') };
    const nodes = [
      placeholder('x', [2, 3]),
      node('enter', 'Enter', ['x'], { ...FLOAT, frame_name: attr.string('f') }),
      node('merge', 'Merge', ['enter', 'next'], { ...FLOAT, N: attr.int(2) }),
      node('true', 'Placeholder', ['^merge'], { dtype: attr.type('bool'), shape: attr.shape([]) }),
      node('cond', 'LoopCond', ['true']),
      node('switch', 'Switch', ['merge', 'cond'], FLOAT),
      node('body', 'Identity', ['switch:1'], FLOAT),
      scalar('axis', 0, ['^body'], 'int32'),
      node('grown', 'ConcatV2', ['body', 'body', 'axis'], { ...FLOAT, N: attr.int(2), Tidx: attr.type('int32') }),
      placeholder('y', [9, 9]),
      node('never', 'MatMul', ['grown', 'y'], FLOAT),
      node('next', 'NextIteration', ['grown'], FLOAT),
      node('exit', 'Exit', ['switch'], FLOAT),
      node('unused', 'Identity', ['true'], bool),
    ];
    const graph = infer(nodes);
    expect(graph.tensor('exit').shape).toEqual([null, 3]);
    expect(graph.tensor('grown').shape).toEqual([null, 3]);
    expect(graph.tensor('never').shape).toBeNull();
  });

  it('gives up on functions that call themselves', () => {
    const endless = float('endless', [call('again', 'endless', ['x'], ['float32'], ['float32'])], 'again:output:0');
    const growing = float(
      'growing',
      [
        node('more', 'ConcatV2', ['x', 'x', 'axis:output:0'], { ...FLOAT, N: attr.int(2), Tidx: attr.type('int32') }),
        scalar('axis', 0, [], 'int32'),
        call('again', 'growing', ['more:output:0'], ['float32'], ['float32']),
      ],
      'again:output:0',
    );
    const graph = infer(
      [
        placeholder('x', [1]),
        call('p', 'endless', ['x'], ['float32'], ['float32']),
        call('q', 'growing', ['x'], ['float32'], ['float32']),
      ],
      [endless, growing],
    );
    expect([graph.tensor('p').shape, graph.tensor('q').shape]).toEqual([null, null]);
  });

  it('does not take twice as long for each function that calls another twice', () => {
    const depth = 40;
    const functions = Array.from({ length: depth }, (_, level) => {
      const callee = level + 1 < depth ? `f${level + 1}` : 'doubled';
      return float(
        `f${level}`,
        [
          call('once', callee, ['x'], ['float32'], ['float32']),
          scalar('axis', 0, [], 'int32'),
          node('longer', 'ConcatV2', ['x', 'once:output:0', 'axis:output:0'], {
            ...FLOAT,
            N: attr.int(2),
            Tidx: attr.type('int32'),
          }),
          call('twice', callee, ['longer:output:0'], ['float32'], ['float32']),
        ],
        'twice:output:0',
      );
    });
    const graph = infer(
      [placeholder('x', [1, 3]), call('p', 'f0', ['x'], ['float32'], ['float32'])],
      [...functions, doubled],
    );
    expect(graph.tensor('x').shape).toEqual([1, 3]);
  });

  it('goes through long chains without running out of stack', () => {
    const length = 20_000;
    const chain = Array.from({ length }, (_, index) =>
      node(`n${index}`, 'Neg', [index === 0 ? 'x' : `n${index - 1}`], FLOAT),
    );
    expect(infer([placeholder('x', [null, 3]), ...chain.reverse()]).tensor(`n${length - 1}`).shape).toEqual([null, 3]);
  });

  it('follows lengths through a loop over a tensor list', () => {
    const graph = infer([
      placeholder('x', [null, 4, 6]),
      scalar('any', -1, [], 'int32'),
      node('list', 'TensorListFromTensor', ['x', 'any'], {
        element_dtype: attr.type('float32'),
        shape_type: attr.type('int32'),
      }),
      scalar('index', 0, [], 'int32'),
      node('item', 'TensorListGetItem', ['list', 'index', 'any'], {
        element_dtype: attr.type('float32'),
        Tshape: attr.type('int32'),
      }),
      node('twice', 'Mul', ['index', 'index'], INT),
    ]);
    expect(graph.tensor('item').shape).toEqual([4, 6]);
  });
});
