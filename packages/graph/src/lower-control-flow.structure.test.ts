import { describe, expect, it } from '@jest/globals';
import { ControlFlowError, NotInGraphError } from './errors.js';
import { importGraphDef } from './graph-def/import-graph-def.js';
import type { Graph } from './graph.js';
import { lowerControlFlow } from './lower-control-flow.js';
import { attr, FLOAT, graphDef, node, placeholder, scalar } from './testing/graph-def.js';

const MERGE = { ...FLOAT, N: attr.int(2) };
const BOOL = { T: attr.type('bool') };
const loop = (name: string) => ({ ...FLOAT, frame_name: attr.string(name) });

const typesOf = (graph: Graph) => [...graph.operations].map(({ type }) => type);

/** `p ? -x : x + 1`, with an assertion on one side that nobody waits for. */
const condition = () =>
  importGraphDef(
    graphDef([
      placeholder('x'),
      placeholder('p', 'bool'),
      node('switch', 'Switch', ['x', 'p'], FLOAT),
      node('pivots', 'Switch', ['p', 'p'], BOOL),
      node('pivot', 'Identity', ['pivots:1'], BOOL),
      node('neg', 'Neg', ['switch:1'], FLOAT),
      node('check', 'Assert', ['pivot', 'neg'], { T: attr.types('float32') }),
      scalar('one', 1, ['^switch']),
      node('add', 'Add', ['switch', 'one'], FLOAT),
      node('y', 'Merge', ['add', 'neg'], MERGE),
      node('dead', 'Abs', ['switch'], FLOAT),
    ]),
  );

