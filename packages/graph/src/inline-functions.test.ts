import { describe, expect, it } from '@jest/globals';
import type { FunctionDef, NodeDef } from '@tenon/format';
import { InvalidGraphError, RecursiveFunctionError } from './errors.js';
import { importGraphDef } from './graph-def/import-graph-def.js';
import { inlineFunctions } from './inline-functions.js';
import { lowerControlFlow } from './lower-control-flow.js';
import { attr, call, FLOAT, functionDef, graphDef, node, placeholder, scalar } from './testing/graph-def.js';
import { Interpreter } from './testing/interpreter.js';

const names = (operations: Iterable<{ name: string }>) => [...operations].map(({ name }) => name);
const graphOf = (nodes: NodeDef[], functions: FunctionDef[]) => importGraphDef(graphDef(nodes, functions));

/** y = x * x + x */
const square = functionDef('square', {
  inputs: { x: 'float32' },
  outputs: { y: 'float32' },
  nodes: [node('mul', 'Mul', ['x', 'x'], FLOAT), node('add', 'Add', ['mul:z:0', 'x'], FLOAT)],
  ret: { y: 'add:z:0' },
});

/** Adds x to a variable, reads it before, and returns what it read. */
const count = functionDef('count', {
  inputs: { v: 'resource', x: 'float32' },
  outputs: { before: 'float32' },
  nodes: [
    node('read', 'ReadVariableOp', ['v'], { dtype: attr.type('float32') }),
    node('add', 'AssignAddVariableOp', ['v', 'x', '^read'], { dtype: attr.type('float32') }),
  ],
  ret: { before: 'read:value:0' },
  controlRet: { read: 'read', add: 'add' },
  isStateful: true,
});

const variable = node('v', 'VarHandleOp', [], { dtype: attr.type('float32'), shape: attr.shape([]) });

