import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { AttrValueSchema, listMetaGraphs, NodeDefSchema, serialize, type GraphDef, type NodeDef } from '@tenon/format';
import { MemorySource, TensorReference } from '@tenon/tensor';
import type { Attribute } from '../attributes.js';
import { UnwritableGraphError } from '../errors.js';
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
