import { BuiltFunction, FunctionLibrary, Graph, type Operation } from '@tenon/graph';
import type { Tensor } from '@tenon/tensor';
import { programCases } from './generated/program-cases.js';
import { readAttributes, readTensor, type JsonAttribute, type JsonTensor } from './read-json.js';

type JsonNode = readonly [
  type: string,
  name: string,
  attributes: Readonly<Record<string, JsonAttribute>>,
  inputs: readonly string[],
];

interface JsonFunction {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly effects: readonly string[];
  readonly nodes: readonly JsonNode[];
}

/** A whole graph, and runs that follow each other in one session. */
export interface ProgramCase {
  readonly title: string;
  readonly family: string;
  readonly nodes: readonly JsonNode[];
  readonly functions: readonly JsonFunction[];
  readonly initializers: Readonly<Record<string, readonly string[]>>;
  readonly runs: readonly {
    readonly feeds: Readonly<Record<string, JsonTensor>>;
    readonly fetches: readonly string[];
    readonly outputs?: readonly JsonTensor[];
  }[];
}

/** One run of a program. */
export interface ProgramRun {
  readonly feeds: ReadonlyMap<string, Tensor>;
  readonly fetches: readonly string[];
  /** What TensorFlow gives for the tensors among the fetches; `undefined` where it fails. */
  readonly expected: readonly Tensor[] | undefined;
}

let cases: readonly ProgramCase[] | undefined;

export function readProgramCases(): readonly ProgramCase[] {
  return (cases ??= programCases.map((line) => JSON.parse(line) as ProgramCase));
}

/** The program of that title. */
export function findProgram(title: string): ProgramCase {
  return readProgramCases().find((program) => program.title === title)!;
}

export function readRuns({ runs }: ProgramCase): ProgramRun[] {
  return runs.map(({ feeds, fetches, outputs }) => ({
    feeds: new Map(Object.entries(feeds).map(([name, value]) => [name, readTensor(value)])),
    fetches,
    expected: outputs?.map(readTensor),
  }));
}

/** Whether nothing that a run does is seen by another. */
export function isStateless({ nodes, runs }: ProgramCase): boolean {
  return (
    runs.every(({ outputs }) => outputs) && nodes.every(([type]) => !/^(VarHandleOp|VariableV2|Mutable.*)$/.test(type))
  );
}

export function buildProgram({ nodes, functions, initializers }: ProgramCase): Graph {
  const library = new FunctionLibrary();
  for (const { name, inputs, outputs, effects, nodes: body } of functions) {
    const graph = new Graph(library);
    addNodes(graph, body, inputs);
    library.add(
      new BuiltFunction({
        name,
        graph,
        inputs: inputs.map((input) => graph.operation(input)!.output()),
        outputs: outputs.map((output) => graph.tensor(output)),
        controlOutputs: effects
          .map((effect) => graph.operation(effect)!)
          .filter(({ type }) => !type.startsWith('Read')),
        outputNames: outputs.map((_, index) => `output_${index}`),
      }),
    );
  }
  const graph = new Graph(library);
  addNodes(graph, nodes, []);
  for (const [state, operations] of Object.entries(initializers))
    graph.initializers.set(
      graph.operation(state)!,
      operations.map((operation) => ({ operation: graph.operation(operation)! })),
    );
  return graph;
}

/** @param args Names of placeholders that are arguments of a function. */
function addNodes(graph: Graph, nodes: readonly JsonNode[], args: readonly string[]): void {
  const backEdges: (readonly [Operation, number, string])[] = [];
  for (const [type, name, attributes, inputs] of nodes) {
    const controls = inputs.filter((input) => input.startsWith('^'));
    const data = inputs.filter((input) => !input.startsWith('^'));
    const position = args.indexOf(name);
    const read = readAttributes(attributes);
    if (position >= 0) {
      read.set('T', read.get('dtype')!);
      read.set('index', { kind: 'int', value: BigInt(position) });
    }
    const isThere = (input: string) => graph.operation(input.slice(0, input.lastIndexOf(':'))) !== undefined;
    const operation = graph.addOperation({
      type: position >= 0 ? '_Arg' : type,
      name,
      // What comes from a later operation closes a loop; another tensor of its type stands in for it.
      inputs: data.map((input) => graph.tensor(isThere(input) ? input : data[0]!)),
      controlInputs: controls.map((control) => graph.operation(control.slice(1))!),
      attributes: read,
    });
    data.forEach((input, index) => {
      if (!isThere(input)) backEdges.push([operation, index, input]);
    });
  }
  for (const [operation, index, input] of backEdges) graph.replaceInput(operation, index, graph.tensor(input));
}
