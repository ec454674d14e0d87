import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { parseGraphDef } from '@tenon/format';
import { importGraphDef } from '../graph-def/import-graph-def.js';
import type { SymbolicTensor } from '../operation.js';
import { inferShapes } from './infer-shapes.js';
import { partialValue } from './partial-value.js';

const golden = JSON.parse(readFileSync('packages/graph/testdata/partial-values.json', 'utf8')) as {
  graph: string;
  values: Record<string, number[]>;
};

function isDerivedFromHidden(tensor: SymbolicTensor): boolean {
  const { type, inputs } = tensor.operation;
  if (type === 'Shape' || type === 'ShapeN' || type === 'Size')
    return inputs.some(({ shape }) => shape!.includes(null));
  return type === 'PlaceholderWithDefault' || inputs.some(isDerivedFromHidden);
}

describe('elements computed from partly known shapes', () => {
  const graph = importGraphDef(parseGraphDef(gunzipSync(Buffer.from(golden.graph, 'base64'))));
  const inferred = inferShapes(graph);
  const cases = Object.entries(golden.values).map(([name, theirs]) => {
    const tensor = graph.tensor(name);
    return { name, tensor, theirs, ours: inferred.partialValue(tensor), text: `${tensor.operation.type} ${name}` };
  });

  it('are what TensorFlow computes, where they are known', () => {
    const wrong = cases.filter(
      ({ ours, theirs }) =>
        ours &&
        (ours.length !== theirs.length || ours.some((element, index) => element !== null && element !== theirs[index])),
    );
    expect(wrong.map(({ text, ours, theirs }) => ({ text, ours, theirs }))).toEqual([]);
  });

  it('are all known where all that they are computed from is', () => {
    // What wraps around in 32 bits is not followed.
    const wraps = (theirs: number[]) => theirs.some((element) => element < -(10 ** 8));
    const vague = cases.filter(
      ({ tensor, ours, theirs }) => !isDerivedFromHidden(tensor) && !wraps(theirs) && (!ours || ours.includes(null)),
    );
    expect(vague.map(({ text, ours }) => ({ text, ours }))).toEqual([]);
  });

  it('are the same when one is asked for alone', () => {
    for (const { tensor, ours, text } of cases) expect([text, partialValue(tensor)]).toEqual([text, ours]);
  });

  it('are known in part where a dimension is not', () => {
    const known = (name: string) => inferred.partialValue(graph.tensor(name));
    expect(known('Shape:0')).toEqual([null, 4, 5, 6]);
    expect(known('strided_slice_6:0')).toEqual([6, 5, 4, null]);
    expect(known('concat_1:0')).toEqual([null, 4, 2, null, 5, 6, 4, 6]);
    expect(known('Maximum:0')).toEqual([null, 5, 5, 6]);
    expect(known('Prod_2:0')).toEqual([null, 30]);
    expect(known('ConcatOffset:2')).toEqual([0, null]);
    expect(known('strided_slice:0')).toBeUndefined();
  });
});
