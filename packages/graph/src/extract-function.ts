import type { Attribute } from './attributes.js';
import { OperationCopier } from './copy-operations.js';
import type { FunctionGraph, FunctionLibrary } from './function-library.js';
import { Graph } from './graph.js';
import type { Operation, SymbolicTensor } from './operation.js';
import { Replacements } from './rewritten-graph.js';
import { topologicalOrder } from './topological-order.js';

/** A piece of a graph that is to become a function. */
export interface GraphPiece {
  /** Tells the operations of the piece from all others. */
  readonly isInside: (operation: Operation) => boolean;
  readonly outputs: readonly SymbolicTensor[];
  /** Operations of the piece that run for their effect. */
  readonly targets?: readonly Operation[];
}

export interface ExtractFunctionOptions extends GraphPiece {
  readonly name: string;
  /** What becomes the arguments: at least everything that the piece reads from outside. See `findCaptures`. */
  readonly inputs: readonly SymbolicTensor[];
  /** Of the graph that the function is for. */
  readonly library: FunctionLibrary;
}

/** What a piece of a graph reads that is not inside, each once. */
export function findCaptures(piece: GraphPiece): SymbolicTensor[] {
  return [...walk(piece).captures];
}

/**
 * Copies a piece of a graph as the body of a function. What it waits for outside, its caller has to wait for.
 *
 * @throws NotInGraphError if it reads something from outside that is not among the inputs.
 */
export function extractFunction(options: ExtractFunctionOptions): FunctionGraph {
  const { name, inputs, outputs, targets = [], library, isInside } = options;
  const graph = new Graph(library);
  const replacements = new Replacements(graph, () => 'it is outside of the function, and no argument of it');
  const args = inputs.map((input, index) => {
    const argument = graph.addOperation({
      type: '_Arg',
      name: `${input.operation.name}/arg`,
      attributes: new Map<string, Attribute>([
        ['T', { kind: 'dtype', value: input.dtype }],
        ['index', { kind: 'int', value: BigInt(index) }],
      ]),
      shapes: [input.shape],
    });
    replacements.setTensor(input, argument.output());
    return argument.output();
  });
  const copier = new OperationCopier(replacements, {
    isWaitedFor: (control) => isInside(control),
  });
  const { needed } = walk(options, new Set(inputs));
  const order = topologicalOrder(needed, (consumer, index) => !needed.has(consumer.inputs[index]!.operation));
  for (const operation of order) if (needed.has(operation)) copier.copy(operation);
  copier.closeLoops();
  return {
    name,
    graph,
    inputs: args,
    outputs: outputs.map(replacements.tensor),
    controlOutputs: targets.map(replacements.operation),
    outputNames: outputs.map((_, index) => `output_${index}`),
  };
}

/** The operations inside that are needed, and what they read from outside. */
function walk({ isInside, outputs, targets = [] }: GraphPiece, given: ReadonlySet<SymbolicTensor> = new Set()) {
  const captures = new Set<SymbolicTensor>();
  const needed = new Set<Operation>(targets);
  const read = (tensor: SymbolicTensor) => {
    if (!given.has(tensor) && isInside(tensor.operation)) needed.add(tensor.operation);
    else captures.add(tensor);
  };
  outputs.forEach(read);
  // A set goes on to what is added to it while it is gone through.
  for (const { inputs, controlInputs } of needed) {
    inputs.forEach(read);
    for (const control of controlInputs) if (isInside(control)) needed.add(control);
  }
  return { needed, captures };
}