describe('lowerControlFlow', () => {
  it('gives back a graph that has no control flow', () => {
    const graph = importGraphDef(graphDef([placeholder('x')]));
    expect(lowerControlFlow(graph).graph).toBe(graph);
  });

  it('lets the If stand for operations in its branches, and nothing for their tensors', () => {
    const graph = condition();
    const { graph: lowered, tensor, operation } = lowerControlFlow(graph);
    const made = tensor(graph.tensor('y:0')).operation;
    expect(made.type).toBe('If');
    expect(operation(graph.operation('check')!)).toBe(made);
    expect(operation(graph.operation('neg')!)).toBe(made);
    expect(tensor(graph.tensor('x:0'))).toBe(lowered.tensor('x:0'));
    expect(() => tensor(graph.tensor('neg:0'))).toThrow(NotInGraphError);
    expect(() => tensor(graph.tensor('switch:1'))).toThrow(NotInGraphError);
  });

  it('keeps effects, leaves out what nobody reads, and makes what has no state stateless', () => {
    const graph = condition();
    const { graph: lowered } = lowerControlFlow(graph);
    const body = (name: string) => lowered.functions.find(name)!.instantiate(new Map());
    const made = [...lowered.operations].find(({ type }) => type === 'If')!;
    const thenBranch = body(made.attribute('then_branch', 'function').name);
    const elseBranch = body(made.attribute('else_branch', 'function').name);
    expect(thenBranch.controlOutputs.map(({ name }) => name)).toEqual(['check']);
    expect(typesOf(elseBranch.graph)).not.toContain('Abs');
    expect([...graph.functions.names]).toEqual([]);
  });

  it('puts branches on one condition into one If, but not those of which one needs the other', () => {
    const graph = importGraphDef(
      graphDef([
        placeholder('x'),
        placeholder('p', 'bool'),
        node('flag', 'Identity', ['p'], BOOL),
        ...['a', 'b'].flatMap((name) => [
          node(`${name}/switch`, 'Switch', ['x', name === 'a' ? 'p' : 'flag'], FLOAT),
          node(`${name}/neg`, 'Neg', [`${name}/switch:1`], FLOAT),
          node(`${name}/merge`, 'Merge', [`${name}/switch`, `${name}/neg`], MERGE),
        ]),
        node('sum', 'Add', ['a/merge', 'b/merge'], FLOAT),
        node('c/switch', 'Switch', ['sum', 'p'], FLOAT),
        node('c/neg', 'Neg', ['c/switch:1'], FLOAT),
        node('c/merge', 'Merge', ['c/switch', 'c/neg'], MERGE),
      ]),
    );
    const ifs = [...lowerControlFlow(graph).graph.operations].filter(({ type }) => type === 'StatelessIf');
    expect(ifs.map(({ outputs }) => outputs.length)).toEqual([2, 1]);
  });

  it('runs effects in a loop that nothing is read from', () => {
    const graph = importGraphDef(
      graphDef([
        placeholder('x'),
        node('enter', 'Enter', ['x'], loop('l')),
        node('merge', 'Merge', ['enter', 'next'], MERGE),
        scalar('limit', 3, ['^merge']),
        node('less', 'Less', ['merge', 'limit'], FLOAT),
        node('goesOn', 'LoopCond', ['less']),
        node('switch', 'Switch', ['merge', 'goesOn'], FLOAT),
        scalar('one', 1, ['^switch']),
        node('add', 'Add', ['switch:1', 'one'], FLOAT),
        node('check', 'Assert', ['less', 'add'], { T: attr.types('float32') }),
        node('next', 'NextIteration', ['add'], FLOAT),
      ]),
    );
    const { graph: lowered, operation } = lowerControlFlow(graph);
    expect(typesOf(lowered)).toEqual(['Placeholder', 'While']);
    expect(operation(graph.operation('check')!).type).toBe('While');
  });

  describe('refuses', () => {
    it('a Merge of values that are not the sides of one condition', () => {
      const graph = importGraphDef(
        graphDef([
          placeholder('x'),
          placeholder('p', 'bool'),
          placeholder('q', 'bool'),
          node('a', 'Switch', ['x', 'p'], FLOAT),
          node('b', 'Switch', ['x', 'q'], FLOAT),
          node('m', 'Merge', ['a:1', 'b'], MERGE),
        ]),
      );
      expect(() => lowerControlFlow(graph)).toThrow(ControlFlowError);
      expect(() => lowerControlFlow(graph)).toThrow(/m, a:1, b:0/);
    });

    it('an Exit that nothing entered, and a loop without a condition', () => {
      const exit = importGraphDef(graphDef([placeholder('x'), node('exit', 'Exit', ['x'], FLOAT)]));
      expect(() => lowerControlFlow(exit)).toThrow('There is an Exit outside of loops: exit.');
      const endless = importGraphDef(
        graphDef([
          placeholder('x'),
          node('enter', 'Enter', ['x'], loop('l')),
          node('merge', 'Merge', ['enter', 'next'], MERGE),
          node('next', 'NextIteration', ['merge'], FLOAT),
          node('exit', 'Exit', ['merge'], FLOAT),
        ]),
      );
      expect(() => lowerControlFlow(endless)).toThrow('The loop "l" is to have one condition but has 0: enter.');
    });

    it('values from two loops at once', () => {
      const graph = importGraphDef(
        graphDef([
          placeholder('x'),
          node('a', 'Enter', ['x'], loop('a')),
          node('b', 'Enter', ['x'], loop('b')),
          node('sum', 'Add', ['a', 'b'], FLOAT),
        ]),
      );
      expect(() => lowerControlFlow(graph)).toThrow(ControlFlowError);
    });

    it('conditions that are nested beyond measure', () => {
      const depth = 500;
      const nodes = [placeholder('x')];
      for (let level = 0; level < depth; level++) {
        nodes.push(
          placeholder(`p${level}`, 'bool'),
          node(`s${level}`, 'Switch', [level === 0 ? 'x' : `s${level - 1}:1`, `p${level}`], FLOAT),
        );
      }
      for (let level = depth - 1; level >= 0; level--) {
        nodes.push(
          node(`m${level}`, 'Merge', [level === depth - 1 ? `s${level}:1` : `m${level + 1}`, `s${level}`], MERGE),
        );
      }
      expect(() => lowerControlFlow(importGraphDef(graphDef(nodes)))).toThrow(/more than 400 levels deep/);
    });
  });
});