describe('inlineFunctions', () => {
  it('puts bodies in the place of calls, under the name of the call', () => {
    const graph = graphOf(
      [placeholder('x'), call('c', 'square', ['x'], ['float32'], ['float32']), node('y', 'Neg', ['c'], FLOAT)],
      [square],
    );
    const inlined = inlineFunctions(graph);
    expect(names(inlined.graph.operations)).toEqual(['x', 'c/mul', 'c/add', 'y']);
    expect(inlined.tensor(graph.tensor('c:0')).name).toBe('c/add:0');
    const feeds = new Map([[inlined.tensor(graph.tensor('x:0')), 3]]);
    expect(new Interpreter().run(inlined.graph, [inlined.tensor(graph.tensor('y:0'))], feeds)).toEqual([-12]);
  });

  it('inlines calls by op type, and calls inside of what is called', () => {
    const twice = functionDef('twice', {
      inputs: { x: 'float32' },
      outputs: { y: 'float32' },
      nodes: [node('a', 'square', ['x']), call('b', 'square', ['a:y:0'], ['float32'], ['float32'])],
      ret: { y: 'b:output:0' },
    });
    const graph = graphOf([placeholder('x'), node('t', 'twice', ['x'])], [square, twice]);
    const inlined = inlineFunctions(graph);
    expect(names(inlined.graph.operations)).toEqual(['x', 't/a/mul', 't/a/add', 't/b/mul', 't/b/add']);
    const feeds = new Map([[inlined.tensor(graph.tensor('x:0')), 1]]);
    expect(new Interpreter().run(inlined.graph, [inlined.tensor(graph.tensor('t:0'))], feeds)).toEqual([6]);
  });

  it('hands an argument that is returned as it is straight on', () => {
    const same = functionDef('same', { inputs: { x: 'float32' }, outputs: { y: 'float32' }, ret: { y: 'x' } });
    const graph = graphOf([placeholder('x'), call('c', 'same', ['x'], ['float32'], ['float32'])], [same]);
    const inlined = inlineFunctions(graph);
    expect(inlined.tensor(graph.tensor('c:0'))).toBe(inlined.tensor(graph.tensor('x:0')));
  });

  it('says what must run for its effect, in nested calls too, and leaves out what nothing needs', () => {
    const outer = functionDef('outer', {
      inputs: { v: 'resource', x: 'float32' },
      nodes: [
        call('inner', 'count', ['v', 'x'], ['resource', 'float32'], ['float32'], true),
        node('useless', 'Neg', ['inner:output:0'], FLOAT),
      ],
      controlRet: { inner: 'inner' },
      isStateful: true,
    });
    const graph = graphOf(
      [variable, placeholder('x'), call('c', 'outer', ['v', 'x'], ['resource', 'float32'], [], true)],
      [count, outer],
    );
    const inlined = inlineFunctions(graph);
    expect(names(inlined.sideEffects)).toEqual(['c/inner/add']);
    expect(names(inlined.graph.operations)).toEqual(['v', 'x', 'c/inner/read', 'c/inner/add', 'c']);
    expect(inlined.operation(graph.operation('c')!).type).toBe('NoOp');
    expect(names(inlined.operation(graph.operation('c')!).controlInputs)).toEqual(['c/inner/add']);
  });

  it('keeps the order of calls that wait for each other', () => {
    const calls = (name: string, input: string[]) =>
      call(name, 'count', ['v', 'x', ...input], ['resource', 'float32'], ['float32'], true);
    const graph = graphOf(
      [variable, placeholder('x'), calls('third', ['^second']), calls('second', ['^first']), calls('first', [])],
      [count],
    );
    const inlined = inlineFunctions(graph);
    const fetches = ['first', 'second', 'third'].map((name) => inlined.tensor(graph.tensor(`${name}:0`)));
    const interpreter = new Interpreter(new Map([['v', 10]]));
    const feeds = new Map([[inlined.tensor(graph.tensor('x:0')), 5]]);
    expect(interpreter.run(inlined.graph, fetches.reverse(), feeds)).toEqual([20, 15, 10]);
    expect(interpreter.variables.get('v')).toBe(25);
  });

  it('runs in a branch of TensorFlow 1 only when the call would', () => {
    const constant = functionDef('constant', {
      inputs: { v: 'resource', x: 'float32' },
      outputs: { y: 'float32' },
      nodes: [
        scalar('one', 1),
        node('add', 'AssignAddVariableOp', ['v', 'one:output:0'], { dtype: attr.type('float32') }),
      ],
      ret: { y: 'one:output:0' },
      controlRet: { add: 'add' },
      isStateful: true,
    });
    const graph = graphOf(
      [
        variable,
        placeholder('x'),
        placeholder('p', 'bool'),
        node('sx', 'Switch', ['x', 'p'], FLOAT),
        node('sv', 'Switch', ['v', 'p'], { T: attr.type('resource') }),
        call('c', 'constant', ['sv:1', 'sx:1'], ['resource', 'float32'], ['float32'], true),
        node('y', 'Merge', ['sx', 'c'], { ...FLOAT, N: attr.int(2) }),
      ],
      [constant],
    );
    const inlined = inlineFunctions(graph);
    const lowered = lowerControlFlow(inlined.graph);
    expect(inlined.sideEffects.map(lowered.operation).map(({ type }) => type)).toEqual(['If']);
    const run = (p: number) => {
      const interpreter = new Interpreter(new Map([['v', 0]]));
      const [x, predicate, y] = ['x:0', 'p:0', 'y:0'].map((name) => lowered.tensor(inlined.tensor(graph.tensor(name))));
      const values = interpreter.run(
        lowered.graph,
        [y!],
        new Map([
          [x!, 7],
          [predicate!, p],
        ]),
      );
      return [...values, interpreter.variables.get('v')];
    };
    expect(run(0)).toEqual([7, 0]);
    expect(run(1)).toEqual([1, 1]);
  });

  it('leaves bodies of functional control flow in the library', () => {
    const graph = graphOf(
      [
        placeholder('x'),
        placeholder('p', 'bool'),
        node('y', 'StatelessIf', ['p', 'x'], {
          Tcond: attr.type('bool'),
          Tin: attr.types('float32'),
          Tout: attr.types('float32'),
          then_branch: attr.func('square'),
          else_branch: attr.func('square'),
        }),
      ],
      [square],
    );
    expect(inlineFunctions(graph).graph).toBe(graph);
  });

  it('refuses functions that call themselves', () => {
    const calling = (name: string, callee: string) =>
      functionDef(name, {
        inputs: { x: 'float32' },
        outputs: { y: 'float32' },
        nodes: [call('c', callee, ['x'], ['float32'], ['float32'])],
        ret: { y: 'c:output:0' },
      });
    const graph = graphOf(
      [placeholder('x'), call('c', 'a', ['x'], ['float32'], ['float32'])],
      [calling('a', 'b'), calling('b', 'd'), calling('d', 'b')],
    );
    expect(() => inlineFunctions(graph)).toThrow(RecursiveFunctionError);
    expect(() => inlineFunctions(graph)).toThrow('A function calls itself: b → d → b.');
  });

  it('names all functions that are missing', () => {
    const graph = graphOf(
      [placeholder('x'), call('a', 'f', ['x'], ['float32'], []), call('b', 'g', ['x'], ['float32'], [])],
      [],
    );
    expect(() => inlineFunctions(graph)).toThrow(InvalidGraphError);
    expect(() => inlineFunctions(graph)).toThrow(/"f"[^]*"g"/);
  });

  it('says where a call does not fit its function', () => {
    const graph = graphOf([placeholder('i', 'int32'), call('c', 'square', ['i'], ['int32'], ['float32'])], [square]);
    expect(() => inlineFunctions(graph)).toThrow('"c" passes (int32) to a function that takes (float32).');
  });

  it('refuses functions that double at every level', () => {
    const doubling = Array.from({ length: 40 }, (_, level) =>
      functionDef(`f${level}`, {
        inputs: { x: 'float32' },
        outputs: { y: 'float32' },
        nodes:
          level === 0
            ? [node('b', 'Neg', ['x'], FLOAT)]
            : [node('a', `f${level - 1}`, ['x']), node('b', `f${level - 1}`, ['a:y:0'])],
        ret: { y: 'b:y:0' },
      }),
    );
    const graph = graphOf([placeholder('x'), node('c', 'f39', ['x'])], doubling);
    expect(() => inlineFunctions(graph)).toThrow(InvalidGraphError);
  });
});
