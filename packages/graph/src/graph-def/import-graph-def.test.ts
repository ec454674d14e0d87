import { describe, expect, it } from '@jest/globals';
import { create, VersionDefSchema } from '@tenon/format';
import { Tensor } from '@tenon/tensor';
import { GraphCycleError, InvalidGraphError } from '../errors.js';
import { findOperationDefinition } from '../operation-definition.js';
import { attr, FLOAT, graphDef, node, placeholder, scalar } from '../testing/graph-def.js';
import { importGraphDef } from './import-graph-def.js';

function problemsOf(action: () => unknown): readonly string[] {
  try {
    action();
  } catch (error) {
    if (error instanceof InvalidGraphError) return error.problems;
    throw error;
  }
  return [];
}

describe('importGraphDef', () => {
  it('puts nodes that are in any order into a topological one', () => {
    const graph = importGraphDef(
      graphDef([
        node('c', 'Add', ['a', 'b'], FLOAT),
        node('b', 'Neg', ['a:0', '^d'], FLOAT),
        scalar('d', 1),
        placeholder('a'),
      ]),
    );
    expect([...graph.operations].map(({ name }) => name)).toEqual(['a', 'd', 'b', 'c']);
    expect(graph.operation('c')!.inputs.map(({ name }) => name)).toEqual(['a:0', 'b:0']);
    expect(graph.operation('b')!.controlInputs.map(({ name }) => name)).toEqual(['d']);
  });

  it('keeps the order of nodes that are in a topological one', () => {
    const graph = importGraphDef(
      graphDef([scalar('z', 1), placeholder('y'), node('x', 'Add', ['y', 'z'], FLOAT), scalar('a', 2)]),
    );
    expect([...graph.operations].map(({ name }) => name)).toEqual(['z', 'y', 'x', 'a']);
  });

  it('keeps names, devices and attributes that the op does not have', () => {
    const graph = importGraphDef(
      graphDef([
        node(
          'scope/x',
          'Placeholder',
          [],
          { dtype: attr.type('int64'), _mine: attr.int(7), shape: attr.shape([null, 3]) },
          '/cpu:0',
        ),
      ]),
    );
    const operation = graph.operation('scope/x')!;
    expect(operation.device).toBe('/cpu:0');
    expect(operation.int('_mine')).toBe(7);
    expect(operation.shape('shape')).toEqual([null, 3]);
    expect(operation.output().dtype).toBe('int64');
  });

  it('takes scalar placeholders of old graphs for ones of unknown shape, as TensorFlow does', () => {
    const shapeIn = (producer: number, shape: number[]) => {
      const nodes = [node('x', 'Placeholder', [], { dtype: attr.type('float32'), shape: attr.shape(shape) })];
      return importGraphDef({ ...graphDef(nodes), versions: create(VersionDefSchema, { producer }) })
        .operation('x')!
        .shape('shape');
    };
    expect(shapeIn(0, [])).toBeNull();
    expect(shapeIn(21, [])).toBeNull();
    expect(shapeIn(21, [2])).toEqual([2]);
    expect(shapeIn(22, [])).toEqual([]);
  });

  it('reads attributes that files leave out from the definition of the op', () => {
    const graph = importGraphDef(graphDef([placeholder('a'), node('m', 'MatMul', ['a', 'a'], FLOAT)]));
    expect(graph.operation('m')!.bool('transpose_a')).toBe(false);
  });

  it('takes the output shapes that a file states', () => {
    const shapes = { _output_shapes: attr.shapes([2, null]) };
    const graph = importGraphDef(graphDef([node('x', 'Placeholder', [], { dtype: attr.type('float32'), ...shapes })]));
    expect(graph.tensor('x:0').shape).toEqual([2, null]);
  });

  it('decodes a constant when its value is asked for', () => {
    const value = attr.tensor(new Tensor('int64', [2], BigInt64Array.of(2n ** 60n, -1n)));
    const graph = importGraphDef(graphDef([node('c', 'Const', [], { dtype: attr.type('int64'), value })]));
    const tensor = graph.operation('c')!.attribute('value', 'tensor') as Tensor<'int64'>;
    expect([...tensor.data]).toEqual([2n ** 60n, -1n]);
    expect(graph.operation('c')!.attribute('value', 'tensor')).toBe(tensor);
  });

  it('closes loops of TensorFlow 1', () => {
    const frame = { ...FLOAT, frame_name: attr.string('loop') };
    const graph = importGraphDef(
      graphDef([
        placeholder('p', 'bool'),
        scalar('x', 1),
        node('merge', 'Merge', ['enter', 'next'], { ...FLOAT, N: attr.int(2) }),
        node('switch', 'Switch', ['merge', 'cond'], FLOAT),
        node('cond', 'LoopCond', ['pin'], {}),
        node('pin', 'Enter', ['p'], { T: attr.type('bool'), frame_name: attr.string('loop') }),
        node('next', 'NextIteration', ['switch:1'], FLOAT),
        node('enter', 'Enter', ['x'], frame),
        node('exit', 'Exit', ['switch'], FLOAT),
      ]),
    );
    expect(graph.operation('merge')!.inputs.map(({ name }) => name)).toEqual(['enter:0', 'next:0']);
  });

  it('names the operations of a cycle that is not a loop', () => {
    const nodes = [node('a', 'Neg', ['b'], FLOAT), node('b', 'Neg', ['c'], FLOAT), node('c', 'Neg', ['a'], FLOAT)];
    expect(() => importGraphDef(graphDef(nodes))).toThrow(GraphCycleError);
    try {
      importGraphDef(graphDef(nodes));
    } catch (error) {
      expect((error as GraphCycleError).operations).toEqual(['a', 'b', 'c']);
    }
  });

  it('names every problem at once', () => {
    const problems = problemsOf(() =>
      importGraphDef(
        graphDef([
          placeholder('x'),
          placeholder('x'),
          placeholder(''),
          node('noType', 'Placeholder'),
          node('wrongKind', 'Neg', ['x'], { T: attr.int(1) }),
          node('reader', 'Neg', ['noType:3'], FLOAT),
          node('missing', 'Neg', ['nowhere'], FLOAT),
          node('range', 'Neg', ['x:1'], FLOAT),
          node('control', 'NoOp', ['^nobody']),
          node('badConstant', 'Const', [], {
            dtype: attr.type('int32'),
            value: attr.tensor(new Tensor('float32', [], Float32Array.of(1))),
          }),
        ]),
      ),
    );
    expect(problems).toEqual([
      'The name "x" is given twice.',
      'A node of op "Placeholder" has the name "", which is not a valid one.',
      'Placeholder "noType" has no attribute "dtype" (type).',
      'Neg "wrongKind": attribute "T" is to be type, but it is int.',
      'Const "badConstant" is to be int32, but its value is not.',
      'Neg "missing" reads "nowhere", but there is no "nowhere".',
      'Neg "range" reads "x:1", but Placeholder "x" has 1 output.',
      'NoOp "control" waits for "nobody", but there is no such operation.',
    ]);
  });

  it('names inputs of the wrong number and data type', () => {
    const problems = problemsOf(() =>
      importGraphDef(
        graphDef([
          placeholder('x'),
          placeholder('i', 'int32'),
          node('few', 'Add', ['x'], FLOAT),
          node('type', 'Add', ['x', 'i'], FLOAT),
          node('value', 'Assign', ['x', 'x'], FLOAT),
        ]),
      ),
    );
    expect(problems).toEqual([
      'Add "few" takes 2 inputs; it has 1.',
      'Input 1 of Add "type" is to be float32, but "i:0" is int32.',
      'Input 0 of Assign "value" is to be a variable, but "x:0" is a value.',
    ]);
  });

  it('keeps nodes of unknown ops, with the outputs that others read', () => {
    const graph = importGraphDef(
      graphDef([
        placeholder('x'),
        node('custom', 'TheirOp', ['x'], { flavour: attr.string('mint') }),
        node('y', 'Neg', ['custom:2'], FLOAT),
        node('z', 'LogicalNot', ['custom']),
        node('unread', 'TheirOther', [], { dtype: attr.type('string') }),
      ]),
    );
    const custom = graph.operation('custom')!;
    expect(custom.outputs.map(({ dtype }) => dtype)).toEqual(['bool', 'variant', 'float32']);
    expect(custom.string('flavour')).toBe('mint');
    expect(graph.tensor('unread:0').dtype).toBe('string');
    expect(findOperationDefinition('TheirOp')).toBeUndefined();
  });

  it('takes a graph that is deeper than the stack, upside down', () => {
    const depth = 30_000;
    const nodes = Array.from({ length: depth }, (_, index) => node(`n${index}`, 'Neg', [`n${index + 1}`], FLOAT));
    const graph = importGraphDef(graphDef([...nodes, placeholder(`n${depth}`)]));
    expect(graph.size).toBe(depth + 1);
  });
});
