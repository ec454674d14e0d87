import { describe, expect, it } from '@jest/globals';
import { GraphCycleError, NotInGraphError } from './errors.js';
import { importGraphDef } from './graph-def/import-graph-def.js';
import { prune } from './prune.js';
import { attr, FLOAT, graphDef, node, placeholder, scalar } from './testing/graph-def.js';

const names = (operations: Iterable<{ name: string }>) => [...operations].map(({ name }) => name);

describe('prune', () => {
  it('keeps what fetches read and wait for, in order', () => {
    const graph = importGraphDef(
      graphDef([
        placeholder('x'),
        node('unused', 'Neg', ['x'], FLOAT),
        node('effect', 'NoOp', ['^x']),
        node('y', 'Neg', ['x', '^effect'], FLOAT),
        node('z', 'Neg', ['y'], FLOAT),
      ]),
    );
    const { graph: pruned, tensor, operation } = prune(graph, [graph.tensor('y:0')], []);
    expect(names(pruned.operations)).toEqual(['x', 'effect', 'y']);
    expect(tensor(graph.tensor('y:0'))).toBe(pruned.tensor('y:0'));
    expect(() => operation(graph.operation('z')!)).toThrow(NotInGraphError);
    expect(graph.size).toBe(5);
  });

  it('fetches operations for their effect', () => {
    const graph = importGraphDef(graphDef([node('init', 'NoOp', ['^a']), scalar('a', 1), scalar('b', 2)]));
    const { graph: pruned } = prune(graph, [graph.operation('init')!], []);
    expect(names(pruned.operations)).toEqual(['a', 'init']);
  });

  it('stops at tensors that are fed, whatever they are outputs of', () => {
    const graph = importGraphDef(
      graphDef([
        placeholder('x'),
        node('inner', 'Neg', ['x'], FLOAT),
        node('top', 'TopK', ['inner'], { ...FLOAT, k: attr.int(1) }),
        node('y', 'Neg', ['top'], FLOAT),
        node('z', 'Neg', ['y'], FLOAT),
      ]),
    );
    const feeds = [graph.tensor('top:0')];
    const one = prune(graph, [graph.tensor('z:0')], feeds);
    expect(names(one.graph.operations)).toEqual(['top/fed_0', 'y', 'z']);
    expect(one.tensor(feeds[0]!).operation.type).toBe('Placeholder');
    expect(one.tensor(feeds[0]!).dtype).toBe('float32');

    const both = prune(graph, [graph.tensor('z:0'), graph.tensor('top:1')], feeds);
    expect(names(both.graph.operations)).toEqual(['top/fed_0', 'x', 'inner', 'top', 'y', 'z']);
    expect(both.graph.operation('y')!.input(0).name).toBe('top/fed_0:0');
  });

  it('gives back a fed tensor that is fetched', () => {
    const graph = importGraphDef(graphDef([placeholder('x')]));
    const { tensor, graph: pruned } = prune(graph, [graph.tensor('x:0')], [graph.tensor('x:0')]);
    expect(tensor(graph.tensor('x:0'))).toBe(pruned.tensor('x:0'));
  });

  it('lets what waits for a fed placeholder wait for its value', () => {
    const graph = importGraphDef(
      graphDef([
        node('x', 'Placeholder', [], { dtype: attr.type('float32'), shape: attr.shape([2]) }),
        node('y', 'NoOp', ['^x']),
      ]),
    );
    const { graph: pruned } = prune(graph, [graph.operation('y')!], [graph.tensor('x:0')]);
    expect(names(pruned.operations)).toEqual(['x', 'y']);
    expect(pruned.operation('x')!.shape('shape')).toEqual([2]);
  });

  it('takes chains that are deeper than the stack', () => {
    const depth = 30_000;
    const nodes = Array.from({ length: depth }, (_, index) =>
      node(`n${index}`, 'Neg', [index === 0 ? 'x' : `n${index - 1}`], FLOAT),
    );
    const graph = importGraphDef(graphDef([placeholder('x'), ...nodes]));
    expect(prune(graph, [graph.tensor(`n${depth - 1}:0`)], []).graph.size).toBe(depth + 1);
  });

  it('names the cycle of a graph that was tied into one', () => {
    const graph = importGraphDef(
      graphDef([placeholder('x'), node('a', 'Neg', ['x'], FLOAT), node('b', 'Neg', ['a'], FLOAT)]),
    );
    graph.replaceInput(graph.operation('a')!, 0, graph.tensor('b:0'));
    expect(() => prune(graph, [graph.tensor('b:0')], [])).toThrow(GraphCycleError);
    expect(prune(graph, [graph.tensor('b:0')], [graph.tensor('a:0')]).graph.size).toBe(2);
  });
});
