import { create, FunctionDefSchema, OpDefSchema, type FunctionDef } from '@tenon/format';
import { describe, expect, it } from '@jest/globals';
import type { Attribute } from '../attributes.js';
import { InvalidGraphError } from '../errors.js';
import { attr, FLOAT, functionDef, graphDef, node } from '../testing/graph-def.js';
import { importGraphDef } from './import-graph-def.js';

function bodyOf(definition: FunctionDef, attributes: [string, Attribute][] = []) {
  return importGraphDef(graphDef([], [definition]))
    .functions.find(definition.signature!.name)!
    .instantiate(new Map(attributes));
}

describe('a function of a file', () => {
  it('becomes a graph with arguments, results and control outputs', () => {
    const body = bodyOf(
      functionDef('f', {
        inputs: { x: 'float32', axis: 'int32' },
        outputs: { values: 'float32', where: 'int32', same: 'float32' },
        nodes: [
          node('top', 'TopKV2', ['x', 'axis'], FLOAT),
          node('check', 'Assert', ['yes:z:0', 'top:values:0'], { T: attr.types('float32') }),
          node('yes', 'Equal', ['axis:0', 'top:indices:0'], { T: attr.type('int32') }),
        ],
        ret: { values: 'top:values:0', where: 'top:indices:0', same: 'x' },
        controlRet: { done: 'check' },
      }),
    );
    expect(body.inputs.map(({ name, dtype }) => [name, dtype])).toEqual([
      ['x:0', 'float32'],
      ['axis:0', 'int32'],
    ]);
    expect(body.outputs.map(({ name }) => name)).toEqual(['top:0', 'top:1', 'x:0']);
    expect(body.outputNames).toEqual(['values', 'where', 'same']);
    expect(body.controlOutputs.map(({ name }) => name)).toEqual(['check']);
    expect(body.graph.operation('check')!.inputs.map(({ name }) => name)).toEqual(['yes:0', 'top:0']);
  });

  it('puts the attributes of the call where they are waited for, in nested functions too', () => {
    const definition = create(FunctionDefSchema, {
      signature: create(OpDefSchema, {
        name: 'poly',
        inputArg: [{ name: 'many', typeAttr: 'T', numberAttr: 'N' }],
        outputArg: [{ name: 'all', typeAttr: 'T', numberAttr: 'N' }],
        attr: [
          { name: 'T', type: 'type' },
          { name: 'N', type: 'int', defaultValue: attr.int(2) },
        ],
      }),
      nodeDef: [
        node('n', 'IdentityN', ['many'], { T: attr.types('int64', 'int64') }),
        node('call', 'PartitionedCall', ['many:1'], {
          Tin: attr.types('int64'),
          Tout: attr.types(),
          f: attr.func('poly', { T: attr.placeholder('T') }),
        }),
      ],
      ret: { all: 'n:output' },
    });
    const body = bodyOf(definition, [['T', { kind: 'dtype', value: 'int64' }]]);
    expect(body.inputs.map(({ name }) => name)).toEqual(['many_0:0', 'many_1:0']);
    expect(body.outputs.map(({ name }) => name)).toEqual(['n:0', 'n:1']);
    expect(body.outputNames).toEqual(['all_0', 'all_1']);
    const called = body.graph.operation('call')!;
    expect(called.attribute('f', 'function').attributes.get('T')).toEqual({ kind: 'dtype', value: 'int64' });
    expect(called.input(0).name).toBe('many_1:0');
  });

  it('runs what has an effect, and not what only reads, when its results are not asked for', () => {
    const body = bodyOf(
      functionDef('f', {
        inputs: { v: 'resource', x: 'float32' },
        nodes: [
          node('read', 'ReadVariableOp', ['v'], { dtype: attr.type('float32') }),
          node('assign', 'AssignVariableOp', ['v', 'x'], { dtype: attr.type('float32') }),
        ],
        controlRet: { read: 'read' },
      }),
    );
    expect(body.controlOutputs.map(({ name }) => name)).toEqual(['assign']);
  });

  it('is read when it is first asked for', () => {
    const broken = functionDef('broken', {
      outputs: { y: 'float32' },
      nodes: [node('n', 'Neg', ['q:0'], FLOAT)],
      ret: { y: 'n:y:0' },
    });
    const graph = importGraphDef(graphDef([], [broken]));
    const entry = graph.functions.find('broken')!;
    expect(() => entry.instantiate(new Map())).toThrow(InvalidGraphError);
    expect(() => entry.instantiate(new Map())).toThrow('Function "broken": Neg "n" reads "q:0", but there is no "q".');
  });

  it('says what is wrong with what it returns', () => {
    const definition = functionDef('f', {
      inputs: { x: 'float32' },
      outputs: { a: 'int32', b: 'float32', c: 'float32' },
      nodes: [node('n', 'Neg', ['x'], FLOAT)],
      ret: { a: 'n:y:0', c: 'n:y:1' },
    });
    expect(() => bodyOf(definition)).toThrow(InvalidGraphError);
  });
});
