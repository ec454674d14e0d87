import {
  BuiltFunction,
  exportGraphDef,
  FunctionLibrary,
  Graph,
  lowerControlFlow,
  prune,
  readConstants,
  type Attribute,
  type Operation,
  type SymbolicTensor,
} from '@tenon/graph';
import { isState, type ModuleGraph } from '@tenon/module-spec';
import { useResourceVariables } from '@tenon/runtime';
import { tensorFrom, type Tensor, type TensorReference } from '@tenon/tensor';
import type { FunctionDefinitions } from './function-definitions.js';

/** A part of a module's graph that becomes a function. */
export interface FunctionPart {
  /** What the function is to be called; another name if that is taken. */
  readonly name: string;
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
  /** What runs whenever the function does. */
  readonly effects?: readonly Operation[];
  /** Whether a 1 is what it returns when its effects are done, for those who wait for them. */
  readonly isAction?: boolean;
}

/** A function of the file, and what of the module's state it takes after its arguments. */
export interface CapturingFunction {
  readonly name: string;
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
  /** Variables, tables and constants that hold paths of assets, by their names in the module's graph. */
  readonly captures: readonly string[];
  readonly isStateful: boolean;
}

/**
 * Makes a function of a part of a module's graph, as TensorFlow 2 has them: state and assets are arguments, which come after all others; version
 * 1 control flow becomes `If` and `While`, which have gradients there; reference variables become resource variables.
 */
export async function captureFunction(
  { graph, assets }: ModuleGraph,
  { name, inputs, outputs, effects = [], isAction = false }: FunctionPart,
  definitions: FunctionDefinitions,
  values: Map<TensorReference, Tensor>,
): Promise<CapturingFunction> {
  const needed = prune(graph, [...outputs, ...effects], inputs);
  const lowered = lowerControlFlow(needed.graph);
  const roots = outputs.map((output) => readReference(lowered.graph, lowered.tensor(needed.tensor(output))));
  const hasReferences = [...lowered.graph.operations].some(({ type }) => type === 'VariableV2' || type === 'Variable');
  const plain = hasReferences ? useResourceVariables(lowered.graph) : undefined;
  const now = (tensor: SymbolicTensor): SymbolicTensor => {
    const stands = lowered.tensor(needed.tensor(tensor));
    return plain ? plain.tensor(stands) : stands;
  };
  const nowRunning = (operation: Operation): Operation => {
    const stands = lowered.operation(needed.operation(operation));
    return plain ? plain.operation(stands) : stands;
  };
  const source = plain?.graph ?? lowered.graph;
  const args = inputs.map(now);
  const returned = plain ? roots.map(plain.tensor) : roots;
  const paths = new Set(assets.map(({ tensor }) => tensor.operation.name));
  const isArgument = new Set(args.map(({ operation }) => operation));
  const captured = [...source.operations].filter(
    (operation) => !isArgument.has(operation) && (isState(operation) || paths.has(operation.name)),
  );
  const body = prune(
    source,
    [...returned, ...effects.map(nowRunning)],
    [...args, ...captured.map((operation) => operation.output())],
  );
  const parameters = [...args, ...captured.map((operation) => operation.output())].map((tensor) => body.tensor(tensor));
  const results = returned.map((output) => body.tensor(output));
  const controlOutputs = effects.map((effect) => body.operation(nowRunning(effect)));
  if (isAction) results.push(done(body.graph, controlOutputs));
  const own = freeName(name, source.functions);
  const built = new BuiltFunction({
    name: own,
    graph: body.graph,
    inputs: parameters,
    outputs: results,
    controlOutputs,
    outputNames: results.map((_, index) => `output_${index}`),
  });
  const library = new FunctionLibrary([built]);
  for (const called of source.functions.names) library.add(source.functions.find(called)!);
  await readConstants(body.graph, library, values);
  const exported = exportGraphDef(new Graph(library), values).library?.function ?? [];
  const byName = new Map(exported.map((definition) => [definition.signature!.name, definition]));
  return {
    name: definitions.add(own, byName),
    inputs: parameters.slice(0, args.length),
    outputs: results,
    captures: captured.map((operation) => operation.name),
    isStateful: built.definition.isStateful,
  };
}

/** Who asks for a reference wants the variable's value, of which a handle would tell nothing. */
function readReference(graph: Graph, tensor: SymbolicTensor): SymbolicTensor {
  if (!tensor.isReference) return tensor;
  const attributes = new Map<string, Attribute>([['T', { kind: 'dtype', value: tensor.dtype }]]);
  return graph.addOperation({ type: 'Identity', inputs: [tensor], attributes, shapes: [tensor.shape] }).output();
}

function done(graph: Graph, controlInputs: readonly Operation[]): SymbolicTensor {
  const attributes = new Map<string, Attribute>([
    ['dtype', { kind: 'dtype', value: 'int32' }],
    ['value', { kind: 'tensor', value: tensorFrom(1, 'int32') }],
  ]);
  return graph.addOperation({ type: 'Const', name: 'done', controlInputs, attributes, shapes: [[]] }).output();
}

/** A name that no function has. */
export function freeName(base: string, library: FunctionLibrary): string {
  let name = base;
  while (library.find(name)) name += '_';
  return name;
}
