import { describe, expect, it } from '@jest/globals';
import type { Attribute } from './attributes.js';
import { InvalidGraphError } from './errors.js';
import { Graph } from './graph.js';

const placeholder = (graph: Graph, dtype: 'float32' | 'int32') =>
  graph
    .addOperation({ type: 'Placeholder', attributes: new Map([['dtype', { kind: 'dtype', value: dtype }]]) })
    .output();

/** Adds an operation of as many outputs. */
function addPartition(graph: Graph, count: bigint) {
  return graph.addOperation({
    type: 'DynamicPartition',
    inputs: [placeholder(graph, 'float32'), placeholder(graph, 'int32')],
    attributes: new Map<string, Attribute>([
      ['T', { kind: 'dtype', value: 'float32' }],
      ['num_partitions', { kind: 'int', value: count }],
    ]),
  });
}

describe('a graph', () => {
  it('has operations of many outputs', () => {
    expect(addPartition(new Graph(), 20_000n).outputs).toHaveLength(20_000);
  });

  it('refuses outputs without end, of one operation and of many', () => {
    expect(() => addPartition(new Graph(), 1_000_000n)).toThrow(InvalidGraphError);
    const graph = new Graph();
    const add = () => {
      for (let i = 0; i < 300; i++) addPartition(graph, 1_000n);
    };
    expect(add).toThrow(/outputs/);
  });
});
