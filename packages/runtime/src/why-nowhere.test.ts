import { describe, expect, it } from '@jest/globals';
import { Graph, type Attribute } from '@tenon/graph';
import { whyNowhere } from './why-nowhere.js';

const types = (...dtypes: ('float32' | 'string')[]): Attribute => ({
  kind: 'list',
  value: dtypes.map((value) => ({ kind: 'dtype', value })),
});

describe('why an operation can run nowhere', () => {
  it('is said of input pipelines, with what to do', () => {
    const graph = new Graph();
    const iterator = graph.addOperation({
      type: 'Placeholder',
      attributes: new Map([['dtype', { kind: 'dtype', value: 'resource' }]]),
    });
    const next = graph.addOperation({
      type: 'IteratorGetNext',
      inputs: [iterator.output()],
      attributes: new Map([
        ['output_types', types('float32')],
        ['output_shapes', { kind: 'list', value: [{ kind: 'shape', value: [3] }] }],
      ]),
    });
    expect(whyNowhere(next)).toMatch(/feed the tensors/);
  });

  it('is said of ops for accelerators, and of those of other libraries', () => {
    const graph = new Graph();
    const foreign = (type: string) =>
      graph.addOperation({
        type,
        definition: { name: type, inputs: [], outputs: [], attributes: new Map(), isStateful: true },
      });
    expect(whyNowhere(foreign('TPUReplicateMetadata'))).toMatch(/export the model again/);
    expect(whyNowhere(foreign('SentencepieceOp'))).toMatch(/of a library/);
  });

  it('is not known of an op that only has no kernel yet', () => {
    const graph = new Graph();
    expect(whyNowhere(graph.addOperation({ type: 'Timestamp' }))).toBeUndefined();
  });
});
