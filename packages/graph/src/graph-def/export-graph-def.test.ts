import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { AttrValueSchema, listMetaGraphs, NodeDefSchema, serialize, type GraphDef, type NodeDef } from '@tenon/format';
import { MemorySource, Tensor, TensorReference } from '@tenon/tensor';
import type { Attribute } from '../attributes.js';
import { BuiltFunction } from '../built-function.js';
import { UnwritableGraphError } from '../errors.js';
import { FunctionLibrary } from '../function-library.js';
import { Graph } from '../graph.js';
import { findOperationDefinition } from '../operation-definition.js';
import { exportGraphDef } from './export-graph-def.js';
import { importAttribute } from './import-attribute.js';
import { importGraphDef } from './import-graph-def.js';

const FIXTURES = `${__dirname}/../../../../tools/fixtures`;

const read = (path: string): GraphDef[] =>
  listMetaGraphs(new Uint8Array(readFileSync(`${FIXTURES}/${path}/saved_model.pb`))).map(
    (entry) => entry.parse().graphDef!,
  );

/** Nodes by name, in one form of those that mean the same. */
function normalized({ node }: GraphDef): Map<string, unknown> {
  return new Map(node.map((one) => [one.name, describeNode(one)]));
}

function describeNode({ op, input, device, attr }: NodeDef): unknown {
  const definition = findOperationDefinition(op);
  const attributes = Object.entries(attr)
    .filter(([name, value]) => {
      const standard = definition?.attributes.get(name)?.default;
      if (standard?.kind === 'list') return (importAttribute(value, '')?.value as unknown[]).length > 0;
      return !standard || JSON.stringify(plain(importAttribute(value, ''))) !== JSON.stringify(plain(standard));
    })
    // Values of tensors have several forms.
    .map(([name, value]) =>
      value.value.case === 'tensor'
        ? [name, plain(importAttribute(value, ''))]
        : [name, Buffer.from(serialize(AttrValueSchema, value)).toString('hex')],
    )
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  return { op, input: input.map((name) => name.replace(/:0$/, '')), device, attributes };
}

function plain(attribute: Attribute | undefined): unknown {
  const text = JSON.stringify(
    attribute?.kind === 'tensor' ? attribute.value : (attribute ?? null),
    (_, value: unknown) =>
      typeof value === 'bigint'
        ? String(value)
        : ArrayBuffer.isView(value)
          ? [...(value as Uint8Array)].map(String)
          : value,
  );
  return JSON.parse(text);
}

describe('exportGraphDef', () => {
  it.each([
    'modules/half-plus-two-ref',
    'modules/mobilenet-v2-small',
    'modules/control-flow',
    'modules/nnlm-small',
    'modules/ragged-input',
    'saved_models/tf2-keras2-lstm',
  ])('writes the graph that was read: %s', (path) => {
    for (const graphDef of read(path)) {
      const written = exportGraphDef(importGraphDef(graphDef));
      expect(normalized(written)).toEqual(normalized(graphDef));
      expect(written.library?.function ?? []).toEqual(graphDef.library?.function ?? []);
    }
  });

  it('writes the same bytes for the same graph', () => {
    const [graphDef] = read('modules/half-plus-two');
    const shuffled = {
      ...graphDef!,
      node: graphDef!.node.map((node) => ({ ...node, attr: Object.fromEntries(Object.entries(node.attr).reverse()) })),
    };
    const bytes = [graphDef!, shuffled].map((from) =>
      exportGraphDef(importGraphDef(from)).node.map((node) => serialize(NodeDefSchema, node)),
    );
    expect(bytes[0]).toEqual(bytes[1]);
  });

  it('writes functions that were built, as TensorFlow has them', () => {
    const library = new FunctionLibrary();
    const body = new Graph(library);
    const floats = new Map<string, Attribute>([['T', { kind: 'dtype', value: 'float32' }]]);
    const x = body.addOperation({
      type: '_Arg',
      name: 'x',
      attributes: new Map<string, Attribute>([...floats, ['index', { kind: 'int', value: 0n }]]),
      shapes: [[null, 4]],
    });
    const axis = body.addOperation({
      type: 'Const',
      name: 'input_0',
      attributes: new Map<string, Attribute>([
        ['dtype', { kind: 'dtype', value: 'int32' }],
        ['value', { kind: 'tensor', value: new Tensor('int32', [], Int32Array.of(1)) }],
      ]),
    });
    const split = body.addOperation({
      type: 'Split',
      name: 'split',
      inputs: [axis.output(), x.output()],
      attributes: new Map<string, Attribute>([...floats, ['num_split', { kind: 'int', value: 2n }]]),
    });
    const negative = body.addOperation({ type: 'Neg', name: 'neg', inputs: [split.output(1)], attributes: floats });
    const outputs = [negative.output(), x.output()];
    library.add(
      new BuiltFunction({
        name: 'f',
        graph: body,
        inputs: [x.output()],
        outputs,
        controlOutputs: [split],
        outputNames: ['negative', 'same'],
      }),
    );
    const { library: written } = exportGraphDef(new Graph(library));
    const [definition] = written!.function;
    expect(definition!.signature).toMatchObject({
      name: 'f',
      inputArg: [{ name: 'input_0_' }],
      outputArg: [{ name: 'negative' }, { name: 'same' }],
      controlOutput: ['split'],
    });
    expect(definition!.nodeDef.map(({ name, input }) => [name, ...input])).toEqual([
      ['input_0'],
      ['split', 'input_0:output:0', 'input_0_'],
      ['neg', 'split:output:1'],
    ]);
    expect({ ...definition!.ret }).toEqual({ negative: 'neg:y:0', same: 'input_0_' });
    const read = importGraphDef(exportGraphDef(new Graph(library)))
      .functions.find('f')!
      .instantiate(new Map());
    expect(read.inputs.map(({ dtype, shape }) => ({ dtype, shape }))).toEqual([{ dtype: 'float32', shape: [null, 4] }]);
    expect(read.outputs.map(({ name }) => name)).toEqual(['neg:0', 'input_0_:0']);
    expect(read.controlOutputs.map(({ name }) => name)).toEqual(['split']);
  });

  it('names every constant that is not in memory', () => {
    const graph = new Graph();
    const value = new TensorReference('float32', [2], new MemorySource(new Uint8Array(8)), 0);
    for (const name of ['a', 'b']) {
      const attributes = new Map<string, Attribute>([
        ['dtype', { kind: 'dtype', value: 'float32' }],
        ['value', { kind: 'tensor', value }],
      ]);
      graph.addOperation({ type: 'Const', name, attributes });
    }
    expect(() => exportGraphDef(graph)).toThrow(UnwritableGraphError);
    expect(() => exportGraphDef(graph)).toThrow(/"a" are not in memory[^]*"b" are not in memory/);
  });
});
