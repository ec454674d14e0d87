import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseGraphDef, parseSavedModel } from '@tenon/format';
import { isControlFlow } from './control-flow/op-types.js';
import type { Graph } from './graph.js';
import { importGraphDef } from './graph-def/import-graph-def.js';
import { lowerControlFlow } from './lower-control-flow.js';
import { prune } from './prune.js';
import { Interpreter, type Value } from './testing/interpreter.js';

interface Case {
  readonly graph: string;
  readonly fetches: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, number>>;
  readonly runs: readonly {
    readonly inputs: Readonly<Record<string, number | boolean>>;
    readonly outputs: Readonly<Record<string, number | boolean>>;
  }[];
}

const golden = JSON.parse(readFileSync(new URL('../testdata/control-flow.json', `file://${__filename}`), 'utf8')) as {
  cases: Record<string, Case>;
};

describe('lowerControlFlow computes what TensorFlow does', () => {
  it.each(Object.entries(golden.cases))('%s', (_, { graph: bytes, fetches, variables, runs }) => {
    const graph = importGraphDef(parseGraphDef(Buffer.from(bytes, 'base64')));
    for (const { inputs, outputs } of runs) {
      const interpreter = new Interpreter(new Map(Object.entries(variables)));
      const feeds = new Map(Object.entries(inputs).map(([name, value]) => [`${name}:0`, Number(value)]));
      const names = Object.keys(outputs);
      const values = evaluate(
        graph,
        names.map((name) => fetches[name]!),
        feeds,
        interpreter,
      );
      expect(Object.fromEntries(names.map((name, index) => [name, values[index]]))).toEqual(outputs);
    }
  });
});

describe('lowerControlFlow on a module', () => {
  const file = new URL('../../../tools/fixtures/modules/control-flow/saved_model.pb', `file://${__filename}`);
  const goldenFile = new URL('../../../tools/fixtures/golden/control-flow.json', `file://${__filename}`);
  const [meta] = parseSavedModel(readFileSync(file)).metaGraphs;
  const graph = importGraphDef(meta!.graphDef!);
  const { cases } = JSON.parse(readFileSync(goldenFile, 'utf8')) as ModuleGolden;
  const signature = meta!.signatureDef['default']!;
  const nameOf = ({ encoding }: (typeof signature.inputs)[string]) => (encoding.case === 'name' ? encoding.value : '');

  it.each(['v', 'zero'])('gives the outputs of TensorFlow Hub for case %s', (id) => {
    const { inputs, outputs } = cases.find((candidate) => candidate.id === id)!;
    const feeds = new Map(
      Object.entries(inputs).map(([name, value]) => [nameOf(signature.inputs[name]!), valueOf(value)]),
    );
    const names = Object.keys(outputs);
    const interpreter = new Interpreter(
      new Map([
        ['w', Math.fround(0.9)],
        ['b', 0.25],
      ]),
    );
    const values = evaluate(
      graph,
      names.map((name) => nameOf(signature.outputs[name]!)),
      feeds,
      interpreter,
    );
    expect(Object.fromEntries(names.map((name, index) => [name, values[index]]))).toEqual(
      Object.fromEntries(names.map((name) => [name, valueOf(outputs[name]!)])),
    );
  });

  it('leaves no control flow of TensorFlow 1 in the graph or its functions', () => {
    const lowered = lowerControlFlow(graph).graph;
    expect(typesIn(lowered).filter((type) => isControlFlow({ type }))).toEqual([]);
  });
});

interface ModuleGolden {
  readonly cases: readonly {
    readonly id: string;
    readonly inputs: Record<string, GoldenTensor>;
    readonly outputs: Record<string, GoldenTensor>;
  }[];
}

interface GoldenTensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

function valueOf({ shape, data }: GoldenTensor): Value {
  return shape.length === 0 ? data[0]! : data;
}

function evaluate(
  graph: Graph,
  fetches: string[],
  feeds: ReadonlyMap<string, Value>,
  interpreter: Interpreter,
): Value[] {
  const fetched = fetches.map((name) => graph.tensor(name));
  const fed = [...feeds.keys()].map((name) => graph.tensor(name));
  const pruned = prune(graph, fetched, fed);
  const lowered = lowerControlFlow(pruned.graph);
  expect(typesIn(lowered.graph).filter((type) => isControlFlow({ type }))).toEqual([]);
  const values = new Map([...feeds].map(([name, value]) => [lowered.tensor(pruned.tensor(graph.tensor(name))), value]));
  return interpreter.run(
    lowered.graph,
    fetched.map((tensor) => lowered.tensor(pruned.tensor(tensor))),
    values,
  );
}

/** The ops of a graph and of all functions in its library. */
function typesIn(graph: Graph): string[] {
  const graphs = [
    graph,
    ...[...graph.functions.names].map((name) => graph.functions.find(name)!.instantiate(new Map()).graph),
  ];
  return graphs.flatMap(({ operations }) => [...operations].map(({ type }) => type));
}
