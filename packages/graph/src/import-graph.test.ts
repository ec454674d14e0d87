import { describe, expect, it } from '@jest/globals';
import { ColocationError, InvalidGraphError } from './errors.js';
import { FunctionLibrary } from './function-library.js';
import { importGraphDef } from './graph-def/import-graph-def.js';
import { Graph } from './graph.js';
import { importGraph } from './import-graph.js';
import type { Operation } from './operation.js';
import { attr, call, FLOAT, functionDef, graphDef, node, placeholder, scalar } from './testing/graph-def.js';

const VARIABLE = { dtype: attr.type('float32'), shape: attr.shape([]), shared_name: attr.string('w') };

function groups(operation: Operation): string[] {
  return operation.list('_class', 'bytes').map((bytes) => new TextDecoder().decode(bytes));
}

function emptyGraph(): Graph {
  return new Graph(new FunctionLibrary());
}

describe('importGraph', () => {
  it('copies a graph under a name scope', () => {
    const source = importGraphDef(
      graphDef([placeholder('x'), node('y', 'Neg', ['x'], FLOAT, '/gpu:1'), node('z', 'NoOp', ['^y'])]),
    );
    const target = emptyGraph();
    const { tensor, operation } = importGraph(source, target, { prefix: 'a/b' });
    expect([...target.operations].map(({ name }) => name)).toEqual(['a/b/x', 'a/b/y', 'a/b/z']);
    expect(tensor(source.tensor('y:0')).name).toBe('a/b/y:0');
    expect(operation(source.operation('y')!).device).toBe('/gpu:1');
    expect(operation(source.operation('z')!).controlInputs).toEqual([target.operation('a/b/y')]);
    expect(target.uniqueScope('a')).toBe('a_1');
    expect(target.uniqueScope('a/b')).toBe('a/b_1');
  });

  it('puts substitutes in the place of tensors, and leaves out operations that are replaced as a whole', () => {
    const source = importGraphDef(
      graphDef([
        placeholder('x'),
        node('w', 'VarHandleOp', [], VARIABLE),
        node('read', 'ReadVariableOp', ['w'], { dtype: attr.type('float32') }),
        node('y', 'Add', ['x', 'read', '^x'], FLOAT),
      ]),
    );
    const target = importGraphDef(graphDef([scalar('five', 5), node('w', 'VarHandleOp', [], VARIABLE)]));
    const { tensor, operation } = importGraph(source, target, {
      prefix: 'm',
      inputMap: new Map([
        [source.tensor('x:0'), target.tensor('five:0')],
        [source.tensor('w:0'), target.tensor('w:0')],
      ]),
    });
    expect([...target.operations].map(({ name }) => name)).toEqual(['five', 'w', 'm/read', 'm/y']);
    expect(target.operation('m/y')!.inputs.map(({ name }) => name)).toEqual(['five:0', 'm/read:0']);
    expect(target.operation('m/y')!.controlInputs).toEqual([target.operation('five')]);
    expect(tensor(source.tensor('x:0'))).toBe(target.tensor('five:0'));
    expect(operation(source.operation('w')!)).toBe(target.operation('w'));
  });

  it('gives shared resources and loops names of their own', () => {
    const loop = { ...FLOAT, frame_name: attr.string('while') };
    const source = importGraphDef(
      graphDef([
        node('w', 'VarHandleOp', [], VARIABLE),
        node('anonymous', 'VarHandleOp', [], { ...VARIABLE, shared_name: attr.string('') }),
        scalar('x', 1),
        node('enter', 'Enter', ['x'], loop),
      ]),
    );
    const target = emptyGraph();
    importGraph(source, target, { prefix: 'module_1' });
    expect(target.operation('module_1/w')!.string('shared_name')).toBe('module_1/w');
    expect(target.operation('module_1/anonymous')!.string('shared_name')).toBe('');
    expect(target.operation('module_1/enter')!.string('frame_name')).toBe('module_1/while');
  });

  it('brings initializers along', () => {
    const source = importGraphDef(
      graphDef([
        scalar('initial', 3),
        node('v', 'VariableV2', [], { ...VARIABLE }),
        node('assign', 'Assign', ['v', 'initial'], FLOAT),
      ]),
    );
    source.initializers.set(source.operation('v')!, [{ operation: source.operation('assign')! }]);
    const target = emptyGraph();
    importGraph(source, target, { prefix: 'm' });
    expect(target.initializers.get(target.operation('m/v')!)).toEqual([{ operation: target.operation('m/assign') }]);
  });

  it('makes copies without other inputs wait for control dependencies', () => {
    const source = importGraphDef(graphDef([placeholder('x'), scalar('c', 1), node('y', 'Add', ['x', 'c'], FLOAT)]));
    const target = importGraphDef(graphDef([node('before', 'NoOp')]));
    importGraph(source, target, { prefix: 'm', controlDependencies: [target.operation('before')!] });
    expect(target.operation('m/c')!.controlInputs).toEqual([target.operation('before')]);
    expect(target.operation('m/y')!.controlInputs).toEqual([]);
  });

  it('refuses substitutes that cannot stand there', () => {
    const source = importGraphDef(graphDef([placeholder('x')]));
    const target = importGraphDef(graphDef([placeholder('i', 'int32')]));
    expect(() =>
      importGraph(source, target, { inputMap: new Map([[source.tensor('x:0'), target.tensor('i:0')]]) }),
    ).toThrow(InvalidGraphError);
  });

  describe('colocation', () => {
    const near = (...names: string[]) => ({ ...FLOAT, _class: attr.strings(...names.map((name) => `loc:@${name}`)) });

    it('follows names into the scope', () => {
      const source = importGraphDef(graphDef([placeholder('x'), node('y', 'Neg', ['x'], near('x'))]));
      const target = emptyGraph();
      importGraph(source, target, { prefix: 'm' });
      expect(groups(target.operation('m/y')!)).toEqual(['loc:@m/x']);
    });

    it('is with what the substitute is colocated with, and where that is', () => {
      const source = importGraphDef(
        graphDef([placeholder('x'), placeholder('s'), node('y', 'Add', ['x', 's'], near('s', 'x'), '/gpu:7')]),
      );
      const target = importGraphDef(
        graphDef([placeholder('a'), node('b', 'Neg', ['a'], near('a'), '/gpu:3'), node('c', 'Neg', ['a'], FLOAT)]),
      );
      importGraph(source, target, {
        prefix: 'm',
        inputMap: new Map([
          [source.tensor('x:0'), target.tensor('b:0')],
          [source.tensor('s:0'), target.tensor('c:0')],
        ]),
      });
      expect(groups(target.operation('m/y')!)).toEqual(['loc:@a', 'loc:@c']);
      expect(target.operation('m/y')!.device).toBe('');
    });

    it('fails where the outputs of an operation get different substitutes, or only some do', () => {
      const source = importGraphDef(
        graphDef([
          placeholder('x'),
          node('top', 'TopK', ['x'], { ...FLOAT, k: attr.int(1) }),
          node('y', 'Neg', ['top'], near('top')),
        ]),
      );
      const target = importGraphDef(graphDef([placeholder('a'), placeholder('b', 'int32')]));
      const replacement = [source.tensor('top:0'), target.tensor('a:0')] as const;
      const other = [source.tensor('top:1'), target.tensor('b:0')] as const;
      expect(() => importGraph(source, target, { prefix: 'm', inputMap: new Map([replacement]) })).toThrow(
        ColocationError,
      );
      expect(() => importGraph(source, target, { prefix: 'n', inputMap: new Map([replacement, other]) })).toThrow(
        'Failed to rewrite colocation constraints',
      );
    });

    it('does not mind what nothing is colocated with', () => {
      const source = importGraphDef(
        graphDef([
          placeholder('x'),
          node('top', 'TopK', ['x'], { ...FLOAT, k: attr.int(1) }),
          node('y', 'Neg', ['top'], FLOAT),
        ]),
      );
      const target = importGraphDef(graphDef([placeholder('a')]));
      importGraph(source, target, { prefix: 'm', inputMap: new Map([[source.tensor('top:0'), target.tensor('a:0')]]) });
      expect(target.operation('m/y')!.input(0).name).toBe('a:0');
      expect(target.operation('m/top')).toBeDefined();
    });
  });

  describe('functions', () => {
    const calling = (value: string) =>
      importGraphDef(
        graphDef(
          [placeholder('x'), call('y', 'f', ['x'], ['float32'], ['float32']), node('z', 'f', ['x'])],
          [
            functionDef('f', {
              inputs: { x: 'float32' },
              outputs: { y: 'float32' },
              nodes: [node('n', value, ['x'], FLOAT)],
              ret: { y: 'n:y:0' },
            }),
          ],
        ),
      );
    const bodyOf = (graph: Graph, name: string) =>
      [...graph.functions.find(name)!.instantiate(new Map()).graph.operations].map(({ type }) => type);

    it('come along once', () => {
      const source = calling('Neg');
      const target = emptyGraph();
      importGraph(source, target, { prefix: 'a' });
      importGraph(source, target, { prefix: 'b' });
      expect([...target.functions.names]).toEqual(['f']);
    });

    it('get another name where theirs is taken', () => {
      const target = calling('Abs');
      const source = calling('Neg');
      importGraph(source, target, { prefix: 'a' });
      importGraph(source, target, { prefix: 'b' });
      expect([...target.functions.names]).toEqual(['f', 'f_1']);
      expect(target.operation('b/y')!.attribute('f', 'function').name).toBe('f_1');
      expect(target.operation('b/z')!.type).toBe('f_1');
      expect(bodyOf(target, 'f')).toEqual(['_Arg', 'Abs']);
      expect(bodyOf(target, 'f_1')).toEqual(['_Arg', 'Neg']);
    });
  });
});
